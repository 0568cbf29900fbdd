"""What is known of every delivered suspect on one day: five days and a unit, no token, number or qualification."""

import hashlib
from dataclasses import dataclass, fields
from datetime import date
from typing import Self, TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from schemas.period import first_day_of_month, last_day_of_month

Days: TypeAlias = NDArray[np.int64]
"""Days as proleptic ordinals (``date.toordinal``), or numbers of days."""

NOT_YET = 10**8
"""A day that has not come, where a day is null: later than any that a register can hold."""

DAYS = ("delivered_on", "registered_on", "recorded_on", "withdrawn_on", "counted_from", "counted_until")


class KnownLater(ValueError):
    """Something was recorded after the day whose knowledge is used; the message names the column and the rows."""


@dataclass(frozen=True)
class KnownSuspects:
    """Every suspect that the police delivered, ever, as known on a day: one place per suspect in each array.

    Attributes:
        as_of: the day on which it was known.
        units: the codes of the units, sorted.
        unit: the place of its unit among ``units``.
        delivered: the day of its delivery.
        recorded: the day of the delivery's first row.
        withdrawn: the day on which the delivery was withdrawn; ``NOT_YET``: it stands.
        counted_from: the first day on which its registration counted; ``NOT_YET``: none did.
        counted_until: the last one; ``NOT_YET``: it still counts, or never did.
        registered: the day that the OM gives its registration; ``NOT_YET``: no registration ever counted.
    """

    as_of: date
    units: tuple[str, ...]
    unit: Days
    delivered: Days
    recorded: Days
    withdrawn: Days
    counted_from: Days
    counted_until: Days
    registered: Days

    @classmethod
    def of_frame(cls, frame: pl.DataFrame, *, as_of: date) -> Self:
        """Read what is known from a frame; the order of its rows is of no account.

        Args:
            frame: one row per suspect: ``unit``, ``delivered_on``, ``registered_on`` (null: no registration is linked),
                ``recorded_on``, ``withdrawn_on`` (null: not withdrawn), ``counted_from`` (null: its registration never
                counted) and ``counted_until`` (null: it still counts). Dates.
            as_of: the day on which it was known.

        Raises:
            KnownLater: one of the days of knowledge lies after ``as_of``.
        """
        for name in ("recorded_on", "withdrawn_on", "counted_from", "counted_until"):
            later = frame.select((pl.col(name) > as_of).sum()).item()
            if later:
                message = f"{name} of {later} rows lies after {as_of}: only what was recorded by then may be used"
                raise KnownLater(message)
        days = {name: _ordinals(frame[name]) for name in DAYS}
        return cls.of_arrays(
            as_of=as_of,
            codes=frame["unit"].to_numpy(),
            delivered=days["delivered_on"],
            recorded=days["recorded_on"],
            withdrawn=days["withdrawn_on"],
            counted_from=days["counted_from"],
            counted_until=days["counted_until"],
            registered=days["registered_on"],
        )

    @classmethod
    def of_arrays(  # noqa: PLR0913 (one per column)
        cls,
        *,
        as_of: date,
        codes: NDArray[np.str_],
        delivered: Days,
        recorded: Days,
        withdrawn: Days,
        counted_from: Days,
        counted_until: Days,
        registered: Days,
    ) -> Self:
        """The same from arrays of ordinals, with ``NOT_YET`` where a day is null."""
        units, unit = np.unique(codes, return_inverse=True)
        return cls._in_order(
            as_of=as_of,
            units=tuple(map(str, units)),
            unit=unit,
            delivered=delivered,
            recorded=recorded,
            withdrawn=withdrawn,
            counted_from=counted_from,
            counted_until=counted_until,
            registered=registered,
        )

    @classmethod
    def _in_order(  # noqa: PLR0913 (one per column)
        cls,
        *,
        as_of: date,
        units: tuple[str, ...],
        unit: Days,
        delivered: Days,
        recorded: Days,
        withdrawn: Days,
        counted_from: Days,
        counted_until: Days,
        registered: Days,
    ) -> Self:
        """Suspects in an order that follows from what is known of them alone."""
        order = np.lexsort((registered, counted_until, counted_from, withdrawn, recorded, delivered, unit))
        has_counted = counted_from < NOT_YET
        return cls(
            as_of=as_of,
            units=units,
            unit=unit[order].astype(np.int64),
            delivered=delivered[order],
            recorded=recorded[order],
            withdrawn=withdrawn[order],
            counted_from=counted_from[order],
            counted_until=counted_until[order],
            registered=np.where(has_counted, registered, NOT_YET)[order],
        )

    def as_known_on(self, day: date) -> Self:
        """What of it was recorded by an earlier day, with the links of now.

        Whoever was registered by then is linked, also where what links them was recorded later.
        """
        by = day.toordinal()
        known = self.recorded <= by
        has_counted = self.counted_from[known] <= by
        units, unit = np.unique(self.unit[known], return_inverse=True)
        until = self.counted_until[known]
        withdrawn = self.withdrawn[known]
        return self._in_order(
            as_of=day,
            units=tuple(self.units[place] for place in units),
            unit=unit,
            delivered=self.delivered[known],
            recorded=self.recorded[known],
            withdrawn=np.where(withdrawn <= by, withdrawn, NOT_YET),
            counted_from=np.where(has_counted, self.counted_from[known], NOT_YET),
            counted_until=np.where(has_counted & (until < by), until, NOT_YET),
            registered=self.registered[known],
        )

    def digest(self) -> bytes:
        """SHA-256 over all of it: equal only for the same knowledge on the same day."""
        found = hashlib.sha256(f"{self.as_of} {self.units}".encode())
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray):
                found.update(value.astype("<i8").tobytes())
        return found.digest()


def _ordinals(days: pl.Series) -> Days:
    since_1970 = days.cast(pl.Date).to_physical().cast(pl.Int64)
    ordinals = since_1970 + date(1970, 1, 1).toordinal()
    return ordinals.fill_null(NOT_YET).to_numpy().astype(np.int64)


@dataclass(frozen=True)
class Months:
    """Calendar months, one after the other, by their ordinals.

    Attributes:
        starts: the first day of each.
        ends: the last day of each.
    """

    starts: Days
    ends: Days

    @classmethod
    def between(cls, first: date, last: date) -> Self:
        """The months from that of one day to that of another."""
        starts, ends = [], []
        day = first_day_of_month(first)
        while day <= last:
            end = last_day_of_month(day)
            starts.append(day.toordinal())
            ends.append(end.toordinal())
            day = date.fromordinal(end.toordinal() + 1)
        return cls(np.array(starts, dtype=np.int64), np.array(ends, dtype=np.int64))

    def of(self, days: Days) -> Days:
        """The place of the month of each day; -1: it lies before the first, ``len``: after the last."""
        place = np.searchsorted(self.starts, days, side="right") - 1
        return np.where(days > self.ends[-1], len(self.ends), place)

    def __len__(self) -> int:
        return len(self.ends)

    def calendar(self, place: int) -> int:
        """The calendar month of a place: 1 is January."""
        return date.fromordinal(int(self.starts[place])).month
