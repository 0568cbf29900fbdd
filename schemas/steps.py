"""The steps of a series: calendar years, or half years."""

from datetime import date
from enum import StrEnum

from schemas.period import Period


class Step(StrEnum):
    """How long the periods of a series are."""

    YEAR = "year"
    HALF_YEAR = "half-year"


def periods_of(period: Period, step: Step) -> list[Period]:
    """The calendar years or half years of a period; the first and the last are cut where it begins or ends."""
    years = range(period.start.year, period.end.year + 1)
    whole = [Period.of_year(year) for year in years]
    if step is Step.HALF_YEAR:
        ends = ((date(year, 6, 30), date(year, 7, 1)) for year in years)
        whole = [
            half
            for year, (last, first) in zip(whole, ends, strict=True)
            for half in (Period(year.start, last), Period(first, year.end))
        ]
    return [
        Period(max(one.start, period.start), min(one.end, period.end))
        for one in whole
        if one.start <= period.end and one.end >= period.start
    ]
