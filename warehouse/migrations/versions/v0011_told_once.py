"""Since when a channel is known, and which run was red for which alert: a new channel hears no past, red means new."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Make them. A channel that sent something is no new one; what stands already was red before."""
    op.create_table(
        "alert_channel",
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("known_after", sa.BigInteger, nullable=False),
        sa.Column(
            "known_since", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("clock_timestamp()")
        ),
        sa.PrimaryKeyConstraint("channel", name="pk_alert_channel"),
    )
    op.create_table(
        "alert_red",
        sa.Column("event_number", sa.BigInteger, nullable=False),
        sa.Column("run", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("clock_timestamp()")),
        sa.PrimaryKeyConstraint("event_number", name="pk_alert_red"),
        sa.ForeignKeyConstraint(["event_number"], ["alert_event.event_number"], name="fk_alert_red_event_number"),
    )
    op.execute("INSERT INTO alert_channel (channel, known_after) SELECT DISTINCT channel, 0 FROM alert_notice")
    op.execute(
        "INSERT INTO alert_red (event_number, run) SELECT event_number, '' FROM alert_event WHERE step = 'raised'"
    )
