"""The table of what each run refused."""

from sqlalchemy import BigInteger, Column, PrimaryKeyConstraint, Table, Text

from warehouse.tables.events import METADATA

INGEST_REFUSAL = Table(
    "ingest_refusal",
    METADATA,
    Column("run", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("column", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("messages", BigInteger, nullable=False),
    PrimaryKeyConstraint("run", "source", "reason", "column", "rule"),
)
"""Which rules the dead letters of a run broke and how many, counted in the transactions that wrote them.

``column`` is empty where a rule is about the message as a whole.
"""
