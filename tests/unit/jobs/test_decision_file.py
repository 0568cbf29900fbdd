"""What a row of a file of decisions says, and where rows contradict each other."""

from dataclasses import fields
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketenbalans.jobs.breaks.decision_conflicts import conflicts
from ketenbalans.jobs.breaks.decision_file import COLUMNS, FILLED_IN, VERDICTS, filled_row, read_typed_day, row_of
from schemas.answer_breaks import StandingBreak
from schemas.breaks import BreakStep
from schemas.decisions import Decision, InvalidDecision, Pair
from schemas.exported_break import ExportedBreak
from schemas.people import InvalidHandle
from warehouse.errors import DecisionRefused

DAY = date(2015, 1, 5)
NOTHING: dict[str, Any] = dict.fromkeys(field.name for field in fields(StandingBreak))
BREAK = StandingBreak(
    **NOTHING
    | {
        "break_id": "2014-police-PL0900-2014000777-1",
        "side": "police",
        "dossier_number": "PL0900-2014000777",
        "suspect_number": 1,
        "case_number": "0900000214",
        "unit": "PL0900",
        "link_rule": 6,
        "cause": "suggested",
        "state": "open",
        "opened_on": date(2014, 12, 31),
        "age_days": 0,
    }
)
OF_THE_OM = "2014-om-0900000214"
words = st.text("ab-01", min_size=1)


def decided(break_id: str = BREAK.break_id, **cells: str) -> Decision:
    texts = row_of(BREAK, decisions=0) | {"break_id": break_id, "line": "2"} | cells
    row = filled_row(texts)
    assert row is not None
    return row.decision(ExportedBreak.parse(row.as_exported), by="desk-1", on=DAY)


def test_what_is_exported_has_nothing_filled_in() -> None:
    row = row_of(BREAK, decisions=3)
    assert tuple(row) == COLUMNS
    assert all(row[name] == "" for name in FILLED_IN)
    assert filled_row(row | {"line": "2"}) is None
    assert row["seen"] == (
        "cause=suggested state=open dossier=PL0900-2014000777 suspect=1 case=0900000214 rule=6 due=- owner=- until=- "
        "decisions=3"
    )


@given(st.lists(words, min_size=9, max_size=9), st.integers(0, 9))
def test_what_a_break_looked_like_is_read_back(parts: list[str], decisions: int) -> None:
    names = [field.name for field in fields(ExportedBreak)]
    exported = ExportedBreak(**dict(zip(names, [*parts, str(decisions)], strict=True)))
    assert ExportedBreak.parse(f"  {exported} ") == exported
    assert list(exported.changes_to(exported)) == []


@pytest.mark.parametrize("seen", ["", "state=open", f"{ExportedBreak.of(BREAK, decisions=0)} x=1", "decisions=many"])
def test_what_was_not_exported_so_is_refused(seen: str) -> None:
    with pytest.raises(InvalidDecision, match="export again"):
        ExportedBreak.parse(seen)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"decision": "acknowledge", "note": "asked"}, {"owner": "desk-1", "note": "asked"}),
        ({"decision": " Acknowledge ", "note": "asked", "owner": "desk-2"}, {"owner": "desk-2", "note": "asked"}),
        ({"decision": "assign", "owner": "desk-2"}, {"owner": "desk-2"}),
        ({"decision": "release"}, {}),
        ({"decision": "accept", "note": "known"}, {"note": "known", "accepted_cause": "suggested"}),
        (
            {"decision": "accept", "note": "known", "until": "31-3-2015"},
            {"note": "known", "accepted_cause": "suggested", "accepted_until": date(2015, 3, 31)},
        ),
    ],
)
def test_a_row_about_a_break_decides_what_the_verb_does(cells: dict[str, str], expected: dict[str, Any]) -> None:
    verdict = VERDICTS[cells["decision"].strip().lower()]
    said = Decision(verdict=verdict, break_id=BREAK.break_id, decided_by="desk-1", decided_on=DAY, **expected)
    assert decided(**cells) == said


@pytest.mark.parametrize("word", ["confirm", "reject", "take-back"])
@pytest.mark.parametrize(
    ("break_id", "cells", "pair"),
    [
        (BREAK.break_id, {}, ("PL0900-2014000777", 1, "0900000214")),
        (BREAK.break_id, {"case_number": "900000214"}, ("PL0900-2014000777", 1, "0900000214")),
        (BREAK.break_id, {"case_number": "09/000009-14"}, ("PL0900-2014000777", 1, "0900000914")),
        (BREAK.break_id, {"suspect_number": "1,0", "case_number": ""}, ("PL0900-2014000777", 1, "0900000214")),
        (
            OF_THE_OM,
            {"dossier_number": "pl0900 2014000999", "suspect_number": "2.00"},
            ("PL0900-2014000999", 2, "0900000214"),
        ),
    ],
)
def test_a_row_about_a_pair_names_the_suggested_one_or_what_is_written_over(
    word: str, break_id: str, cells: dict[str, str], pair: tuple[str, int, str]
) -> None:
    dossier, suspect, case = pair
    expected = Pair(dossier_number=dossier, suspect_number=suspect, case_number=case)
    assert decided(break_id, decision=word, **cells).pair == expected


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ({"note": "asked"}, "the column decision is empty, and another is filled in"),
        ({"decision": "close"}, "the column decision holds none of acknowledge, assign, accept"),
        ({"decision": "acknowledge"}, "acknowledge needs the column note"),
        ({"decision": "assign"}, "assign needs the column owner"),
        ({"decision": "accept", "note": "x", "owner": "desk-2"}, "accept takes no owner; leave that cell empty"),
        ({"decision": "confirm", "note": "x"}, "confirm takes no note"),
        ({"decision": "accept", "note": "x", "until": "soon"}, "the column until holds no day"),
        ({"decision": "accept", "note": "x", "until": "2015-01-04"}, "lies before"),
        ({"decision": "assign", "owner": "Some Body"}, "the owner is named by a short handle"),
        ({"decision": "acknowledge", "note": "x" * 201}, "a note has 1 to 200 characters"),
        ({"decision": "confirm", "dossier_number": "PL0900-2014000778"}, "dossier_number is the break's own record"),
        ({"decision": "confirm", "case_number": "nine"}, "a case number as ten digits"),
        ({"decision": "confirm", "suspect_number": "1.5"}, "suspect_number holds no whole number"),
    ],
)
def test_a_row_that_no_decision_can_be_names_the_column_and_the_remedy(cells: dict[str, str], says: str) -> None:
    with pytest.raises((InvalidDecision, InvalidHandle, DecisionRefused), match=says):
        decided(**cells)


def test_a_pair_that_the_break_does_not_suggest_has_to_be_named() -> None:
    seen = str(ExportedBreak.of(BREAK, decisions=0)).replace("case=0900000214", "case=-")
    with pytest.raises(InvalidDecision, match="name the other record in case_number"):
        decided(decision="confirm", seen=seen, case_number="")


@pytest.mark.parametrize("text", ["2015-03-31", "31-03-2015", "31-3-2015", "31-3-15"])
def test_a_day_is_read_as_a_spreadsheet_shows_it(text: str) -> None:
    assert read_typed_day(text) == date(2015, 3, 31)


@pytest.mark.parametrize("text", ["3/31/2015", "31-31-2015", "42094", "2015-02-30", "01-01-2999"])
def test_a_day_that_may_be_another_one_is_refused(text: str) -> None:
    with pytest.raises(InvalidDecision, match="write one as 2015-01-31 or 31-01-2015"):
        read_typed_day(text)


def row(line: int, break_id: str, verdict: BreakStep, suspect: str, case: str) -> tuple[Any, Decision]:
    pair = Pair(dossier_number=suspect, suspect_number=1, case_number=case)
    filled = filled_row({"line": str(line), "break_id": break_id, "decision": verdict.value, "seen": ""})
    return filled, Decision(verdict=verdict, pair=pair, decided_by="desk-1", decided_on=DAY)


CONFIRMED, REJECTED = BreakStep.CONFIRMED, BreakStep.REJECTED


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([row(2, "a", CONFIRMED, "A", "1"), row(3, "b", CONFIRMED, "A", "1")], {}),
        ([row(2, "a", REJECTED, "A", "1"), row(3, "b", CONFIRMED, "A", "2")], {}),
        (
            [row(2, "a", CONFIRMED, "A", "1"), row(4, "a", CONFIRMED, "A", "1"), row(5, "b", REJECTED, "B", "2")],
            dict.fromkeys((2, 4), "lines 2 and 4 decide about one break; leave all but one of them empty"),
        ),
        (
            [row(2, "a", CONFIRMED, "A", "1"), row(3, "b", REJECTED, "A", "1")],
            dict.fromkeys((2, 3), "lines 2 and 3 decide otherwise about one pair; keep one of them"),
        ),
        (
            [row(n, f"b{n}", CONFIRMED, f"S{n}", "1") for n in (2, 3, 9)],
            dict.fromkeys(
                (2, 3, 9), "lines 2, 3 and 9 link one registration twice; it belongs to one other record at most"
            ),
        ),
        (
            [row(n, f"b{n}", CONFIRMED, "A", str(n)) for n in (2, 3)],
            dict.fromkeys((2, 3), "lines 2 and 3 link one suspect twice; it belongs to one other record at most"),
        ),
    ],
)
def test_rows_that_contradict_each_other_are_named(rows: list[tuple[Any, Decision]], expected: dict[int, str]) -> None:
    assert conflicts([filled for filled, _ in rows], rows) == expected
    assert conflicts([filled for filled, _ in rows][::-1], rows[::-1]) == expected, "in whatever order they stand"
