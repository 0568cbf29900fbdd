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
    Column("after_load", Integer, nullable=False, server_default=text("0")),
    Column("up_to_load", Integer),
    Column("suite", Text),
    Index("ix_quality_result_source", "source", "quality_result_id"),
)
"""Every run of every suite: what it found by expectation, column and number, never a value.

``findings`` are the expectations that rows do not meet; ``measures`` every number that was held against its band. It
looked at the rows of the loads after ``after_load`` (0: at all rows) up to ``up_to_load``; ``suite`` is a digest of
what was expected. Both are null of a run from before they were written down.
"""
