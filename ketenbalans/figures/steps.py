"""The steps of a series: calendar years, or half years."""

from datetime import date, timedelta
from enum import StrEnum

from schemas.period import Period


class Step(StrEnum):
    """How long the periods of a series are."""

    YEAR = "year"
    HALF_YEAR = "half-year"


def step_with(day: date, step: Step) -> Period:
    """The calendar year or half year that a day lies in."""
    year = Period.of_year(day.year)
    if step is Step.YEAR:
        return year
    middle = date(day.year, 7, 1)
    return Period(year.start, middle - timedelta(days=1)) if day < middle else Period(middle, year.end)


def whole_steps(period: Period, step: Step) -> Period:
    """A period made longer at both ends until it cuts no step; itself when it cuts none."""
    return Period(step_with(period.start, step).start, step_with(period.end, step).end)


def periods_of(period: Period, step: Step) -> list[Period]:
    """The calendar years or half years of a period; the first and the last are cut where it begins or ends."""
    found, day = [], period.start
    while day <= period.end:
        end = min(step_with(day, step).end, period.end)
        found.append(Period(day, end))
        day = end + timedelta(days=1)
    return found
