"""The balances of several periods from one pass are those of each asked alone, and those of the reference."""

from datetime import date, timedelta
from itertools import pairwise

import narwhals as nw
import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ketenbalans.reconciliation.asked import layers, rows_asked
from ketenbalans.reconciliation.balance import Balance, balance, balances, chain_of
from ketenbalans.reconciliation.breaks import found_breaks
from schemas.period import Period
from tests.reference.product import policy_of
from tests.reference.records import World, decisions_frame, frames
from tests.reference.strategies import random_world, worlds

LAWS = settings(
    derandomize=True, database=None, deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=6
)
AT_THE_ENDS = [Period(date(1990, 1, 1), date(1999, 12, 31)), Period(date(2050, 1, 1), date(2199, 12, 31))]


@st.composite
def periods_around(draw: st.DrawFn, world: World) -> list[Period]:
    """Periods that begin before, in or after the question's, some of a day: they overlap, adjoin and come twice."""
    first = world.question.start - timedelta(days=500)
    found = []
    for _ in range(draw(st.integers(0, 5))):
        start = first + timedelta(days=draw(st.integers(0, 1000)))
        found.append(Period(start, start + timedelta(days=draw(st.sampled_from((0, 1, 27, 30, 364, 1000))))))
    years = [Period.of_year(year) for year in range(world.question.start.year - 1, world.question.end.year + 2)]
    return draw(st.permutations([*found, *years, *found[:1], *AT_THE_ENDS]))


def assert_same(ours: Balance, theirs: Balance) -> None:
    assert (ours.period, ours.answer()) == (theirs.period, theirs.answer())
    assert ours.om_only.equals(theirs.om_only)
    for one, other in zip(ours.delivered, theirs.delivered, strict=True):
        assert one.suspects.equals(other.suspects)
        assert one.suspects.filter(pl.col("cause").is_not_null()).equals(one.not_recognised)


@pytest.mark.laws
@LAWS
@given(
    worlds(max_records=60, with_parties=True).flatmap(lambda world: st.tuples(st.just(world), periods_around(world)))
)
def test_asked_together_they_are_what_each_is_alone(asked: tuple[World, list[Period]]) -> None:
    world, periods = asked
    policy = policy_of(world.question)
    chain = chain_of(*frames(world), as_of=world.question.as_of, policy=policy)
    together = balances(chain, periods)
    assert len(together) == len(periods)
    for found, period in zip(together, periods, strict=True):
        alone = balance(chain, period)
        assert_same(found, alone)
        assert found_breaks(found, policy=policy).equals(found_breaks(alone, policy=policy))


@pytest.mark.laws
def test_so_they_are_in_a_large_world_with_decisions() -> None:
    world = random_world(11, 300, with_decisions=True, with_parties=True)
    decisions = decisions_frame(world)
    chain = chain_of(*frames(world), as_of=world.question.as_of, policy=policy_of(world.question), decisions=decisions)
    days = [world.question.start + timedelta(days=91 * quarter) for quarter in range(-8, 8)]
    periods = [*(Period(day, day + timedelta(days=90)) for day in days), Period(days[0], days[-1])]
    for found, period in zip(balances(chain, periods), periods, strict=True):
        assert_same(found, balance(chain, period))


def test_no_period_has_no_balance() -> None:
    world = random_world(0, 10)
    chain = chain_of(*frames(world), as_of=world.question.as_of, policy=policy_of(world.question))
    assert balances(chain, []) == []


spans = st.tuples(st.integers(-20, 20), st.integers(0, 15))


@settings(LAWS, max_examples=60)
@given(st.lists(spans, min_size=1, max_size=5), st.lists(st.one_of(st.none(), st.integers(-40, 60)), max_size=30))
def test_a_row_is_there_once_for_each_period_that_its_day_lies_in(
    drawn: list[tuple[int, int]], offsets: list[int | None]
) -> None:
    zero = date(2014, 1, 1)
    periods = [Period(zero + timedelta(start), zero + timedelta(start + length)) for start, length in drawn]
    days = [None if offset is None else zero + timedelta(offset) for offset in offsets]
    frame = pl.DataFrame({"row": range(len(days)), "day": pl.Series(days, dtype=pl.Date)})
    found = rows_asked(nw.from_native(frame, eager_only=True), "day", periods, where=nw.col("row") != 3).to_native()
    expected = {
        (row, number, period.start, period.end)
        for row, day in enumerate(days)
        for number, period in enumerate(periods)
        if day is not None and row != 3 and period.start <= day <= period.end
    }
    rows = found.select("row", "period", "period_start", "period_end").rows()
    assert (len(rows), set(rows)) == (len(expected), expected)
    assert sorted(np.concatenate(layers(periods)).tolist()) == list(range(len(periods)))
    for layer in layers(periods):
        ends = [periods[number] for number in layer]
        assert all(one.end < other.start for one, other in pairwise(ends))
