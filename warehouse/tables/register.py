"""The tables beside the register of published figures: when each last came out so, and what persons accepted."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Date, DateTime, Identity, Index, Table, Text, func, text

from warehouse.tables.metadata import METADATA

FIGURE_AGREED = Table(
    "figure_agreed",
    METADATA,
    Column("figure_id", Text, primary_key=True),
    Column("as_of", Date),
    Column("agreed_at", DateTime(timezone=True), nullable=False),
)
"""Per published figure the last moment at which it came out as published: what was loaded since is what moved it."""

RESTATEMENT_DECISION = Table(
    "restatement_decision",
    METADATA,
    Column("decision_number", BigInteger, Identity(always=True), primary_key=True),
    Column("figure_id", Text, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("published", Text, nullable=False),
    Column("ours", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("decided_by", Text, nullable=False),
    Column("decided_on", Date, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("identity", Text, nullable=False, server_default=text("'declared'")),
    CheckConstraint("identity IN ('signed_in', 'declared')", name="identity"),
    CheckConstraint("verdict IN ('accepted', 'withdrawn')", name="verdict"),
    Index("ix_restatement_decision_figure_id", "figure_id", "decision_number"),
)
"""What persons decided about a published figure that comes out otherwise, append-only; of one figure the last counts.

An acceptance is of one value: when the figure moves on, it has to be accepted again.
"""
