"""Which rows a quality suite looked at, and of what the suite consisted."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0013"


def upgrade() -> None:
    """Add them. A check from before looked at all rows, up to a load that is not known: the next one does so again."""
    op.add_column("quality_result", sa.Column("after_load", sa.Integer, nullable=False, server_default=sa.text("0")))
    op.add_column("quality_result", sa.Column("up_to_load", sa.Integer))
    op.add_column("quality_result", sa.Column("suite", sa.Text))
