"""Days and moments of the synthetic year: who works when, and on which day a moment is known.

Pure: no clock. A moment is always in Europe/Amsterdam; the extract decides how it is written.
"""

import random
from bisect import bisect_left, bisect_right
from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
FIXED_HOLIDAYS = frozenset({(1, 1), (4, 27), (12, 25), (12, 26)})
"""Month and day on which no register is open. Easter and Whitsun move and are left out: nothing depends on them."""

SATURDAY = 5


def is_working_day(day: date) -> bool:
    """Whether the registers are open: Monday to Friday, not a fixed holiday."""
    return day.weekday() < SATURDAY and (day.month, day.day) not in FIXED_HOLIDAYS


def working_days(first: date, last: date) -> list[date]:
    """List the working days from ``first`` to ``last``, both included."""
    days = [day for year in range(first.year, last.year + 1) for day in working_days_of(year)]
    return days[bisect_left(days, first) : bisect_right(days, last)]


@cache
def working_days_of(year: int) -> tuple[date, ...]:
    """List the working days of a year."""
    days = (date(year, 1, 1) + timedelta(days=offset) for offset in range(366))
    return tuple(day for day in days if day.year == year and is_working_day(day))


def working_day_from(day: date, *, later: int = 0) -> date:
    """Return the first working day on or after ``day``, and ``later`` working days further."""
    while not is_working_day(day):
        day += timedelta(days=1)
    return day if later == 0 else working_day_from(day + timedelta(days=1), later=later - 1)


def office_moment(rng: random.Random, day: date) -> datetime:
    """Draw a moment in office hours (08:00 to 17:59) of ``day``."""
    moment = time(rng.randrange(8, 18), rng.randrange(60), rng.randrange(60))
    return datetime.combine(day, moment, AMSTERDAM)


def day_of(moment: datetime) -> date:
    """Return the Amsterdam day of a moment: midnight itself is the next day."""
    return moment.astimezone(AMSTERDAM).date()
