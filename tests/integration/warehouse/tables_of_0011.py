"""A warehouse as it was before persons were numbers: its tables, and events with their tokens in them."""

from collections.abc import Iterable, Mapping
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import DDL, Column, Connection, MetaData, PrimaryKeyConstraint, Table, event, func, text

from schemas.catalogue import sources
from schemas.declaration import Source
from warehouse.tables.events import APPEND_ONLY, EVENT_KEY, event_table, type_as_it_comes


def event_table_then(source: Source) -> Table:
    """The event table of a source as it was then."""
    now = event_table(source).c
    by_name = {one.stored_as: one for one in source.fields}
    columns = []
    for column in now:
        if column.name == "load_number":
            continue
        field = by_name.get(column.name)
        name, kind = (column.name, column.type) if field is None else (field.name, type_as_it_comes(field))
        default = func.now() if column.name == "ingested_at" else None
        columns.append(Column(name, kind, nullable=column.nullable, server_default=default))
    table = Table(source.name, MetaData(), *columns, PrimaryKeyConstraint(*EVENT_KEY, name=f"pk_{source.name}"))
    event.listen(table, "after_create", DDL(APPEND_ONLY))  # type: ignore[no-untyped-call]
    return table


def begin_at(connection: Connection, revision: str, *, of: Iterable[Source] | None = None) -> None:
    """Make an empty database's tables as they were at a revision, event tables among them."""
    connection.execute(text("DROP SCHEMA public CASCADE"))
    connection.execute(text("CREATE SCHEMA public"))
    configuration = Config()
    configuration.set_main_option("script_location", "warehouse:migrations")
    configuration.attributes["connection"] = connection
    command.upgrade(configuration, revision)
    for source in sources().values() if of is None else of:
        event_table_then(source).create(connection)
        newest = next(index for index in event_table(source).indexes if str(index.name).endswith("_newest"))
        keys = ", ".join(str(expression).rpartition(".")[2] for expression in newest.expressions)
        connection.execute(text(f"CREATE INDEX {newest.name} ON {source.name} ({keys})"))


def put(connection: Connection, source: Source, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write events as they were written then."""
    connection.execute(event_table_then(source).insert(), list(rows))
