"""The arithmetic of the targets, against decimals by hand."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketenbalans.figures.targets import TargetVerdict, growth_over, target_of, verdict_on
from ketenbalans.jobs.figures.published import published_figures
from schemas.period import Period
from schemas.rounding import half_up

BASE = Decimal(475)
COUNTS = st.integers(1, 5000).map(Decimal)
GROWTHS = st.decimals(0, 200, places=1)


@given(COUNTS, GROWTHS, GROWTHS)
def test_more_growth_never_aims_at_less(base: Decimal, one: Decimal, other: Decimal) -> None:
    assert target_of(base, min(one, other)) <= target_of(base, max(one, other))
    assert target_of(base, Decimal(0)) == base


@given(COUNTS, COUNTS, COUNTS, COUNTS)
def test_more_suspects_never_turn_met_into_missed(base: Decimal, target: Decimal, one: Decimal, other: Decimal) -> None:
    fewer, more = min(one, other), max(one, other)
    assert growth_over(base, fewer) <= growth_over(base, more)
    if verdict_on(fewer, target) is TargetVerdict.MET:
        assert verdict_on(more, target) is TargetVerdict.MET


@pytest.mark.parametrize("year", [2012, 2013, 2014])
def test_every_published_target_follows_from_the_base_and_the_agreed_growth(year: int) -> None:
    of_year = [one for one in published_figures() if one.period == Period.of_year(year)]
    (growth,) = {one.value for one in of_year if one.measure == "target_growth_vs_2010"}
    assert {one.value for one in of_year if one.measure == "target_suspects_delivered"} == {target_of(BASE, growth)}


@pytest.mark.parametrize(("achieved", "growth"), [(507, "6.7"), (522, "9.9"), (568, "19.6"), (560, "17.9")])
def test_every_published_growth_comes_out(achieved: int, growth: str) -> None:
    assert str(half_up(growth_over(BASE, Decimal(achieved)), 1)) == growth


def test_halves_go_up_where_binary_fractions_would_not() -> None:
    assert str(half_up(Decimal(100) * 54 / 480, 1)) == "11.3"
    assert verdict_on(Decimal(511), Decimal(511)) is TargetVerdict.MET
