"""What persons found about drawn links: append-only, and read by no link, balance or fingerprint."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Make it."""
    op.create_table(
        "link_judgement",
        sa.Column("judgement_number", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("period_start", sa.Date, nullable=False),
        sa.Column("period_end", sa.Date, nullable=False),
        sa.Column("as_of", sa.Date, nullable=False),
        sa.Column("rule", sa.Integer),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("seed", sa.Integer, nullable=False),
        sa.Column("dossier_number", sa.Text(collation="C"), nullable=False),
        sa.Column("suspect_number", sa.Integer, nullable=False),
        sa.Column("case_number", sa.Text(collation="C")),
        sa.Column("row_digest", sa.Text, nullable=False),
        sa.Column("judgement", sa.Text, nullable=False),
        sa.Column("judged_by", sa.Text, nullable=False),
        sa.Column("judged_on", sa.Date, nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.PrimaryKeyConstraint("judgement_number", name="pk_link_judgement"),
        sa.CheckConstraint("judgement IN ('same', 'other', 'unsure')", name="ck_link_judgement_judgement"),
        sa.CheckConstraint("(rule IS NULL) = (case_number IS NULL)", name="ck_link_judgement_about_one_thing"),
    )
    op.create_index("ix_link_judgement_period", "link_judgement", ["period_start", "period_end"])
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON link_judgement "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
