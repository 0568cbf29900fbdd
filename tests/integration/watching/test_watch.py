"""A look over a real warehouse, reported to a real mail server: once, at its hour, and never lost."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from ketenbalans.alerts.channels import Email
from ketenbalans.alerts.message import Places
from ketenbalans.incidents.checks import TopicGone
from ketenbalans.incidents.kept import incident_kept
from ketenbalans.jobs.balancing.reconcile import reconcile
from ketenbalans.jobs.loading.dead_letters import discard, list_letters
from ketenbalans.jobs.reporting.report import make_report
from ketenbalans.jobs.reporting.written import WrittenReport
from ketenbalans.jobs.watching.alerts import list_alerts
from ketenbalans.jobs.watching.watch import WatchResult, watch
from ketenbalans.reconciliation.bridge import BalanceDoesNotClose
from ketenbalans.scenarios.year_2012 import COVERS, YEAR_2012
from ketenbalans.settings import Settings
from schemas.alerts import NO_BALANCE, AlertState
from schemas.catalogue import source_named
from schemas.period import Period
from tests.integration.scenario_events import load_scenario
from tests.integration.watching.deciding import acknowledge_alert, resolve_alert
from tests.integration.watching.months import ALERT_POLICY, POLICY
from tests.unit.alerts.servers import MailServer, free_port, mail_server
from warehouse.errors import DecisionRefused
from warehouse.quality_results import QualityFinding, QualityResult, store_quality_result

pytestmark = pytest.mark.stack

NOON = datetime(2026, 3, 4, 11, tzinfo=UTC)
"""A Wednesday."""
NIGHT, MORNING = datetime(2026, 3, 4, 22, tzinfo=UTC), datetime(2026, 3, 5, 6, 31, tzinfo=UTC)
POLICE = source_named("police")


def look(engine: Engine, mail: MailServer | int, *, now: datetime) -> WatchResult:
    port = mail if isinstance(mail, int) else mail.port
    channel = Email(f"smtp://127.0.0.1:{port}", "ketenbalans@example.org", ("desk@example.org",), Places(), threshold=5)
    return watch(engine, policy=POLICY, alert_policy=ALERT_POLICY, now=now, channels=[channel])


def subjects(mail: MailServer) -> list[str]:
    return [one["Subject"].removeprefix("[Ketenbalans] ") for one in mail.mails]


def add_dead_letter(engine: Engine, offset: int) -> None:
    insert = (
        'INSERT INTO dead_letter (source, topic, topic_id, partition, "offset", form, headers, reason, rule) '
        "VALUES ('police_deliveries', 'police.deliveries', 'id', 0, :offset, 'message', '[]', 'not_json', 'is JSON')"
    )
    with engine.begin() as connection:
        connection.execute(text(insert), {"offset": offset})


def store_suite(engine: Engine, *, success: bool) -> None:
    findings = () if success else (QualityFinding(expectation="is filled", column="unit", rows=3),)
    result = QualityResult(source=POLICE.name, success=success, positions={}, expectations=20, findings=findings)
    with engine.begin() as connection:
        store_quality_result(connection, result)


def test_an_incident_is_reported_at_night_and_when_it_is_over(engine: Engine) -> None:
    with mail_server() as mail:
        for _ in range(3):  # a task that tries again meets it again
            with pytest.raises(TopicGone), incident_kept(engine, POLICE.name, TopicGone):
                raise TopicGone(POLICE, ["id"])
            look(engine, mail, now=NIGHT)
        assert subjects(mail) == ["CRITICAL: incident police_deliveries"]
        with incident_kept(engine, POLICE.name, TopicGone):
            pass
        look(engine, mail, now=NIGHT + timedelta(minutes=5))
        look(engine, mail, now=NIGHT + timedelta(minutes=10))
    assert subjects(mail)[1:] == ["resolved: incident police_deliveries"]


def test_a_balance_that_does_not_close_is_critical_and_another_kind_of_end_leaves_it(engine: Engine) -> None:
    with mail_server() as mail:
        with pytest.raises(BalanceDoesNotClose), incident_kept(engine, NO_BALANCE, BalanceDoesNotClose):
            raise BalanceDoesNotClose("the balance of 2014 as of 2015-01-31 does not close: {'delivered': 560}")
        with incident_kept(engine, NO_BALANCE, TopicGone):
            pass
        look(engine, mail, now=NIGHT)
        (said,) = mail.mails
        assert said["Subject"] == "[Ketenbalans] CRITICAL: balance does not close reconciliation"
        assert "the balance of 2014 as of 2015-01-31 does not close." in said.get_content()
        assert "560" not in said.get_content()


def test_what_is_no_emergency_waits_for_the_morning_and_comes_in_one_mail(engine: Engine) -> None:
    with mail_server() as mail:
        add_dead_letter(engine, 1)
        store_suite(engine, success=False)
        for minutes in (0, 5, 300):
            look(engine, mail, now=NIGHT + timedelta(minutes=minutes))
        assert mail.mails == []
        store_suite(engine, success=True)
        look(engine, mail, now=NIGHT + timedelta(minutes=305))
        for minutes in (0, 5):
            look(engine, mail, now=MORNING + timedelta(minutes=minutes))
        (digest,) = mail.mails
        assert digest["Subject"] == "[Ketenbalans] digest: 2 warnings, 1 resolved"
        said = digest.get_content()
        assert said.index("dead letters police_deliveries") < said.index("is filled (unit): fewer than 5 rows")
        assert "resolved: quality police_deliveries" in said


def test_a_mail_server_that_is_away_loses_nothing_and_doubles_nothing(engine: Engine) -> None:
    add_dead_letter(engine, 1)
    failed = look(engine, free_port(), now=NOON)
    assert [failure.somebody_was_reached for failure in failed.failures] == [False]
    assert failed.counts == {"raised": 1, "resolved": 0, "standing": 1, "held_back": 0}
    with mail_server() as mail:
        for minutes in (5, 10):
            assert look(engine, mail, now=NOON + timedelta(minutes=minutes)).failures == ()
    assert subjects(mail) == ["warning: dead letters police_deliveries"]


def test_a_person_takes_and_ends_an_alert_and_only_more_of_it_raises_it_again(engine: Engine) -> None:
    with mail_server() as mail:
        add_dead_letter(engine, 1)
        look(engine, mail, now=NOON)
        alert_id = "dead_letters:police_deliveries"
        taken = acknowledge_alert(engine, alert_id, by="desk-1", note="asked the sender", at=NOON)
        assert (taken.state, taken.acknowledged_by) == (AlertState.ACKNOWLEDGED, "desk-1")
        with pytest.raises(DecisionRefused, match="desk-1 took alert"):
            acknowledge_alert(engine, alert_id, by="desk-2", note="mine", at=NOON)
        resolve_alert(engine, alert_id, by="desk-1", note="published again", at=NOON)
        look(engine, mail, now=NOON + timedelta(minutes=5))
        assert list_alerts(engine, also_resolved=False) == []
        add_dead_letter(engine, 2)
        look(engine, mail, now=NOON + timedelta(minutes=10))
        (again,) = list_alerts(engine, also_resolved=False)
        assert (again.alert_id, again.times_raised, again.evidence["messages"]) == (alert_id, 2, 2)
    assert subjects(mail) == [
        "warning: dead letters police_deliveries",
        "resolved: dead letters police_deliveries",
        "warning: dead letters police_deliveries",
    ]


def test_dead_letters_that_are_dealt_with_raise_nothing_and_end_their_alert(engine: Engine) -> None:
    def numbers() -> list[int]:
        return [row.dead_letter_id for row in list_letters(engine, source=None, reason=None, state=None)]

    alert_id = "dead_letters:police_deliveries"
    with mail_server() as mail:
        for offset in (1, 2):
            add_dead_letter(engine, offset)
        look(engine, mail, now=NOON)
        resolve_alert(engine, alert_id, by="desk-1", note="the sender was told", at=NOON)
        discard(engine, numbers()[-1:], note="a test of the sender", by="desk-1")
        look(engine, mail, now=NOON + timedelta(minutes=5))
        assert list_alerts(engine, also_resolved=False) == []  # one still waits, and nothing new came
        add_dead_letter(engine, 3)
        look(engine, mail, now=NOON + timedelta(minutes=10))
        (standing,) = list_alerts(engine, also_resolved=False)
        assert standing.evidence["messages"] == 2
        discard(engine, [numbers()[0], numbers()[-1]], note="a test of the sender", by="desk-1")
        look(engine, mail, now=NOON + timedelta(minutes=15))
        assert list_alerts(engine, also_resolved=False) == []
    raised_and_over = ["warning: dead letters police_deliveries", "resolved: dead letters police_deliveries"]
    assert subjects(mail) == raised_and_over * 2


def test_a_reported_figure_that_moved_is_reported_until_it_is_reported_anew(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was reported is what counts here, not the pages: none is gathered for or drawn."""
    monkeypatch.setattr("ketenbalans.jobs.reporting.frames.revisions", lambda *_, **__: [])
    monkeypatch.setattr("ketenbalans.jobs.reporting.report.write_report", lambda *_, **__: [])
    load_scenario(engine, YEAR_2012)
    year, (first, second) = Period.of_year(2012), COVERS

    def report(as_of: date) -> WrittenReport:
        return make_report(
            engine,
            Settings().model_copy(update={"home": tmp_path / "home"}),
            period=year,
            as_of=as_of,
            out=tmp_path,
            languages=["en"],
        )

    with mail_server() as mail:
        assert report(first).delivered == 507
        reconcile(engine, Settings(), period=year, as_of=second, policy=POLICY, keeps_breaks=True)
        found = {alert.alert_id: alert for alert in look(engine, mail, now=NOON).standing}
        alert = found["reported_figure_changed:2012"]
        assert (alert.evidence["delivered_reported"], alert.evidence["delivered_now"]) == (507, 522)
        assert report(second).delivered == 522
        after = look(engine, mail, now=NOON + timedelta(minutes=5))
        assert "reported_figure_changed:2012" not in {alert.alert_id for alert in after.standing}


def test_a_channel_that_is_new_is_sent_what_stands_and_not_of_the_past(engine: Engine) -> None:
    store_suite(engine, success=False)
    look(engine, free_port(), now=NOON)
    store_suite(engine, success=True)
    add_dead_letter(engine, 1)
    look(engine, free_port(), now=NOON + timedelta(minutes=5))
    with mail_server() as mail:
        for days in (30, 31):
            look(engine, mail, now=NOON + timedelta(days=days))
    assert subjects(mail) == ["warning: dead letters police_deliveries"]
