"""Every balance has a verdict, found when it is asked; a question about what is not known is answered as that."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert, text

from ketenbalans.jobs.balancing.balances import read_balance, read_balances
from ketenbalans.jobs.balancing.reconcile import reconcile
from ketenbalans.jobs.balancing.restate import restate, revisions
from ketenbalans.jobs.breaks.decisions import decide
from ketenbalans.jobs.breaks.of_balance import read_breaks
from ketenbalans.jobs.reporting.refusals import NothingOfThePeriod, NotReported
from ketenbalans.jobs.reporting.report import make_report
from ketenbalans.jobs.reporting.runs import report_what_is_asked
from ketenbalans.project import PROJECT_FOLDER
from ketenbalans.settings import Settings
from schemas.breaks import BreakStep
from schemas.dead_letters import LetterStep
from schemas.decisions import Decision
from schemas.period import Period
from schemas.verdicts import BalanceVerdict
from tests.integration.command_line import Ended, in_this_process
from tests.integration.warehouse.rows import EXTRACTS, OM, POLICE, control, load_rows, om, police
from warehouse.dead_letters import DeadLetterEvent, keep_steps
from warehouse.incidents import end_incidents, keep_incident
from warehouse.tables.dead_letters import DEAD_LETTER

pytestmark = pytest.mark.stack

YEAR = Period.of_year(2014)
SETTINGS = Settings()
POLICY, ALLOWANCE = SETTINGS.read_policy(), SETTINGS.read_alert_policy()
FIRST, NEWEST, COVERED = date(2014, 6, 1), date(2015, 1, 31), date(2015, 7, 31)
FUTURE = date(2199, 12, 31)
OPEN = "2014-police-PL0900-2014000001-1"

Ask = Callable[..., Ended]


@pytest.fixture
def warehouse(engine: Engine) -> Engine:
    """One suspect whom the OM registered and one whom it did not; both registers speak until summer."""
    known = datetime(2014, 6, 1, 9, tzinfo=UTC)
    delivered = {"delivered_on": date(2014, 6, 1)}
    rows = [
        police("p1", known, dossier_number="PL0900-2014000001", person_token="a" * 64, **delivered),
        police("p2", known, dossier_number="PL0900-2014000002", person_token="b" * 64, **delivered),
    ]
    load_rows(engine, POLICE, rows)
    registered = {"person_token": "b" * 64, "registered_on": date(2014, 7, 1)}
    load_rows(
        engine, OM, [om("o1", datetime(2014, 7, 1, 9, tzinfo=UTC), dossier_number="PL0900-2014000002", **registered)]
    )
    for place, source in enumerate((POLICE, OM)):
        row = control(str(place), source.name, COVERED, topic_id="none", offsets="{}")
        load_rows(engine, EXTRACTS, [row], topic_id=f"E{place}")
    return engine


@pytest.fixture
def ask(warehouse: Engine, tmp_path: Path) -> Ask:
    def asked(*arguments: object, **environment: str) -> Ended:
        home = {"KETENBALANS_HOME": str(tmp_path / "home")}
        return in_this_process(*arguments, engine=warehouse, **home, **environment)

    return asked


def judged(engine: Engine, as_of: date = NEWEST, period: Period = YEAR, **policy: Any) -> tuple[str, str]:
    allowance = ALLOWANCE.model_copy(update=policy)
    found = reconcile(
        engine, SETTINGS, period=period, as_of=as_of, policy=POLICY, keeps_breaks=True, alert_policy=allowance
    )
    assert found.judgement is not None
    return found.judgement.verdict.value, found.judgement.because


def stored(engine: Engine) -> list[tuple[Any, ...]]:
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT balance_id, answer::text, made_at FROM balance ORDER BY balance_id"))
        return [tuple(row) for row in rows]


def take(engine: Engine, on: date) -> None:
    said: dict[str, Any] = {"break_id": OPEN, "decided_by": "desk-1", "owner": "desk-1", "note": "asked the office"}
    decide(engine, Decision(verdict=BreakStep.ACKNOWLEDGED, decided_on=on, **said))


@contextmanager
def standing_still(engine: Engine, source: str, *, kind: str = "totals_differ") -> Iterator[None]:
    with engine.begin() as connection:
        keep_incident(connection, subject=source, kind=kind, message="they do")
    yield
    with engine.begin() as connection:
        end_incidents(connection, subject=source, kinds=[kind])


@contextmanager
def letter_waiting(engine: Engine, source: str) -> Iterator[None]:
    place = {"topic": "t", "topic_id": "i", "partition": 0, "offset": 0}
    letter = {
        "source": source,
        **place,
        "headers": [],
        "reason": "not_json",
        "rule": "it is no JSON",
        "form": "message",
    }
    with engine.begin() as connection:
        number = connection.execute(
            insert(DEAD_LETTER).values(letter).returning(DEAD_LETTER.c.dead_letter_id)
        ).scalar_one()
    yield
    with engine.begin() as connection:
        keep_steps(
            connection,
            [DeadLetterEvent(dead_letter_id=number, step=LetterStep.DISCARDED, by="desk-1", note="no event")],
        )


def test_each_verdict_comes_and_goes_and_the_stored_answer_stays(warehouse: Engine) -> None:
    assert judged(warehouse) == ("open", "1 break is open: 1 missing")
    before = stored(warehouse)
    assert judged(warehouse, unexplained_suspects=0, unexplained_share=0.4) == (
        "unexplained",
        "1 of 2 delivered suspects is missing, 0 are allowed",
    )
    assert judged(warehouse, unexplained_suspects=0, unexplained_share=0.5)[0] == "open"
    with standing_still(warehouse, OM.name):
        verdict, because = judged(warehouse)
        assert verdict == "incomplete"
        assert re.fullmatch(rf"{OM.name} stands still by incident \d+ \(totals_differ\)", because)
        with letter_waiting(warehouse, POLICE.name):
            assert judged(warehouse)[1] == f"{because}; 1 dead letter of {POLICE.name} waits"
        with standing_still(warehouse, OM.name, kind="topic_gone"):
            assert re.fullmatch(rf"{re.escape(because)} and incident \d+ \(topic_gone\)", judged(warehouse)[1]), (
                "each that stops a source"
            )
    take(warehouse, NEWEST)
    assert judged(warehouse) == ("explained", "no break is open or waits: 0 explained, 1 acknowledged")
    assert stored(warehouse) == before
    early = date(2014, 7, 15)
    assert judged(warehouse, early) == ("waiting", "1 break waits: 1 in_transit"), "a look back sees its own day"


@pytest.mark.parametrize("source", ["hotline_reports", "extracts", "om_registrations", "kmar_deliveries"])
def test_only_a_linked_source_makes_it_incomplete(warehouse: Engine, source: str) -> None:
    verdict = "incomplete" if source in ("om_registrations", "kmar_deliveries") else "open"
    with standing_still(warehouse, source):
        assert judged(warehouse)[0] == verdict
    with letter_waiting(warehouse, source):
        assert judged(warehouse)[0] == verdict
        with warehouse.connect() as connection:
            looks = connection.scalar(text("SELECT count(*) FROM break_look"))
        assert looks == 1, "its breaks are kept all the same, once"
    assert judged(warehouse)[0] == "open"


@pytest.mark.parametrize("period", [YEAR, Period.parse("2014-Q2"), Period.parse("2013-01-01/2014-12-31")], ids=str)
def test_every_verb_gives_the_same_verdict(warehouse: Engine, ask: Ask, period: Period) -> None:
    now = judged(warehouse, period=period)
    balance = read_balance(warehouse, period=period, as_of=NEWEST, policy=POLICY, alert_policy=ALLOWANCE)
    assert balance is not None
    assert balance.judgement is not None
    assert (balance.judgement.verdict, balance.judgement.because) == now == ("open", "1 break is open: 1 missing")
    assert (
        read_balances(warehouse, period=period, policy=POLICY, alert_policy=ALLOWANCE)[-1].judgement
        == balance.judgement
    )
    days = (date(2014, 7, 15), NEWEST)
    answer = restate(warehouse, period=period, days=days, policy=POLICY, alert_policy=ALLOWANCE).verdicts
    assert answer[NEWEST] == balance.judgement
    assert answer[days[0]].verdict is BalanceVerdict.WAITING
    for one in revisions(
        warehouse, periods=[period], days=days, policy=POLICY, on_progress=lambda _: None, alert_policy=ALLOWANCE
    ):
        assert one.judgement == answer[one.as_of]
    assert f"OPEN: {now[1]}." in ask("reconcile", "--period", period, "--as-of", NEWEST).out
    assert f"OPEN: {now[1]}." in ask("balance", "--period", period, "--as-of", NEWEST).out


def test_in_brief_a_restatement_counts_its_suspects_and_names_none(ask: Ask) -> None:
    question = ("restate", "--period", "2014", "--from", "2014-07-15", "--to", NEWEST)
    whole, brief = ask(*question), ask(*question, "--brief")
    assert "PL0900-2014000001/1" in whole.out
    assert "PL0900" not in brief.out
    moves = ask(*question, "--json").json["moves"]
    assert f"{len(moves)} suspects came, left or changed" in brief.out


def test_a_part_of_a_year_sees_that_a_person_took_its_break(warehouse: Engine) -> None:
    judged(warehouse)
    take(warehouse, NEWEST)
    quarter = Period.parse("2014-Q2")
    assert judged(warehouse, period=quarter)[0] == "explained"
    assert judged(warehouse, date(2015, 1, 30), quarter)[0] == "open", "a day before it does not see it"


UNKNOWN = {
    "before the first record": (YEAR, date(2014, 5, 31), "on 2014-05-31 both registers were empty"),
    "after what is covered": (YEAR, date(2015, 8, 1), "2015-08-01 lies after 2015-07-31"),
    "in the future": (YEAR, FUTURE, "2199-12-31 lies after 2015-07-31"),
    "a period in the future": (Period.of_year(2030), NEWEST, "the period begins on 2030-01-01, after 2015-01-31"),
    "a period long ago": (Period.of_year(1995), NEWEST, "no delivery and no registration of 1995 was known"),
}


@pytest.mark.parametrize("unknown", UNKNOWN)
def test_what_is_not_known_is_answered_as_that(ask: Ask, warehouse: Engine, tmp_path: Path, unknown: str) -> None:
    period, day, because = UNKNOWN[unknown]
    question = ("--period", period, "--as-of", day)
    refused = ask("report", *question, "--out", tmp_path / "out")
    assert refused.code == 1
    assert COVERED.isoformat() in refused.err
    assert stored(warehouse) == []
    assert not (tmp_path / "out").exists()

    for verb in ("reconcile", "balance"):
        answer = ask(verb, *question, "--json").json
        assert answer["verdict"] == "incomplete"
        assert because in answer["because"]
        assert answer["quality"] == "not_checked"
        table = ask(verb, *question)
        assert table.code == 0
        assert f"INCOMPLETE: {answer['because']}." in table.out
        assert "passed" not in table.out
    between = ("--period", period, "--from", day, "--to", day)
    assert because in ask("restate", *between, "--json").json["verdicts"][day.isoformat()]["because"]
    assert because in ask("restate", *between).out
    month = f"{day:%Y-%m}"
    triangle = ("revisions", "--period", period, "--from", month, "--to", month)
    assert {one["verdict"] for one in ask(*triangle, "--json").json} == {"incomplete"}
    assert "INCOMPLETE" in ask(*triangle).out
    assert because in ask("breaks", *question).err


@pytest.mark.parametrize("day", [date(2014, 5, 31), date(2015, 8, 1), FUTURE])
@pytest.mark.parametrize(
    "verb", [("targets",), ("focus",), ("series", "suspects_delivered_to_om", "--from", "2014")], ids=lambda one: one[0]
)
def test_a_figure_of_a_day_that_is_not_known_says_why_there_is_none(ask: Ask, verb: tuple[str, ...], day: date) -> None:
    ended = ask(*verb, "--as-of", day, "--json")
    assert ended.code == 0
    why = "the period ends on 2014-12-31, after" if day < FIRST else f"known until {COVERED}"
    assert why in json.dumps(ended.json)


def test_of_an_empty_warehouse_nothing_is_reported(engine: Engine, tmp_path: Path) -> None:
    def asked(*arguments: object) -> Ended:
        return in_this_process(*arguments, engine=engine, KETENBALANS_HOME=str(tmp_path / "home"))

    for verb in ("reconcile", "report", "breaks", "balance"):
        assert asked(verb).code == 1, verb
    question = ("--period", "2014", "--as-of", NEWEST)
    because = (
        "no extract of police_deliveries and om_registrations is loaded, so no day is covered; "
        "on 2015-01-31 both registers were empty"
    )
    for verb in ("reconcile", "balance"):
        answer = asked(verb, *question, "--json").json
        assert (answer["verdict"], answer["because"], answer["quality"]) == ("incomplete", because, "not_checked")
    refused = asked("report", *question, "--out", tmp_path / "out")
    assert (refused.code, (tmp_path / "out").exists()) == (1, False)
    assert "no day is covered" in refused.err
    assert asked("revisions", "--from", "2015-01", "--to", "2015-01").code == 1


def test_covering_the_day_takes_that_reason_away(warehouse: Engine, tmp_path: Path) -> None:
    day = date(2015, 8, 31)
    assert judged(warehouse, day)[0] == "incomplete"
    for place, source in enumerate((POLICE, OM)):
        row = control(f"n{place}", source.name, day, topic_id="none", offsets="{}")
        load_rows(warehouse, EXTRACTS, [row], topic_id=f"N{place}")
    assert judged(warehouse, day) == ("open", "1 break is open: 1 missing")
    made = make_report(
        warehouse,
        SETTINGS.model_copy(update={"home": tmp_path / "home"}),
        period=YEAR,
        as_of=day,
        out=tmp_path,
        languages=["en"],
    )
    assert made.delivered == 2


def test_a_dag_is_refused_what_the_command_is_refused(
    warehouse: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KETENBALANS_WAREHOUSE_URL", warehouse.url.render_as_string(hide_password=False))
    monkeypatch.setenv("KETENBALANS_HOME", str(tmp_path))
    with pytest.raises(NotReported, match="known until 2015-07-31"):
        report_what_is_asked(Settings(), {"as_of": "2015-08-01"}, is_scheduled=False)
    with pytest.raises(NothingOfThePeriod, match="nothing to report of 1995"):
        report_what_is_asked(Settings(), {"period": "1995"}, is_scheduled=False)
    assert stored(warehouse) == []


def test_another_policy_file_allows_what_it_says(ask: Ask, tmp_path: Path) -> None:
    text = (PROJECT_FOLDER / "policy.toml").read_text(encoding="utf-8")
    none = tmp_path / "none.toml"
    none.write_text(text.replace("unexplained_suspects = 2", "unexplained_suspects = 0"), encoding="utf-8")
    question = ("reconcile", "--period", "2014", "--as-of", NEWEST)
    assert ask(*question, "--policy", none, "--json").json["verdict"] == "unexplained"
    assert ask(*question, "--json").json["verdict"] == "open"


def test_another_policy_file_need_not_name_alerts(ask: Ask, tmp_path: Path) -> None:
    text = (PROJECT_FOLDER / "policy.toml").read_text(encoding="utf-8")
    begin = text.index("[reconciliation]")
    alone = tmp_path / "alone.toml"
    alone.write_text(text[begin : text.index("\n[", begin)], encoding="utf-8")
    asked = ask("reconcile", "--period", "2014", "--as-of", NEWEST, "--policy", alone, "--json")
    assert asked.json["verdict"] == "open", "what may be missing is what the standing policy allows"


def test_the_states_that_a_verdict_reads_are_those_of_the_list(warehouse: Engine) -> None:
    for as_of in (NEWEST, date(2014, 7, 15), date(2015, 7, 31)):
        verdict = judged(warehouse, as_of)[0]
        found = read_breaks(warehouse, period=YEAR, as_of=as_of, policy=POLICY)
        assert found is not None
        assert found.rows["state"].to_list() == [verdict]
