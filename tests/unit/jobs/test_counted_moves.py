"""The moves of a restatement as a report counts them: all of them, by reason as ``restate`` does, without a record."""

import json
from collections import Counter
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ketenbalans.jobs.reporting.frames import counted_moves
from schemas.answer_restated import SuspectMove
from schemas.causes import Cause
from schemas.revisions import Movement, RevisionReason

CAUSES = st.sampled_from([cause.value for cause in Cause])
PARTS = ("movement", "reason", "before", "after")


@st.composite
def moves(draw: st.DrawFn) -> SuspectMove:
    """A move as a restatement has it."""
    movement = draw(st.sampled_from(list(Movement))).value
    reason = draw(st.sampled_from(list(RevisionReason))).value
    before, after = (draw(st.none() | CAUSES) if movement != gone else None for gone in (Movement.CAME, Movement.LEFT))
    return move_of(
        movement,
        reason,
        cause_before=before,
        cause_after=after,
        recognised_before=movement != Movement.CAME and before is None,
        recognised_after=movement != Movement.LEFT and after is None,
    )


def move_of(movement: str, reason: str, **states: Any) -> SuspectMove:
    of_the_record: dict[str, Any] = dict.fromkeys(
        ("event_id", "recorded_on", "delivered_on_before", "delivered_on_after")
    )
    cases: dict[str, Any] = dict.fromkeys(("case_number_before", "case_number_after"), "0912345614")
    suspect: dict[str, Any] = {"dossier_number": "PL0900-2014000001", "suspect_number": 1, "unit": "PL0900"}
    return SuspectMove(movement=movement, reason=reason, **suspect, **of_the_record, **cases, **states)


@given(found=st.lists(moves()))
def test_as_many_suspects_move_for_each_reason_as_restate_says(found: list[SuspectMove]) -> None:
    counted: Counter[tuple[str, str]] = Counter()
    for row in counted_moves(found):
        counted[row.movement, row.reason] += row.suspects
    assert counted == Counter((move.movement, move.reason) for move in found)


@given(found=st.lists(moves()))
def test_the_ways_are_those_that_lead_into_and_out_of_what_is_recognised(found: list[SuspectMove]) -> None:
    counted = counted_moves(found)
    became = sum(row.suspects for row in counted if row.after == "recognised" != row.before)
    no_longer = sum(row.suspects for row in counted if row.before == "recognised" != row.after)
    assert became == sum(move.recognised_after and not move.recognised_before for move in found)
    assert no_longer == sum(move.recognised_before and not move.recognised_after for move in found)


@given(found=st.lists(moves()))
def test_each_way_is_counted_once_in_an_order_of_its_own_and_names_no_record(found: list[SuspectMove]) -> None:
    counted = counted_moves(found)
    ways = [tuple(getattr(row, part) for part in PARTS) for row in counted]
    assert len(set(ways)) == len(ways)
    assert counted == counted_moves(reversed(found))
    assert all(set(row.to_json()) == {*PARTS, "suspects"} for row in counted)
    assert "PL0900" not in json.dumps([row.to_json() for row in counted])


def test_a_cause_that_moved_in_the_gap_is_reported() -> None:
    causes = {"cause_before": "in_transit", "cause_after": "missing"}
    same = move_of("changed", "passage_of_time", **causes, recognised_before=False, recognised_after=False)
    assert [one.to_json() for one in counted_moves([same, same])] == [
        {"movement": "changed", "reason": "passage_of_time", "before": "in_transit", "after": "missing", "suspects": 2}
    ]
