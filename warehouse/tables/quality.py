"""The table of what every run of every quality suite found."""

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Identity, Index, Integer, Table, Text, func, text
from sqlalchemy.dialects.postgresql import JSONB

from warehouse.tables.metadata import METADATA

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
