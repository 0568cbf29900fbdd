"""Where a set stands follows from what persons did and from figures, never from a fingerprint."""

import json
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketenbalans.signoff.figure_set import FigureSet
from ketenbalans.signoff.standing import (
    Breaks,
    SignedMovement,
    figures_superseded,
    moved_breaks,
    moved_figures,
    replacements,
    state_of,
)
from schemas.signoff import SignoffAct, SignoffState
from tests.unit.signoff.a_signoff import AS_OF, LATER, MOMENT, YEAR, figures, signoff, steps

PREPARED, APPROVED, WITHDRAWN = SignoffAct
BREAKS = st.dictionaries(st.sampled_from("abcde"), st.tuples(st.sampled_from(("open", "waiting")), st.just("missing")))


def test_another_fingerprint_or_code_alone_moves_nothing() -> None:
    again = replace(figures(), input_fingerprint="1" * 64, code_version="0.2.0+def", synthetic=False)
    assert moved_figures(figures(), again.figures) == ()


def test_every_figure_that_is_another_now_is_named_with_both_values() -> None:
    moved = {one.figure: (one.signed, one.now) for one in moved_figures(figures(), figures(missing=4).figures)}
    assert moved == {
        "breaks.open.missing": (3, 4),
        "causes.missing": (3, 4),
        "gap": (3, 4),
        "recognised": (97, 96),
    }


def test_a_break_that_changes_hands_moves_a_figure() -> None:
    taken = figures(breaks={"open": {"missing": 2}, "acknowledged": {"missing": 1}})
    assert [one.figure for one in moved_figures(figures(), taken.figures)] == [
        "breaks.acknowledged.missing",
        "breaks.open.missing",
    ]


def test_what_a_later_version_counts_beside_it_moves_nothing() -> None:
    assert moved_figures(figures(), {**figures().figures, "victims": 9, "by_unit.PL0900.delivered": 0}) == ()


@given(moved=st.integers(0, 9), allowed=st.integers(0, 5))
def test_a_later_day_supersedes_when_a_figure_moved_by_more_than_was_agreed(moved: int, allowed: int) -> None:
    signed, later = figures(may_move=allowed), figures(missing=3 + moved)
    found = {one.figure for one in figures_superseded(signed, later.figures)}
    assert found == ({"gap", "recognised", "causes.missing"} if moved > allowed else set())


def test_breaks_alone_supersede_nothing() -> None:
    assert figures_superseded(figures(may_move=0), figures(breaks={}).figures) == ()


def test_suspects_who_move_from_cause_to_cause_supersede() -> None:
    signed, later = figures(missing=0, in_transit=9), figures(missing=9, in_transit=0)
    assert {one.figure for one in figures_superseded(signed, later.figures)} == {"causes.missing", "causes.in_transit"}


@given(signed=BREAKS, now=BREAKS)
def test_a_break_moved_when_it_stands_otherwise_came_or_went(signed: Breaks, now: Breaks) -> None:
    found = {one.break_id: (one.signed, one.now) for one in moved_breaks(signed, now)}
    assert set(found) == {one for one in {*signed, *now} if signed.get(one) != now.get(one)}
    assert all((before is None) == (one not in signed) for one, (before, _) in found.items())
    assert moved_breaks(signed, signed) == []


@pytest.mark.parametrize(
    ("acts", "is_void", "is_superseded", "expected"),
    [
        ((PREPARED,), False, False, SignoffState.PREPARED),
        ((PREPARED,), True, False, SignoffState.VOID),
        ((PREPARED, APPROVED), False, False, SignoffState.APPROVED),
        ((PREPARED, APPROVED), True, True, SignoffState.VOID),
        ((PREPARED, APPROVED), False, True, SignoffState.SUPERSEDED),
        ((PREPARED, APPROVED, WITHDRAWN), True, True, SignoffState.WITHDRAWN),
        ((PREPARED, WITHDRAWN, PREPARED), False, False, SignoffState.PREPARED),
    ],
)
def test_the_state_is_what_persons_did_last_unless_something_came(
    acts: tuple[SignoffAct, ...], *, is_void: bool, is_superseded: bool, expected: SignoffState
) -> None:
    assert state_of(steps(*acts), is_void=is_void, is_superseded=is_superseded) is expected


def test_what_was_approved_after_it_for_its_day_or_a_later_one_replaces_a_set() -> None:
    def approved(name: str, day: date, minutes: int | None) -> tuple[str, object, date, datetime | None]:
        return name, YEAR, day, None if minutes is None else MOMENT + timedelta(minutes=minutes)

    signed = [
        approved("first", AS_OF, 0),
        approved("later day", LATER, 5),
        approved("earlier day", AS_OF - timedelta(days=30), 9),
        approved("not approved", LATER, None),
    ]
    assert replacements(signed) == {"first": "later day"}  # type: ignore[arg-type]


@pytest.mark.parametrize("state", [SignoffState.VOID, SignoffState.SUPERSEDED])
def test_a_movement_is_read_as_it_was_written(state: SignoffState) -> None:
    movement = signoff(state).movement
    assert movement is not None
    assert SignedMovement.from_json(json.loads(json.dumps(movement.to_json()))) == movement


def test_its_json_has_what_was_signed_only_where_it_is_asked() -> None:
    one = signoff(SignoffState.APPROVED)
    whole = json.loads(json.dumps(one.to_whole_json()))
    assert FigureSet.read(json.dumps(whole.pop("signed"))).set_id == one.set_id == whole["figure_set"]
    assert whole == json.loads(json.dumps(one.to_json()))
