"""Decisions of persons, and breaks over time: all append-only."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

NOW = sa.text("now()")


def bytewise() -> sa.Text:
    """Text in the order of its bytes."""
    return sa.Text(collation="C")


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "decision",
        sa.Column("decision_number", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("decision_id", sa.Text, nullable=False, server_default=sa.text("(gen_random_uuid())::text")),
        sa.Column("verdict", sa.Text, nullable=False),
        sa.Column("dossier_number", bytewise()),
        sa.Column("suspect_number", sa.Integer),
        sa.Column("case_number", bytewise()),
        sa.Column("break_id", bytewise()),
        sa.Column("owner", sa.Text),
        sa.Column("note", sa.Text),
        sa.Column("decided_by", sa.Text, nullable=False),
        sa.Column("decided_on", sa.Date, nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False, server_default=NOW),
        sa.PrimaryKeyConstraint("decision_number", name="pk_decision"),
        sa.UniqueConstraint("decision_id", name="uq_decision_decision_id"),
        sa.CheckConstraint("(break_id IS NULL) <> (case_number IS NULL)", name="ck_decision_about_one_thing"),
    )
    op.create_index("ix_decision_break_id", "decision", ["break_id"])
    op.create_table(
        "break_look",
        sa.Column("look_number", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("as_of", sa.Date, nullable=False),
        sa.Column("balance_id", sa.BigInteger, nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("look_number", name="pk_break_look"),
        sa.ForeignKeyConstraint(["balance_id"], ["balance.balance_id"], name="fk_break_look_balance_id"),
    )
    op.create_index("ix_break_look_year", "break_look", ["year", "as_of"])
    op.create_table(
        "break_observation",
        sa.Column("observation_number", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("break_id", bytewise(), nullable=False),
        sa.Column("as_of", sa.Date, nullable=False),
        sa.Column("step", sa.Text, nullable=False),
        sa.Column("side", sa.Text, nullable=False),
        sa.Column("dossier_number", bytewise()),
        sa.Column("suspect_number", sa.Integer),
        sa.Column("case_number", bytewise()),
        sa.Column("unit", sa.Text),
        sa.Column("link_rule", sa.Integer),
        sa.Column("cause", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("due_on", sa.Date),
        sa.Column("resolved_by", sa.Text),
        sa.PrimaryKeyConstraint("observation_number", name="pk_break_observation"),
    )
    op.create_index("ix_break_observation_year", "break_observation", ["year", "break_id"])
    for table in ("decision", "break_look", "break_observation"):
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
