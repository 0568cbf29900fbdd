"""What is reported is true and reported once: held back is not resolved, texts are renewed, red means new."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from sqlalchemy import Engine, text

import ketenbalans.jobs.watching.watch
from ketenbalans.alerts.channels import Email
from ketenbalans.alerts.finding import Finding
from ketenbalans.alerts.message import Places
from ketenbalans.alerts.rules import findings
from ketenbalans.incidents.checks import TopicGone
from ketenbalans.incidents.kept import incident_kept
from ketenbalans.jobs.balancing.reconcile import reconcile
from ketenbalans.jobs.breaks.of_balance import read_breaks
from ketenbalans.jobs.watching.alerts import list_alerts
from ketenbalans.jobs.watching.break_facts import read_open_breaks
from ketenbalans.jobs.watching.standing import NewAlerts, fail_for_new_alerts
from ketenbalans.jobs.watching.watch import WatchResult, watch
from ketenbalans.scenarios.year_2014 import YEAR_2014
from ketenbalans.settings import Settings
from schemas.alert_policy import AlertPolicy
from schemas.alerts import AlertState, AlertStep
from schemas.breaks import BreakState
from schemas.catalogue import source_named
from schemas.period import Period
from tests.integration.command_line import in_this_process
from tests.integration.scenario_events import load_scenario
from tests.integration.watching.deciding import acknowledge_alert, resolve_alert
from tests.integration.watching.months import ALERT_POLICY, POLICY
from tests.integration.watching.test_watch import MORNING, NIGHT, NOON, add_dead_letter, store_suite
from tests.unit.alerts.servers import MailServer, free_port, mail_server, web_server
from warehouse.alerts import read_alert_events
from warehouse.balances import positions, store_balance, stored_balances
from warehouse.database import snapshot

pytestmark = pytest.mark.stack

POLICE = source_named("police")
YEAR = Period.of_year(2014)
UNEXPLAINED, LETTERS = "unexplained:2014", "dead_letters:police_deliveries"


def look(
    engine: Engine, mail: MailServer, *, now: datetime, name: str = "e-mail", policy: AlertPolicy = ALERT_POLICY
) -> WatchResult:
    channel = Email(
        f"smtp://127.0.0.1:{mail.port}", "ketenbalans@example.org", ("desk@example.org",), Places(), name, threshold=5
    )
    return watch(engine, policy=POLICY, alert_policy=policy, now=now, channels=[channel])


def subjects(mail: MailServer) -> list[str]:
    return [one["Subject"].removeprefix("[Ketenbalans] ") for one in mail.mails]


def about(mail: MailServer, what: str) -> list[str]:
    return [subject for subject in subjects(mail) if what in subject]


def standing(engine: Engine) -> dict[str, Any]:
    return {alert.alert_id: alert for alert in list_alerts(engine, also_resolved=False)}


def stop(engine: Engine) -> None:
    with pytest.raises(TopicGone), incident_kept(engine, POLICE.name, TopicGone):
        raise TopicGone(POLICE, ["id"])


def go_on(engine: Engine) -> None:
    with incident_kept(engine, POLICE.name, TopicGone):
        pass


def missing_become(engine: Engine, missing: int) -> None:
    """A newer balance of the same day, by which so many are missing."""
    with engine.begin() as connection:
        newest = stored_balances(connection, period=YEAR, policy=POLICY.to_dict())[-1]
        police = newest.answer.police
        total = replace(police.total, causes={**police.total.causes, "missing": missing})
        answer = replace(newest.answer, police=replace(police, total=total))
        again = replace(newest, answer=answer, input_fingerprint=f"with {missing}", positions=positions(connection))
        store_balance(connection, again)


@pytest.fixture
def balanced(engine: Engine) -> Engine:
    load_scenario(engine, YEAR_2014)
    reconcile(engine, Settings(), period=YEAR, as_of=YEAR_2014.covers[-1], policy=POLICY, keeps_breaks=True)
    missing_become(engine, 9)
    return engine


def test_what_gets_worse_while_it_is_held_back_is_never_mailed_as_resolved(balanced: Engine) -> None:
    with mail_server() as mail:
        look(balanced, mail, now=NOON)
        assert about(mail, "unexplained") == ["warning: unexplained 2014"]
        stop(balanced)
        missing_become(balanced, 40)
        look(balanced, mail, now=NOON + timedelta(minutes=5))
        held = standing(balanced)[UNEXPLAINED]
        assert (held.state, held.held_back_by) == (AlertState.HELD_BACK, "incident:police_deliveries")
        assert held.says.startswith("40 of the "), "the newest numbers"
        missing_become(balanced, 55)
        look(balanced, mail, now=NOON + timedelta(minutes=10))
        assert standing(balanced)[UNEXPLAINED].evidence["missing"] == 55
        assert about(mail, "unexplained") == ["warning: unexplained 2014"]
        go_on(balanced)
        look(balanced, mail, now=NOON + timedelta(minutes=15))
        look(balanced, mail, now=NOON + timedelta(minutes=20))
        assert about(mail, "unexplained") == ["warning: unexplained 2014"] * 2, "it became worse, so it is news, once"
        assert any(one.get_content().startswith("55 of the ") for one in mail.mails)
    assert about(mail, "resolved") == ["resolved: incident police_deliveries"]


def test_a_look_that_was_overtaken_resolves_nothing_that_the_later_one_found(
    balanced: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two looks at once: the one that read first writes last, and knows nothing of what began meanwhile."""
    find = findings
    with mail_server() as mail:

        def find_late(*about: Any) -> list[Finding]:
            monkeypatch.undo()
            stop(balanced)
            look(balanced, mail, now=NOON)
            return find(*about)

        monkeypatch.setattr(ketenbalans.jobs.watching.watch, "findings", find_late)
        look(balanced, mail, now=NOON)
        assert "incident:police_deliveries" in standing(balanced)
        assert about(mail, "resolved") == []
        assert about(mail, "incident") == ["CRITICAL: incident police_deliveries"]
        look(balanced, mail, now=NOON + timedelta(minutes=5))
        assert about(mail, "incident") == ["CRITICAL: incident police_deliveries"]
        go_on(balanced)
        look(balanced, mail, now=NOON + timedelta(minutes=10))
        assert about(mail, "resolved") == ["resolved: incident police_deliveries"]


def test_what_did_not_change_while_it_was_held_back_is_reported_no_second_time(balanced: Engine) -> None:
    with mail_server() as mail:
        look(balanced, mail, now=NOON)
        stop(balanced)
        look(balanced, mail, now=NOON + timedelta(minutes=5))
        go_on(balanced)
        look(balanced, mail, now=NOON + timedelta(minutes=10))
    assert about(mail, "unexplained") == ["warning: unexplained 2014"]


def test_what_waits_for_the_morning_waits_on_while_another_alert_is_the_reason_of_it(balanced: Engine) -> None:
    with mail_server() as mail:
        look(balanced, mail, now=NIGHT)
        stop(balanced)
        look(balanced, mail, now=NIGHT + timedelta(minutes=5))
        look(balanced, mail, now=MORNING)
        assert not any("unexplained" in str(one.get_content()) for one in mail.mails)
        go_on(balanced)
        look(balanced, mail, now=MORNING + timedelta(minutes=5))
    assert any("unexplained 2014" in f"{one['Subject']}{one.get_content()}" for one in mail.mails)


def test_a_text_is_true_when_it_is_read_and_a_refresh_mails_nothing(engine: Engine) -> None:
    with mail_server() as mail:
        add_dead_letter(engine, 1)
        look(engine, mail, now=NOON)
        add_dead_letter(engine, 2)
        observed = look(engine, mail, now=NOON + timedelta(minutes=5))
        assert [step.step for step in observed.steps] == [AlertStep.REFRESHED]
        assert look(engine, mail, now=NOON + timedelta(minutes=10)).steps == (), "no row when nothing changed"
    alert = standing(engine)[LETTERS]
    assert (alert.says[:2], alert.raised_at, alert.says_since) == ("2 ", NOON, NOON + timedelta(minutes=5))
    assert subjects(mail) == ["warning: dead letters police_deliveries"]


def test_the_digest_of_the_morning_shows_the_numbers_of_the_morning(engine: Engine) -> None:
    with mail_server() as mail:
        add_dead_letter(engine, 1)
        waiting = look(engine, mail, now=NIGHT).waiting
        assert waiting == {"e-mail": {LETTERS: datetime(2026, 3, 5, 6, 30, tzinfo=UTC)}}
        add_dead_letter(engine, 2)
        assert look(engine, mail, now=MORNING).waiting == {}
    (digest,) = mail.mails
    assert digest.get_content().startswith("2 messages wait")


def test_a_look_before_the_balance_of_what_was_loaded_says_so(balanced: Engine) -> None:
    with mail_server() as mail:
        look(balanced, mail, now=NOON)
        assert "before the balance" not in standing(balanced)[UNEXPLAINED].says
        with balanced.begin() as connection:
            connection.execute(text("UPDATE topic_offset SET next_offset = next_offset + 1"))
        look(balanced, mail, now=NOON + timedelta(minutes=5))
        assert "before the balance of what was loaded since" in standing(balanced)[UNEXPLAINED].says
        missing_become(balanced, 10)  # by a balance that was made of all that is loaded
        look(balanced, mail, now=NOON + timedelta(minutes=10))
    assert "before the balance" not in standing(balanced)[UNEXPLAINED].says
    assert about(mail, "unexplained") == ["warning: unexplained 2014"]


def test_a_policy_without_a_balance_yet_resolves_nothing(balanced: Engine) -> None:
    with mail_server() as mail:
        look(balanced, mail, now=NOON)
        another = POLICY.model_copy(update={"transit_allowance_days": 61})
        watch(balanced, policy=another, alert_policy=ALERT_POLICY, now=NOON + timedelta(minutes=5), channels=[])
    assert UNEXPLAINED in standing(balanced)


def test_open_breaks_are_counted_as_the_list_counts_them(balanced: Engine) -> None:
    late = YEAR_2014.covers[-1] + timedelta(days=ALERT_POLICY.take_within_days + 1)
    with snapshot(balanced) as connection:
        counted = read_open_breaks(connection, as_of=late, policy=POLICY, alert_policy=ALERT_POLICY)
    listed = read_breaks(balanced, period=YEAR, as_of=None, policy=POLICY)
    assert listed is not None
    is_open = listed.rows.filter(pl.col("state") == BreakState.OPEN.value)
    (past_due,) = (one for one in counted.past_due if one.year == 2014)
    assert past_due.open_breaks == is_open.height > 0
    assert past_due.breaks == is_open.filter(pl.col("owner").is_null()).height
    still = listed.rows.filter(pl.col("state").is_in([BreakState.OPEN.value, BreakState.EXPLAINED.value]))
    by_cause = {one.cause: one.breaks for one in counted.new if one.year == 2014}
    assert by_cause == dict(still.group_by("cause").len().iter_rows())


def test_a_flood_of_breaks_is_one_alert_and_a_later_balance_hides_it_not(balanced: Engine) -> None:
    with snapshot(balanced) as connection:
        kept = read_open_breaks(connection, as_of=YEAR_2014.covers[-1], policy=POLICY, alert_policy=ALERT_POLICY)
    most = max((one for one in kept.new if one.year == 2014), key=lambda one: one.breaks)
    few = ALERT_POLICY.model_copy(update={"flood_breaks": most.breaks - 1})
    flood = f"break_flood:2014/{most.cause}/2015-06-30"
    with mail_server() as mail:
        raised = [step.alert_id for step in look(balanced, mail, now=NOON, policy=few).steps]
        assert [alert_id for alert_id in raised if alert_id.startswith("break_flood:2014")] == [flood]
        reconcile(
            balanced,
            Settings(),
            period=Period.of_year(2015),
            as_of=YEAR_2014.covers[-1],
            policy=POLICY,
            keeps_breaks=True,
        )
        look(balanced, mail, now=NOON + timedelta(minutes=5), policy=few)
        assert flood in standing(balanced)
    assert len(about(mail, "break flood 2014")) == 1


@pytest.fixture
def run(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], list[str]]:
    """A run of the task: its lines, and as the last one why it was red."""
    monkeypatch.setenv("KETENBALANS_WAREHOUSE_URL", engine.url.render_as_string(hide_password=False))

    def one(run_id: str) -> list[str]:
        said: list[str] = []
        try:
            fail_for_new_alerts(Settings(), said.append, run=run_id)
        except NewAlerts as new:
            said.append(f"RED {new}")
        return said

    return one


def is_red(lines: list[str]) -> bool:
    return any(line.startswith("RED") for line in lines)


def test_red_means_new(engine: Engine, run: Callable[[str], list[str]]) -> None:
    with mail_server() as mail:
        add_dead_letter(engine, 1)
        look(engine, mail, now=NOON)
        first = run("one")
        assert is_red(first)
        assert LETTERS in first[-1]
        assert first[0].startswith(f"**New, warning: {LETTERS}**: 1 message waits")
        assert run("one") == first, "tried again after a crash it is as red"
        assert run("two") == [
            f"Stands, warning: {LETTERS} (nobody took it): 1 message waits in the dead letters of "
            "police_deliveries; the good events were loaded."
        ]
        add_dead_letter(engine, 2)
        look(engine, mail, now=NOON + timedelta(minutes=5))
        assert not is_red(run("three")), "other numbers are no news"
        store_suite(engine, success=False)
        look(engine, mail, now=NOON + timedelta(minutes=10))
        fourth = run("four")
        assert "1 alert is new: quality:police_deliveries" in fourth[-1]
        assert any(line.startswith(f"Stands, warning: {LETTERS}") for line in fourth)
        resolve_alert(engine, LETTERS, by="desk-1", note="the sender was told", at=NOON + timedelta(minutes=11))
        add_dead_letter(engine, 3)
        look(engine, mail, now=NOON + timedelta(minutes=15))
        assert LETTERS in run("five")[-1], "raised anew"
        assert not is_red(run("six"))


def test_what_somebody_took_before_and_what_is_a_notice_or_held_back_is_not_red(
    balanced: Engine, run: Callable[[str], list[str]]
) -> None:
    with mail_server() as mail:
        stop(balanced)
        add_dead_letter(balanced, 1)
        look(balanced, mail, now=NOON)
        acknowledge_alert(balanced, LETTERS, by="desk-1", note="mine", at=NOON)
        lines = run("one")
        assert "are new: incident:police_deliveries, source_silent:" in lines[-1]
        assert not any(alert_id in lines[-1] for alert_id in (LETTERS, UNEXPLAINED))
        assert any(f"{LETTERS} (taken by desk-1)" in line for line in lines)
        assert any(f"{UNEXPLAINED} (held back by incident:police_deliveries)" in line for line in lines)
        go_on(balanced)
        look(balanced, mail, now=NOON + timedelta(minutes=5))
        assert UNEXPLAINED in run("two")[-1], "never told, and nothing speaks for it any more"


def test_a_new_channel_is_sent_what_stands_and_not_of_what_is_over_an_hour_ago(engine: Engine) -> None:
    with mail_server() as old, mail_server() as new:
        store_suite(engine, success=False)
        add_dead_letter(engine, 1)
        look(engine, old, now=NOON)
        store_suite(engine, success=True)
        look(engine, old, now=NOON + timedelta(minutes=5))
        for minutes in (10, 15):
            look(engine, new, now=NOON + timedelta(minutes=minutes), name="another")
        assert subjects(new) == ["warning: dead letters police_deliveries"]
        resolve_alert(engine, LETTERS, by="desk-1", note="done", at=NOON + timedelta(minutes=16))
        look(engine, new, now=NOON + timedelta(minutes=20), name="another")
    assert subjects(old)[-1] == "resolved: quality police_deliveries"
    assert subjects(new)[1:] == ["resolved: dead letters police_deliveries"]


def test_every_channel_is_tried_and_named(engine: Engine) -> None:
    with mail_server() as mail, web_server() as web:
        settings = {
            "KETENBALANS_SMTP_URL": f"smtp://127.0.0.1:{mail.port}",
            "KETENBALANS_ALERTS_TO": "desk@example.org",
            "KETENBALANS_ALERTMANAGER_URL": web.url,
            "NO_PROXY": "127.0.0.1",
        }
        works = in_this_process("alerts", "test", "--json", engine=engine, **settings)
        assert works.code == 0, works.err
        assert [(one["channel"], one["works"]) for one in works.json] == [
            ("log", True),
            ("e-mail", True),
            ("alertmanager", True),
        ]
        settings |= {"KETENBALANS_WEBHOOK_URL": f"http://127.0.0.1:{free_port()}/k3y"}
        fails = in_this_process("alerts", "test", engine=engine, **settings)
    assert fails.code == 4
    assert [line.split()[0] for line in fails.out.splitlines()] == ["log", "e-mail", "webhook", "alertmanager"]
    assert "webhook       FAILED: ConnectError" in fails.out
    assert "k3y" not in fails.out + fails.err
    assert len(mail.mails) == 2
    with engine.connect() as connection:
        assert read_alert_events(connection) == [], "a test is no alert"


def test_alerts_look_says_until_when_quiet_hours_hold_a_message_back(engine: Engine, tmp_path: Path) -> None:
    always = tmp_path / "policy.toml"
    quiet = "begin = 00:00:00\nend = 23:59:59\nweekend = true\n"
    before, table, after = Settings().policy.read_text(encoding="utf-8").partition("[alerts.quiet]\n")
    _, bracket, others = after.partition("\n[")
    always.write_text(f"{before}{table}{quiet}{bracket}{others}", encoding="utf-8")
    add_dead_letter(engine, 1)
    settings = {
        "KETENBALANS_SMTP_URL": f"smtp://127.0.0.1:{free_port()}",
        "KETENBALANS_ALERTS_TO": "desk@example.org",
        "KETENBALANS_POLICY": str(always),
    }
    ended = in_this_process("alerts", "look", "--json", engine=engine, **settings)
    assert ended.code == 0, ended.err
    (alert,) = ended.json
    until = datetime.fromisoformat(alert["waits_until"])
    assert until > datetime.now(UTC)
    assert f"e-mail: 1 message is waiting until {until:%Y-%m-%d} 23:59" in ended.err
    assert LETTERS in ended.err
