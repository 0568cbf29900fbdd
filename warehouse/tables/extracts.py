"""The tables of extracts: which of their rows have arrived, and the order of their control records."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Identity,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import BIT

from warehouse.tables.metadata import METADATA, text_of_bytes

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
