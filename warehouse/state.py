"""State as known on day A, read from the append-only event tables: of each record, the newest mutation known by then.

Known on A is what the source had recorded before midnight at the end of A in Amsterdam; midnight itself is the next
day. Newest is the latest ``recorded_at``, then the latest in the declared order of mutations. What still ties is a
contradiction in the source, which is a quality finding: then the highest ``event_id``.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    Table,
    case,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import distinct_on

from schemas.declaration import LATEST_DAY, Source
from warehouse.tables.events import event_table

CLOCK = "Europe/Amsterdam"
"""Days are days in Amsterdam, whatever the clock of the machine or the session."""


def newest_known(source: Source, *, as_of: date, loaded_by: datetime | None = None) -> Select[Any]:
    """The newest row of each record of a source as known on a day; with a moment, of what was loaded by then."""
    table = event_table(source)
    keys = [table.c[name] for name in source.record_key]
    known = known_on(table, as_of, loaded_by=loaded_by)
    return select(table).ext(distinct_on(*keys)).where(known).order_by(*keys, *newest_first(source, table))


def known_on(table: Table, as_of: date, *, loaded_by: datetime | None = None) -> ColumnElement[bool]:
    """The rows that the source had recorded by the end of a day in Amsterdam; of those what was loaded by a moment."""
    recorded = table.c.recorded_at < literal(end_of_day(as_of))
    return recorded if loaded_by is None else recorded & (table.c.ingested_at <= literal(loaded_by))


def end_of_day(day: date) -> datetime:
    """The moment at which a day ends in Amsterdam: the first one that is not known on it."""
    following = min(day, LATEST_DAY) + timedelta(days=1)  # no row is recorded after LATEST_DAY: the gate refuses it
    return datetime(following.year, following.month, following.day, tzinfo=ZoneInfo(CLOCK)).astimezone(UTC)


def newest_first(source: Source, table: FromClause) -> list[ColumnElement[Any]]:
    """The order of the rows of one record, the one that counts first."""
    return [column.desc() for column in order_of_rows(source, table)]


def order_of_rows(source: Source, table: FromClause) -> list[ColumnElement[Any]]:
    """What the rows of one record are ordered by, the one that counts last: no two rows are equal in all of it."""
    order: list[ColumnElement[Any]] = [table.c.recorded_at]
    if source.mutations is not None:
        ranks = {str(mutation): rank for rank, mutation in enumerate(source.mutations)}
        order.append(case(ranks, value=table.c.mutation))
    return [*order, table.c.event_id, table.c.event_source]
