"""Why a figure moved: both bridges close, everybody who moved is named once, with one reason."""

from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ketenbalans.reconciliation.balance import Balance
from ketenbalans.reconciliation.restatement import Restatement, evidence_about, moved, restatement
from schemas.revisions import Movement, RevisionReason
from tests.reference.product import balance_by_the_product
from tests.reference.records import Delivery, Registration, World
from tests.reference.strategies import random_world
from tests.unit.reconciliation.test_relink import later_state
from warehouse.evidence import EVENT

pytestmark = pytest.mark.laws

LAWS = settings(
    derandomize=True, database=None, deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=4
)
LATER_DAYS = 20


def events_of(world: World, day: date, *, mark: str) -> list[dict[str, Any]]:
    """One event per record of a world, recorded on a day."""
    moment = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    records: list[tuple[str, Delivery | Registration]] = [("police_deliveries", record) for record in world.deliveries]
    records += [("om_registrations", record) for record in world.registrations]
    return [
        {"source": source, "event_id": f"{mark}{place}", "recorded_at": moment, "ingested_at": moment, **asdict(record)}
        for place, (source, record) in enumerate(records)
    ]


def moved_between(seed: int, size: int) -> tuple[Balance, Balance, Restatement]:
    """A world, the same one later with some records changed, and why its figures moved."""
    random = Random(seed)
    before = random_world(seed, size)
    first = before.question.as_of
    last = first + timedelta(days=LATER_DAYS)
    changes, after = later_state(before, random, random.choice((0.0, 0.2, 0.6)))
    after = replace(after, question=replace(after.question, as_of=last))
    rows = events_of(before, first - timedelta(days=1), mark="before-") + events_of(changes, last, mark="after-")
    evidence = pl.DataFrame([{name: row.get(name) for name in EVENT} for row in rows], schema=EVENT)
    balances = balance_by_the_product(before), balance_by_the_product(after)
    return *balances, restatement(*balances, moved(*balances), evidence)


@LAWS
@given(st.integers(0, 2**32 - 1), st.sampled_from((20, 40, 60)))
def test_everybody_who_moved_is_named_once_with_one_reason(seed: int, size: int) -> None:
    before, after, found = moved_between(seed, size)
    keys = [set(balance.suspects.select("dossier_number", "suspect_number").rows()) for balance in (before, after)]
    moves = found.moves
    assert moves.select("dossier_number", "suspect_number").is_duplicated().sum() == 0
    by_movement = {
        movement: set(
            moves.filter(pl.col("movement") == movement.value).select("dossier_number", "suspect_number").rows()
        )
        for movement in Movement
    }
    assert by_movement[Movement.CAME] == keys[1] - keys[0]
    assert by_movement[Movement.LEFT] == keys[0] - keys[1]
    assert by_movement[Movement.CHANGED] <= keys[0] & keys[1]
    assert set(moves["reason"]) <= {reason.value for reason in RevisionReason}
    assert found.closes
    answer = found.answer().recognised
    assert answer.before + sum(answer.more.values()) - sum(answer.less.values()) == answer.after


@LAWS
@given(st.integers(0, 2**32 - 1))
def test_who_came_or_left_has_an_event_of_the_later_day(seed: int) -> None:
    _, after, found = moved_between(seed, 40)
    gone = found.moves.filter(pl.col("movement") != Movement.CHANGED.value)
    assert gone.filter(~pl.col("event_id").str.starts_with("after-")).is_empty()
    assert set(gone["recorded_on"]) <= {after.as_of}
    untouched = found.moves.filter(pl.col("reason") == RevisionReason.PASSAGE_OF_TIME.value)
    assert untouched["event_id"].is_null().all()


def test_only_the_events_of_the_records_that_are_named_explain_a_move() -> None:
    """Those of another suspect of the dossier, of whom another period's move asked, are none of them."""
    rows: list[dict[str, object]] = [
        {"source": "police_deliveries", "event_id": "own", "dossier_number": "PL0900-2014000001", "suspect_number": 2},
        {
            "source": "police_deliveries",
            "event_id": "other",
            "dossier_number": "PL0900-2014000001",
            "suspect_number": 1,
        },
        {"source": "om_registrations", "event_id": "case", "case_number": "0900000114", "suspect_number": 9},
        {"source": "om_registrations", "event_id": "no case", "case_number": "0900000214"},
    ]
    evidence = pl.DataFrame([{name: row.get(name) for name in EVENT} for row in rows], schema=EVENT)
    found = evidence_about(evidence, [("PL0900-2014000001", 2)], ["0900000114"])
    assert found["event_id"].to_list() == ["own", "case"]
    assert found.columns == evidence.columns
    assert evidence_about(evidence, [], []).is_empty()
