"""The moves of a restatement as a report counts them: all of them, by reason as ``restate`` does, without a record."""

import json
from collections import Counter
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ketenbalans.jobs.reporting.frames import counted_moves
from schemas.causes import Cause
from schemas.revisions import Movement, RevisionReason

CAUSES = st.sampled_from([cause.value for cause in Cause])
PARTS = ("movement", "reason", "before", "after")


@st.composite
def moves(draw: st.DrawFn) -> dict[str, Any]:
    """A move as ``restate --json`` prints it."""
    movement = draw(st.sampled_from(list(Movement))).value
    sides = {"before": movement != Movement.CAME, "after": movement != Movement.LEFT}
    move: dict[str, Any] = {"movement": movement, "reason": draw(st.sampled_from(list(RevisionReason))).value}
    for side, is_delivered in sides.items():
        cause = draw(st.none() | CAUSES) if is_delivered else None
        move |= {f"cause_{side}": cause, f"recognised_{side}": is_delivered and cause is None}
    return move | {"dossier_number": "PL0900-2014000001", "suspect_number": 1, "case_number": "0912345614"}


@given(found=st.lists(moves()))
def test_as_many_suspects_move_for_each_reason_as_restate_says(found: list[dict[str, Any]]) -> None:
    counted: Counter[tuple[str, str]] = Counter()
    for row in counted_moves(found):
        counted[row["movement"], row["reason"]] += row["suspects"]
    assert counted == Counter((move["movement"], move["reason"]) for move in found)


@given(found=st.lists(moves()))
def test_the_ways_are_those_that_lead_into_and_out_of_what_is_recognised(found: list[dict[str, Any]]) -> None:
    counted = counted_moves(found)
    became = sum(row["suspects"] for row in counted if row["after"] == "recognised" != row["before"])
    no_longer = sum(row["suspects"] for row in counted if row["before"] == "recognised" != row["after"])
    assert became == sum(move["recognised_after"] and not move["recognised_before"] for move in found)
    assert no_longer == sum(move["recognised_before"] and not move["recognised_after"] for move in found)


@given(found=st.lists(moves()))
def test_each_way_is_counted_once_in_an_order_of_its_own_and_names_no_record(found: list[dict[str, Any]]) -> None:
    counted = counted_moves(found)
    ways = [tuple(row[part] for part in PARTS) for row in counted]
    assert len(set(ways)) == len(ways)
    assert counted == counted_moves(reversed(found))
    assert all(set(row) == {*PARTS, "suspects"} for row in counted)
    assert "PL0900" not in json.dumps(counted)


def test_a_cause_that_moved_in_the_gap_is_told() -> None:
    move: dict[str, Any] = {
        "movement": "changed",
        "reason": "passage_of_time",
        "cause_before": "in_transit",
        "cause_after": "missing",
    }
    same = move | {"recognised_before": False, "recognised_after": False}
    assert counted_moves([same, same]) == [
        {"movement": "changed", "reason": "passage_of_time", "before": "in_transit", "after": "missing", "suspects": 2}
    ]
