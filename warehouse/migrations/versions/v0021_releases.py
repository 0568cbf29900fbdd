"""Releases: what was published of each year, append-only and an entry of the audit chain each."""

import sqlalchemy as sa
from alembic import op

from schemas.audit import Audited
from warehouse.sealing import seal_inserts

revision = "0021"
down_revision = "0020"

RELEASE = Audited(kind="release", table="release", subject="release_id", meaning="", personal=("counts", "made_by"))
"""What was audited when this was written."""


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "release",
        sa.Column("release_number", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("release_id", sa.Text, nullable=False),
        sa.Column("period_start", sa.Date, nullable=False),
        sa.Column("period_end", sa.Date, nullable=False),
        sa.Column("as_of", sa.Date, nullable=False),
        sa.Column("balance_id", sa.BigInteger, nullable=False),
        sa.Column("is_draft", sa.Boolean, nullable=False),
        sa.Column("figure_set", sa.Text),
        sa.Column("key_check", sa.Text, nullable=False),
        sa.Column("counts", sa.JSON, nullable=False),
        sa.Column("document", sa.JSON, nullable=False),
        sa.Column("made_by", sa.Text),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.PrimaryKeyConstraint("release_number", name="pk_release"),
        sa.UniqueConstraint("release_id", name="uq_release_release_id"),
        sa.ForeignKeyConstraint(["balance_id"], ["balance.balance_id"], name="fk_release_balance_id"),
        sa.CheckConstraint("is_draft = (figure_set IS NULL)", name="ck_release_approved_or_draft"),
    )
    op.create_index("ix_release_period_start", "release", ["period_start", "period_end"])
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON release "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    seal_inserts(op.get_bind(), RELEASE)
