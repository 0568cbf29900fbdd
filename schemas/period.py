"""A reporting period: days, both ends included."""

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from schemas.declaration import LATEST_DAY

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
"""Where a day of the chain begins and ends."""


class InvalidPeriod(ValueError):
    """A text is no period; the message says which forms there are."""


@dataclass(frozen=True, order=True)
class Period:
    """The days from ``start`` to ``end``, both included.

    Raises:
        InvalidPeriod: the end lies before the start.
    """

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end < self.start:
            message = f"a period ends on or after the day it starts, not {self.start} to {self.end}"
            raise InvalidPeriod(message)

    @classmethod
    def of_year(cls, year: int) -> Self:
        """The calendar year."""
        return cls(date(year, 1, 1), date(year, 12, 31))

    @property
    def is_calendar_year(self) -> bool:
        """Whether it is a whole calendar year, the reporting period."""
        return (self.start, self.end) == (date(self.start.year, 1, 1), date(self.start.year, 12, 31))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``2014``, ``2014-Q1``, ``2014-12`` or ``2014-01-01/2014-12-31``.

        Raises:
            InvalidPeriod: the text has none of these forms, or names a day that does not exist.
        """
        try:
            period = cls._read(text)
        except InvalidPeriod:
            raise
        except ValueError:
            period = None
        if period is None or period.end > LATEST_DAY:
            message = f"{text!r} is no period; write 2014, 2014-Q1, 2014-12 or 2014-01-01/2014-12-31"
            raise InvalidPeriod(message)
        return period

    @classmethod
    def _read(cls, text: str) -> Self | None:
        if re.fullmatch(r"[0-9]{4}", text):
            return cls.of_year(int(text))
        if quarter := re.fullmatch(r"([0-9]{4})-Q([1-4])", text):
            year, last_month = int(quarter[1]), int(quarter[2]) * 3
            return cls(date(year, last_month - 2, 1), last_day_of_month(date(year, last_month, 1)))
        if month := re.fullmatch(r"([0-9]{4})-([0-9]{2})", text):
            first = date(int(month[1]), int(month[2]), 1)
            return cls(first, last_day_of_month(first))
        if days := re.fullmatch(r"([0-9]{4}-[0-9]{2}-[0-9]{2})/([0-9]{4}-[0-9]{2}-[0-9]{2})", text):
            return cls(date.fromisoformat(days[1]), date.fromisoformat(days[2]))
        return None

    def __str__(self) -> str:
        if self == Period.of_year(self.start.year):
            return str(self.start.year)
        return f"{self.start}/{self.end}"


def first_day_of_month(day: date) -> date:
    """The first day of the calendar month of ``day``."""
    return day.replace(day=1)


def last_day_of_month(day: date) -> date:
    """The last day of the calendar month of ``day``."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def last_day_of_next_month(day: date) -> date:
    """The last day of the calendar month after that of ``day``."""
    return last_day_of_month(last_day_of_month(day) + timedelta(days=1))


def month_ends(first: date, last: date) -> list[date]:
    """The last day of each month from that of one day to that of another; none when that lies before it."""
    months = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return [last_day_of_month(date(month // 12, month % 12 + 1, 1)) for month in months]
