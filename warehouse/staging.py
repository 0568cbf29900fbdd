"""The rows of a micro-batch on their way into their event table: copied beside it first, then those that are new.

An id that is there already and says something else is found here too: what counts is what would be stored.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
from sqlalchemy import Column, ColumnElement, Connection, Integer, MetaData, Table, Text, and_, select, tuple_
from sqlalchemy.dialects.postgresql import JSONB, distinct_on, insert
from sqlalchemy.schema import CreateTable

from schemas.declaration import Kind, Source
from schemas.sources.extracts import SOURCE as EXTRACTS
from warehouse.binary_rows import binary_rows
from warehouse.copying import ROWS_AT_ONCE, copy_in
from warehouse.tables.events import EVENT_KEY, event_table
from warehouse.tables.extracts import CONTROL_ARRIVAL

PLACE = "place_in_batch"
"""The column of a staging table that says which of the batch's events a row is, from 0."""

COUNTED = {"preserve_rowcount": True}
"""SQLAlchemy drops the number of rows that an INSERT wrote, unless it is asked for."""

OnStep = Callable[[str], None]
"""Called with the name of each step when it is done. For tests that end the process in between."""


@dataclass(frozen=True)
class CopyRows:
    """Events in the binary form in which a COPY takes them, in the order of their ids, each with its place.

    Attributes:
        events: how many there are, those with an id of another among them.
        pieces: the bytes.
    """

    events: int = 0
    pieces: Sequence[bytes] = ()


def copy_rows(source: Source, events: pl.DataFrame) -> CopyRows:
    """Events as rows for a COPY. It takes a while and needs no connection, so it may be done ahead.

    Args:
        source: the declaration that they hold to.
        events: ``event_source``, ``event_id`` and the declared columns (``schemas.wire.events.Decoded.events``).
    """
    kinds = {**dict.fromkeys(EVENT_KEY, Kind.TEXT), **{field.name: field.kind for field in source.fields}}
    kinds[PLACE] = Kind.INTEGER
    rows = events.with_row_index(PLACE).select(list(kinds)).sort(*EVENT_KEY, PLACE)
    return CopyRows(events.height, [binary_rows(some, kinds) for some in rows.iter_slices(ROWS_AT_ONCE)])


def insert_events(
    connection: Connection, source: Source, rows: CopyRows, on_step: OnStep
) -> tuple[int, tuple[int, ...]]:
    """Insert the events that are not there yet, through a staging table; of control records keep their order too.

    Returns:
        How many, and the places of those whose id is there and says something else.
    """
    if not rows.events:
        return 0, ()
    table = event_table(source)
    staging = _staging_table(source)
    connection.execute(CreateTable(staging))
    copy_in(connection, staging.name, [*EVENT_KEY, *(field.name for field in source.fields), PLACE], rows.pieces)
    on_step("copied")
    offsets = {field.name for field in source.fields if field.kind is Kind.OFFSETS}
    came = {
        column.name: column.cast(JSONB) if column.name in offsets else column
        for column in staging.columns
        if column.name != PLACE
    }
    # sorted by id, so that two loaders with the same events never wait for each other in a circle; they are already,
    # and PostgreSQL has but to see it
    key = [staging.c[name] for name in EVENT_KEY]
    news = select(*came.values()).ext(distinct_on(*key)).order_by(*key, staging.c[PLACE])
    new = insert(table).from_select(list(came), news).on_conflict_do_nothing(index_elements=EVENT_KEY)
    inserted = connection.execute(new, execution_options=COUNTED).rowcount
    reused = _reused(connection, staging, table, came) if inserted < rows.events else ()
    if source.name == EXTRACTS.name:
        in_order = select(*key).order_by(staging.c[PLACE])
        connection.execute(insert(CONTROL_ARRIVAL).from_select(list(EVENT_KEY), in_order).on_conflict_do_nothing())
    on_step("inserted")
    return inserted, reused


def _reused(
    connection: Connection, staging: Table, table: Table, came: Mapping[str, ColumnElement[Any]]
) -> tuple[int, ...]:
    """The places of the events whose id is in the table and says something else there."""
    same_id = and_(*(staging.c[name] == table.c[name] for name in EVENT_KEY))
    stored = tuple_(*(table.c[name] for name in came))
    others = select(staging.c[PLACE]).join(table, same_id).where(tuple_(*came.values()).is_distinct_from(stored))
    return tuple(connection.execute(others.order_by(staging.c[PLACE])).scalars())


def _staging_table(source: Source) -> Table:
    """The columns of the event table that a batch fills, in a table that lives as long as the transaction."""
    columns: list[Column[Any]] = [
        Column(column.name, Text() if isinstance(column.type, JSONB) else column.type)
        for column in event_table(source).columns
        if column.name != "ingested_at"
    ]
    columns.append(Column(PLACE, Integer()))
    return Table(f"staging_{source.name}", MetaData(), *columns, prefixes=["TEMPORARY"], postgresql_on_commit="DROP")
