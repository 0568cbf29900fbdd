"""What a person accepts of a break: for which cause, and until which day."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Add them; no decision from before accepted anything."""
    op.add_column("decision", sa.Column("accepted_cause", sa.Text))
    op.add_column("decision", sa.Column("accepted_until", sa.Date))
