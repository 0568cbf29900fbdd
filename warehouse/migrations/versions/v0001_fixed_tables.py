"""The fixed tables of the first version, and the function by which event tables refuse to be changed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None

NOW = sa.text("now()")


def upgrade() -> None:
    """Make them."""
    op.execute(
        """
        CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'table % is append-only: % is refused', TG_TABLE_NAME, TG_OP
                USING HINT = 'publish a newer mutation of the record instead';
        END $$
        """
    )
    _loading()
    _answers()


def _loading() -> None:
    op.create_table(
        "topic_offset",
        sa.Column("topic_id", sa.Text, nullable=False),
        sa.Column("partition", sa.Integer, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("next_offset", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("topic_id", "partition", name="pk_topic_offset"),
    )
    op.create_table(
        "dead_letter",
        sa.Column("dead_letter_id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("topic_id", sa.Text, nullable=False),
        sa.Column("partition", sa.Integer, nullable=False),
        sa.Column("offset", sa.BigInteger, nullable=False),
        sa.Column("key", sa.LargeBinary),
        sa.Column("value", sa.LargeBinary),
        sa.Column("headers", sa.JSON, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("column", sa.Text),
        sa.Column("rule", sa.Text, nullable=False),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=False, server_default=NOW),
        sa.PrimaryKeyConstraint("dead_letter_id", name="pk_dead_letter"),
        sa.UniqueConstraint("topic_id", "partition", "offset", name="uq_dead_letter_topic_id"),
    )
    op.create_table(
        "ingest_run",
        sa.Column("run", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("read", sa.BigInteger, nullable=False),
        sa.Column("inserted", sa.BigInteger, nullable=False),
        sa.Column("duplicates", sa.BigInteger, nullable=False),
        sa.Column("dead_letters", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, server_default=NOW),
        sa.PrimaryKeyConstraint("run", "source", name="pk_ingest_run"),
    )


def _answers() -> None:
    question = ("period_start", "period_end", "as_of", "input_fingerprint", "policy_hash", "code_version")
    op.create_table(
        "balance",
        sa.Column("balance_id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("period_start", sa.Date, nullable=False),
        sa.Column("period_end", sa.Date, nullable=False),
        sa.Column("as_of", sa.Date, nullable=False),
        sa.Column("policy", sa.JSON, nullable=False),
        sa.Column("policy_hash", sa.Text, nullable=False),
        sa.Column("code_version", sa.Text, nullable=False),
        sa.Column("input_fingerprint", sa.Text, nullable=False),
        sa.Column("positions", JSONB, nullable=False),
        sa.Column("answer", sa.JSON, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, server_default=NOW),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False, server_default=NOW),
        sa.PrimaryKeyConstraint("balance_id", name="pk_balance"),
        sa.UniqueConstraint(*question, name="uq_balance_period_start"),
    )
    op.create_table(
        "quality_result",
        sa.Column("quality_result_id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False, server_default=NOW),
        sa.Column("success", sa.Boolean, nullable=False),
        sa.Column("positions", JSONB, nullable=False),
        sa.Column("expectations", sa.Integer, nullable=False),
        sa.Column("unsuccessful", sa.Integer, nullable=False),
        sa.Column("findings", JSONB, nullable=False),
        sa.PrimaryKeyConstraint("quality_result_id", name="pk_quality_result"),
    )
    op.create_index("ix_quality_result_source", "quality_result", ["source", "quality_result_id"])
