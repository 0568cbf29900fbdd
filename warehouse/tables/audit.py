"""The table of the audit chain: one entry per audited row, each with the hash of the one before."""

from sqlalchemy import BigInteger, Column, DateTime, LargeBinary, Table, Text, UniqueConstraint

from warehouse.tables.metadata import METADATA

AUDIT_ENTRY = Table(
    "audit_entry",
    METADATA,
    Column("entry_number", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("sealed_at", DateTime(timezone=True), nullable=False),
    Column("salt", LargeBinary, nullable=False),
    Column("content", Text, nullable=False),
    Column("previous", Text, nullable=False),
    Column("hash", Text, nullable=False),
    UniqueConstraint("kind", "subject"),
)
"""What is audited (``schemas.audit``), append-only, written by the trigger ``audit_seal`` of each audited table alone.

Who owns the tables can switch triggers off and write anything: that is what checkpoints outside are for (ADR 0055).
"""
