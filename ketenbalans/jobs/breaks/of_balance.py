"""Keep the breaks of a balance, and read them: as they are kept, or worked out for another day or period."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

import polars as pl
from sqlalchemy import Connection, Engine

from ketenbalans.jobs.balancing.chains import chain_on
from ketenbalans.reconciliation.balance import Balance, balance
from ketenbalans.reconciliation.break_life import break_life
from ketenbalans.reconciliation.breaks import found_breaks, observations, resolving_events, with_break_ids
from schemas.break_frames import BREAK_DECISION, KEPT, OBSERVATION
from schemas.breaks import BreakStep
from schemas.coded_state import case_number, dossier_key
from schemas.period import Period
from schemas.policy import Policy
from warehouse.balances import StoredBalance
from warehouse.breaks import BreakLook, hold_breaks, keep_look, last_look, read_observations
from warehouse.database import once_in, snapshot
from warehouse.decisions import read_break_decisions
from warehouse.evidence import events_between
from warehouse.extracts import default_as_of


@dataclass(frozen=True, kw_only=True)
class Breaks:
    """The breaks of a period as they stand on a day.

    Attributes:
        period: the period.
        as_of: the day of the balance that found them.
        decided_until: the day up to which decisions are seen: ``as_of``, or that of the last decision since.
        is_kept: whether they are those of a balance that was kept; else they were worked out and nothing was kept.
        rows: ``reconciliation.break_life.LIFE``.
    """

    period: Period
    as_of: date
    decided_until: date
    is_kept: bool
    rows: pl.DataFrame


@dataclass(frozen=True, kw_only=True)
class FoundBreaks:
    """The breaks that the balance of a period found.

    Attributes:
        period: the period.
        digest: of the breaks (``digest_of``).
        work_out: gives the balance and its breaks (``reconciliation.breaks.found_breaks``), when they are needed.
    """

    period: Period
    digest: str
    work_out: Callable[[], tuple[Balance, pl.DataFrame]]


def keep_breaks(connection: Connection, found: FoundBreaks, look: BreakLook) -> None:
    """Write down what the balance of a calendar year found otherwise than the one before. Breaks only move forward.

    A balance for a day before the last one kept, or one made from less than that one knew, is a look back and changes
    nothing. One that finds just what the last one found writes down nothing but the look.

    Args:
        connection: in the transaction that stores the balance.
        found: what the balance found, under the standing policy.
        look: which balance it is as it is stored, and what had been loaded when events were read.
    """
    hold_breaks(connection)
    year = found.period.start.year
    last = last_look(connection, year=year)
    if last is not None and (look.as_of, look.looked_at) < (last.as_of, last.looked_at):
        return
    look = replace(look, found_digest=found.digest)
    if last is None or last.found_digest != found.digest:
        balance_then, breaks = found.work_out()
        kept = newest_of_each(read_observations(connection, year=year))
        observed = observations(kept, with_break_ids(breaks, year=year), as_of=look.as_of)
        if last is not None:
            observed = _with_resolving_events(connection, observed, balance_then, (last, look))
    else:
        observed = pl.DataFrame(schema=OBSERVATION)
    keep_look(connection, look, year=year, observed=observed)


def digest_of(breaks: pl.DataFrame) -> str:
    """SHA-256 over the breaks that a balance found (``reconciliation.breaks.found_breaks``), in their order."""
    return hashlib.sha256(breaks.write_csv(null_value="\\N").encode()).hexdigest()


def read_breaks(warehouse: Engine | Connection, *, period: Period, as_of: date | None, policy: Policy) -> Breaks | None:
    """Give the breaks of a period as they stand on a day.

    Args:
        warehouse: which, or the connection of a snapshot.
        period: a calendar year has breaks that are kept; those of another period are worked out and not kept.
        as_of: None: as they stand now, which is the last balance that was kept and what was decided since.
        policy: for what has to be worked out.

    Returns:
        None when no day is known yet.
    """
    year = period.start.year
    with snapshot(warehouse) as connection:
        last = last_look(connection, year=year, as_of=as_of) if period.is_calendar_year else None
        if last is not None and as_of in (None, last.as_of):
            return _as_kept(connection, last, period=period, as_of=as_of)
        day_asked = as_of or default_as_of(connection)
        if day_asked is None:
            return None
        worked_out = found_breaks(balance(chain_on(connection, day_asked, policy=policy), period), policy=policy)
        return breaks_of(connection, worked_out, period=period, as_of=day_asked)


def kept_breaks(connection: Connection, *, year: int) -> Breaks | None:
    """The breaks of a year that are kept, as they stand now; None when none are.

    Args:
        connection: of a snapshot, or of a transaction that holds the decisions.
        year: the calendar year.
    """
    last = last_look(connection, year=year)
    return None if last is None else _as_kept(connection, last, period=Period.of_year(year), as_of=None)


def as_they_stand(kept: pl.DataFrame, decisions: pl.DataFrame, *, last: BreakLook, period: Period) -> Breaks:
    """The breaks of a calendar year as they stand now: on the day of the last balance, or of the last decision since.

    Args:
        kept: what was kept of them, or of some of them (``KEPT``).
        decisions: what was decided about the same ones (``BREAK_DECISION``).
        last: the last balance of which breaks were kept.
        period: the year.
    """
    decided_on = decisions["decided_on"].max()
    day = max(last.as_of, decided_on) if isinstance(decided_on, date) else last.as_of
    rows = break_life(kept, decisions, as_of=day, balanced_on=last.as_of)
    return Breaks(period=period, as_of=last.as_of, decided_until=day, is_kept=True, rows=rows)


def _as_kept(connection: Connection, last: BreakLook, *, period: Period, as_of: date | None) -> Breaks:
    """The breaks of a year as they stand on the day of the last look, or now where no day is asked for."""
    kept, decisions = kept_of(connection, period.start.year)
    if as_of is None:
        return as_they_stand(kept, decisions, last=last, period=period)
    rows = break_life(kept.filter(pl.col("as_of") <= as_of), decisions, as_of=last.as_of)
    return Breaks(period=period, as_of=last.as_of, decided_until=last.as_of, is_kept=True, rows=rows)


def breaks_of_stored(connection: Connection, stored: StoredBalance, *, policy: Policy) -> Breaks:
    """Give the breaks that a stored balance has, as they stand on its day: as they are kept, where they are its own.

    Those of another balance of that day, of an older input or another policy, are not: then they are worked out.

    Args:
        connection: of a snapshot that holds just what the balance was made from.
        stored: the balance.
        policy: the numbers that it was made with.
    """
    period, as_of = stored.period, stored.as_of
    last = last_look(connection, year=period.start.year, as_of=as_of) if period.is_calendar_year else None
    if last is not None and (last.as_of, last.balance_id) == (as_of, stored.balance_id):
        kept = read_breaks(connection, period=period, as_of=as_of, policy=policy)
        assert kept is not None, "a balance has a day"
        return kept
    found = found_breaks(balance(chain_on(connection, as_of, policy=policy), period), policy=policy)
    return breaks_of(connection, found, period=period, as_of=as_of)


def kept_of(connection: Connection, year: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What was kept of the breaks of a year (``KEPT``) and decided about them (``BREAK_DECISION``), read once.

    Args:
        connection: of a snapshot.
        year: the calendar year.
    """
    return once_in(
        connection,
        (kept_of, year),
        lambda: (read_observations(connection, year=year), read_break_decisions(connection, year=year)),
    )


def breaks_of(connection: Connection, found: pl.DataFrame, *, period: Period, as_of: date) -> Breaks:
    """Give the breaks of a balance as they stand on its day, with what was kept of them and decided by then.

    Nothing is kept. A part of a calendar year sees what was decided about the breaks of that year; a period that lies
    in several years sees no decision, since a record may be a break of each.

    Args:
        connection: of a snapshot.
        found: the breaks that the balance found (``reconciliation.breaks.found_breaks``).
        period: the period of the balance.
        as_of: its day.
    """
    year = period.start.year
    decisions, kept = pl.DataFrame(schema=BREAK_DECISION), pl.DataFrame(schema=KEPT)
    rows = with_break_ids(found, year=year)
    if period.end.year == year:
        kept, decisions = kept_of(connection, year)
        kept = kept.filter(pl.col("as_of") <= as_of)
    if not period.is_calendar_year:  # the other breaks of the year are not resolved, but none of the period
        kept = kept.filter(pl.col("break_id").is_in(rows["break_id"].implode()))
    newer = observations(newest_of_each(kept), rows, as_of=as_of)
    numbered = newer.with_row_index(
        "observation_number", offset=kept.height and kept["observation_number"].to_list()[-1] + 1
    )
    both = pl.concat([kept, numbered.select(pl.col(name).cast(kind) for name, kind in KEPT.items())])
    lives = break_life(both, decisions, as_of=as_of)
    return Breaks(period=period, as_of=as_of, decided_until=as_of, is_kept=False, rows=lives)


def newest_of_each(kept: pl.DataFrame) -> pl.DataFrame:
    """The newest observation of each break."""
    return kept.sort("as_of", "observation_number").unique("break_id", keep="last", maintain_order=True)


def _with_resolving_events(
    connection: Connection, observed: pl.DataFrame, found: Balance, looks: tuple[BreakLook, BreakLook]
) -> pl.DataFrame:
    resolved = observed.filter(pl.col("step") == BreakStep.RESOLVED.value)
    if resolved.is_empty():
        return observed
    now = pl.concat(
        one.coded_suspects.select("dossier", "suspect_number", side=pl.lit(one.party), new_case="case")
        for one in found.delivered
    )
    resolved = (
        resolved.with_columns(dossier=dossier_key(pl.col("dossier_number")))
        .join(now, on=["side", "dossier", "suspect_number"], how="left")
        .with_columns(new_case_number=case_number(pl.col("new_case")))
        .drop("dossier", "new_case")
    )
    events = events_between(connection, *looks)
    resolving = resolved.select("break_id", "new_case_number").join(
        resolving_events(resolved, events), on="break_id", how="left"
    )
    return (
        observed.drop("resolved_by")
        .join(resolving, on="break_id", how="left")
        .with_columns(case_number=pl.coalesce("new_case_number", "case_number"))
        .select(observed.columns)
    )
