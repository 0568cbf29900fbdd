"""Periods: what can be written, and what a month's end is."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.period import (
    InvalidDay,
    InvalidPeriod,
    Period,
    checked_day,
    first_day_of_month,
    last_day_of_month,
    last_day_of_next_month,
    read_day,
    read_month,
)

DAYS = st.dates(date(1990, 1, 1), date(2150, 12, 31))


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2014", date(2014, 1, 1), date(2014, 12, 31)),
        ("2014-Q1", date(2014, 1, 1), date(2014, 3, 31)),
        ("2014-Q4", date(2014, 10, 1), date(2014, 12, 31)),
        ("2014-12", date(2014, 12, 1), date(2014, 12, 31)),
        ("2016-02", date(2016, 2, 1), date(2016, 2, 29)),
        ("2014-06-15/2015-01-31", date(2014, 6, 15), date(2015, 1, 31)),
        ("2014-06-15/2014-06-15", date(2014, 6, 15), date(2014, 6, 15)),
    ],
)
def test_the_forms_of_a_period(text: str, start: date, end: date) -> None:
    assert Period.parse(text) == Period(start, end)


@pytest.mark.parametrize("text", ["", "14", "2014-Q5", "2014-13", "2014-02-30/2014-03-01", "2015/2014", "20145"])
def test_what_is_no_period_is_reported_with_the_forms_that_there_are(text: str) -> None:
    with pytest.raises(InvalidPeriod, match="2014-Q1"):
        Period.parse(text)


@pytest.mark.parametrize(
    "text",
    ["0000", "1989", "0214", "2200", "9999", "1989-12", "2200-Q1", "1989-12-31/1990-01-01", "2199-12-31/2200-01-01"],
)
def test_a_period_lies_between_the_days_of_a_register(text: str) -> None:
    with pytest.raises(InvalidDay, match="a register speaks of days between 1990-01-01 and 2199-12-31"):
        Period.parse(text)


@given(st.dates())
def test_a_day_is_one_of_a_register_or_refused(day: date) -> None:
    if date(1990, 1, 1) <= day <= date(2199, 12, 31):
        assert checked_day(day) == day
        assert read_day(day.isoformat()) == day
        assert read_month(day.isoformat()[:7]) == day.replace(day=1)
    else:
        for refused in (lambda: checked_day(day), lambda: read_day(day.isoformat()), lambda: Period(day, day)):
            with pytest.raises(InvalidDay, match="between 1990-01-01 and 2199-12-31"):
                refused()


@pytest.mark.parametrize("text", ["", "2014", "31-01-2015", "2015-02-30", "20150131", "2015-01-31T00:00", "two"])
def test_what_is_no_day_is_reported_with_how_to_write_one(text: str) -> None:
    with pytest.raises(InvalidPeriod, match="write 2015-01-31"):
        read_day(text)


def test_a_period_does_not_end_before_it_starts() -> None:
    with pytest.raises(InvalidPeriod, match="ends on or after"):
        Period.parse("2014-12-31/2014-01-01")


@given(st.integers(1990, 2150))
def test_a_year_is_reported_as_a_year(year: int) -> None:
    assert str(Period.of_year(year)) == str(year)
    assert Period.parse(str(Period.of_year(year))) == Period.of_year(year)


@given(DAYS)
def test_months_follow_each_other_without_a_gap(day: date) -> None:
    assert first_day_of_month(day) <= day <= last_day_of_month(day)
    assert (last_day_of_month(day) + timedelta(days=1)).day == 1
    following = last_day_of_month(day) + timedelta(days=1)
    assert last_day_of_next_month(day) == last_day_of_month(following)
