"""Breaks as they are kept: which days were looked at, and what each look found otherwise than the one before."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl
from sqlalchemy import Column, Connection, Select, func, insert, select

from schemas.break_frames import KEPT, OBSERVATION
from schemas.declaration import Kind
from schemas.frame_types import FRAME_TYPES
from warehouse.copying import read_frame, write_frame
from warehouse.locks import Lock, hold
from warehouse.parameters import any_of
from warehouse.tables.breaks import BREAK_LOOK, BREAK_OBSERVATION, DECISION

OBSERVED = {
    "year": Kind.INTEGER,
    **{
        name: next(kind for kind, held in FRAME_TYPES.items() if held == as_kept)
        for name, as_kept in OBSERVATION.items()
    },
}
"""What a look writes of an observation: the columns of the table and their kinds."""


DECISIONS = "decisions"
"""What persons decided, beside the sources."""


@dataclass(frozen=True, kw_only=True)
class BreakLook:
    """A balance whose breaks were kept.

    Attributes:
        as_of: the day of the balance.
        balance_id: the balance.
        looked_at: the moment up to which events were read.
        loads: the newest load of each source by then (``warehouse.loads.last_load_numbers``), and the number of the
            last decision under ``DECISIONS``.
        found_digest: of the breaks that it found; None of a look from before that was kept.
    """

    as_of: date
    balance_id: int
    looked_at: datetime
    loads: Mapping[str, int]
    found_digest: str | None = None


def hold_breaks(connection: Connection) -> None:
    """Let nobody else keep breaks until the transaction ends."""
    hold(connection, Lock.BREAKS)


@dataclass(frozen=True, kw_only=True)
class BreakMoment:
    """How far the breaks had come: what was kept of them and decided about them since changes nothing of that moment.

    Attributes:
        look: the number of the last look; 0: none yet. Looks are made one after the other, decisions too, so whoever
            sees a number sees all before it.
        observation: the number of the last observation, likewise.
        decision: the number of the last decision, likewise.
        made_by: when that look was made and which decision that is: of two warehouses that give the same numbers, or
            of one that was made anew, each has its own.
    """

    look: int
    observation: int
    decision: int
    made_by: tuple[datetime | None, str | None]


def break_moment(connection: Connection, *, up_to: tuple[int, int, int] | None = None) -> BreakMoment:
    """How far the breaks have come, in one query; with the numbers of an earlier moment: how far they had come then."""
    numbers = (BREAK_LOOK.c.look_number, BREAK_OBSERVATION.c.observation_number, DECISION.c.decision_number)
    asked = (
        (numbers[0], numbers[0], 0),
        (numbers[1], numbers[1], 1),
        (numbers[2], numbers[2], 2),
        (BREAK_LOOK.c.looked_at, numbers[0], 0),
        (DECISION.c.decision_id, numbers[2], 2),
    )
    newest = [_newest(value, number, None if up_to is None else up_to[place]) for value, number, place in asked]
    row = connection.execute(select(*(one.scalar_subquery() for one in newest))).one()
    look, observation, decision, looked_at, decision_id = tuple(row)
    return BreakMoment(
        look=look or 0, observation=observation or 0, decision=decision or 0, made_by=(looked_at, decision_id)
    )


def _newest(value: Column[Any], number: Column[Any], up_to: int | None) -> Select[Any]:
    query = select(value) if up_to is None else select(value).where(number <= up_to)
    return query.order_by(number.desc()).limit(1)


def last_look(
    connection: Connection, *, year: int, as_of: date | None = None, up_to: int | None = None
) -> BreakLook | None:
    """The newest balance of a year whose breaks were kept, of those up to a day; None when there is none.

    With ``up_to`` without the looks after that number.
    """
    columns = [BREAK_LOOK.c[name] for name in BreakLook.__dataclass_fields__]
    looks = select(*columns).where(BREAK_LOOK.c.year == year)
    if up_to is not None:
        looks = looks.where(BREAK_LOOK.c.look_number <= up_to)
    if as_of is not None:
        looks = looks.where(BREAK_LOOK.c.as_of <= as_of)
    newest = looks.order_by(BREAK_LOOK.c.as_of.desc(), BREAK_LOOK.c.look_number.desc()).limit(1)
    row = connection.execute(newest).mappings().one_or_none()
    return None if row is None else BreakLook(**row)


def years_kept(connection: Connection) -> list[int]:
    """The years whose breaks are kept, ascending."""
    return list(connection.scalars(select(BREAK_LOOK.c.year).distinct().order_by(BREAK_LOOK.c.year)))


def read_observations(
    connection: Connection, *, year: int, break_ids: Iterable[str] | None = None, up_to: int | None = None
) -> pl.DataFrame:
    """The observations of a year (``schemas.break_frames.KEPT``), in the order of writing.

    With ``break_ids`` those of these breaks only; with ``up_to`` without those after that number.
    """
    query = select(*(BREAK_OBSERVATION.c[name] for name in KEPT)).where(BREAK_OBSERVATION.c.year == year)
    if break_ids is not None:
        query = query.where(BREAK_OBSERVATION.c.break_id == any_of(break_ids))
    if up_to is not None:
        query = query.where(BREAK_OBSERVATION.c.observation_number <= up_to)
    return read_frame(connection, query.order_by(BREAK_OBSERVATION.c.observation_number), KEPT)


def last_observations(connection: Connection) -> dict[int, int]:
    """The number of the last observation of each year; a year without any is left out."""
    table = BREAK_OBSERVATION.c
    newest = select(table.year, func.max(table.observation_number)).group_by(table.year)
    return dict(map(tuple, connection.execute(newest)))


def keep_look(connection: Connection, look: BreakLook, *, year: int, observed: pl.DataFrame) -> None:
    """Write down that a balance was looked at, and what it found otherwise than the one before.

    Args:
        connection: in the transaction that stores the balance, after ``hold_breaks``.
        look: which balance.
        year: the calendar year of the balance.
        observed: ``schemas.break_frames.OBSERVATION``.
    """
    connection.execute(insert(BREAK_LOOK).values(year=year, **vars(look)))
    write_frame(connection, BREAK_OBSERVATION.name, observed.with_columns(year=pl.lit(year, pl.Int32)), OBSERVED)


def moment_of(connection: Connection) -> datetime:
    """The moment at which the transaction began, by the warehouse's clock: ``ingested_at`` is reported by the same."""
    moment = connection.scalar(select(func.now()))
    assert isinstance(moment, datetime)
    return moment
