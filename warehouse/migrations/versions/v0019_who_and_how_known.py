"""How it is known who decided or acted (signed in, or named by themselves), and which forms of a page were sent."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

DECIDED_BY_SOMEBODY = ("decision", "restatement_decision", "incident_resumed", "link_judgement")
"""Each row is a person's."""

ALSO_BY_ITSELF = ("dead_letter_step", "alert_event")
"""A row names a person or nobody."""

IS_AN_IDENTITY = "identity IN ('signed_in', 'declared')"


def upgrade() -> None:
    """Add them. Whoever acted until now named themselves on the command line."""
    declared = sa.text("'declared'")
    for table in DECIDED_BY_SOMEBODY:
        op.add_column(table, sa.Column("identity", sa.Text, nullable=False, server_default=declared))
        op.create_check_constraint(f"ck_{table}_identity", table, IS_AN_IDENTITY)
    for table in ALSO_BY_ITSELF:
        op.add_column(table, sa.Column("identity", sa.Text))
        op.execute(f"ALTER TABLE {table} DISABLE TRIGGER append_only")
        op.execute(f"UPDATE {table} SET identity = 'declared' WHERE by IS NOT NULL")  # noqa: S608 (names of tables)
        op.execute(f"ALTER TABLE {table} ENABLE TRIGGER append_only")
        op.create_check_constraint(f"ck_{table}_identity", table, IS_AN_IDENTITY)
        op.create_check_constraint(f"ck_{table}_identity_of_whom", table, "(by IS NULL) = (identity IS NULL)")
    op.create_table(
        "used_form",
        sa.Column("nonce", sa.Text, nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("nonce", name="pk_used_form"),
    )
    op.create_index("ix_used_form_expires_at", "used_form", ["expires_at"])
