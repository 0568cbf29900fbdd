"""The steps of dead letters: published, redriven, discarded."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    text,
)

from schemas.dead_letters import LetterStep
from warehouse.tables.events import METADATA

DEAD_LETTER_STEP = Table(
    "dead_letter_step",
    METADATA,
    Column("step_number", BigInteger, Identity(always=True), primary_key=True),
    Column("dead_letter_id", BigInteger, ForeignKey("dead_letter.dead_letter_id"), nullable=False),
    Column("step", Text, nullable=False),
    Column("by", Text),
    Column("note", Text),
    Column("topic_id", Text),
    Column("partition", Integer),
    Column("offset", BigInteger),
    Column("at", DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")),
    CheckConstraint("step IN ('published', 'redriven', 'discarded')", name="step"),
    CheckConstraint("(step = 'published') = (topic_id IS NOT NULL AND \"offset\" IS NOT NULL)", name="published_to"),
    CheckConstraint("step <> 'discarded' OR (by IS NOT NULL AND note IS NOT NULL)", name="discarded_by"),
)
"""What happened to each dead letter, append-only. ``topic_id``, ``partition`` and ``offset`` of a published one say
where it is on the topic of dead letters."""

PUBLISHED_ONCE = Index(
    "uq_dead_letter_step_published",
    DEAD_LETTER_STEP.c.dead_letter_id,
    unique=True,
    postgresql_where=DEAD_LETTER_STEP.c.step == text(f"'{LetterStep.PUBLISHED}'"),
)

ENDED_ONCE = Index(
    "uq_dead_letter_step_ended",
    DEAD_LETTER_STEP.c.dead_letter_id,
    unique=True,
    postgresql_where=DEAD_LETTER_STEP.c.step != text(f"'{LetterStep.PUBLISHED}'"),
)
"""A letter is redriven or discarded once, and never both: PostgreSQL says so, whoever comes at the same time."""
