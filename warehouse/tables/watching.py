"""The tables of what is watched: incidents, the life of alerts, what was sent of it, and the reports that were made."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSON, JSONB

from warehouse.tables.metadata import METADATA

INCIDENT = Table(
    "incident",
    METADATA,
    Column("incident_id", BigInteger, Identity(always=True), primary_key=True),
    Column("subject", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("since", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("seen_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("ended_at", DateTime(timezone=True)),
    Column("mark", Text, nullable=False, server_default=text("''")),
    Column("notes", JSONB, nullable=False, server_default=text("'{}'")),
)
"""What stopped a source, or a balance, until somebody looked: one running row per subject and kind.

``mark`` is the evidence in short, its parts joined by commas: other evidence is another row. ``notes`` are the numbers
that going on needs.
"""

RUNNING_INCIDENT = Index(
    "uq_incident_running",
    INCIDENT.c.subject,
    INCIDENT.c.kind,
    unique=True,
    postgresql_where=INCIDENT.c.ended_at.is_(None),
)

INCIDENT_RESUMED = Table(
    "incident_resumed",
    METADATA,
    Column("incident_id", BigInteger, ForeignKey("incident.incident_id"), primary_key=True, autoincrement=False),
    Column("by", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("resumed_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("identity", Text, nullable=False, server_default=text("'declared'")),
    CheckConstraint("identity IN ('signed_in', 'declared')", name="identity"),
)
"""Which incidents persons resumed, append-only: who, why and when; one resumption of one incident."""

ALERT_EVENT = Table(
    "alert_event",
    METADATA,
    Column("event_number", BigInteger, Identity(always=True), primary_key=True),
    Column("alert_id", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("step", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("evidence", JSON, nullable=False),
    Column("mark", Text, nullable=False),
    Column("by", Text),
    Column("note", Text),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")),
    Column("identity", Text),
    CheckConstraint("identity IN ('signed_in', 'declared')", name="identity"),
    CheckConstraint("(by IS NULL) = (identity IS NULL)", name="identity_of_whom"),
    Index("ix_alert_event_alert_id", "alert_id", "event_number"),
)
"""The life of each alert, append-only. JSON and not JSONB: evidence is reported in the order in which it was given.

``evidence`` holds all that a look found beside the columns: ``says``, ``numbers``, ``period`` (two days), ``amount``,
``held_back_by``. A step is written only when one of them is another than before.
"""

ALERT_NOTICE = Table(
    "alert_notice",
    METADATA,
    Column("event_number", BigInteger, ForeignKey("alert_event.event_number"), nullable=False),
    Column("channel", Text, nullable=False),
    Column("sent_at", DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")),
    PrimaryKeyConstraint("event_number", "channel"),
)
"""What was sent, per step and channel: what is not here is still to be sent."""

ALERT_CLAIM = Table(
    "alert_claim",
    METADATA,
    Column("channel", Text, primary_key=True),
    Column("claimed_by", Text, nullable=False),
    Column("claimed_until", DateTime(timezone=True), nullable=False),
)
"""Which look sends by a channel now, and until when nobody else does: a row while one is at it, or was ended at it."""

ALERT_CHANNEL = Table(
    "alert_channel",
    METADATA,
    Column("channel", Text, primary_key=True),
    Column("known_after", BigInteger, nullable=False),
    Column("known_since", DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")),
)
"""Each channel since the look that knew it first, and the last step before that: it is sent those that stand."""

ALERT_RED = Table(
    "alert_red",
    METADATA,
    Column("event_number", BigInteger, ForeignKey("alert_event.event_number"), primary_key=True, autoincrement=False),
    Column("run", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")),
)
"""Which run of the DAG ``watch`` is red for a step that raised an alert: one run, also when its task is tried again."""

REPORT = Table(
    "report",
    METADATA,
    Column("report_id", BigInteger, Identity(always=True), primary_key=True),
    Column("period_start", Date, nullable=False),
    Column("period_end", Date, nullable=False),
    Column("as_of", Date, nullable=False),
    Column("balance_id", BigInteger, ForeignKey("balance.balance_id"), nullable=False),
    Column("figures", JSONB, nullable=False),
    Column("made_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    UniqueConstraint("period_start", "period_end", "as_of", "balance_id"),
)
"""Which balance was reported of which question, and the figures that it gave."""
