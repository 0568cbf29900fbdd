"""Read what the rules about breaks look at, counted as ``ketenbalans breaks`` lists them."""

from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any

import polars as pl
from sqlalchemy import Connection

from ketenbalans.alerts.facts import NewBreaks, PastDue
from ketenbalans.code_version import digest_of_all_texts
from ketenbalans.columns.kept_frame import kept_frame
from ketenbalans.jobs.breaks.of_balance import kept_of, read_breaks
from ketenbalans.reconciliation.break_life import STARTS, break_history
from schemas.alert_policy import AlertPolicy
from schemas.breaks import BreakState
from schemas.period import Period
from schemas.policy import Policy
from warehouse.breaks import BreakLook, last_look, last_observations, years_kept
from warehouse.decisions import last_decision

STILL_COUNT = (BreakState.OPEN.value, BreakState.EXPLAINED.value)
"""Breaks of a flood that still stand: what waits may solve itself, and what a person took or accepted is in hands."""


STANDING = {
    "year": pl.Int32(),
    "looked_as_of": pl.Date(),
    "cause": pl.String(),
    "state": pl.String(),
    "has_owner": pl.Boolean(),
    "open_since": pl.Date(),
    "found_on": pl.Date(),
}
"""A break that stands: its year, the day of the balance that was kept last, since when it is open, and the day of the
balance that found it with this cause."""


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
    for year, of_year in _standing(connection, policy=policy).partition_by("year", as_dict=True).items():
        _count(found, int(str(year[0])), of_year, as_of=as_of, alert_policy=alert_policy)
    return found


def _count(
    found: OpenBreaks, year: int, breaks: pl.DataFrame, *, as_of: date | None, alert_policy: AlertPolicy
) -> None:
    """Add the breaks of a year (``STANDING``) to what was found."""
    found.new.extend(_new_breaks(breaks, year=year))
    open_now = breaks.filter(pl.col("state") == BreakState.OPEN.value)
    if open_now.is_empty():
        return
    found.open_since[year] = open_now["open_since"].min()  # type: ignore[assignment]
    looked_as_of = breaks["looked_as_of"][0]
    day = max(looked_as_of, as_of or looked_as_of)
    late = open_now.filter(
        ~pl.col("has_owner"), pl.lit(day) - pl.col("open_since") > pl.duration(days=alert_policy.take_within_days)
    )
    if not late.is_empty():
        since: Any = late["open_since"].min()
        found.past_due.append(
            PastDue(year=year, breaks=late.height, since=since, open_breaks=open_now.height, as_of=looked_as_of)
        )


def _standing(connection: Connection, *, policy: Policy) -> pl.DataFrame:
    """Every break that stands, of every year that is kept, as its list has it now (``STANDING``).

    Each year is kept for the next look, until a balance finds other breaks in it or a person says something of breaks.
    """
    written, decided = last_observations(connection), last_decision(connection)
    frames = [pl.DataFrame(schema=STANDING)]
    for year in years_kept(connection):
        look = last_look(connection, year=year)
        assert look is not None, "a year that is kept was looked at"
        key = {
            "code": digest_of_all_texts(),
            "policy": policy.to_dict(),
            "as_of": look.as_of.isoformat(),
            "written": written.get(year, 0),
            "decided": decided,
        }
        work_out = partial(_standing_of, connection, year, look, policy=policy)
        frames.append(kept_frame(connection, f"breaks-{year}", key, work_out))
    return pl.concat(frames)


def _standing_of(connection: Connection, year: int, look: BreakLook, *, policy: Policy) -> pl.DataFrame:
    listed = read_breaks(connection, period=Period.of_year(year), as_of=None, policy=policy)
    assert listed is not None, "a year that is kept is listed"
    kept, decisions = kept_of(connection, year)
    return (
        listed.rows.filter(pl.col("state") != BreakState.RESOLVED.value)
        .join(_open_since(kept, decisions, balanced_on=look.as_of), on="break_id", how="left")
        .join(_found_on(kept), on="break_id", how="left")
        .with_columns(
            year=pl.lit(year, pl.Int32), looked_as_of=pl.lit(look.as_of), has_owner=pl.col("owner").is_not_null()
        )
        .select(pl.col(name).cast(kind) for name, kind in STANDING.items())
    )


def _open_since(kept: pl.DataFrame, decisions: pl.DataFrame, *, balanced_on: date) -> pl.DataFrame:
    """Per break (``break_id``) the day since when it is open, if it is (``open_since``)."""
    steps = break_history(kept, decisions, balanced_on=balanced_on)
    is_open = pl.col("state") == BreakState.OPEN.value
    became_open = is_open & ~is_open.shift(1, fill_value=False).over("break_id")
    open_since = pl.when(became_open).then("on").forward_fill().over("break_id")
    stands = steps.with_columns(open_since=open_since).unique("break_id", keep="last", maintain_order=True)
    return stands.select("break_id", "open_since")


def _found_on(kept: pl.DataFrame) -> pl.DataFrame:
    """Per break (``break_id``) the day of the balance that found it with the cause that it has (``found_on``)."""
    kept = kept.sort("break_id", "as_of", "observation_number")
    is_other = pl.col("cause") != pl.col("cause").shift(1).over("break_id")
    is_new = pl.col("step").is_in(STARTS) | is_other.fill_null(value=True)
    found_on = pl.when(is_new).then("as_of").forward_fill().over("break_id")
    newest = kept.with_columns(found_on=found_on).unique("break_id", keep="last", maintain_order=True)
    return newest.select("break_id", "found_on")


def _new_breaks(breaks: pl.DataFrame, *, year: int) -> list[NewBreaks]:
    """How many of the breaks that still stand each balance found with the cause that they have now."""
    counted = (
        breaks.filter(pl.col("state").is_in(STILL_COUNT))
        .group_by("cause", "found_on")
        .agg(breaks=pl.len(), open_breaks=(pl.col("state") == BreakState.OPEN.value).sum())
    )
    return [NewBreaks(year=year, **row) for row in counted.sort("found_on", "cause").iter_rows(named=True)]
