"""State as known on a day, read by PostgreSQL in the registers' own words: the other way of reading, for the laws."""

from datetime import date, datetime
from typing import Any

import polars as pl
from sqlalchemy import (
    ColumnElement,
    Connection,
    Date,
    FromClause,
    Select,
    and_,
    cast,
    func,
    literal,
    null,
    select,
    tuple_,
)
from sqlalchemy.types import TypeEngine

from schemas.catalogue import POLICE, delivering_sources
from schemas.coded_state import DELIVERIES, REGISTRATIONS
from schemas.declaration import Source
from schemas.sources import om_registrations, police_deliveries
from schemas.vocabulary import PoliceMutation
from warehouse.copying import read_frame
from warehouse.state import CLOCK, known_on, newest_first, newest_known
from warehouse.tables.events import column_type, event_table


def read_deliveries(
    connection: Connection, *, as_of: date, changed_since: date | None = None, loaded_by: datetime | None = None
) -> pl.DataFrame:
    """Every delivered suspect known on ``as_of``, of every party, withdrawn ones too; by dossier and suspect number.

    With ``changed_since`` only those of which something was recorded after that day: the state of all others on
    ``as_of`` is the one that they had then. With ``loaded_by`` as it was read at that moment: without what came later.
    """
    queries = deliveries_known(as_of=as_of, changed_since=changed_since, loaded_by=loaded_by)
    frames = [read_frame(connection, query, DELIVERIES) for query in queries]
    delivered = [frame for frame in frames if not frame.is_empty()] or frames[:1]
    if len(delivered) == 1:
        return delivered[0]  # in order already, as the database gave it
    return pl.concat(delivered).sort("dossier_number", "suspect_number", pl.col("party") != POLICE, "party")


def read_registrations(
    connection: Connection, *, as_of: date, changed_since: date | None = None, loaded_by: datetime | None = None
) -> pl.DataFrame:
    """Every registration known on ``as_of``, also those that no longer stand; sorted by case number.

    With ``changed_since`` only those of which something was recorded after that day, with ``loaded_by`` without what
    was loaded after that moment.
    """
    query = registrations_known(as_of=as_of, changed_since=changed_since, loaded_by=loaded_by)
    return read_frame(connection, query, REGISTRATIONS)


def deliveries_known(
    *, as_of: date, changed_since: date | None = None, loaded_by: datetime | None = None
) -> list[Select[Any]]:
    """The queries of ``read_deliveries``, one per party: the columns of ``DELIVERIES``, by dossier and suspect."""
    return [
        _deliveries_of(party, source, as_of=as_of, changed_since=changed_since, loaded_by=loaded_by)
        for party, source in delivering_sources().items()
    ]


def _deliveries_of(
    party: str, source: Source, *, as_of: date, changed_since: date | None, loaded_by: datetime | None
) -> Select[Any]:
    """What one party delivered; null where it does not say what the police do.

    ``transferred_on`` is the Amsterdam day of the transfer that ``transferred_to`` is about: of its newest
    ``transferred`` row or, where it has none, of the first row that fills ``transferred_to``. A row without
    ``transferred_to`` ends a transfer, so it is null when the newest row has none.
    """
    newest = newest_since(source, as_of=as_of, changed_since=changed_since, loaded_by=loaded_by).cte(f"newest_{party}")
    values: dict[str, ColumnElement[Any]] = {"party": literal(party), **newest.c}
    known: FromClause = newest
    if "transferred_to" in newest.c:
        transfers = _days_of_transfer(source, newest, as_of=as_of, loaded_by=loaded_by).cte(f"transfers_{party}")
        known = newest.outerjoin(transfers, and_(*(newest.c[name] == transfers.c[name] for name in source.record_key)))
        values["transferred_on"] = transfers.c.transferred_on
    columns = [values[name] if name in values else cast(null(), _TYPES[name]) for name in DELIVERIES]
    named = (column.label(name) for name, column in zip(DELIVERIES, columns, strict=True))
    return select(*named).select_from(known).order_by(*(newest.c[name] for name in source.record_key))


_TYPES: dict[str, TypeEngine[Any]] = {
    "transferred_on": Date(),
    **{field.stored_as: column_type(field) for field in police_deliveries.SOURCE.fields},
}


def registrations_known(
    *, as_of: date, changed_since: date | None = None, loaded_by: datetime | None = None
) -> Select[Any]:
    """The query of ``read_registrations``: the columns of ``REGISTRATIONS``, by case number."""
    source = om_registrations.SOURCE
    newest = newest_since(source, as_of=as_of, changed_since=changed_since, loaded_by=loaded_by).subquery("newest")
    return select(*(newest.c[name] for name in REGISTRATIONS)).order_by(newest.c.case_number)


def newest_since(source: Source, *, as_of: date, changed_since: date | None, loaded_by: datetime | None) -> Select[Any]:
    """The newest row of each record as known on a day; with an earlier day, of those changed since."""
    newest = newest_known(source, as_of=as_of, loaded_by=loaded_by)
    if changed_since is None:
        return newest
    table = event_table(source)
    keys = [table.c[name] for name in source.record_key]
    known = known_on(table, as_of, loaded_by=loaded_by)
    changed = select(*keys).where(known, ~known_on(table, changed_since)).distinct()
    return newest.where(tuple_(*keys).in_(changed))


def _days_of_transfer(source: Source, newest: Any, *, as_of: date, loaded_by: datetime | None) -> Select[Any]:
    """The day of the transfer that is going on, for the records whose newest row is about one."""
    table = event_table(source)
    keys = [table.c[name] for name in source.record_key]
    same = and_(*(table.c[name] == newest.c[name] for name in source.record_key))
    rows_that_end_it = func.count().filter(table.c.transferred_to.is_(None))
    history = (
        select(
            *keys,
            table.c.recorded_at,
            table.c.mutation,
            rows_that_end_it.over(partition_by=keys, order_by=newest_first(source, table), rows=(None, 0)).label(
                "ended"
            ),
        )
        .join(newest, same)
        .where(known_on(table, as_of, loaded_by=loaded_by), newest.c.transferred_to.is_not(None))
        .subquery("history")
    )
    handed_over = func.max(history.c.recorded_at).filter(history.c.mutation == str(PoliceMutation.TRANSFERRED))
    moment = func.coalesce(handed_over, func.min(history.c.recorded_at))
    ours = [history.c[name] for name in source.record_key]
    return (
        select(*ours, func.timezone(CLOCK, moment).cast(Date).label("transferred_on"))
        .where(history.c.ended == 0)
        .group_by(*ours)
    )
