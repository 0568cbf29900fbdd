"""The steps of dead letters, append-only; a dead letter itself is kept as it came."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "dead_letter_step",
        sa.Column("step_number", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("dead_letter_id", sa.BigInteger, nullable=False),
        sa.Column("step", sa.Text, nullable=False),
        sa.Column("by", sa.Text),
        sa.Column("note", sa.Text),
        sa.Column("topic_id", sa.Text),
        sa.Column("partition", sa.Integer),
        sa.Column("offset", sa.BigInteger),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("clock_timestamp()")),
        sa.PrimaryKeyConstraint("step_number", name="pk_dead_letter_step"),
        sa.ForeignKeyConstraint(
            ["dead_letter_id"], ["dead_letter.dead_letter_id"], name="fk_dead_letter_step_dead_letter_id"
        ),
        sa.CheckConstraint("step IN ('published', 'redriven', 'discarded')", name="ck_dead_letter_step_step"),
        sa.CheckConstraint(
            "(step = 'published') = (topic_id IS NOT NULL AND \"offset\" IS NOT NULL)",
            name="ck_dead_letter_step_published_to",
        ),
        sa.CheckConstraint(
            "step <> 'discarded' OR (by IS NOT NULL AND note IS NOT NULL)", name="ck_dead_letter_step_discarded_by"
        ),
    )
    for name, which in (("published", "step = 'published'"), ("ended", "step <> 'published'")):
        op.create_index(
            f"uq_dead_letter_step_{name}",
            "dead_letter_step",
            ["dead_letter_id"],
            unique=True,
            postgresql_where=sa.text(which),
        )
    for table in ("dead_letter", "dead_letter_step"):
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
