"""The tables of the warehouse: event tables derived from the declarations, and the fixed ones around them.

Event tables are append-only, and a trigger says so: it refuses UPDATE, DELETE and TRUNCATE. Rights taken away would
not bind the role that owns the tables, which is the one that loads them. State, current and past, is read from them.
"""

from functools import cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    DDL,
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    event,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import BIT, JSONB
from sqlalchemy.types import TypeEngine

from schemas.declaration import Field, Kind, Source

NAMING_CONVENTION = {
    "pk": "pk_%(table_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ix": "ix_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
}

METADATA = MetaData(naming_convention=NAMING_CONVENTION)
"""The fixed tables. The migrations make them; a test holds the two against each other."""

APPEND_ONLY = (
    "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %(fullname)s "
    "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
)

EVENT_KEY = ("event_source", "event_id")
"""What makes an event one event, whoever sent it: CloudEvents' ``source`` and ``id``."""


def text_of_bytes() -> Text:
    """Text in the order of its bytes: the same on every machine, and the order in which Python and Polars sort."""
    return Text(collation="C")


def column_type(field: Field) -> TypeEngine[Any]:
    """The column type of a declared field."""
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
    is new since. The ids are text: those of foreign producers need not be UUIDs.
    """
    declared = [Column(field.name, column_type(field), nullable=not field.required) for field in source.fields]
    record_key = [name for name in source.record_key if name != "recorded_at"]
    table = Table(
        source.name,
        MetaData(naming_convention=NAMING_CONVENTION),
        Column("event_source", text_of_bytes(), nullable=False),
        Column("event_id", text_of_bytes(), nullable=False),
        *declared,
        Column("ingested_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
        PrimaryKeyConstraint(*EVENT_KEY),
        Index(f"ix_{source.name}_newest", *record_key, text("recorded_at DESC")),
    )
    event.listen(table, "after_create", DDL(APPEND_ONLY))  # type: ignore[no-untyped-call]
    return table


TOPIC_OFFSET = Table(
    "topic_offset",
    METADATA,
    Column("topic_id", Text, nullable=False),
    Column("partition", Integer, nullable=False),
    Column("topic", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("next_offset", BigInteger, nullable=False),
    PrimaryKeyConstraint("topic_id", "partition"),
)
"""How far each partition has been loaded; moved in the transaction that writes the rows. Keyed by the topic's id."""

LOG_PROOF = Table(
    "log_proof",
    METADATA,
    Column("topic_id", Text, nullable=False),
    Column("partition", Integer, nullable=False),
    Column("next_offset", BigInteger, nullable=False),
    Column("last_offset", BigInteger, nullable=False),
    Column("leader_epoch", Integer, nullable=False),
    Column("timestamp_ms", BigInteger, nullable=False),
    Column("digest", Text, nullable=False),
    PrimaryKeyConstraint("topic_id", "partition", "next_offset"),
)
"""What lay right before each offset that was ever stored, but for those of a log that is gone: the batch there, by its
last offset, the broker's term, its newest moment and its digest (``schemas.log_proofs``)."""

ROWS_OF_A_CHUNK = 8_192
"""Rows of an extract that are kept as bits of one value: a kilobyte, so that PostgreSQL keeps it in the row."""

EXTRACT_ROWS = Table(
    "extract_rows",
    METADATA,
    Column("source", Text, nullable=False),
    Column("extract_id", Text, nullable=False),
    Column("chunk", Integer, nullable=False),
    Column("rows", BIT(ROWS_OF_A_CHUNK), nullable=False),
    PrimaryKeyConstraint("source", "extract_id", "chunk"),
)
"""Which rows of each extract have arrived, as events that were new or known or as dead letters: a bit per row, the
first one of chunk 0 for row 1. Written in the transaction that writes the rows."""

CONTROL_ARRIVAL = Table(
    "control_arrival",
    METADATA,
    Column("arrival", BigInteger, Identity(always=True), primary_key=True),
    Column("event_source", text_of_bytes(), nullable=False),
    Column("event_id", text_of_bytes(), nullable=False),
    Column("is_lost", Boolean, nullable=False, server_default=text("false")),
    UniqueConstraint("event_source", "event_id"),
)
"""The order of control records: that of their partition, in which they were read. A producer's clock says nothing.

``is_lost`` when what they say of their topic was not there any more: what has not arrived will not come."""

DEAD_LETTER = Table(
    "dead_letter",
    METADATA,
    Column("dead_letter_id", BigInteger, Identity(always=True), primary_key=True),
    Column("source", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("topic_id", Text, nullable=False),
    Column("partition", Integer, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("key", LargeBinary),
    Column("value", LargeBinary),
    Column("headers", JSON, nullable=False),
    Column("reason", Text, nullable=False),
    Column("column", Text),
    Column("rule", Text, nullable=False),
    Column("failed_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("form", Text, nullable=False),
    Column("last_offset", BigInteger),
    UniqueConstraint("topic_id", "partition", "offset"),
    CheckConstraint("form IN ('message', 'record', 'batch')", name="form"),
    CheckConstraint("(form = 'batch') = (last_offset IS NOT NULL)", name="last_offset"),
)
"""Messages that are no event of their source: the bytes as they came, their place, and why; one row per place.

``form`` says what ``value`` is: that of a message, or a record or a whole batch that could not be read; a batch has a
last offset too.

``headers`` is a list of ``[name, value in base64 or null]`` in the order of the message. JSON and not JSONB, which
cannot hold every text.
"""

INGEST_RUN = Table(
    "ingest_run",
    METADATA,
    Column("run", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("read", BigInteger, nullable=False),
    Column("inserted", BigInteger, nullable=False),
    Column("duplicates", BigInteger, nullable=False),
    Column("dead_letters", BigInteger, nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    PrimaryKeyConstraint("run", "source"),
)
"""What each run has done over all its tries, counted in the transactions that did it."""

BALANCE = Table(
    "balance",
    METADATA,
    Column("balance_id", BigInteger, Identity(always=True), primary_key=True),
    Column("period_start", Date, nullable=False),
    Column("period_end", Date, nullable=False),
    Column("as_of", Date, nullable=False),
    Column("policy", JSON, nullable=False),
    Column("policy_hash", Text, nullable=False),
    Column("code_version", Text, nullable=False),
    Column("input_fingerprint", Text, nullable=False),
    Column("positions", JSONB, nullable=False),
    Column("answer", JSON, nullable=False),
    Column("made_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("confirmed_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    UniqueConstraint("period_start", "period_end", "as_of", "input_fingerprint", "policy_hash", "code_version"),
)
"""Each answer to each question, once per input, policy and code. ``confirmed_at`` is when it last came out again.

JSON and not JSONB, which would forget the order in which the rules stand.
"""

DECISION = Table(
    "decision",
    METADATA,
    Column("decision_number", BigInteger, Identity(always=True), primary_key=True),
    Column("decision_id", Text, nullable=False, unique=True, server_default=text("(gen_random_uuid())::text")),
    Column("verdict", Text, nullable=False),
    Column("dossier_number", text_of_bytes()),
    Column("suspect_number", Integer),
    Column("case_number", text_of_bytes()),
    Column("break_id", text_of_bytes()),
    Column("owner", Text),
    Column("note", Text),
    Column("decided_by", Text, nullable=False),
    Column("decided_on", Date, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    CheckConstraint("(break_id IS NULL) <> (case_number IS NULL)", name="about_one_thing"),
    Index("ix_decision_break_id", "break_id"),
)
"""What persons decided, append-only: about a pair of records (dossier, suspect and case number) or about a break."""

BREAK_LOOK = Table(
    "break_look",
    METADATA,
    Column("look_number", BigInteger, Identity(always=True), primary_key=True),
    Column("year", Integer, nullable=False),
    Column("as_of", Date, nullable=False),
    Column("balance_id", BigInteger, ForeignKey("balance.balance_id"), nullable=False),
    Column("looked_at", DateTime(timezone=True), nullable=False),
    Index("ix_break_look_year", "year", "as_of"),
)
"""The balances whose breaks were kept, append-only. ``looked_at`` is the moment up to which events were read."""

BREAK_OBSERVATION = Table(
    "break_observation",
    METADATA,
    Column("observation_number", BigInteger, Identity(always=True), primary_key=True),
    Column("year", Integer, nullable=False),
    Column("break_id", text_of_bytes(), nullable=False),
    Column("as_of", Date, nullable=False),
    Column("step", Text, nullable=False),
    Column("side", Text, nullable=False),
    Column("dossier_number", text_of_bytes()),
    Column("suspect_number", Integer),
    Column("case_number", text_of_bytes()),
    Column("unit", Text),
    Column("link_rule", Integer),
    Column("cause", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("due_on", Date),
    Column("resolved_by", Text),
    Index("ix_break_observation_year", "year", "break_id"),
)
"""What a balance found otherwise than the one before, append-only: one row per break and step, whole."""

QUALITY_RESULT = Table(
    "quality_result",
    METADATA,
    Column("quality_result_id", BigInteger, Identity(always=True), primary_key=True),
    Column("source", Text, nullable=False),
    Column("checked_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("success", Boolean, nullable=False),
    Column("positions", JSONB, nullable=False),
    Column("expectations", Integer, nullable=False),
    Column("unsuccessful", Integer, nullable=False),
    Column("findings", JSONB, nullable=False),
    Column("measures", JSONB, nullable=False, server_default=text("'[]'")),
    Index("ix_quality_result_source", "source", "quality_result_id"),
)
"""Every run of every suite: what it found by expectation, column and number, never a value.

``findings`` are the expectations that rows do not meet; ``measures`` every number that was held against its band.
"""
