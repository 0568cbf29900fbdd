"""Reading a query into a frame: as CSV through COPY, which Polars parses in columns and Python never touches."""

import io
from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl
import psycopg
from psycopg import sql
from sqlalchemy import ARRAY, Connection, Select, func

from warehouse.database import driver_of
from warehouse.errors import WarehouseUnreachable, first_line, is_gone, place_of

SEPARATOR_IN_LISTS = "|"
"""Between the words of a list. Words of a vocabulary hold no such sign."""


def read_frame(connection: Connection, query: Select[Any], schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """The rows of a query in its order, as a frame of that schema; null stays apart from an empty text or list.

    Args:
        connection: inside the transaction whose view is wanted.
        query: its columns are those of the schema, in order.
        schema: names and types. Lists are lists of words.
    """
    lists = [name for name, kind in schema.items() if isinstance(kind, pl.List)]
    if lists:
        frame = query.add_columns()
        columns = [
            func.array_to_string(column, SEPARATOR_IN_LISTS) if isinstance(column.type, ARRAY) else column
            for column in query.selected_columns
        ]
        query = frame.with_only_columns(*columns)
    text = b"".join(copy_out(connection, query, "FORMAT CSV"))
    as_text = {name: pl.String() if name in lists else kind for name, kind in schema.items()}
    read = pl.read_csv(io.BytesIO(text), has_header=False, schema=as_text, raise_if_empty=False)
    words = pl.col(lists).str.split(SEPARATOR_IN_LISTS).list.filter(pl.element() != "")
    return read.with_columns(words) if lists else read


def copy_out(connection: Connection, query: Select[Any], options: str) -> Iterator[bytes]:
    """The rows of a query as COPY gives them, in blocks, without ever holding them all.

    Raises:
        WarehouseUnreachable: the connection broke.
    """
    compiled = query.compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True})
    statement = sql.SQL("COPY ({}) TO STDOUT ({})").format(sql.SQL(str(compiled)), sql.SQL(options))
    try:
        with driver_of(connection).cursor() as cursor, cursor.copy(statement) as copy:
            for block in copy:
                yield bytes(block)
    except psycopg.Error as error:
        if is_gone(connection):
            raise WarehouseUnreachable(place_of(connection), first_line(error)) from None
        raise
