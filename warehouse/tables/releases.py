"""The table of releases: what was published of each year, in the order in which it was made."""

from sqlalchemy import (
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
    Table,
    Text,
    func,
)

from warehouse.tables.metadata import METADATA

RELEASE = Table(
    "release",
    METADATA,
    Column("release_number", BigInteger, Identity(always=True), primary_key=True),
    Column("release_id", Text, nullable=False, unique=True),
    Column("period_start", Date, nullable=False),
    Column("period_end", Date, nullable=False),
    Column("as_of", Date, nullable=False),
    Column("balance_id", BigInteger, ForeignKey("balance.balance_id"), nullable=False),
    Column("is_draft", Boolean, nullable=False),
    Column("figure_set", Text),
    Column("key_check", Text, nullable=False),
    Column("counts", JSON, nullable=False),
    Column("document", JSON, nullable=False),
    Column("made_by", Text),
    Column("made_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    CheckConstraint("is_draft = (figure_set IS NULL)", name="approved_or_draft"),
    Index("ix_release_period_start", "period_start", "period_end"),
)
"""Every release, append-only. ``document`` is what went out, ``counts`` the exact counts that it was made of, which
never leave the warehouse, and ``key_check`` says under which release key.

JSON and not JSONB: a release has to be given again as it went out.
"""
