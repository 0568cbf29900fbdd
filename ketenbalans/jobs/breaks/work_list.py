"""List breaks over all years: the work list of what waits for somebody, or whatever is asked for, in any order."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import polars as pl
from sqlalchemy import Connection, Engine

from ketenbalans.jobs.breaks.of_balance import Breaks, read_breaks
from schemas.breaks import BreakState
from schemas.period import Period
from schemas.policy import Policy
from warehouse.breaks import years_kept
from warehouse.database import snapshot
from warehouse.extracts import default_as_of

WAITS_FOR_SOMEBODY = (BreakState.OPEN.value, BreakState.ACKNOWLEDGED.value)
"""The states in which a person has to act: nobody took it yet, or who took it has not ended it."""

ACT_BY = pl.when(pl.col("state") != BreakState.ACCEPTED.value).then(
    pl.coalesce("due_on", pl.when(pl.col("state").is_in(WAITS_FOR_SOMEBODY)).then("opened_on"))
)
"""The last day of waiting; what waits for somebody and never had to wait is due since it was opened. Null: never, as
what somebody accepted."""

ORDERS = {
    "due": (ACT_BY,),
    "age": (-pl.col("age_days"),),
    "opened": (pl.col("opened_on"),),
    "unit": (pl.col("unit"), ACT_BY),
    "cause": (pl.col("cause"), ACT_BY),
    "id": (),
}
"""What a list is sorted by, in the order in which it is read: the oldest first, nulls last, ties by id."""


@dataclass(frozen=True, kw_only=True)
class BreakQuestion:
    """Which breaks are asked for.

    Attributes:
        period: None: every calendar year of which breaks are kept, else the year of the default as-of date.
        as_of: None: as they stand now.
        only_waiting: only what waits for somebody.
        wanted: per column the values that are wanted; an empty list wants all.
        due_by: only what is due on that day or before it (``ACT_BY``).
        at_least_days: only what is, or was, open for that many days or more.
        order: one of ``ORDERS``.
    """

    period: Period | None = None
    as_of: date | None = None
    only_waiting: bool = False
    wanted: dict[str, list[str]] = field(default_factory=dict)
    due_by: date | None = None
    at_least_days: int | None = None
    order: str = "id"


@dataclass(frozen=True, kw_only=True)
class BreakList:
    """The breaks that were asked for.

    Attributes:
        periods: of which periods, ascending.
        days: the day of each, as which its breaks stand.
        is_kept: whether all of them are kept; else some were worked out for this question.
        rows: ``reconciliation.break_life.LIFE``.
        left_out: per state how many of these periods are not among them.
    """

    periods: tuple[Period, ...]
    days: tuple[date, ...]
    is_kept: bool
    rows: pl.DataFrame
    left_out: dict[str, int]


def list_breaks(warehouse: Engine | Connection, question: BreakQuestion, *, policy: Policy) -> BreakList | None:
    """Give the breaks that are asked for, all of one moment of the warehouse; None when nothing is known yet.

    Args:
        warehouse: which, or the connection of a snapshot.
        question: which breaks.
        policy: for what has to be worked out.
    """
    with snapshot(warehouse) as connection:
        found = [
            read_breaks(connection, period=period, as_of=question.as_of, policy=policy)
            for period in _periods(connection, question)
        ]
    known = [one for one in found if one is not None]
    return chosen(known, question) if known else None


def _periods(connection: Connection, question: BreakQuestion) -> list[Period]:
    if question.period is not None:
        return [question.period]
    day = question.as_of
    years = [year for year in years_kept(connection) if day is None or year <= day.year]
    if not years and (day := day or default_as_of(connection)) is not None:
        years = [day.year]
    return [Period.of_year(year) for year in years]


def chosen(known: Sequence[Breaks], question: BreakQuestion) -> BreakList:
    """Of the breaks of some periods, at least one, those that are asked for, in the order asked."""
    every = pl.concat([one.rows for one in known])
    rows = every.filter(pl.col("state").is_in(WAITS_FOR_SOMEBODY)) if question.only_waiting else every
    for column, values in question.wanted.items():
        rows = rows.filter(pl.col(column).is_in(values)) if values else rows
    if question.due_by is not None:
        rows = rows.filter(question.due_by >= ACT_BY)
    if question.at_least_days is not None:
        rows = rows.filter(pl.col("age_days") >= question.at_least_days)
    left_out = Counter(every["state"].to_list())
    left_out.subtract(rows["state"].to_list())
    return BreakList(
        periods=tuple(one.period for one in known),
        days=tuple(one.as_of for one in known),
        is_kept=all(one.is_kept for one in known),
        rows=rows.sort(*ORDERS[question.order], "break_id", nulls_last=True),
        left_out={state.value: left_out[state.value] for state in BreakState if left_out[state.value]},
    )
