"""The rows that each of some periods asks about: one row per row and period that its day lies in.

Periods may overlap, then a row is there once for each; the usual ones are calendar years, then it is there once.
"""

from collections.abc import Sequence

import narwhals as nw
import numpy as np
import numpy.typing as npt
import polars as pl

from ketenbalans.reconciliation.pairs import Numbers
from ketenbalans.reconciliation.state import EngineFrame
from schemas.period import Period, first_day_of_month, last_day_of_month, last_day_of_next_month

NUMBER = pl.Int32
ENDS = ("period_start", "period_end")
BOUNDS = (*ENDS, "last_month_start", "last_month_end", "next_month_end")
"""Days of a period: its first and last one, both ends of the month in which it ends, the end of the month after."""


def rows_asked(frame: EngineFrame, day: str, periods: Sequence[Period]) -> EngineFrame:
    """The rows of a frame whose day lies in a period, with the place of the ``period`` among those asked, and ``ENDS``.

    Args:
        frame: in memory or on an engine.
        day: the column that decides; both ends of a period belong to it.
        periods: in any order; they may overlap.
    """
    if isinstance(frame, nw.DataFrame):
        return nw.from_native(rows_in_memory(frame.to_native(), day, periods), eager_only=True)
    parts = [
        frame.filter(nw.col(day).is_between(period.start, period.end)).with_columns(
            period=nw.lit(number, nw.Int32), period_start=nw.lit(period.start), period_end=nw.lit(period.end)
        )
        for number, period in enumerate(periods)
    ]
    return nw.concat(parts)


def rows_in_memory(frame: pl.DataFrame, day: str, periods: Sequence[Period]) -> pl.DataFrame:
    """The same of a frame in memory: one pass for all periods that do not overlap."""
    days = frame[day].to_physical().fill_null(np.iinfo(np.int32).min).to_numpy()
    parts = []
    for layer in layers(periods):
        number_on = numbers_by_day(days, [(number, periods[number]) for number in layer])
        is_asked = number_on >= 0
        rows = frame if is_asked.all() else frame.filter(pl.Series(is_asked))
        numbers = pl.Series("period", number_on[is_asked], NUMBER)
        ends = [pl.lit(pl.Series([getattr(one, end) for one in periods], dtype=pl.Date)) for end in ("start", "end")]
        parts.append(
            rows.with_columns(numbers, *(end.gather(numbers).alias(name) for name, end in zip(ENDS, ends, strict=True)))
        )
    return pl.concat(parts)


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


def numbers_by_day(days: Numbers, numbered: Sequence[tuple[int, Period]]) -> npt.NDArray[np.int32]:
    """The number of the period in which each day lies, of periods in order that do not overlap; -1 where none does."""
    starts, ends = (
        np.array([getattr(period, end) for _, period in numbered], dtype="datetime64[D]").astype(np.int64)
        for end in ("start", "end")
    )
    first, last = (int(days.min()), int(days.max())) if len(days) else (0, 0)
    first, last = max(first, int(starts[0])), min(last, int(ends[-1]))
    of_a_day = np.full(max(last - first, -1) + 3, -1, dtype=np.int32)  # one place before the first and after the last
    for (number, _), start, end in zip(numbered, starts, ends, strict=True):
        of_a_day[max(start - first, 0) + 1 : max(min(end, last) - first + 2, 0)] = number
    return of_a_day[np.clip(days.astype(np.int64) - first + 1, 0, len(of_a_day) - 1)]


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
