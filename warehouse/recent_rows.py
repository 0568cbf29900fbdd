"""What was recorded lately, as the alert rules use it: days, words and whether something is filled. No identifiers."""

from datetime import date, timedelta
from typing import Any

import polars as pl
from sqlalchemy import ColumnElement, Connection, Date, Select, Text, and_, case, cast, func, literal, null, select
from sqlalchemy.dialects.postgresql import distinct_on

from schemas.declaration import Field, Kind, Source
from schemas.period import Period
from warehouse.copying import read_frame
from warehouse.state import CLOCK, end_of_day, newest_first
from warehouse.tables.events import event_table

MISSING = "missing"
FILLED = "filled"
IN_TIME = "in time"
LONG_AGO = "long ago"


def read_recent(
    connection: Connection, source: Source, *, since: date, long_after_days: int, after_load: int = 0
) -> pl.DataFrame:
    """Every event of a source that was recorded after a day, in no order.

    Args:
        connection: inside a transaction.
        source: whose; one with mutations.
        since: rows up to the end of this day are left out.
        long_after_days: a day that lies longer than this before its row was recorded is ``long ago``.
        after_load: rows that this load brought, or one before it, are left out.

    Returns:
        ``recorded_on`` (the day in Amsterdam), ``is_first`` (the mutation that begins a record), ``unit`` (null where a
        source has none), and a text per watched column: of a vocabulary the word or ``missing``, of another column
        that may be empty ``filled`` or ``missing``, of a date ``in time`` or ``long ago``.
    """
    table = event_table(source)
    columns = _columns(source, cast(func.timezone(CLOCK, table.c.recorded_at), Date), long_after_days)
    schema: dict[str, pl.DataType] = {name: pl.String() for name in columns}
    schema |= {"recorded_on": pl.Date(), "is_first": pl.String()}
    query: Select[Any] = select(*columns.values()).where(table.c.recorded_at >= literal(end_of_day(since)))
    if after_load:
        query = query.where(table.c.load_number > after_load)
    rows = read_frame(connection, query, schema)
    return rows.with_columns(is_first=pl.col("is_first") == "t")


def read_mended(connection: Connection, source: Source, *, window: Period, long_after_days: int) -> pl.DataFrame:
    """The records of a source that began in a window, as ``read_recent`` gives their first rows, as known now.

    Args:
        connection: inside a transaction.
        source: whose; one with mutations.
        window: by the day on which a record began.
        long_after_days: how long before a record began a day of it is ``long ago``.
    """
    assert source.mutations is not None, "a source without mutations has no records that begin"
    table = event_table(source)
    key = [name for name in source.record_key if name != "recorded_at"]
    first = next(iter(source.mutations)).value
    begins, ends = literal(end_of_day(window.start - timedelta(days=1))), literal(end_of_day(window.end))
    began = (
        select(*(table.c[name] for name in key), func.min(table.c.recorded_at).label("began_at"))
        .where(table.c.mutation == first, table.c.recorded_at >= begins, table.c.recorded_at < ends)
        .group_by(*(table.c[name] for name in key))
        .subquery()
    )
    records = [table.c[name] for name in key]
    joined = table.join(began, and_(*(table.c[name] == began.c[name] for name in key)))
    began_on = cast(func.timezone(CLOCK, began.c.began_at), Date)
    columns = _columns(source, began_on, long_after_days)
    query = (
        select(*columns.values())
        .select_from(joined)
        .ext(distinct_on(*records))
        .order_by(*records, *newest_first(source, table))
    )
    schema: dict[str, pl.DataType] = {name: pl.String() for name in columns}
    schema |= {"recorded_on": pl.Date()}
    return read_frame(connection, query, schema).with_columns(is_first=pl.lit(value=True))


def _columns(source: Source, recorded_on: ColumnElement[Any], long_after_days: int) -> dict[str, ColumnElement[Any]]:
    """The day, whether a row begins a record, its unit, and a text per watched column."""
    assert source.mutations is not None, "a source without mutations has no records that begin"
    table = event_table(source)
    has_units = any(field.name == "unit" for field in source.fields)
    columns: dict[str, ColumnElement[Any]] = {
        "recorded_on": recorded_on,
        "is_first": table.c.mutation == next(iter(source.mutations)).value,
        "unit": table.c.unit if has_units else cast(null(), Text),
    }
    for field in source.fields:
        watched = _watched(field, table.c[field.stored_as], recorded_on, long_after_days)
        if watched is not None:
            columns[field.name] = watched
    return {name: column.label(name) for name, column in columns.items()}


def _watched(
    field: Field, column: ColumnElement[Any], recorded_on: ColumnElement[Any], long_after_days: int
) -> ColumnElement[Any] | None:
    """What is watched of a column; None for what has no share: identifiers, lists, numbers."""
    if field.name in ("mutation", "unit"):
        return None
    if field.kind is Kind.TEXT and field.words is not None:
        return func.coalesce(column, MISSING)
    if field.kind is Kind.DATE:
        return case((column < recorded_on - timedelta(days=long_after_days), LONG_AGO), else_=IN_TIME)
    if not field.required and field.kind in (Kind.TEXT, Kind.INTEGER):
        return case((column.is_(None), MISSING), else_=FILLED)
    return None
