"""When the next report comes out: it follows from the as-of day of this one, and from nothing else."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketenbalans.jobs.reporting.calendar import WORKING_DAY_OF_THE_REPORT, scheduled_after, working_day_of_month
from schemas.period import Period, last_day_of_month

DAYS = st.dates(date(2012, 1, 1), date(2030, 12, 31))


@given(day=DAYS)
def test_the_next_report_rests_on_the_first_later_month_end_and_comes_out_in_the_month_after(day: date) -> None:
    found = scheduled_after(day)
    assert found.as_of > day
    assert found.as_of == last_day_of_month(found.as_of)
    assert (found.as_of - day).days <= 31
    assert 1 <= (found.on - found.as_of).days <= 12
    assert found.on == working_day_of_month(found.on, WORKING_DAY_OF_THE_REPORT)
    assert found.period == Period.of_year(found.as_of.year)


@given(days=st.lists(DAYS, min_size=2, max_size=2))
def test_a_later_day_has_no_earlier_next_report(days: list[date]) -> None:
    earlier, later = sorted(days)
    assert scheduled_after(earlier).on <= scheduled_after(later).on


@pytest.mark.parametrize(
    ("as_of", "on", "rests_on", "period"),
    [
        (date(2015, 1, 31), date(2015, 3, 6), date(2015, 2, 28), "2015"),
        (date(2014, 12, 30), date(2015, 1, 8), date(2014, 12, 31), "2014"),
        (date(2014, 12, 31), date(2015, 2, 6), date(2015, 1, 31), "2015"),
        (date(2015, 3, 17), date(2015, 4, 9), date(2015, 3, 31), "2015"),
    ],
)
def test_the_next_report_by_example(as_of: date, on: date, rests_on: date, period: str) -> None:
    found = scheduled_after(as_of)
    assert (found.on, found.as_of, str(found.period)) == (on, rests_on, period)
