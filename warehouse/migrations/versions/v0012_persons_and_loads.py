"""Persons become numbers, loads are numbered, and each day of each source has a digest.

A token stands in ``person`` alone; the event tables hold its number. What is there becomes load 1 of its source.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Make the tables, and bring what is there into their form."""
    _tables()


def _tables() -> None:
    op.create_table(
        "person",
        sa.Column("person_id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("person_token", sa.Text(collation="C")),
        sa.PrimaryKeyConstraint("person_id", name="pk_person"),
        sa.UniqueConstraint("person_token", name="uq_person_person_token"),
    )
    op.create_table(
        "load",
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("load_number", sa.Integer, nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.Column("rows", sa.BigInteger, nullable=False),
        sa.Column("rows_in_all", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("source", "load_number", name="pk_load"),
    )
    op.create_table(
        "event_day",
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("recorded_on", sa.Date, nullable=False),
        sa.Column("events", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("state", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("source", "recorded_on", name="pk_event_day"),
    )
    op.execute("ALTER TABLE event_day ALTER COLUMN state SET STORAGE EXTERNAL")  # a sum is as random as its words are
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON load "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
