"""A second delivering party beside the police: linked together, distinguished, and nobody's balance moves."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from sqlalchemy import Engine

from ketenbalans.jobs.balancing.chains import chain_on
from ketenbalans.jobs.balancing.nightly_check import steps_equal_the_whole
from ketenbalans.jobs.balancing.reconcile import reconcile
from ketenbalans.jobs.breaks.decisions import decide
from ketenbalans.jobs.breaks.evidence import show_break
from ketenbalans.reconciliation.balance import balance
from ketenbalans.scenarios.all_years import ALL_YEARS
from ketenbalans.scenarios.extract_files import write_csv
from ketenbalans.scenarios.sources import KMAR as KMAR_NAME
from ketenbalans.settings import Settings
from schemas.breaks import BreakStep
from schemas.decisions import Decision, Pair
from schemas.period import Period
from tests.integration.command_line import in_this_process
from tests.integration.conftest import CopyOf, NewWarehouse
from tests.integration.scenario_events import REGISTERS, event, load_scenario
from tests.integration.warehouse.rows import OM, POLICE, load_covered, load_rows, om, police, tokens
from tests.integration.warehouse.rows_beside import KMAR, kmar
from tests.integration.warehouse.state_by_sql import read_deliveries, read_registrations
from warehouse.breaks import moment_of
from warehouse.database import snapshot
from warehouse.decisions import read_pair_decisions
from warehouse.errors import DecisionRefused
from warehouse.extracts import default_as_of

pytestmark = pytest.mark.stack

SETTINGS = Settings()
POLICY = SETTINGS.read_policy()
QUESTIONS = [(2013, date(2015, 1, 31)), (2014, date(2015, 1, 31)), (2018, date(2020, 4, 30))]
MAY_DIFFER = {"other_parties", "input_fingerprint", "code_version", "made_at"}
"""All that may differ between a balance with another party's extracts and one without."""

Answers = dict[tuple[int, date], dict[str, Any]]


def asked(engine: Engine) -> Answers:
    return {
        (year, as_of): reconcile(
            engine, SETTINGS, period=Period.of_year(year), as_of=as_of, policy=POLICY, keeps_breaks=True
        ).to_json()
        for year, as_of in QUESTIONS
    }


@pytest.fixture(scope="module")
def without(new_warehouse: NewWarehouse) -> Engine:
    """Ten years of police and OM, and no extract of anybody else."""
    engine = new_warehouse()
    load_scenario(engine, ALL_YEARS, sources=REGISTERS)
    return engine


@pytest.fixture(scope="module")
def beside(without: Engine, copy_of: CopyOf) -> Engine:
    """The same, with what the KMar delivered."""
    engine = copy_of(without)
    load_scenario(engine, ALL_YEARS, sources=(KMAR_NAME,))
    return engine


@pytest.fixture(scope="module")
def answers(without: Engine, beside: Engine) -> tuple[Answers, Answers]:
    return asked(without), asked(beside)


def test_what_both_delivered_is_read_together_by_number_with_its_party(beside: Engine, without: Engine) -> None:
    as_of = ALL_YEARS.covers[-1]
    with snapshot(beside) as connection:
        both = read_deliveries(connection, as_of=as_of)
    with snapshot(without) as connection:
        ours = read_deliveries(connection, as_of=as_of)
    numbers = both.select("dossier_number", "suspect_number").rows()
    assert numbers == sorted(numbers)
    assert_frame_equal(both.filter(pl.col("party") == "police"), ours)
    theirs = both.filter(pl.col("party") != "police")
    assert set(theirs["party"]) == {"kmar"}
    answer = {
        (one.newest.dossier_number, one.newest.suspect_number, one.newest.brigade, one.newest.transferred_to or None)
        for one in ALL_YEARS.records.chain.kmar
    }
    assert set(theirs.select("dossier_number", "suspect_number", "unit", "transferred_to").rows()) == answer
    assert theirs.height == len(answer)
    was_transferred = pl.col("transferred_to").is_not_null()
    assert theirs.filter(was_transferred)["transferred_on"].null_count() == 0 < theirs.filter(was_transferred).height
    assert theirs.select("team", "qualifications").null_count().row(0) == (theirs.height, theirs.height)


@pytest.mark.parametrize("question", QUESTIONS, ids=str)
def test_the_police_balance_is_the_same_with_and_without(answers: tuple[Answers, Answers], question: Any) -> None:
    before, after = (of_each[question] for of_each in answers)
    assert before.keys() == after.keys()
    assert {name for name in before if before[name] != after[name]} <= MAY_DIFFER
    assert before["other_parties"] == []
    assert before["delivered"] > 0 < before["om_only"]["other_deliverer"]
    (kmar_bridge,) = after["other_parties"]
    assert kmar_bridge["party"] == "kmar"
    assert kmar_bridge["delivered"] > 0
    for bridge in (kmar_bridge, *kmar_bridge["by_unit"]):
        assert bridge["delivered"] - sum(bridge["causes"].values()) == bridge["recognised"]
        assert bridge["gap"] == bridge["delivered"] - bridge["recognised"]
    for name in ("delivered", "recognised"):
        assert sum(unit[name] for unit in kmar_bridge["by_unit"]) == kmar_bridge[name]
    assert after["closes"] is True


def test_a_registration_that_the_kmar_explains_is_of_another_deliverer(beside: Engine) -> None:
    with snapshot(beside) as connection:
        chain = chain_on(connection, date(2015, 1, 31), policy=POLICY)
    found = balance(chain, Period.of_year(2014))
    theirs = set(found.delivered[1].suspects["case_number"].drop_nulls())
    answer = dict(found.om_only.select("case_number", "cause").rows())
    assert theirs
    assert {answer[case] for case in theirs} == {"other_deliverer"}
    assert not theirs & set(found.suspects["case_number"].drop_nulls())


@pytest.mark.parametrize("as_of", [date(2015, 1, 31), date(2020, 4, 30)], ids=str)
def test_the_truth_of_the_kmar_is_what_its_balance_finds(beside: Engine, as_of: date) -> None:
    with snapshot(beside) as connection:
        chain = chain_on(connection, as_of, policy=POLICY)
    truth: dict[int, set[tuple[Any, ...]]] = {year: set() for year in ALL_YEARS.years}
    for one in ALL_YEARS.truths([as_of]):
        if one.side == "kmar":
            truth[one.period].add((one.dossier_number, one.suspect_number, one.case_number or None, one.cause or None))
    columns = ("dossier_number", "suspect_number", "case_number", "cause")
    found = {
        year: {
            row
            for delivered in balance(chain, Period.of_year(year)).delivered[1:]
            for row in delivered.suspects.select(*columns).iter_rows()
        }
        for year in ALL_YEARS.years
    }
    assert found == truth
    assert sum(map(len, truth.values())) >= 20


def test_linking_step_by_step_is_linking_in_full(beside: Engine) -> None:
    periods = [Period.of_year(year) for year in (2013, 2014, 2018, 2019)]
    steps_equal_the_whole(beside, periods=periods, as_of=date(2020, 4, 30), policy=POLICY)


def test_its_breaks_are_kept_with_its_own_word_and_reported_with_their_evidence(
    beside: Engine, answers: tuple[Answers, Answers]
) -> None:
    year, as_of = QUESTIONS[-1]
    listed = in_this_process("breaks", "--period", str(year), "--json", engine=beside)
    assert listed.code == 0, listed.err
    kept = [one for one in listed.json if one["side"] == "kmar"]
    truth = {
        (f"{year}-kmar-{one.dossier_number}-{one.suspect_number}", one.cause)
        for one in ALL_YEARS.truths([as_of])
        if (one.side, one.period) == ("kmar", year) and one.cause
    }
    assert {(one["break_id"], one["cause"]) for one in kept} == truth != set()
    sides = {one["break_id"]: one["side"] for one in listed.json}
    assert {id_.split("-")[1] for id_ in sides} == set(sides.values()) == {"police", "om", "kmar"}
    assert answers[1][(year, as_of)]["other_parties"][0]["gap"] == len(kept)

    shown = in_this_process("breaks", "show", kept[0]["break_id"], "--json", engine=beside)
    assert shown.code == 0, shown.err
    answer = shown.json
    assert (answer["break_id"], answer["side"], answer["unit"][:4]) == (kept[0]["break_id"], "kmar", "PL27")
    assert answer["cause_means"]
    assert answer["resolved_when"]
    (record,) = (one for one in ALL_YEARS.records.chain.kmar if one.newest.dossier_number == answer["dossier_number"])
    events = [one for one in answer["events"] if one["source"] == "kmar_deliveries"]
    assert [datetime.fromisoformat(one["recorded_at"]) for one in events] == [row.recorded_at for row in record.rows]
    assert "person_token" not in json.dumps(answer)
    shown_as_text = in_this_process("breaks", "show", kept[0]["break_id"], engine=beside)
    assert "kmar_deliveries" in shown_as_text.out


def test_two_parties_may_deliver_one_number(engine: Engine) -> None:
    """Each keeps its own record, break and cause."""
    known, day = datetime(2014, 3, 3, 9, tzinfo=UTC), date(2014, 3, 3)
    same = {"dossier_number": "PL27RD-2014000001", "suspect_number": 1, "delivered_on": day}
    load_covered(engine, POLICE, [police("p", known, **same)], until=date(2014, 12, 31))
    load_covered(engine, KMAR, [kmar("k", known, **same)], until=date(2014, 12, 31))
    load_covered(engine, OM, [om("o", known, registered_on=date(2013, 1, 1))], until=date(2014, 12, 31))
    answer = reconcile(
        engine, SETTINGS, period=Period.of_year(2014), as_of=date(2014, 12, 31), policy=POLICY, keeps_breaks=True
    )
    assert [party.total.delivered for party in answer.parties] == [1, 1]
    for party in ("police", "kmar"):
        shown = show_break(engine, f"2014-{party}-PL27RD-2014000001-1", policy=POLICY)
        assert (shown.side, shown.cause) == (party, "missing")


def test_a_person_confirms_what_the_kmar_delivered(engine: Engine) -> None:
    """The pair is the KMar's then, and the police's balance says what it said before."""
    known, typed = datetime(2014, 3, 10, 9, tzinfo=UTC), "PL27SH-2014000777"
    person = {"person_token": "b" * 64}
    case = {"case_number": "0900000314", "dossier_number": typed, "dossier_number_as_reported": typed, **person}
    load_covered(engine, POLICE, [police("p", known)], until=date(2014, 12, 31))
    load_covered(engine, KMAR, [kmar("k", known, **person)], until=date(2014, 12, 31))
    load_covered(engine, OM, [om("o", known, **case)], until=date(2014, 12, 31))
    break_id, confirmed_on = "2014-kmar-PL27RD-2014000001-1", date(2014, 11, 3)
    question: Any = {"period": Period.of_year(2014), "policy": POLICY, "keeps_breaks": True}
    before = reconcile(engine, SETTINGS, as_of=date(2014, 10, 31), **question)
    said = in_this_process("breaks", "confirm", break_id, "--by", "desk-1", "--on", confirmed_on, engine=engine)
    assert said.code == 0, said.err
    after = reconcile(engine, SETTINGS, as_of=confirmed_on, **question)
    for answer, recognised in ((before, 0), (after, 1)):
        assert answer.parties[1].total.recognised == recognised
        assert (answer.delivered, answer.recognised, answer.om_only["other_deliverer"]) == (1, 0, 1)
    assert before.parties[1].total.causes["suggested"] == 1
    shown = show_break(engine, break_id, policy=POLICY)
    (decision,) = shown.decisions
    assert (shown.state, shown.resolved_by) == ("resolved", decision.decision_id)


def test_a_party_that_is_behind_holds_nobody_up(engine: Engine) -> None:
    for source in (POLICE, OM):
        load_covered(engine, source, [], until=date(2015, 1, 31))
    day = default_day(engine)
    load_covered(engine, KMAR, [kmar("k")], until=date(2014, 6, 30))
    assert default_day(engine) == day == date(2015, 1, 31)
    load_covered(engine, KMAR, [], until=date(2015, 6, 30))
    assert default_day(engine) == day


def default_day(engine: Engine) -> date | None:
    with snapshot(engine) as connection:
        return default_as_of(connection)


def steps(engine: Engine) -> Iterator[None]:
    """What is loaded and decided one after the other; each step moves the state of one and the same day."""
    known, later = datetime(2014, 6, 3, 9, tzinfo=UTC), datetime(2014, 7, 1, 9, tzinfo=UTC)
    handed_over = {"mutation": "transferred", "transferred_to": "PL0900"}
    registered = {"dossier_number": "PL0900-2014000001", "dossier_number_as_reported": "PL0900-2014000001"}
    for source, row in (
        (POLICE, police("1", known, delivered_on=date(2014, 6, 2))),
        (KMAR, kmar("2", known, delivered_on=date(2014, 6, 2))),
        (OM, om("3", known, **registered)),
        (POLICE, police("4", later, delivered_on=date(2014, 6, 2), **handed_over | {"transferred_to": "TBKK"})),
        (KMAR, kmar("5", later, delivered_on=date(2014, 6, 2), **handed_over)),
        (KMAR, kmar("6", datetime(2014, 7, 5, tzinfo=UTC), delivered_on=date(2014, 6, 2), **handed_over)),
        (POLICE, police("7", later, mutation="withdrawn", dossier_number="PL0900-2014000002")),
        (OM, om("8", later, mutation="reclassified", classification="OVERIG", **registered)),
    ):
        load_rows(engine, source, [row])
        yield
    pair = Pair(dossier_number="PL27RD-2014000001", suspect_number=1, case_number="0900000114")
    for verdict, day in ((BreakStep.CONFIRMED, date(2014, 8, 1)), (BreakStep.TAKEN_BACK, date(2014, 8, 2))):
        decide(engine, Decision(verdict=verdict, pair=pair, decided_by="desk-1", decided_on=day))
        yield


def test_what_was_loaded_by_a_moment_is_what_could_be_read_then(engine: Engine) -> None:
    as_of = date(2014, 12, 31)

    def read(loaded_by: datetime | None = None) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
        with snapshot(engine) as connection:
            return (
                read_deliveries(connection, as_of=as_of, loaded_by=loaded_by),
                read_registrations(connection, as_of=as_of, loaded_by=loaded_by),
                read_pair_decisions(connection, as_of=as_of, kept_by=loaded_by),
            )

    def now() -> datetime:
        with snapshot(engine) as connection:
            return moment_of(connection)

    was_read = [(now(), read())]
    was_read += [(now(), read()) for _ in steps(engine)]
    answer = [str([frame.rows() for frame in frames]) for _, frames in was_read]
    assert len(set(answer)) == len(answer), "each step moved something"
    for moment, frames in was_read:
        for then, again in zip(frames, read(moment), strict=True):
            assert_frame_equal(then, again)


def test_an_extract_of_the_kmar_is_published_and_loaded_as_any_other(
    engine: Engine, bootstrap: str, tmp_path: Path
) -> None:
    record = next(one for one in ALL_YEARS.records.chain.kmar if len(one.rows) == 2 and one.newest.skn)
    cells = [dict(row.cells()) for row in record.rows]
    typed = cells[0]["registratienummer"].lower().replace("-", " ")
    extract = write_csv(tmp_path / "kmar-2020-04-30.csv", [{**cells[0], "registratienummer": typed}, *cells[1:]])
    servers: dict[str, Any] = {
        "KETENBALANS_KAFKA_BOOTSTRAP": bootstrap,
        "KETENBALANS_CHAIN_KEY": "a key for the tests, long enough for any",
    }
    published = in_this_process("produce", "kmar", extract, "--json", **servers)
    assert published.code == 0, published.err
    assert (published.json[0]["source"], published.json[0]["published"]) == ("kmar_deliveries", 2)
    loaded = in_this_process("ingest", "kmar", "extracts", "--json", engine=engine, **servers)
    assert loaded.code == 0, loaded.err
    assert loaded.json["kmar_deliveries"]["inserted"] == 2
    with snapshot(engine) as connection:
        (row,) = read_deliveries(connection, as_of=date(2020, 4, 30)).to_dicts()
    newest = event(KMAR, "", record.newest)
    same = ("dossier_number", "suspect_number", "unit", "delivered_on", "transferred_to", "mutation")
    assert {name: row[name] for name in same} == {name: newest[name] for name in same}
    token = tokens(engine)[row["person_id"]]
    assert (row["party"], len(token or "")) == ("kmar", 64)


@pytest.mark.parametrize("same_number", [False, True])
def test_a_break_of_the_kmar_is_resolved_by_its_own_registration(engine: Engine, *, same_number: bool) -> None:
    known, later = datetime(2014, 3, 3, 9, tzinfo=UTC), datetime(2014, 10, 6, 9, tzinfo=UTC)
    ours, theirs = ("PL27RD-2014000001",) * 2 if same_number else ("PL0900-2014000001", "PL27RD-2014000001")
    until, of_2014 = date(2014, 12, 31), Period.of_year(2014)
    load_covered(engine, POLICE, [police("p", known, dossier_number=ours, person_token="a" * 64)], until=until)
    load_covered(engine, KMAR, [kmar("k", known, dossier_number=theirs, person_token="b" * 64)], until=until)
    load_covered(engine, OM, [om("o", known, registered_on=date(2013, 1, 1))], until=until)
    reconcile(engine, SETTINGS, period=of_2014, as_of=date(2014, 9, 30), policy=POLICY, keeps_breaks=True)
    number = ours if same_number else None
    cases = {"a": "0900000214", "b": "0900000314"}
    for person, case in cases.items():
        fields = {"case_number": case, "person_token": person * 64, "dossier_number": number}
        load_rows(engine, OM, [om(f"of-{person}", later, registered_on=date(2014, 10, 6), **fields)])
    answer = reconcile(engine, SETTINGS, period=of_2014, as_of=date(2014, 10, 31), policy=POLICY, keeps_breaks=True)
    assert [party.total.recognised for party in answer.parties] == [1, 1]
    for break_id, person in ((f"2014-police-{ours}-1", "a"), (f"2014-kmar-{theirs}-1", "b")):
        shown = show_break(engine, break_id, policy=POLICY)
        assert (shown.resolved_by, shown.case_number) == (f"of-{person}", cases[person])


def test_a_case_that_nobody_knows_cannot_be_confirmed(engine: Engine) -> None:
    same: dict[str, Any] = {"dossier_number": "PL27RD-2014000001", "suspect_number": 1}
    load_rows(engine, POLICE, [police("p", **same)])
    load_rows(engine, KMAR, [kmar("k", **same)])
    pair = Pair(**same, case_number="0999999914")
    with pytest.raises(DecisionRefused):
        decide(
            engine, Decision(verdict=BreakStep.CONFIRMED, pair=pair, decided_by="desk-1", decided_on=date(2014, 8, 1))
        )
