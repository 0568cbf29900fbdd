"""The event tables, derived from the declarations of the sources.

They are append-only, and a trigger says so: it refuses UPDATE, DELETE and TRUNCATE. Rights taken away would not bind
the role that owns the tables, which is the one that loads them. State, current and past, is read from them.
"""

from functools import cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    DDL,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    event,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine

from schemas.declaration import Field, Kind, Source
from warehouse.tables.metadata import NAMING_CONVENTION, text_of_bytes

APPEND_ONLY = (
    "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %(fullname)s "
    "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
)

EVENT_KEY = ("event_source", "event_id")
"""What makes an event one event, whoever sent it: CloudEvents' ``source`` and ``id``."""


def column_type(field: Field) -> TypeEngine[Any]:
    """The type in which a declared field is stored."""
    return BigInteger() if field.is_personal else type_as_it_comes(field)


def type_as_it_comes(field: Field) -> TypeEngine[Any]:
    """The type of a declared field's own values: of a personal one the token."""
    types: dict[Kind, TypeEngine[Any]] = {
        Kind.TEXT: text_of_bytes(),
        Kind.INTEGER: Integer(),
        Kind.BOOLEAN: Boolean(),
        Kind.DATE: Date(),
        Kind.TIMESTAMP: DateTime(timezone=True),
        Kind.WORDS: ARRAY(Text()),
        Kind.OFFSETS: JSONB(),
    }
    return types[field.kind]


@cache
def event_table(source: Source) -> Table:
    """The append-only table of a source's events: one row per event, under the source's name.

    ``recorded_at`` is when the source knew, ``ingested_at`` when we did: no state asks for it, only what
    is new since. ``load_number`` is the load that brought the row (``warehouse.tables.loads``), and a person is a
    number (``warehouse.tables.persons``). The ids are text: those of foreign producers need not be UUIDs.
    """
    declared = [Column(field.stored_as, column_type(field), nullable=not field.required) for field in source.fields]
    record_key = [name for name in source.record_key if name != "recorded_at"]
    table = Table(
        source.name,
        MetaData(naming_convention=NAMING_CONVENTION),
        Column("event_source", text_of_bytes(), nullable=False),
        Column("event_id", text_of_bytes(), nullable=False),
        *declared,
        Column("ingested_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
        Column("load_number", Integer, nullable=False),
        PrimaryKeyConstraint(*EVENT_KEY),
        Index(f"ix_{source.name}_newest", *record_key, text("recorded_at DESC")),
        Index(
            f"ix_{source.name}_load",
            "load_number",
            postgresql_using="brin",
            postgresql_with={"autosummarize": "on"},
        ),
    )
    event.listen(table, "after_create", DDL(APPEND_ONLY))  # type: ignore[no-untyped-call]
    return table
