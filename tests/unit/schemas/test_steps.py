"""The steps of a series hold every day of a period once, and each lies in one calendar year or half year."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketenbalans.figures.steps import Step, periods_of, whole_steps
from schemas.period import Period

DAYS = st.dates(date(2009, 1, 1), date(2022, 12, 31))
PERIODS = st.tuples(DAYS, DAYS).map(lambda days: Period(min(days), max(days)))


@given(PERIODS, st.sampled_from(Step))
def test_steps_cover_a_period_without_overlap_and_none_is_longer_than_its_name(period: Period, step: Step) -> None:
    steps = periods_of(period, step)
    assert (steps[0].start, steps[-1].end) == (period.start, period.end)
    assert all(one.end + timedelta(days=1) == other.start for one, other in pairwise(steps))
    names = [(one.start.year, one.start.month > 6 if step is Step.HALF_YEAR else None) for one in steps]
    assert names == [(one.end.year, one.end.month > 6 if step is Step.HALF_YEAR else None) for one in steps]
    assert len(set(names)) == len(names)


@given(PERIODS, st.sampled_from(Step))
def test_a_period_of_whole_steps_is_the_shortest_that_holds_it_and_cuts_none(period: Period, step: Step) -> None:
    whole = whole_steps(period, step)
    assert whole.start <= period.start <= period.end <= whole.end
    assert whole_steps(whole, step) == whole
    assert len(periods_of(whole, step)) == len(periods_of(period, step))


@pytest.mark.parametrize(("step", "last"), [(Step.YEAR, "2018"), (Step.HALF_YEAR, "2018-07-01/2018-12-31")])
def test_a_whole_year_is_one_year_or_two_halves(step: Step, last: str) -> None:
    assert str(periods_of(Period.of_year(2018), step)[-1]) == last
