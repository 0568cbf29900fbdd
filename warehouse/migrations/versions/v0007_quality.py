"""Which rules the dead letters of a run broke, and the numbers that a quality suite measured."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make the one, and room for the other."""
    op.create_table(
        "ingest_refusal",
        sa.Column("run", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("column", sa.Text, nullable=False),
        sa.Column("rule", sa.Text, nullable=False),
        sa.Column("messages", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("run", "source", "reason", "column", "rule", name="pk_ingest_refusal"),
    )
    op.add_column("quality_result", sa.Column("measures", JSONB, nullable=False, server_default=sa.text("'[]'")))
