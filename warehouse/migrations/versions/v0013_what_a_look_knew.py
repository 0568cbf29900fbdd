"""What a look at breaks knew, by load instead of by moment, and a digest of what it found."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Add them. A look from before knew the loads and decisions that had begun by its moment; what it found is lost."""
    op.execute("ALTER TABLE break_look DISABLE TRIGGER append_only")
    op.add_column(
        "break_look", sa.Column("loads", postgresql.JSONB, nullable=False, server_default=sa.text("'{}'::jsonb"))
    )
    op.add_column("break_look", sa.Column("found_digest", sa.Text))
    op.execute(
        "UPDATE break_look SET loads = (SELECT coalesce(jsonb_object_agg(source, number), '{}'::jsonb) FROM"
        " (SELECT source, max(load_number) AS number FROM load WHERE loaded_at <= looked_at GROUP BY source"
        " UNION ALL SELECT 'decisions', coalesce(max(decision_number), 0) FROM decision WHERE recorded_at <= looked_at)"
        " AS known)"
    )
    op.alter_column("break_look", "loads", server_default=None)
    op.execute("ALTER TABLE break_look ENABLE TRIGGER append_only")
