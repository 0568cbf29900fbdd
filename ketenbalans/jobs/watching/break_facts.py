"""Read what the rules about breaks look at, counted as ``ketenbalans breaks`` lists them."""

from dataclasses import dataclass, field
from datetime import date

import polars as pl
from sqlalchemy import Connection

from ketenbalans.alerts.facts import NewBreaks, PastDue
from ketenbalans.jobs.breaks.of_balance import kept_of, read_breaks
from ketenbalans.reconciliation.break_life import STARTS, break_history
from schemas.alert_policy import AlertPolicy
from schemas.breaks import BreakState
from schemas.period import Period
from schemas.policy import Policy
from warehouse.breaks import last_look, years_kept

STILL_COUNT = (BreakState.OPEN.value, BreakState.EXPLAINED.value)
"""Breaks of a flood that still stand: what waits may solve itself, and what a person took is in hands."""


@dataclass
class OpenBreaks:
    """The breaks of every year that is kept, in numbers.

    Attributes:
        past_due: the years with breaks that nobody took in time.
        open_since: per year since when the first one is open.
        new: how many breaks of each year and cause each balance found that still stand.
    """

    past_due: list[PastDue] = field(default_factory=list)
    open_since: dict[int, date] = field(default_factory=dict)
    new: list[NewBreaks] = field(default_factory=list)


def read_open_breaks(
    connection: Connection, *, as_of: date | None, policy: Policy, alert_policy: AlertPolicy
) -> OpenBreaks:
    """Read them, each year as its list stands now.

    Args:
        connection: a snapshot.
        as_of: the last day that both registers cover: how long a break is open is counted until then.
        policy: for the list.
        alert_policy: how long a break may be open without an owner.
    """
    found = OpenBreaks()
    for year in years_kept(connection):
        look = last_look(connection, year=year)
        listed = read_breaks(connection, period=Period.of_year(year), as_of=None, policy=policy)
        assert look is not None, "a year that is kept was looked at"
        assert listed is not None, "a year that is kept is listed"
        kept, decisions = kept_of(connection, year)
        found.new.extend(_new_breaks(kept, listed.rows, year=year))
        open_now = listed.rows.filter(pl.col("state") == BreakState.OPEN.value)
        if open_now.is_empty():
            continue
        open_now = open_now.join(_open_since(kept, decisions), on="break_id", how="left")
        found.open_since[year] = open_now.select(pl.col("open_since").min()).item()
        day = max(look.as_of, as_of or look.as_of)
        late = open_now.filter(
            pl.col("owner").is_null(),
            pl.lit(day) - pl.col("open_since") > pl.duration(days=alert_policy.take_within_days),
        )
        if not late.is_empty():
            since = late.select(pl.col("open_since").min()).item()
            found.past_due.append(
                PastDue(year=year, breaks=late.height, since=since, open_breaks=open_now.height, as_of=look.as_of)
            )
    return found


def _open_since(kept: pl.DataFrame, decisions: pl.DataFrame) -> pl.DataFrame:
    """Per break (``break_id``) the day since when it is open, if it is (``open_since``)."""
    steps = break_history(kept, decisions)
    is_open = pl.col("state") == BreakState.OPEN.value
    became_open = is_open & ~is_open.shift(1, fill_value=False).over("break_id")
    open_since = pl.when(became_open).then("on").forward_fill().over("break_id")
    stands = steps.with_columns(open_since=open_since).unique("break_id", keep="last", maintain_order=True)
    return stands.select("break_id", "open_since")


def _new_breaks(kept: pl.DataFrame, listed: pl.DataFrame, *, year: int) -> list[NewBreaks]:
    """How many of the breaks that still stand each balance found with the cause that they have now."""
    kept = kept.sort("break_id", "as_of", "observation_number")
    is_other = pl.col("cause") != pl.col("cause").shift(1).over("break_id")
    is_new = pl.col("step").is_in(STARTS) | is_other.fill_null(value=True)
    found_on = pl.when(is_new).then("as_of").forward_fill().over("break_id")
    newest = kept.with_columns(found_on=found_on).unique("break_id", keep="last", maintain_order=True)
    still = listed.filter(pl.col("state").is_in(STILL_COUNT)).select("break_id", "cause", "state")
    counted = (
        still.join(newest.select("break_id", "found_on"), on="break_id")
        .group_by("cause", "found_on")
        .agg(breaks=pl.len(), open_breaks=(pl.col("state") == BreakState.OPEN.value).sum())
    )
    return [NewBreaks(year=year, **row) for row in counted.sort("found_on", "cause").iter_rows(named=True)]
