"""Why a figure moved: both bridges close, everybody who moved is named once, with one reason."""

from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ketenbalans.reconciliation.balance import balances_of, chain_of, counted
from ketenbalans.reconciliation.moves import moved
from ketenbalans.reconciliation.reasons import news_between, news_of, with_news, with_reasons
from ketenbalans.reconciliation.recounted import recounted
from ketenbalans.reconciliation.relink import relinking
from ketenbalans.reconciliation.restatement import Restatement, named_moves, reclassified_cases, restatements
from schemas.period import Period
from schemas.revisions import Movement, RevisionReason
from tests.reference.product import policy_of
from tests.reference.records import Delivery, Registration, World, frames
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


@dataclass(frozen=True)
class Found:
    """What moved between two days of a world, each suspect by name."""

    counted: Restatement
    moves: pl.DataFrame


def moved_between(seed: int, size: int) -> Found:
    """A world, the same one later with some records changed, and why its figures moved."""
    random = Random(seed)
    world = random_world(seed, size)
    first = world.question.as_of
    last = first + timedelta(days=LATER_DAYS)
    changes, _ = later_state(world, random, random.choice((0.0, 0.2, 0.6)))
    rows = events_of(world, first - timedelta(days=1), mark="before-") + events_of(changes, last, mark="after-")
    evidence = pl.DataFrame([{name: row.get(name) for name in EVENT} for row in rows], schema=EVENT)
    periods = [Period(world.question.start, world.question.end)]
    before = counted(chain_of(*frames(world), as_of=first, policy=policy_of(world.question)), periods)
    step = relinking(before.chain, *frames(changes), as_of=last)
    after = recounted(before, step)
    found = moved(after.suspects_before, after.suspects_after)
    moves = with_news(found, news_of(step), periods)
    recorded = (step.changed_deliveries.to_polars(), step.changed_registrations.to_polars())
    assert moves.equals(with_news(found, news_between(step.before, step.after, *recorded), periods))
    moves = with_reasons(moves, reclassified_cases(evidence, (first, last)))
    (figures,) = restatements(balances_of(before), balances_of(after.after), moves)
    return Found(figures, named_moves(moves, evidence, (first, last)))


@LAWS
@given(st.integers(0, 2**32 - 1), st.sampled_from((20, 40, 60)))
def test_everybody_who_moved_is_named_once_with_one_reason(seed: int, size: int) -> None:
    found = moved_between(seed, size)
    balances = (found.counted.before, found.counted.after)
    keys = [set(balance.suspects.select("dossier_number", "suspect_number").rows()) for balance in balances]
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
    assert found.counted.closes
    answer = found.counted.answer(moves).recognised
    assert answer.before + sum(answer.more.values()) - sum(answer.less.values()) == answer.after


@LAWS
@given(st.integers(0, 2**32 - 1))
def test_who_came_or_left_has_an_event_of_the_later_day(seed: int) -> None:
    found = moved_between(seed, 40)
    gone = found.moves.filter(pl.col("movement") != Movement.CHANGED.value)
    assert gone.filter(~pl.col("event_id").str.starts_with("after-")).is_empty()
    assert set(gone["recorded_on"]) <= {found.counted.after.as_of}
    untouched = found.moves.filter(pl.col("reason") == RevisionReason.PASSAGE_OF_TIME.value)
    assert untouched["event_id"].is_null().all()
