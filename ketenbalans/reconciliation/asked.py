"""The rows that each of some periods asks about: one row per row and period that its day lies in.

Periods may overlap, then a row is there once for each; the usual ones are calendar years, then it is there once.
"""

from collections.abc import Sequence
from datetime import date

import narwhals as nw
import numpy as np
import numpy.typing as npt
import polars as pl

from ketenbalans.reconciliation.state import EngineFrame
from schemas.period import Period, first_day_of_month, last_day_of_month, last_day_of_next_month

EPOCH = date(1970, 1, 1)
NEVER = -(10**9)
"""The number of no day: none lies so far back."""

ENDS = ("period_start", "period_end")
BOUNDS = (*ENDS, "last_month_start", "last_month_end", "next_month_end")
"""Days of a period: its first and last one, both ends of the month in which it ends, the end of the month after."""


def rows_asked(frame: EngineFrame, day: str, periods: Sequence[Period], *, where: nw.Expr | None = None) -> EngineFrame:
    """The rows of a frame whose day lies in a period, with the place of the ``period`` among those asked, and ``ENDS``.

    Args:
        frame: in memory or on an engine.
        day: the column that decides; both ends of a period belong to it.
        periods: in any order; they may overlap.
        where: what has to hold of a row besides; None: nothing.
    """
    if isinstance(frame, nw.DataFrame):
        holds = None if where is None else frame.select(holds=where)["holds"].to_numpy()
        found = [
            _of_a_layer(frame.to_native(), day, [(number, periods[number]) for number in layer], holds)
            for layer in layers(periods)
        ]
        return nw.from_native(pl.concat(found), eager_only=True)
    rows = frame if where is None else frame.filter(where)
    return nw.concat(
        [
            rows.filter(nw.col(day).is_between(period.start, period.end)).with_columns(
                period=nw.lit(number, nw.Int32), period_start=nw.lit(period.start), period_end=nw.lit(period.end)
            )
            for number, period in enumerate(periods)
        ]
    )


def _of_a_layer(
    frame: pl.DataFrame, day: str, numbered: Sequence[tuple[int, Period]], holds: npt.NDArray[np.bool_] | None
) -> pl.DataFrame:
    """The rows of some periods that do not overlap, in memory: one pass over the days, one over what is found."""
    days = frame[day].to_physical().fill_null(NEVER).to_numpy()
    number_on = numbers_by_day(days, numbered)
    is_asked = number_on >= 0 if holds is None else (number_on >= 0) & holds
    rows = frame if is_asked.all() else frame.filter(pl.Series(is_asked))
    return rows.hstack(_numbered(number_on[is_asked], numbered))


def _numbered(numbers: npt.NDArray[np.int32], numbered: Sequence[tuple[int, Period]]) -> pl.DataFrame:
    """``period`` and ``ENDS`` of rows in memory."""
    of_a_number = dict(numbered)
    known = [of_a_number.get(number) for number in range(max(of_a_number) + 1)]
    starts, ends = (
        pl.Series([None if one is None else getattr(one, end) for one in known], dtype=pl.Date)
        for end in ("start", "end")
    )
    period = pl.Series("period", numbers)
    return pl.DataFrame(
        [period, *(end.gather(period).alias(name) for name, end in zip(ENDS, (starts, ends), strict=True))]
    )


def layers(periods: Sequence[Period]) -> list[list[int]]:
    """The places of the periods, divided so that those of one layer do not overlap."""
    found: list[list[int]] = []
    for number in sorted(range(len(periods)), key=lambda number: periods[number].start):
        fits = (layer for layer in found if periods[layer[-1]].end < periods[number].start)
        layer = next(fits, None)
        if layer is None:
            found.append([number])
        else:
            layer.append(number)
    return found


def numbers_by_day(days: npt.NDArray[np.int32], numbered: Sequence[tuple[int, Period]]) -> npt.NDArray[np.int32]:
    """The number of the period in which each day lies, of periods in order that do not overlap; -1 where none does."""
    first, last = (int(days.min()), int(days.max())) if len(days) else (0, 0)
    starts, ends = ([(getattr(one, end) - EPOCH).days for _, one in numbered] for end in ("start", "end"))
    first, last = max(first, starts[0]), min(last, ends[-1])
    of_a_day = np.full(max(last - first, -1) + 3, -1, dtype=np.int32)  # one place before the first and after the last
    for (number, _), start, end in zip(numbered, starts, ends, strict=True):
        of_a_day[max(start - first, 0) + 1 : max(min(end, last) - first + 2, 0)] = number
    return np.take(of_a_day, days - np.int32(first - 1), mode="clip")


def with_bounds(rows: pl.DataFrame, periods: Sequence[Period]) -> pl.DataFrame:
    """Put the days of its period beside each row (``BOUNDS``)."""
    bounds = pl.DataFrame(
        [
            (
                period.start,
                period.end,
                first_day_of_month(period.end),
                last_day_of_month(period.end),
                last_day_of_next_month(period.end),
            )
            for period in periods
        ],
        schema=dict.fromkeys(BOUNDS, pl.Date),
        orient="row",
    )
    return rows.with_columns(bounds[rows["period"]])
