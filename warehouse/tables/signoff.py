"""The tables of sign-off: figure sets, and what persons did with them."""

from sqlalchemy import (
    JSON,
    BigInteger,
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

FIGURE_SET = Table(
    "figure_set",
    METADATA,
    Column("set_id", Text, primary_key=True),
    Column("period_start", Date, nullable=False),
    Column("period_end", Date, nullable=False),
    Column("as_of", Date, nullable=False),
    Column("document", Text, nullable=False),
    Column("breaks", JSON, nullable=False),
    Column("loads", JSON, nullable=False),
    Column("kept_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    CheckConstraint("set_id = encode(sha256(convert_to(document, 'UTF8')), 'hex')", name="named_by_its_digest"),
    Index("ix_figure_set_period", "period_start", "period_end"),
)
"""What is signed, append-only: canonical JSON under its SHA-256 (``ketenbalans.signoff.figure_set``).

Beside it, for naming what moved it later: ``breaks`` that stood then, by id with state and cause, and ``loads``, the
newest load of each source and the last decision. Rows come through the function ``signoff_keep`` alone.
"""

SIGNOFF_ACT = Table(
    "signoff_act",
    METADATA,
    Column("act_number", BigInteger, Identity(always=True), primary_key=True),
    Column("set_id", Text, ForeignKey("figure_set.set_id"), nullable=False),
    Column("act", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("identity", Text, nullable=False),
    Column("note", Text),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    CheckConstraint("act IN ('prepared', 'approved', 'withdrawn')", name="act"),
    CheckConstraint("identity = 'signed_in'", name="signed_in"),
    Index("ix_signoff_act_set_id", "set_id", "act_number"),
)
"""What persons did with a figure set, append-only: who is signed in, and how the acts of a set may follow each other,
is held by the function ``signoff_record``, through which alone rows come.
"""
