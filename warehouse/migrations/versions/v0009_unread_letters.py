"""Dead letters that are no messages: a record or a whole batch that could not be read, as it came."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Say of each letter what its bytes are, and of a batch where it ends; those that are there are messages."""
    op.add_column("dead_letter", sa.Column("form", sa.Text, nullable=False, server_default=sa.text("'message'")))
    op.alter_column("dead_letter", "form", server_default=None)
    op.add_column("dead_letter", sa.Column("last_offset", sa.BigInteger))
    op.create_check_constraint("ck_dead_letter_form", "dead_letter", "form IN ('message', 'record', 'batch')")
    op.create_check_constraint(
        "ck_dead_letter_last_offset", "dead_letter", "(form = 'batch') = (last_offset IS NOT NULL)"
    )
