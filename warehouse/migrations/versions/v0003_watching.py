"""Incidents, alerts and what was sent of them, and the reports that were made."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"

NOW = sa.text("now()")
THIS_MOMENT = sa.text("clock_timestamp()")


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "incident",
        sa.Column("incident_id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False, server_default=NOW),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False, server_default=NOW),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("incident_id", name="pk_incident"),
    )
    op.create_index(
        "uq_incident_running",
        "incident",
        ["subject", "kind"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "alert_event",
        sa.Column("event_number", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("alert_id", sa.Text, nullable=False),
        sa.Column("rule", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("step", sa.Text, nullable=False),
        sa.Column("severity", sa.Text, nullable=False),
        sa.Column("evidence", sa.JSON, nullable=False),
        sa.Column("mark", sa.Text, nullable=False),
        sa.Column("by", sa.Text),
        sa.Column("note", sa.Text),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False, server_default=THIS_MOMENT),
        sa.PrimaryKeyConstraint("event_number", name="pk_alert_event"),
    )
    op.create_index("ix_alert_event_alert_id", "alert_event", ["alert_id", "event_number"])
    op.create_table(
        "alert_notice",
        sa.Column("event_number", sa.BigInteger, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False, server_default=THIS_MOMENT),
        sa.PrimaryKeyConstraint("event_number", "channel", name="pk_alert_notice"),
        sa.ForeignKeyConstraint(["event_number"], ["alert_event.event_number"], name="fk_alert_notice_event_number"),
    )
    op.create_table(
        "report",
        sa.Column("report_id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("period_start", sa.Date, nullable=False),
        sa.Column("period_end", sa.Date, nullable=False),
        sa.Column("as_of", sa.Date, nullable=False),
        sa.Column("balance_id", sa.BigInteger, nullable=False),
        sa.Column("figures", JSONB, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, server_default=NOW),
        sa.PrimaryKeyConstraint("report_id", name="pk_report"),
        sa.ForeignKeyConstraint(["balance_id"], ["balance.balance_id"], name="fk_report_balance_id"),
        sa.UniqueConstraint("period_start", "period_end", "as_of", "balance_id", name="uq_report_period_start"),
    )
    for table in ("alert_event", "alert_notice"):
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
