"""Days that a register can hold, and reporting periods of them: both ends included."""

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from schemas.declaration import EARLIEST_DAY, LATEST_DAY

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
"""Where a day of the chain begins and ends."""


class InvalidPeriod(ValueError):
    """A text is no period; the message says which forms there are."""


class InvalidDay(InvalidPeriod):
    """A day is none that a register can hold: a typing error, whatever the question."""

    def __init__(self, what: object) -> None:
        super().__init__(f"a register speaks of days between {EARLIEST_DAY} and {LATEST_DAY}, not of {what}")


def checked_day(day: date) -> date:
    """Give a day as it is.

    Raises:
        InvalidDay: it lies outside the days that a register can hold.
    """
    if not EARLIEST_DAY <= day <= LATEST_DAY:
        raise InvalidDay(day)
    return day


def read_day(text: str) -> date:
    """Read a day as persons write one: ``2015-01-31``.

    Raises:
        InvalidPeriod: the text is no day.
        InvalidDay: no register can hold it.
    """
    return checked_day(_read_with("%Y-%m-%d", text, "day; write 2015-01-31"))


def read_month(text: str) -> date:
    """Read a month, ``2015-01``, as its first day.

    Raises:
        InvalidPeriod: the text is no month.
        InvalidDay: no register can hold it.
    """
    return checked_day(_read_with("%Y-%m", text, "month; write 2015-01"))


def _read_with(form: str, text: str, what: str) -> date:
    try:
        return datetime.strptime(text, form).date()  # noqa: DTZ007 (a day has no clock)
    except ValueError:
        message = f"{text!r} is no {what}"
        raise InvalidPeriod(message) from None


@dataclass(frozen=True, order=True)
class Period:
    """The days from ``start`` to ``end``, both included.

    Raises:
        InvalidPeriod: the end lies before the start.
        InvalidDay: it is longer than the days that a register can hold.
    """

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end < self.start:
            message = f"a period ends on or after the day it starts, not {self.start} to {self.end}"
            raise InvalidPeriod(message)
        checked_day(self.start)
        checked_day(self.end)

    @classmethod
    def of_year(cls, year: int) -> Self:
        """The calendar year.

        Raises:
            InvalidDay: no register can hold it.
        """
        if not EARLIEST_DAY.year <= year <= LATEST_DAY.year:
            raise InvalidDay(year)
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
            InvalidDay: no register can hold one of its days.
        """
        try:
            period = cls._read(text)
        except InvalidPeriod:
            raise
        except ValueError:
            period = None
        if period is None:
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
