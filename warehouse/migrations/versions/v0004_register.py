"""When published figures last came out as published, and which restatements persons accepted."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "figure_agreed",
        sa.Column("figure_id", sa.Text, nullable=False),
        sa.Column("as_of", sa.Date),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("figure_id", name="pk_figure_agreed"),
    )
    op.create_table(
        "restatement_decision",
        sa.Column("decision_number", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("figure_id", sa.Text, nullable=False),
        sa.Column("verdict", sa.Text, nullable=False),
        sa.Column("published", sa.Text, nullable=False),
        sa.Column("ours", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("decided_by", sa.Text, nullable=False),
        sa.Column("decided_on", sa.Date, nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.PrimaryKeyConstraint("decision_number", name="pk_restatement_decision"),
        sa.CheckConstraint("verdict IN ('accepted', 'withdrawn')", name="ck_restatement_decision_verdict"),
    )
    op.create_index("ix_restatement_decision_figure_id", "restatement_decision", ["figure_id", "decision_number"])
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON restatement_decision "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
