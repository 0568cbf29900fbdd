"""Find breaks by their ids: where they stand and what happened to them, without reading the others of their year."""

from bisect import bisect
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from difflib import get_close_matches

import polars as pl
from sqlalchemy import Connection, Engine

from ketenbalans.jobs.breaks.of_balance import as_they_stand, kept_breaks
from ketenbalans.reconciliation.break_life import break_history
from schemas.answer_breaks import StandingBreak
from schemas.control_signs import has_control_signs
from schemas.period import InvalidPeriod, Period
from warehouse.breaks import last_look, read_observations, years_kept
from warehouse.database import snapshot
from warehouse.decisions import read_break_decisions
from warehouse.errors import DecisionRefused

COMPARED = 1_000
"""How many breaks are compared with an id of which there is none, to name the nearest."""


def standing_breaks(rows: pl.DataFrame) -> list[StandingBreak]:
    """The breaks of a frame (``reconciliation.break_life.LIFE``), in its order."""
    return [StandingBreak(**row) for row in rows.iter_rows(named=True)]


def named_breaks(connection: Connection, break_ids: Iterable[str]) -> dict[str, StandingBreak]:
    """The breaks of those ids as they stand now, by id; an id of which there is no break is left out.

    Args:
        connection: of a snapshot, or of a transaction that holds the decisions.
        break_ids: which; each year is read once.
    """
    of_year: dict[Period, set[str]] = defaultdict(set)
    for break_id in break_ids:
        period = _year_of(break_id)
        if period is not None:
            of_year[period].add(break_id)
    found: dict[str, StandingBreak] = {}
    for period, asked in of_year.items():
        year = period.start.year
        last = last_look(connection, year=year)
        if last is not None:
            kept = read_observations(connection, year=year, break_ids=asked)
            decisions = read_break_decisions(connection, year=year, break_ids=asked)
            rows = as_they_stand(kept, decisions, last=last, period=period).rows
            found.update((one.break_id, one) for one in standing_breaks(rows))
    return found


def find_break(engine: Engine, break_id: str) -> tuple[date, StandingBreak]:
    """The break of that id as it stands now, with the day of the last balance of its year.

    Raises:
        DecisionRefused: there is none; the message names the nearest that there are.
    """
    with snapshot(engine) as connection:
        found = named_breaks(connection, [break_id]).get(break_id)
        if found is None:
            raise no_such_break(connection, break_id)
        last = last_look(connection, year=int(break_id.partition("-")[0]))
    assert last is not None, "a break is found by a balance"
    return last.as_of, found


def history_of(engine: Engine, break_id: str) -> pl.DataFrame:
    """The steps of one break in order (``break_life.break_history``)."""
    year = int(break_id.partition("-")[0])
    with snapshot(engine) as connection:
        kept = read_observations(connection, year=year, break_ids=[break_id])
        decisions = read_break_decisions(connection, year=year, break_ids=[break_id])
        last = last_look(connection, year=year)
    assert last is not None, "a break that is shown was found by a balance"
    return break_history(kept, decisions, balanced_on=last.as_of)


def no_such_break(connection: Connection, break_id: str) -> DecisionRefused:
    """What says that there is no break of that id, and names the nearest that there are."""
    period = _year_of(break_id)
    kept = None if period is None else kept_breaks(connection, year=period.start.year)
    if kept is None:
        years = ", ".join(map(str, years_kept(connection)))
        return DecisionRefused(
            f"there is no break {break_id}; breaks are kept of the calendar years {years or '(none yet)'}, as soon as "
            "one is balanced (`ketenbalans reconcile`)"
        )
    near = get_close_matches(break_id, _around(break_id, kept.rows["break_id"].to_list()), n=3)
    hint = f"; near it: {', '.join(near)}" if near else ""
    return DecisionRefused(
        f"there is no break {break_id}{hint} (`ketenbalans breaks --period {kept.period}` lists them)"
    )


def _around(break_id: str, others: list[str]) -> list[str]:
    """Those of others, in their order, that stand near it: to compare all of a large year takes seconds."""
    place = bisect(others, break_id)
    return others[max(0, place - COMPARED // 2) : place + COMPARED // 2]


def _year_of(break_id: str) -> Period | None:
    """The calendar year that an id begins with; None when it begins with none of a register."""
    try:
        period = Period.parse(break_id.partition("-")[0])
    except InvalidPeriod:
        return None
    return None if has_control_signs(break_id) else period  # PostgreSQL keeps no text with a zero byte
