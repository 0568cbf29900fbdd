"""What an incident rests on, and the incidents that persons resumed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make them."""
    op.add_column("incident", sa.Column("mark", sa.Text, nullable=False, server_default=sa.text("''")))
    op.add_column("incident", sa.Column("notes", JSONB, nullable=False, server_default=sa.text("'{}'")))
    op.create_table(
        "incident_resumed",
        sa.Column("incident_id", sa.BigInteger, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("resumed_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.PrimaryKeyConstraint("incident_id", name="pk_incident_resumed"),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.incident_id"], name="fk_incident_resumed_incident_id"),
    )
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON incident_resumed "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
