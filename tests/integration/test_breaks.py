"""Breaks over time in a real warehouse: kept, decided about, resolved, opened again; a look back changes nothing."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from ketenbalans.jobs.audit.verify import verify_chain
from ketenbalans.jobs.balancing.reconcile import reconcile
from ketenbalans.jobs.breaks.decide_together import decide_about_all
from ketenbalans.jobs.breaks.decisions import decide, pair_named
from ketenbalans.jobs.breaks.evidence import show_break
from ketenbalans.jobs.breaks.of_balance import find_break, history_of, read_breaks
from ketenbalans.jobs.breaks.work_list import BreakQuestion, list_breaks
from ketenbalans.jobs.watching.break_facts import OpenBreaks, read_open_breaks
from ketenbalans.settings import Settings
from schemas.answer import ShownBalance
from schemas.answer_breaks import StandingBreak
from schemas.breaks import BreakStep
from schemas.decisions import Decision, InvalidDecision, Pair
from schemas.people import InvalidHandle
from schemas.period import Period
from schemas.verdicts import BalanceVerdict, Judgement
from tests.integration.command_line import in_this_process
from tests.integration.warehouse.rows import EXTRACTS, OM, POLICE, control, load_rows, om, police
from warehouse.breaks import years_kept
from warehouse.database import snapshot
from warehouse.errors import DecisionRefused

pytestmark = pytest.mark.stack

YEAR = Period.of_year(2014)
SETTINGS = Settings()
POLICY = SETTINGS.read_policy()
A, B = "a" * 64, "b" * 64
MISSING = "2014-police-PL0900-2014000001-1"
MISTYPED = "2014-police-PL0900-2014000777-1"


def moment(month: int, day: int = 1, year: int = 2015) -> datetime:
    return datetime(year, month, day, 9, tzinfo=UTC)


@pytest.fixture
def warehouse(engine: Engine) -> Engine:
    """One suspect whom nobody registered, and one whose number the OM mistyped; both registers speak until summer."""
    delivered = {"delivered_on": date(2014, 6, 1)}
    load_rows(
        engine,
        POLICE,
        [
            police("p1", moment(6, year=2014), dossier_number="PL0900-2014000001", person_token=A, **delivered),
            police("p2", moment(6, year=2014), dossier_number="PL0900-2014000777", person_token=B, **delivered),
        ],
    )
    typed = {"dossier_number": "PL0900-2014000778", "dossier_number_as_reported": "PL0900-2014000778"}
    load_rows(
        engine, OM, [om("o1", moment(7, year=2014), case_number="0900000214", registered_on=date(2014, 7, 1), **typed)]
    )
    for place, source in enumerate((POLICE, OM)):
        row = control(str(place), source.name, date(2015, 7, 31), topic_id="none", offsets="{}")
        load_rows(engine, EXTRACTS, [row], topic_id=f"E{place}")
    return engine


def balance(engine: Engine, as_of: date, *, keeps_breaks: bool = True) -> ShownBalance:
    return reconcile(engine, SETTINGS, period=YEAR, as_of=as_of, policy=POLICY, keeps_breaks=keeps_breaks)


def breaks_on(engine: Engine, as_of: date | None = None) -> dict[str, dict[str, Any]]:
    found = read_breaks(engine, period=YEAR, as_of=as_of, policy=POLICY)
    return {} if found is None else {row["break_id"]: row for row in found.rows.iter_rows(named=True)}


def about(break_id: str, verdict: BreakStep, on: date, by: str = "desk-1", **said: Any) -> Decision:
    return Decision(verdict=verdict, break_id=break_id, decided_by=by, decided_on=on, **said)


def pair(verdict: BreakStep, on: date, *, by: str = "desk-1", case: str = "0900000214") -> Decision:
    records = Pair(dossier_number="PL0900-2014000777", suspect_number=1, case_number=case)
    return Decision(verdict=verdict, pair=records, decided_by=by, decided_on=on)


def test_a_whole_life(warehouse: Engine) -> None:
    balance(warehouse, date(2014, 7, 15))
    assert breaks_on(warehouse)[MISSING]["state"] == "waiting"
    balance(warehouse, date(2014, 12, 31))
    opened = breaks_on(warehouse)[MISSING]
    assert (opened["state"], opened["cause"], opened["opened_on"]) == ("open", "missing", date(2014, 7, 15))
    assert (opened["due_on"], opened["age_days"]) == (date(2014, 7, 31), 169)

    decide(warehouse, about(MISSING, BreakStep.ACKNOWLEDGED, date(2015, 1, 5), owner="desk-1", note="asked the office"))
    decide(warehouse, about(MISSING, BreakStep.ASSIGNED, date(2015, 1, 6), owner="desk-2"), instead_of="desk-1")
    taken = breaks_on(warehouse)[MISSING]
    assert (taken["state"], taken["owner"], taken["note"]) == ("acknowledged", "desk-2", "asked the office")
    assert breaks_on(warehouse, date(2014, 12, 31))[MISSING]["state"] == "open", "a day before it does not see it"

    registered = {"case_number": "0900000114", "person_token": A, "registered_on": date(2014, 12, 1)}
    load_rows(warehouse, OM, [om("o2", moment(1, 20), **registered)])
    balance(warehouse, date(2015, 1, 31))
    resolved = breaks_on(warehouse)[MISSING]
    assert (resolved["state"], resolved["resolved_on"], resolved["resolved_by"]) == (
        "resolved",
        date(2015, 1, 31),
        "o2",
    )
    assert resolved["age_days"] == 200

    load_rows(warehouse, OM, [om("o3", moment(3, 3), mutation="lapsed", **registered)])
    balance(warehouse, date(2015, 3, 31))
    again = breaks_on(warehouse)[MISSING]
    assert (again["state"], again["cause"], again["opened_on"]) == ("explained", "lapsed", date(2015, 3, 31))
    assert (again["owner"], again["resolved_by"]) == (None, None)
    assert history_of(warehouse, MISSING).select("on", "step", "state").rows() == [
        (date(2014, 7, 15), "opened", "waiting"),
        (date(2014, 12, 31), "changed", "open"),
        (date(2015, 1, 5), "acknowledged", "acknowledged"),
        (date(2015, 1, 6), "assigned", "acknowledged"),
        (date(2015, 1, 31), "resolved", "resolved"),
        (date(2015, 3, 31), "reopened", "explained"),
    ]
    audit = verify_chain(warehouse, [])
    assert (audit.finding, audit.entries) == (None, rows_in(warehouse, "decision") + rows_in(warehouse, "balance"))


def test_a_suggestion_is_confirmed_taken_back_and_rejected(warehouse: Engine) -> None:
    first = balance(warehouse, date(2014, 12, 31))
    assert (first.links["6"], first.recognised) == (1, 0)
    assert breaks_on(warehouse)[MISTYPED]["cause"] == "suggested"
    _, found = find_break(warehouse, MISTYPED, policy=POLICY)
    assert pair_named(found, None, None, None).case_number == "0900000214"
    kept = decide(warehouse, pair(BreakStep.CONFIRMED, date(2015, 1, 5)))
    confirmed = balance(warehouse, date(2015, 1, 31))
    assert (confirmed.links["5"], confirmed.links["6"], confirmed.recognised) == (1, 0, 1)
    assert confirmed.input_fingerprint != first.input_fingerprint
    resolved = breaks_on(warehouse)[MISTYPED]
    assert (resolved["state"], resolved["resolved_by"]) == ("resolved", kept.decision_id)
    assert balance(warehouse, date(2014, 12, 31)) == first, "a day before the decision does not see it"

    decide(warehouse, pair(BreakStep.TAKEN_BACK, date(2015, 2, 2)))
    decide(warehouse, pair(BreakStep.REJECTED, date(2015, 2, 2)))
    rejected = balance(warehouse, date(2015, 2, 28))
    assert (rejected.links["5"], rejected.links["6"], rejected.recognised) == (0, 0, 0)
    reopened = breaks_on(warehouse)[MISTYPED]
    assert (reopened["state"], reopened["cause"]) == ("open", "missing")


def test_two_people_do_not_overwrite_each_other(warehouse: Engine) -> None:
    balance(warehouse, date(2014, 12, 31))
    day = date(2015, 1, 5)
    kept = decide(warehouse, pair(BreakStep.CONFIRMED, day))
    assert decide(warehouse, pair(BreakStep.CONFIRMED, day)).decision_id == kept.decision_id, "the same again"
    with pytest.raises(DecisionRefused, match=r"desk-1 decided on 2015-01-05 .* take-back --dossier PL0900-2014000777"):
        decide(warehouse, pair(BreakStep.REJECTED, day, by="desk-2"))
    load_rows(warehouse, OM, [om("o9", moment(7, year=2014), case_number="0900000914", registered_on=date(2014, 7, 1))])
    with pytest.raises(DecisionRefused, match="with 0900000214: confirmed"):
        decide(warehouse, pair(BreakStep.CONFIRMED, day, by="desk-2", case="0900000914"))
    with pytest.raises(DecisionRefused, match="use --on 2015-01-05 or later"):
        decide(warehouse, pair(BreakStep.TAKEN_BACK, date(2015, 1, 4)))
    decide(warehouse, about(MISSING, BreakStep.ACKNOWLEDGED, day, owner="desk-1", note="mine"))
    with pytest.raises(DecisionRefused, match="only an open break"):
        decide(warehouse, about(MISSING, BreakStep.ACKNOWLEDGED, day, by="desk-2", owner="desk-2", note="mine"))
    with pytest.raises(DecisionRefused, match="--from desk-1"):
        decide(warehouse, about(MISSING, BreakStep.ASSIGNED, day, by="desk-2", owner="desk-2"))
    decide(warehouse, about(MISSING, BreakStep.RELEASED, day, by="desk-2"))
    assert breaks_on(warehouse)[MISSING]["state"] == "open"


def accepted(on: date, *, cause: str = "missing", by: str = "desk-1", until: date | None = None) -> Decision:
    said: dict[str, Any] = {"note": "known", "accepted_cause": cause, "accepted_until": until}
    return about(MISSING, BreakStep.ACCEPTED, on, by, **said)


def test_an_accepted_break_is_not_open_until_its_cause_changes(warehouse: Engine) -> None:
    balance(warehouse, date(2014, 12, 31))
    kept = decide(warehouse, accepted(date(2015, 1, 5)))
    assert decide(warehouse, accepted(date(2015, 1, 6))).decision_id == kept.decision_id, "the same again"
    stands = breaks_on(warehouse)[MISSING]
    assert (stands["state"], stands["note"], stands["accepted_by"]) == ("accepted", "known", "desk-1")
    assert breaks_on(warehouse, date(2014, 12, 31))[MISSING]["state"] == "open", "a day before it does not see it"
    work = list_breaks(warehouse, BreakQuestion(only_waiting=True), policy=POLICY)
    assert work is not None
    assert MISSING not in work.rows["break_id"].to_list()
    assert work.left_out["accepted"] == 1
    judged = balance(warehouse, date(2015, 1, 31)).judgement
    assert judged == Judgement(BalanceVerdict.OPEN, "2 breaks are open: 2 suggested")
    assert breaks_on(warehouse)[MISSING]["state"] == "accepted", "another balance found the same cause"

    typed = {"dossier_number": "PL0900-2014000011", "dossier_number_as_reported": "PL0900-2014000011"}
    row = om("o2", moment(2, 20), case_number="0900000314", registered_on=date(2014, 7, 1), **typed)
    load_rows(warehouse, OM, [row | {"person_token": A}])
    balance(warehouse, date(2015, 2, 28))
    changed = breaks_on(warehouse)[MISSING]
    assert changed["cause"] != "missing"
    assert (changed["accepted_by"], changed["note"]) == (None, None)
    steps = history_of(warehouse, MISSING).select("step", "state").rows()
    assert steps[1] == ("accepted", "accepted")
    assert changed["state"] != "accepted"


def test_an_acceptance_ends_when_its_day_has_passed_or_it_is_taken_back(warehouse: Engine) -> None:
    balance(warehouse, date(2014, 12, 31))
    decide(warehouse, accepted(date(2015, 1, 5), until=date(2015, 1, 20)))
    with pytest.raises(DecisionRefused, match=r"it is accepted .*; take that back first: `ketenbalans breaks release"):
        decide(warehouse, accepted(date(2015, 1, 6), by="desk-2"))
    with pytest.raises(DecisionRefused, match="only an open break can be acknowledged"):
        decide(warehouse, about(MISSING, BreakStep.ACKNOWLEDGED, date(2015, 1, 6), owner="desk-2", note="mine"))
    balance(warehouse, date(2015, 1, 20))
    assert breaks_on(warehouse)[MISSING]["state"] == "accepted"
    assert breaks_on(warehouse, date(2015, 1, 21))[MISSING]["state"] == "open", "as of the day that is asked"
    balance(warehouse, date(2015, 1, 31))
    assert breaks_on(warehouse)[MISSING]["state"] == "open"
    assert history_of(warehouse, MISSING).select("on", "step", "state").rows()[1:] == [
        (date(2015, 1, 5), "accepted", "accepted"),
        (date(2015, 1, 21), "expired", "open"),
    ]
    decide(warehouse, accepted(date(2015, 2, 1)))
    assert breaks_on(warehouse)[MISSING]["state"] == "accepted"
    decide(warehouse, about(MISSING, BreakStep.RELEASED, date(2015, 2, 2), by="desk-2"))
    assert breaks_on(warehouse)[MISSING]["state"] == "open"
    with pytest.raises(DecisionRefused, match="nobody has it"):
        decide(warehouse, about(MISSING, BreakStep.RELEASED, date(2015, 2, 3)))


def test_an_accepted_break_is_past_due_for_nobody_until_it_is_open_again(warehouse: Engine) -> None:
    balance(warehouse, date(2014, 12, 31))

    def open_breaks() -> OpenBreaks:
        with snapshot(warehouse) as connection:
            terms: dict[str, Any] = {"policy": POLICY, "alert_policy": SETTINGS.read_alert_policy()}
            return read_open_breaks(connection, as_of=date(2015, 7, 31), **terms)

    assert [(one.breaks, one.open_breaks) for one in open_breaks().past_due] == [(3, 3)]
    decide(warehouse, accepted(date(2015, 1, 5), until=date(2015, 1, 20)))
    assert [(one.breaks, one.open_breaks) for one in open_breaks().past_due] == [(2, 2)]
    assert {one.cause: one.breaks for one in open_breaks().new} == {"suggested": 2}, "nor is it in a flood"
    for break_id in (MISTYPED, "2014-om-0900000214"):
        said: dict[str, Any] = {"note": "known", "accepted_cause": "suggested"}
        decide(warehouse, about(break_id, BreakStep.ACCEPTED, date(2015, 1, 5), **said))
    assert (open_breaks().past_due, open_breaks().open_since) == ([], {})
    balance(warehouse, date(2015, 1, 31))
    assert open_breaks().open_since == {2014: date(2015, 1, 21)}, "the day on which it was open again"


def test_only_an_open_break_with_the_cause_that_was_looked_at_is_accepted(warehouse: Engine) -> None:
    balance(warehouse, date(2014, 7, 15))
    with pytest.raises(DecisionRefused, match="it is waiting; only an open break can be accepted"):
        decide(warehouse, accepted(date(2014, 7, 16), cause="in_transit"))
    balance(warehouse, date(2014, 12, 31))
    with pytest.raises(DecisionRefused, match="its cause is missing"):
        decide(warehouse, accepted(date(2015, 1, 5), cause="suggested"))
    decide(warehouse, about(MISSING, BreakStep.ACKNOWLEDGED, date(2015, 1, 5), owner="desk-1", note="mine"))
    with pytest.raises(DecisionRefused, match="it is acknowledged"):
        decide(warehouse, accepted(date(2015, 1, 6)))
    with pytest.raises(InvalidDecision, match="lies before it"):
        accepted(date(2015, 1, 6), until=date(2015, 1, 5))


def test_accepting_on_the_command_line(warehouse: Engine) -> None:
    balance(warehouse, date(2014, 12, 31))
    said = ("--note", "known", "--until", "2015-03-31", "--by", "desk-1", "--on", "2015-01-05")
    ended = in_this_process("breaks", "accept", MISSING, *said, engine=warehouse)
    assert (ended.code, ended.out) == (
        0,
        f"accepted: {MISSING}, until 2015-03-31; decided by desk-1 on 2015-01-05\n",
    )
    shown = in_this_process("breaks", "show", MISSING, engine=warehouse).out
    assert "accepted   by desk-1, until 2015-03-31: known" in shown
    assert "2015-01-05  accepted      accepted by desk-1: known" in shown
    found = in_this_process("breaks", "list", "--state", "accepted", "--json", engine=warehouse).json
    assert [(row["break_id"], row["accepted_until"]) for row in found] == [(MISSING, "2015-03-31")]
    for break_id, cause in ((MISTYPED, "suggested"), ("2014-om-0900000214", "suggested")):
        decide(warehouse, about(break_id, BreakStep.ACCEPTED, date(2015, 1, 5), note="known", accepted_cause=cause))
    judged = balance(warehouse, date(2015, 1, 31)).judgement
    assert judged == Judgement(BalanceVerdict.EXPLAINED, "no break is open or waits: 0 explained, 3 accepted")


def test_of_two_who_decide_at_once_one_is_reported(warehouse: Engine) -> None:
    balance(warehouse, date(2014, 12, 31))

    def take(who: str) -> str:
        try:
            said = {"owner": who, "note": "mine"}
            return str(decide(warehouse, about(MISSING, BreakStep.ACKNOWLEDGED, date(2015, 1, 5), who, **said)).owner)
        except DecisionRefused:
            return "refused"

    with ThreadPoolExecutor(4) as people:
        outcomes = list(people.map(take, ["desk-1", "desk-2", "desk-3", "desk-4"]))
    assert outcomes.count("refused") == 3
    assert breaks_on(warehouse)[MISSING]["owner"] in outcomes


def test_a_look_back_changes_no_break_and_a_replay_writes_nothing(warehouse: Engine) -> None:
    balance(warehouse, date(2014, 12, 31))
    before = breaks_on(warehouse)
    written = rows_in(warehouse, "break_observation")
    balance(warehouse, date(2014, 7, 1))
    balance(warehouse, date(2014, 12, 31))
    assert breaks_on(warehouse) == before
    assert rows_in(warehouse, "break_observation") == written
    balance(warehouse, date(2016, 1, 1))  # no extract covers it
    balance(warehouse, date(2015, 6, 30), keeps_breaks=False)  # under another policy
    assert breaks_on(warehouse) == before


@pytest.mark.parametrize("day", [date(1990, 1, 1), date(2014, 5, 31)])
def test_a_day_before_the_first_record_is_incomplete_and_keeps_nothing(warehouse: Engine, day: date) -> None:
    for period in (YEAR, Period.of_year(day.year)):
        found = reconcile(warehouse, SETTINGS, period=period, as_of=day, policy=POLICY, keeps_breaks=True)
        because = f"on {day} both registers were empty: the first record of either is of 2014-06-01"
        assert found.judgement == Judgement(BalanceVerdict.INCOMPLETE, because)
    with warehouse.connect() as connection:
        assert years_kept(connection) == []
        assert connection.scalar(text("SELECT count(*) FROM balance")) == 2 - (day.year == YEAR.start.year)
        answers = connection.scalars(text("SELECT answer FROM balance"))
        assert all("verdict" not in answer for answer in answers)


def test_from_the_first_record_of_one_register_on_a_balance_is_no_longer_incomplete(warehouse: Engine) -> None:
    found = balance(warehouse, date(2014, 6, 1))
    assert found.judgement == Judgement(BalanceVerdict.WAITING, "2 breaks wait: 2 in_transit")
    assert breaks_on(warehouse)[MISSING]["state"] == "waiting"


def test_an_id_of_a_year_that_no_register_holds_is_no_break(warehouse: Engine) -> None:
    balance(warehouse, date(2014, 12, 31))
    for break_id in ("0000-police-x-1", "0214-police-x-1", "9999-om-1-1", "2014-Q1-1", f"2014-police-{2**70}-1"):
        with pytest.raises(DecisionRefused, match="there is no break"):
            find_break(warehouse, break_id, policy=POLICY)


def test_what_a_person_does_today_makes_no_other_break_older(warehouse: Engine) -> None:
    balance(warehouse, date(2014, 12, 31))
    before = breaks_on(warehouse)
    today = date(2026, 11, 30)
    decide(warehouse, about(MISSING, BreakStep.ACKNOWLEDGED, today, owner="desk-1", note="asked the office"))
    found = read_breaks(warehouse, period=YEAR, as_of=None, policy=POLICY)
    assert found is not None
    assert (found.as_of, found.decided_until) == (date(2014, 12, 31), today)
    after = breaks_on(warehouse)
    assert after[MISSING]["age_days"] == (today - date(2014, 12, 31)).days
    assert {key: row["age_days"] for key, row in after.items() if key != MISSING} == {
        key: row["age_days"] for key, row in before.items() if key != MISSING
    }


def test_a_part_of_a_year_sees_what_was_decided_about_its_breaks(warehouse: Engine) -> None:
    balance(warehouse, date(2014, 12, 31))
    decide(warehouse, about(MISSING, BreakStep.ACKNOWLEDGED, date(2015, 1, 5), owner="desk-1", note="asked the office"))
    for day, state in ((date(2014, 12, 31), "open"), (date(2015, 1, 31), "acknowledged")):
        quarter = read_breaks(warehouse, period=Period.parse("2014-Q2"), as_of=day, policy=POLICY)
        assert quarter is not None
        assert dict(quarter.rows.select("break_id", "state").rows()) == {MISSING: state, MISTYPED: "open"}
    other = read_breaks(warehouse, period=Period.parse("2014-Q1"), as_of=date(2015, 1, 31), policy=POLICY)
    assert other is not None
    assert other.rows.is_empty(), "a break of another quarter is none of this one, and not resolved in it"


@pytest.mark.parametrize("decided_on", [date(2015, 1, 5), date(2026, 11, 30)])
def test_the_command_that_a_decision_names_shows_it(warehouse: Engine, decided_on: date) -> None:
    balance(warehouse, date(2014, 12, 31))
    records = {"dossier": "PL0900-2014000777", "suspect": "1", "case": "0900000214"}
    named = [word for name, value in records.items() for word in (f"--{name}", value)]
    for links, verb in (({"5": 1, "6": 0}, ("confirm", MISTYPED)), ({"5": 0, "6": 1}, ("take-back", *named))):
        ended = in_this_process("breaks", *verb, "--by", "desk-1", "--on", decided_on, engine=warehouse)
        assert ended.code == 0, ended.err
        command = re.search("`ketenbalans ([^`]+)`", ended.err)
        assert command is not None
        shown = in_this_process(*command[1].split(), "--json", engine=warehouse).json
        assert shown["period"][0] == "2014-01-01"
        assert {rule: shown["links"][rule] for rule in links} == links
    is_covered = decided_on <= date(2015, 7, 31)
    assert ("so does the next run of the DAG" in ended.err) == is_covered
    assert ("known until 2015-07-31" in ended.err) == (not is_covered)


def test_another_day_or_period_shows_its_breaks_and_keeps_none(warehouse: Engine) -> None:
    balance(warehouse, date(2014, 12, 31))
    early = read_breaks(warehouse, period=YEAR, as_of=date(2014, 7, 15), policy=POLICY)
    assert early is not None
    assert not early.is_kept
    assert dict(early.rows.select("break_id", "state").rows())[MISSING] == "waiting"
    quarter = read_breaks(warehouse, period=Period.parse("2014-Q2"), as_of=date(2014, 12, 31), policy=POLICY)
    assert quarter is not None
    assert quarter.rows["side"].to_list() == ["police", "police"]
    later = breaks_on(warehouse, date(2015, 2, 1))
    assert later[MISSING]["age_days"] == 32
    assert rows_in(warehouse, "break_look") == 1


def test_the_evidence_of_a_break(warehouse: Engine) -> None:
    balance(warehouse, date(2014, 12, 31))
    shown = show_break(warehouse, MISTYPED, policy=POLICY)
    assert (shown.rule or "").startswith("Rule 6")
    assert [(event["source"], event["event_id"]) for event in shown.events] == [
        ("police_deliveries", "p2"),
        ("om_registrations", "o1"),
    ]
    assert B not in str(shown)
    assert shown.policy == POLICY.to_dict()
    with pytest.raises(DecisionRefused, match=f"near it: {MISSING}"):
        show_break(warehouse, MISSING[:-1] + "2", policy=POLICY)
    with pytest.raises(DecisionRefused, match="kept of the calendar years 2014"):
        show_break(warehouse, "nonsense", policy=POLICY)


def test_the_list_is_filtered(warehouse: Engine) -> None:
    balance(warehouse, date(2014, 12, 31))
    wanted: dict[str, list[str]] = {"state": ["open"], "cause": ["missing"], "unit": ["PL0900"], "owner": []}
    found = list_breaks(warehouse, BreakQuestion(wanted=wanted), policy=POLICY)
    assert found is not None
    assert found.rows["break_id"].to_list() == [MISSING]


def test_a_list_is_of_every_year_that_is_kept_each_as_it_stands(warehouse: Engine) -> None:
    later = {"dossier_number": "PL0900-2015000009", "person_token": "c" * 64, "delivered_on": date(2015, 2, 1)}
    load_rows(warehouse, POLICE, [police("p3", moment(2, 2), **later)])
    balance(warehouse, date(2014, 12, 31))
    reconcile(
        warehouse, SETTINGS, period=Period.of_year(2015), as_of=date(2015, 7, 31), policy=POLICY, keeps_breaks=True
    )
    found = list_breaks(warehouse, BreakQuestion(only_waiting=True, order="due"), policy=POLICY)
    assert found is not None
    assert (found.periods, found.days) == ((YEAR, Period.of_year(2015)), (date(2014, 12, 31), date(2015, 7, 31)))
    rows = found.rows.select("break_id", "state").rows()
    assert [break_id for break_id, _ in rows] == [
        MISSING,
        "2014-om-0900000214",
        MISTYPED,
        "2015-police-PL0900-2015000009-1",
    ]
    of_one = list_breaks(warehouse, BreakQuestion(period=YEAR), policy=POLICY)
    assert of_one is not None
    assert of_one.rows["break_id"].str.starts_with("2014-").all()
    earlier = list_breaks(warehouse, BreakQuestion(as_of=date(2014, 12, 31)), policy=POLICY)
    assert earlier is not None
    assert earlier.periods == (YEAR,)


def taken_by(owner: str, on: date) -> Callable[[StandingBreak], Decision]:
    said: dict[str, Any] = {"owner": owner, "note": "asked the office", "decided_by": owner, "decided_on": on}
    return lambda found: Decision(verdict=BreakStep.ACKNOWLEDGED, break_id=found.break_id, **said)


def test_several_breaks_are_decided_about_together(warehouse: Engine) -> None:
    balance(warehouse, date(2014, 12, 31))
    said = taken_by("desk-1", date(2015, 1, 5))
    kept = decide_about_all(warehouse, [MISTYPED, MISSING, MISTYPED], said, policy=POLICY)
    assert [one.break_id for one in kept] == [MISTYPED, MISSING]
    assert rows_in(warehouse, "decision") == 2
    assert decide_about_all(warehouse, [MISSING, MISTYPED], said, policy=POLICY) == kept[::-1]
    assert rows_in(warehouse, "decision") == 2


def test_when_one_of_several_cannot_be_none_is_and_each_reason_is_reported(warehouse: Engine) -> None:
    balance(warehouse, date(2014, 12, 31))
    decide_about_all(warehouse, [MISTYPED], taken_by("desk-1", date(2015, 1, 5)), policy=POLICY)
    there_is_none = "2014-police-PL0900-2014000099-1"
    with pytest.raises(DecisionRefused) as refused:
        asked = [MISSING, there_is_none, MISTYPED]
        decide_about_all(warehouse, asked, taken_by("desk-2", date(2015, 1, 6)), policy=POLICY)
    first, *reasons = str(refused.value).splitlines()
    assert first == "2 of 3 cannot be decided about, so nothing was kept:"
    assert there_is_none in reasons[0]
    assert "desk-1 decided on 2015-01-05" in reasons[1]
    assert breaks_on(warehouse)[MISSING]["state"] == "open"
    assert rows_in(warehouse, "decision") == 1


def test_what_is_kept_cannot_be_changed(warehouse: Engine) -> None:
    balance(warehouse, date(2014, 12, 31))
    decide(warehouse, pair(BreakStep.REJECTED, date(2015, 1, 5)))
    for table in ("decision", "break_look", "break_observation"):
        with warehouse.connect() as connection, pytest.raises(DBAPIError, match="append-only"):
            connection.execute(text(f"DELETE FROM {table}"))


@pytest.mark.parametrize(
    ("field", "value", "refused"),
    [
        ("decided_by", "Some Body", InvalidHandle),
        ("owner", "x y", InvalidHandle),
        ("note", " " * 3, InvalidDecision),
        ("note", "x" * 201, InvalidDecision),
    ],
)
def test_a_decision_that_cannot_be_said(field: str, value: str, refused: type[ValueError]) -> None:
    said: dict[str, Any] = {"decided_by": "desk-1", "owner": "desk-1", "note": "mine", field: value}
    with pytest.raises(refused):
        Decision(verdict=BreakStep.ACKNOWLEDGED, break_id=MISSING, decided_on=date(2015, 1, 5), **said)


def rows_in(engine: Engine, table: str) -> int:
    with engine.connect() as connection:
        return int(pl.Series([connection.scalar(text(f"SELECT count(*) FROM {table}"))])[0])
