"""Breaks decided about by file in a real warehouse: all of a file or none, once however often it is imported."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import Engine, event, text

from ketenbalans.jobs.balancing.reconcile import reconcile
from ketenbalans.jobs.breaks.by_file import ImportTerms, export_breaks, import_decisions
from ketenbalans.jobs.breaks.decisions import decide
from ketenbalans.jobs.breaks.of_balance import read_breaks
from ketenbalans.jobs.breaks.work_list import BreakQuestion
from ketenbalans.settings import Settings
from ketenbalans.spreadsheet_files import read_table, write_table
from schemas.answer_decision_file import DecisionFileAnswer
from schemas.breaks import BreakStep
from schemas.decisions import Decision, Pair
from schemas.period import Period
from tests.integration.command_line import in_this_process
from tests.integration.warehouse.rows import EXTRACTS, OM, POLICE, control, load_rows, om, police

pytestmark = pytest.mark.stack

YEAR = Period.of_year(2014)
SETTINGS = Settings()
POLICY = SETTINGS.read_policy()
BALANCED_ON, DECIDED_ON = date(2014, 12, 31), date(2015, 1, 5)
MISSING = [f"2014-police-PL0900-201400000{place}-1" for place in (1, 2, 3)]
MISTYPED = "2014-police-PL0900-2014000777-1"
OF_THE_OM = "2014-om-0900000214"
PAIR = Pair(dossier_number="PL0900-2014000777", suspect_number=1, case_number="0900000214")
Texts = list[dict[str, str]]


@pytest.fixture
def warehouse(engine: Engine) -> Engine:
    """Three suspects whom nobody registered, and one whose number the OM mistyped."""
    moment = datetime(2014, 6, 1, 9, tzinfo=UTC)
    numbers = [*(f"PL0900-201400000{place}" for place in (1, 2, 3)), "PL0900-2014000777"]
    rows = [
        police(f"p{place}", moment, dossier_number=number, person_token=sign * 64, delivered_on=date(2014, 6, 1))
        for place, (number, sign) in enumerate(zip(numbers, "abcd", strict=True))
    ]
    load_rows(engine, POLICE, rows)
    typed = {"dossier_number": "PL0900-2014000778", "dossier_number_as_reported": "PL0900-2014000778"}
    registered = {"case_number": "0900000214", "registered_on": date(2014, 7, 1)}
    load_rows(engine, OM, [om("o1", datetime(2014, 7, 1, 9, tzinfo=UTC), **registered, **typed)])
    for place, source in enumerate((POLICE, OM)):
        row = control(str(place), source.name, date(2015, 7, 31), topic_id="none", offsets="{}")
        load_rows(engine, EXTRACTS, [row], topic_id=f"E{place}")
    balance(engine, BALANCED_ON)
    return engine


def balance(engine: Engine, as_of: date) -> None:
    reconcile(engine, SETTINGS, period=YEAR, as_of=as_of, policy=POLICY, keeps_breaks=True)


def exported(engine: Engine) -> dict[str, dict[str, str]]:
    """The rows of an export by break, with their lines."""
    found = export_breaks(engine, BreakQuestion(), policy=POLICY)
    assert found is not None
    return {row["break_id"]: row | {"line": str(line)} for line, row in enumerate(found[1], start=2)}


def filled(engine: Engine, **decided: dict[str, str]) -> Texts:
    rows = exported(engine)
    return [row | decided.get(break_id, {}) for break_id, row in rows.items()]


def every_kind(engine: Engine) -> Texts:
    """A file with a decision about each break."""
    first, second, third = MISSING
    return filled(
        engine,
        **{
            first: {"decision": "acknowledge", "owner": "desk-2", "note": "=asked the office"},
            second: {"decision": "accept", "until": "31-03-2015", "note": "-- known"},
            third: {"decision": "assign", "owner": "desk-3"},
            MISTYPED: {"decision": "confirm"},
            OF_THE_OM: {"decision": "confirm"},
        },
    )


def taken(engine: Engine, rows: Texts, **terms: Any) -> DecisionFileAnswer:
    said: dict[str, Any] = {"by": "desk-1", "on": DECIDED_ON, **terms}
    return import_decisions(engine, rows, ImportTerms(**said))


def outcomes(answer: DecisionFileAnswer) -> dict[str, str]:
    return {row.break_id: row.outcome.value for row in answer.rows}


def reasons(answer: DecisionFileAnswer) -> dict[str, str]:
    return {row.break_id: row.because or "" for row in answer.rows if row.outcome.value == "refused"}


def kept(engine: Engine) -> list[tuple[Any, ...]]:
    """Every decision that is kept, without its number, id and moment."""
    columns = "verdict, break_id, dossier_number, case_number, owner, note, accepted_cause, accepted_until, decided_by"
    with engine.connect() as connection:
        return sorted(map(tuple, connection.execute(text(f"SELECT {columns} FROM decision"))), key=str)


def states(engine: Engine) -> dict[str, str]:
    found = read_breaks(engine, period=YEAR, as_of=None, policy=POLICY)
    assert found is not None
    return dict(found.rows.select("break_id", "state").iter_rows())


def test_a_file_in_which_nothing_is_filled_in_decides_nothing(warehouse: Engine) -> None:
    answer = taken(warehouse, filled(warehouse))
    assert (answer.rows, answer.not_filled_in) == ([], 5)
    assert kept(warehouse) == []


def test_what_a_file_decides_is_what_the_verbs_decide(warehouse: Engine) -> None:
    rows = every_kind(warehouse)
    first, second, third = MISSING
    answer = taken(warehouse, rows)
    expected = dict.fromkeys((*MISSING, OF_THE_OM), "new") | {MISTYPED: "unchanged"}
    assert outcomes(answer) == expected, "two rows of one suggestion are one decision"
    said: dict[str, Any] = {"decided_by": "desk-1", "decided_on": DECIDED_ON}
    accepted: dict[str, Any] = {"accepted_cause": "missing", "accepted_until": date(2015, 3, 31)}
    by_file = kept(warehouse)
    for decision in (
        Decision(verdict=BreakStep.ACKNOWLEDGED, break_id=first, owner="desk-2", note="=asked the office", **said),
        Decision(verdict=BreakStep.ACCEPTED, break_id=second, note="-- known", **accepted, **said),
        Decision(verdict=BreakStep.ASSIGNED, break_id=third, owner="desk-3", **said),
        Decision(verdict=BreakStep.CONFIRMED, pair=PAIR, **said),
    ):
        assert decide(warehouse, decision, instead_of="desk-3").decision_id in {
            row.kept.decision_id for row in answer.rows if row.kept is not None
        }
    assert kept(warehouse) == by_file
    assert len(by_file) == 4
    assert states(warehouse) == {
        first: "acknowledged",
        second: "accepted",
        third: "open",
        MISTYPED: "open",
        OF_THE_OM: "open",
    }


def test_the_same_file_again_changes_nothing(warehouse: Engine) -> None:
    rows = every_kind(warehouse)
    taken(warehouse, rows)
    once = kept(warehouse)
    again = taken(warehouse, rows, on=date(2015, 1, 9))
    assert set(outcomes(again).values()) == {"unchanged"}
    balance(warehouse, date(2015, 1, 31))
    assert set(outcomes(taken(warehouse, rows, on=date(2015, 2, 1))).values()) == {"unchanged"}
    assert kept(warehouse) == once


def test_a_dry_run_says_the_same_and_changes_nothing(warehouse: Engine) -> None:
    rows = every_kind(warehouse)
    dry = taken(warehouse, rows, is_dry_run=True)
    assert kept(warehouse) == []
    assert outcomes(dry) == outcomes(taken(warehouse, rows))
    assert dry.keeps_the_new


def test_any_order_of_the_rows_decides_the_same(warehouse: Engine, copy_of: Callable[[Engine], Engine]) -> None:
    other = copy_of(warehouse)
    rows = every_kind(warehouse)
    shuffled = Random(7).sample(rows, len(rows))
    taken(warehouse, rows)
    answer = taken(other, shuffled)
    assert [row.line for row in answer.rows] == [int(row["line"]) for row in shuffled]
    assert kept(other) == kept(warehouse)


def test_when_a_row_cannot_be_none_is_kept_and_with_partial_the_others_are(warehouse: Engine) -> None:
    first, second, _ = MISSING
    said = {"decision": "acknowledge", "note": "asked"}
    rows = filled(warehouse, **{first: said, second: {"decision": "release"}})
    answer = taken(warehouse, rows)
    assert outcomes(answer) == {first: "new", second: "refused"}
    assert "nobody has it" in reasons(answer)[second]
    assert (kept(warehouse), answer.keeps_the_new) == ([], False)
    assert taken(warehouse, rows, is_partial=True).keeps_the_new
    assert states(warehouse)[first] == "acknowledged"
    assert len(kept(warehouse)) == 1


def test_a_break_that_is_no_longer_as_it_was_exported_is_refused_with_what_changed(warehouse: Engine) -> None:
    first, second, _ = MISSING
    rows = filled(warehouse, **{one: {"decision": "acknowledge", "note": "asked"} for one in (first, second, MISTYPED)})
    taken_since: dict[str, Any] = {"owner": "desk-2", "note": "mine", "decided_by": "desk-2", "decided_on": DECIDED_ON}
    decide(warehouse, Decision(verdict=BreakStep.ACKNOWLEDGED, break_id=first, **taken_since))
    decide(warehouse, Decision(verdict=BreakStep.REJECTED, pair=PAIR, decided_by="desk-2", decided_on=DECIDED_ON))
    registered = {"case_number": "0900000114", "person_token": "b" * 64, "registered_on": date(2014, 12, 1)}
    load_rows(warehouse, OM, [om("o2", datetime(2015, 1, 3, 9, tzinfo=UTC), **registered)])
    balance(warehouse, date(2015, 1, 31))
    said = reasons(taken(warehouse, rows, on=date(2015, 2, 1), is_partial=True))
    assert said[first] == (
        "it is no longer as it was exported: state was open and is acknowledged; owner was - and is desk-2; "
        f"desk-2 decided on 2015-01-05 about {first}: acknowledged; export again, and decide anew"
    )
    assert "state was open and is resolved; case was - and is 0900000114" in said[second]
    assert "cause was suggested and is missing" in said[MISTYPED]


def test_what_was_decided_and_taken_back_since_is_not_decided_again(warehouse: Engine) -> None:
    first, *_ = MISSING
    rows = filled(warehouse, **{first: {"decision": "acknowledge", "note": "asked"}, MISTYPED: {"decision": "confirm"}})
    taken(warehouse, rows)
    said: dict[str, Any] = {"decided_by": "desk-2", "decided_on": DECIDED_ON}
    decide(warehouse, Decision(verdict=BreakStep.RELEASED, break_id=first, **said))
    decide(warehouse, Decision(verdict=BreakStep.TAKEN_BACK, pair=PAIR, **said))
    before = kept(warehouse)
    said_no = reasons(taken(warehouse, rows, is_partial=True))
    assert f"desk-2 decided on 2015-01-05 about {first}: released" in said_no[first]
    assert "with 0900000214: taken_back" in said_no[MISTYPED]
    assert kept(warehouse) == before


def test_somebody_elses_decision_is_not_overruled(warehouse: Engine) -> None:
    decide(warehouse, Decision(verdict=BreakStep.REJECTED, pair=PAIR, decided_by="desk-2", decided_on=DECIDED_ON))
    rows = filled(warehouse, **{MISTYPED: {"decision": "confirm"}})
    assert "to decide otherwise take that back first" in reasons(taken(warehouse, rows))[MISTYPED]
    back = filled(warehouse, **{MISTYPED: {"decision": "take-back"}})
    assert outcomes(taken(warehouse, back)) == {MISTYPED: "new"}
    assert outcomes(taken(warehouse, filled(warehouse, **{MISTYPED: {"decision": "confirm"}}))) == {MISTYPED: "new"}


def test_a_new_owner_is_given_in_place_of_the_one_who_was_exported(warehouse: Engine) -> None:
    first, *_ = MISSING
    taken(warehouse, filled(warehouse, **{first: {"decision": "acknowledge", "note": "asked"}}))
    rows = filled(warehouse, **{first: {"decision": "assign", "owner": "desk-9"}})
    assert outcomes(taken(warehouse, rows)) == {first: "new"}
    assert exported(warehouse)[first]["present_owner"] == "desk-9"


def test_rows_that_cannot_be_are_named_by_their_lines(warehouse: Engine) -> None:
    first, second, third = MISSING
    rows = filled(
        warehouse,
        **{
            first: {"decision": "confirm", "case_number": "0900000214"},
            second: {"decision": "confirm", "case_number": "0900000999"},
            third: {"break_id": "2014-police-PL0900-2014000099-1", "decision": "release"},
            MISTYPED: {"decision": "confirm"},
        },
    )
    answer = taken(warehouse, rows)
    lines = {row.break_id: row.line for row in answer.rows}
    said = reasons(answer)
    both = sorted((lines[first], lines[MISTYPED]))
    twice = f"lines {both[0]} and {both[1]} link one registration twice; it belongs to one other record at most"
    assert said[first] == said[MISTYPED] == twice
    assert "both records have to be known on 2015-01-05" in said[second]
    assert said["2014-police-PL0900-2014000099-1"] == "there is no break 2014-police-PL0900-2014000099-1"
    assert kept(warehouse) == []


def test_no_query_is_asked_per_row(warehouse: Engine) -> None:
    asked: list[str] = []
    event.listen(warehouse, "before_cursor_execute", lambda *said: asked.append(said[2]))
    numbers = []
    for rows in (every_kind(warehouse)[:1], every_kind(warehouse)):
        asked.clear()
        taken(warehouse, rows, is_dry_run=True)
        numbers.append(len(asked))
    assert numbers[1] <= numbers[0] + 2, "of pairs too"


@pytest.mark.parametrize("ending", [".csv", ".ods"])
def test_on_the_command_line(warehouse: Engine, tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"breaks{ending}"
    wanted = ("--cause", "missing", "--out", file)
    ended = in_this_process("breaks", "export", *wanted, engine=warehouse)
    assert (ended.code, ended.out) == (0, "")
    assert f"written: {file}, 3 breaks" in ended.err
    rows = read_table(file, file.read_bytes(), ("break_id", "seen"))
    first, second, _ = MISSING
    said = {first: {"decision": "accept", "note": "=1+1"}, second: {"decision": "accept", "note": "known"}}
    columns = list(reversed(rows[0]))
    columns.remove("line")
    fill = [row | said.get(row["break_id"], {}) for row in rows]
    file.write_bytes(write_table(file, columns, fill))
    who = ("--by", "desk-1", "--on", DECIDED_ON)

    dry = in_this_process("breaks", "import", file, "--dry-run", *who, engine=warehouse)
    assert dry.code == 0
    assert "2 new; 1 not filled in" in dry.out
    assert "a dry run: without --dry-run 2 would be kept" in dry.err
    assert kept(warehouse) == []
    found = in_this_process("breaks", "import", file, "--json", *who, engine=warehouse).json
    assert (found["new"], found["refused"], found["keeps_the_new"]) == (2, 0, True)
    assert all(row["decision_id"] for row in found["rows"])
    shown = in_this_process("breaks", "show", first, engine=warehouse).out
    assert "accepted   by desk-1, as long as its cause stays: =1+1" in shown
    again = in_this_process("breaks", "import", file, *who, engine=warehouse)
    assert (again.code, "nothing new was kept" in again.err) == (0, True)

    other = in_this_process("breaks", "import", file, "--by", "desk-2", "--on", DECIDED_ON, engine=warehouse)
    assert other.code == 3
    assert "line  outcome  decision" in other.out
    assert "2 refused; 1 not filled in" in other.out
    assert "nothing was kept, for 2 cannot be" in other.err


def test_a_note_that_begins_as_a_formula_is_exported_so_that_none_runs_it(warehouse: Engine, tmp_path: Path) -> None:
    taken(warehouse, every_kind(warehouse))
    file = tmp_path / "breaks.csv"
    in_this_process("breaks", "export", "--out", file, engine=warehouse)
    cells = [cell for row in csv.reader(io.StringIO(file.read_text("utf-8-sig"))) for cell in row]
    assert "'=asked the office" in cells
    assert "'-- known" in cells
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in cells)


def test_what_is_no_file_of_decisions_is_refused_whole(warehouse: Engine, tmp_path: Path) -> None:
    file = tmp_path / "other.csv"
    file.write_text("a,b\n1,2\n")
    for code, words, says in (
        (1, ("import", file), f"{file} cannot be read: it has no column break_id, decision, seen"),
        (2, ("import", tmp_path / "none.csv"), "does not exist"),
        (2, ("export", "--out", tmp_path / "breaks.xlsx"), "ends in neither .csv nor .ods"),
    ):
        ended = in_this_process("breaks", *words, *(["--by", "desk-1"] if "import" in words else []), engine=warehouse)
        assert (ended.code, says in ended.err) == (code, True), ended.err
