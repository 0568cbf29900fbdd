"""The table of what persons found about drawn links."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    func,
    text,
)

from warehouse.tables.metadata import METADATA, text_of_bytes

LINK_JUDGEMENT = Table(
    "link_judgement",
    METADATA,
    Column("judgement_number", BigInteger, Identity(always=True), primary_key=True),
    Column("period_start", Date, nullable=False),
    Column("period_end", Date, nullable=False),
    Column("as_of", Date, nullable=False),
    Column("rule", Integer),
    Column("size", Integer, nullable=False),
    Column("seed", Integer, nullable=False),
    Column("dossier_number", text_of_bytes(), nullable=False),
    Column("suspect_number", Integer, nullable=False),
    Column("case_number", text_of_bytes()),
    Column("row_digest", Text, nullable=False),
    Column("judgement", Text, nullable=False),
    Column("judged_by", Text, nullable=False),
    Column("judged_on", Date, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("identity", Text, nullable=False, server_default=text("'declared'")),
    CheckConstraint("identity IN ('signed_in', 'declared')", name="identity"),
    CheckConstraint("judgement IN ('same', 'other', 'unsure')", name="judgement"),
    CheckConstraint("(rule IS NULL) = (case_number IS NULL)", name="about_one_thing"),
    Index("ix_link_judgement_period", "period_start", "period_end"),
)
"""What persons found about drawn rows, append-only: about a link (``rule``, ``case_number``) or, where both are null, a
suspect without a recognised registration. Of what was judged twice the last counts. No balance reads it.
"""
