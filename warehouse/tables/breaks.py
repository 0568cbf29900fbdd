"""The tables of breaks: which balances were looked at, what each found, and what persons decided."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from warehouse.tables.metadata import METADATA, text_of_bytes

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
    Column("accepted_cause", Text),
    Column("accepted_until", Date),
    Column("identity", Text, nullable=False, server_default=text("'declared'")),
    CheckConstraint("identity IN ('signed_in', 'declared')", name="identity"),
    CheckConstraint("(break_id IS NULL) <> (case_number IS NULL)", name="about_one_thing"),
    Index("ix_decision_break_id", "break_id"),
)
"""What persons decided, append-only: about a pair of records (dossier, suspect and case number) or about a break.

``identity`` is how it is known who decided (``schemas.people.Identity``), here and in every table of what persons did.
"""

BREAK_LOOK = Table(
    "break_look",
    METADATA,
    Column("look_number", BigInteger, Identity(always=True), primary_key=True),
    Column("year", Integer, nullable=False),
    Column("as_of", Date, nullable=False),
    Column("balance_id", BigInteger, ForeignKey("balance.balance_id"), nullable=False),
    Column("looked_at", DateTime(timezone=True), nullable=False),
    Column("loads", JSONB, nullable=False),
    Column("found_digest", Text),
    Index("ix_break_look_year", "year", "as_of"),
)
"""The balances whose breaks were kept, append-only. ``looked_at`` is the moment up to which events were read, ``loads``
the newest load of each source then, ``found_digest`` what the balance found (null: from before it was kept)."""

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
