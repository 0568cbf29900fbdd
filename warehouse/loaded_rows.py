"""The loads of a register, and the rows that some of them brought: what is kept beside the warehouse is made of these.

Loads are numbered in the order in which they were committed, so what a transaction sees is all rows up to a number.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl
from sqlalchemy import ARRAY, Column, ColumnElement, Connection, DateTime, Text, cast, func, select

from schemas.declaration import Source
from warehouse.copying import SEPARATOR_IN_LISTS, read_frames
from warehouse.tables.events import EVENT_KEY, event_table
from warehouse.tables.loads import LOAD

BYTES_AT_ONCE = 16 * 1024 * 1024
"""Text that is parsed at a time, while as much comes in; what is made of it is a third as large."""

WHOLE_SECONDS = len("2014-06-01 09:00:00")


@dataclass(frozen=True)
class LoadMark:
    """One load of a register: where it is the same, so is everything that was loaded up to it.

    Attributes:
        load_number: from 1, without gaps.
        rows_in_all: rows of the source up to this load, this one's included.
        digest: a chain over all that was loaded, in hex.
        loaded_at: the moment of its transaction, which its rows have too. It tells a load from one of the same events
            after the warehouse was put back, which may have given its persons other numbers.
    """

    load_number: int
    rows_in_all: int
    digest: str
    loaded_at: str


def newest_loads(connection: Connection, source: Source, *, at_most: int) -> list[LoadMark]:
    """The last loads of a source that this transaction sees, the newest first; empty when nothing was loaded."""
    table = LOAD.c
    query = _MARKS.where(table.source == source.name).order_by(table.load_number.desc()).limit(at_most)
    return [_mark(row) for row in connection.execute(query)]


def loads_numbered(connection: Connection, source: Source, numbers: Collection[int]) -> list[LoadMark]:
    """Those of some loads of a source that this transaction sees, in any order."""
    query = _MARKS.where(LOAD.c.source == source.name, LOAD.c.load_number.in_(numbers))
    return [_mark(row) for row in connection.execute(query)]


def loads_after(connection: Connection, source: Source, moment: datetime) -> list[int]:
    """The numbers of the loads whose rows came after a moment, ascending.

    They need not be the last ones: of two transactions the one that began first may have been committed second.
    """
    later = select(LOAD.c.load_number).where(LOAD.c.source == source.name, LOAD.c.loaded_at > moment)
    return list(connection.scalars(later.order_by(LOAD.c.load_number)))


def rows_of_loads(
    connection: Connection, source: Source, types: Mapping[str, pl.DataType], *, after: int, up_to: int
) -> Iterator[pl.DataFrame]:
    """The rows that the loads after a number, up to another, brought; in no order, in frames of some 16 MB of text.

    Args:
        connection: inside the transaction whose view is wanted.
        source: the register.
        types: the columns of its event table that are wanted, as a frame holds them; lists as one text, their words
            parted by ``warehouse.copying.SEPARATOR_IN_LISTS``.
        after: the number of a load that is not wanted any more; 0 for none.
        up_to: the number of the last load that is wanted.

    Returns:
        At least one frame of ``event_source``, ``event_id`` and those columns.
    """
    table = event_table(source)
    names = [*EVENT_KEY, *types]
    moments = [name for name, kind in types.items() if isinstance(kind, pl.Datetime)]
    as_text = {name: pl.String() if name in moments else types.get(name, pl.String()) for name in names}
    columns: Sequence[ColumnElement[Any]] = [_as_read(table.c[name]) for name in names]
    query = select(*columns).where(table.c.load_number > after, table.c.load_number <= up_to)
    for frame in read_frames(connection, query, as_text, bytes_at_once=BYTES_AT_ONCE):
        yield frame.with_columns(_moment(name) for name in moments)


_MARKS = select(LOAD.c.load_number, LOAD.c.rows_in_all, LOAD.c.digest, LOAD.c.loaded_at)


def _mark(row: Any) -> LoadMark:
    return LoadMark(row.load_number, row.rows_in_all, row.digest.hex(), row.loaded_at.isoformat())


def _as_read(column: Column[Any]) -> ColumnElement[Any]:
    if isinstance(column.type, ARRAY):
        return func.array_to_string(column, SEPARATOR_IN_LISTS)
    if isinstance(column.type, DateTime):
        return cast(func.timezone("UTC", column), Text)
    return column


def _moment(name: str) -> pl.Expr:
    """A moment of its text: the whole seconds, which Polars reads fast in one form, then the digits behind them."""
    seconds = pl.col(name).str.head(WHOLE_SECONDS).str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us", cache=False)
    behind = pl.col(name).str.slice(WHOLE_SECONDS + 1).str.pad_end(6, "0").cast(pl.Int64)
    return (seconds + pl.duration(microseconds=behind)).dt.replace_time_zone("UTC").alias(name)
