"""The tables of dead letters: the messages as they came, and what became of each."""

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)

from schemas.dead_letters import LetterStep
from warehouse.tables.metadata import METADATA

DEAD_LETTER = Table(
    "dead_letter",
    METADATA,
    Column("dead_letter_id", BigInteger, Identity(always=True), primary_key=True),
    Column("source", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("topic_id", Text, nullable=False),
    Column("partition", Integer, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("key", LargeBinary),
    Column("value", LargeBinary),
    Column("headers", JSON, nullable=False),
    Column("reason", Text, nullable=False),
    Column("column", Text),
    Column("rule", Text, nullable=False),
    Column("failed_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("form", Text, nullable=False),
    Column("last_offset", BigInteger),
    UniqueConstraint("topic_id", "partition", "offset"),
    CheckConstraint("form IN ('message', 'record', 'batch')", name="form"),
    CheckConstraint("(form = 'batch') = (last_offset IS NOT NULL)", name="last_offset"),
)
"""Messages that are no event of their source: the bytes as they came, their place, and why; one row per place.

``form`` says what ``value`` is: that of a message, or a record or a whole batch that could not be read; a batch has a
last offset too.

``headers`` is a list of ``[name, value in base64 or null]`` in the order of the message. JSON and not JSONB, which
cannot hold every text.
"""

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
    Column("identity", Text),
    CheckConstraint("identity IN ('signed_in', 'declared')", name="identity"),
    CheckConstraint("(by IS NULL) = (identity IS NULL)", name="identity_of_whom"),
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
