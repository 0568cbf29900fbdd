"""A break as it is answered has the columns of its frame, and JSON has days as ISO 8601 writes them."""

from dataclasses import fields
from datetime import UTC, date, datetime

from ketenbalans.reconciliation.break_life import LIFE
from ketenbalans.reconciliation.restatement import MOVES
from schemas.answer_breaks import KeptDecision, StandingBreak
from schemas.answer_restated import SuspectMove


def test_a_break_has_the_columns_of_its_frame_in_their_order() -> None:
    assert tuple(field.name for field in fields(StandingBreak)) == LIFE
    assert tuple(field.name for field in fields(SuspectMove)) == MOVES


def test_what_a_decision_leaves_open_is_not_printed() -> None:
    kept = KeptDecision(
        decision_number=7,
        decision_id="d",
        verdict="released",
        dossier_number=None,
        suspect_number=None,
        case_number=None,
        break_id="2014-om-0900000214",
        owner=None,
        note=None,
        decided_by="desk-1",
        decided_on=date(2015, 1, 5),
        recorded_at=datetime(2015, 1, 5, 9, tzinfo=UTC),
        accepted_cause=None,
        accepted_until=None,
        identity="declared",
    )
    assert kept.about == "2014-om-0900000214"
    assert kept.to_json() == {
        "decision_id": "d",
        "verdict": "released",
        "break_id": "2014-om-0900000214",
        "decided_by": "desk-1",
        "decided_on": "2015-01-05",
        "identity": "declared",
        "recorded_at": "2015-01-05T09:00:00+00:00",
    }
