"""Frames out of queries and into tables, through COPY: columns all the way, which Python never touches row by row.

Reading is CSV, which Polars parses; writing is PostgreSQL's binary form (``warehouse.binary_rows``).
"""

import io
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import Any, TypeAlias

import polars as pl
import psycopg
from psycopg import sql
from sqlalchemy import ARRAY, Boolean, ColumnElement, Connection, Select, Text, cast, func

from schemas.declaration import Kind
from warehouse.binary_rows import SIGNATURE, TRAILER, binary_rows
from warehouse.database import driver_of
from warehouse.errors import WarehouseUnreachable, first_line, is_gone, place_of

Buffer: TypeAlias = bytes | bytearray | memoryview

ROWS_AT_ONCE = 10_000
"""Rows whose bytes are in memory when they are written."""

ROWS_JOINED = 200
"""Rows that are joined at a time when they are read: more of them lie in memory by themselves, which costs twice."""

CSV = "FORMAT CSV"

SEPARATOR_IN_LISTS = "|"
"""Between the words of a list. Words of a vocabulary hold no such sign."""


def read_frame(connection: Connection, query: Select[Any], schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """The rows of a query in its order, as a frame of that schema; null stays apart from an empty text or list.

    Args:
        connection: inside the transaction whose view is wanted.
        query: its columns are those of the schema, in order.
        schema: names and types. Lists are lists of words.
    """
    asked, parsed = _as_csv(query, schema)
    return parsed(b"".join(_texts(copy_out(connection, asked, CSV), bytes_at_once=None)))


def read_frames(
    connection: Connection, query: Select[Any], schema: Mapping[str, pl.DataType], *, bytes_at_once: int
) -> Iterator[pl.DataFrame]:
    """The rows of a query in its order, as frames of about that many bytes of text each.

    One text is parsed while the next comes in, so that of two texts both are in memory. At least one frame, empty when
    there are no rows.
    """
    asked, parsed = _as_csv(query, schema)
    waiting: deque[Future[pl.DataFrame]] = deque()
    with ThreadPoolExecutor(1) as pool:
        for text in _texts(copy_out(connection, asked, CSV), bytes_at_once):
            waiting.append(pool.submit(parsed, text))
            if len(waiting) > 1:
                yield waiting.popleft().result()
        yield waiting.popleft().result()


def _as_csv(
    query: Select[Any], schema: Mapping[str, pl.DataType]
) -> tuple[Select[Any], Callable[[bytes], pl.DataFrame]]:
    """A query whose answer Polars can read as CSV, and what reads it."""
    lists = [name for name, kind in schema.items() if isinstance(kind, pl.List)]
    if lists or pl.Boolean in schema.values():
        query = query.with_only_columns(*map(_in_words, query.selected_columns))
    as_text = {name: pl.String() if name in lists else kind for name, kind in schema.items()}
    words = pl.col(lists).str.split(SEPARATOR_IN_LISTS).list.filter(pl.element() != "")

    def parsed(text: bytes) -> pl.DataFrame:
        read = pl.read_csv(io.BytesIO(text), has_header=False, schema=as_text, raise_if_empty=False)
        return read.with_columns(words) if lists else read

    return query, parsed


def _in_words(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """A list or a truth as Polars reads it in a CSV; any other column as it is."""
    if isinstance(column.type, ARRAY):
        return func.array_to_string(column, SEPARATOR_IN_LISTS)
    return cast(column, Text) if isinstance(column.type, Boolean) else column


def _texts(rows: Iterator[Buffer], bytes_at_once: int | None) -> Iterator[bytes]:
    """Rows joined into texts, many at a time: what Python does once a row is all that reading costs."""
    waiting: list[bytes] = []
    size = 0
    while some := b"".join(islice(rows, ROWS_JOINED)):
        waiting.append(some)
        size += len(some)
        if bytes_at_once is not None and size >= bytes_at_once:
            yield b"".join(waiting)
            waiting, size = [], 0
    yield b"".join(waiting)


def copy_out(connection: Connection, query: Select[Any], options: str) -> Iterator[Buffer]:
    """The rows of a query as COPY gives them, one by one, without ever holding them all.

    Raises:
        WarehouseUnreachable: the connection broke.
    """
    compiled = query.compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True})
    statement = sql.SQL("COPY ({}) TO STDOUT ({})").format(sql.SQL(str(compiled)), sql.SQL(options))
    try:
        with driver_of(connection).cursor() as cursor, cursor.copy(statement) as copy:
            yield from copy
    except psycopg.Error as error:
        if is_gone(connection):
            raise WarehouseUnreachable(place_of(connection), first_line(error)) from None
        raise


def write_frame(connection: Connection, table: str, rows: pl.DataFrame, kinds: Mapping[str, Kind]) -> None:
    """Append the rows of a frame to a table, in their order.

    Args:
        connection: in the transaction that writes; the caller ends it.
        table: its name.
        rows: a column per name in ``kinds``, in the types of ``schemas.frame_types.FRAME_TYPES``.
        kinds: the columns that are filled.
    """
    pieces = (binary_rows(some, kinds) for some in rows.iter_slices(ROWS_AT_ONCE))
    copy_in(connection, table, list(kinds), pieces)


def copy_in(connection: Connection, table: str, columns: Iterable[str], pieces: Iterable[bytes]) -> None:
    """Send rows as they are, in PostgreSQL's own binary form, to some columns of a table."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with driver_of(connection).cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(SIGNATURE)
        for piece in pieces:
            copy.write(piece)
        copy.write(TRAILER)
