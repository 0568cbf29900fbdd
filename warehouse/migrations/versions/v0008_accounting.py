"""What proves the log of each partition, which rows of each extract have arrived, and the order of control records.

Extracts that are loaded by now were held against all that had been read, so all their rows count as arrived; but not
those of a source whose totals differ, which are missed until they are published again. The kinds of incidents become
words.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import BIT

revision = "0008"
down_revision = "0007"

KINDS = {
    "TopicGone": "topic_gone",
    "TopicRecreated": "topic_recreated",
    "PartitionAdded": "partition_added",
    "RecordsGone": "records_gone",
    "OffsetPastEnd": "log_differs",
    "SchemaNewer": "schema_newer",
    "ClockAhead": "clock_ahead",
    "ChainKeyDiffers": "chain_key_differs",
    "TotalsDiffer": "totals_differ",
    "CoversLess": "covers_less",
    "BalanceDoesNotClose": "balance_does_not_close",
    "AnswerDiffers": "answer_differs",
    "StepsDiffer": "steps_differ",
    "PublishedFigureDiffers": "published_figure_differs",
}

LOADED_ROWS = """
INSERT INTO extract_rows (source, extract_id, chunk, rows)
SELECT source, key, chunk,
       rpad(repeat('1', least(8192, published - 8192 * chunk)), 8192, '0')::bit(8192)
FROM (SELECT source, extract_id || '-' || chain_key_check AS key, max(published) AS published
      FROM extracts
      WHERE source NOT IN (SELECT subject FROM incident WHERE kind = 'TotalsDiffer' AND ended_at IS NULL)
        AND NOT EXISTS (
          SELECT 1 FROM jsonb_each_text(offsets) AS wanted
          LEFT JOIN topic_offset AS stored ON stored.topic_id = extracts.topic_id AND stored.partition = wanted.key::int
          WHERE coalesce(stored.next_offset, 0) < wanted.value::numeric)
      GROUP BY source, key) AS loaded,
     generate_series(0, (published - 1) / 8192) AS chunk
WHERE published > 0
"""

ARRIVALS = """
INSERT INTO control_arrival (event_source, event_id)
SELECT event_source, event_id FROM extracts ORDER BY ingested_at, recorded_at, event_id
"""


def upgrade() -> None:
    """Make the tables, and fill them from what is there."""
    op.create_table(
        "log_proof",
        sa.Column("topic_id", sa.Text, nullable=False),
        sa.Column("partition", sa.Integer, nullable=False),
        sa.Column("next_offset", sa.BigInteger, nullable=False),
        sa.Column("last_offset", sa.BigInteger, nullable=False),
        sa.Column("leader_epoch", sa.Integer, nullable=False),
        sa.Column("timestamp_ms", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("topic_id", "partition", "next_offset", name="pk_log_proof"),
    )
    op.create_table(
        "extract_rows",
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("extract_id", sa.Text, nullable=False),
        sa.Column("chunk", sa.Integer, nullable=False),
        sa.Column("rows", BIT(8192), nullable=False),
        sa.PrimaryKeyConstraint("source", "extract_id", "chunk", name="pk_extract_rows"),
    )
    op.create_table(
        "control_arrival",
        sa.Column("arrival", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("event_source", sa.Text(collation="C"), nullable=False),
        sa.Column("event_id", sa.Text(collation="C"), nullable=False),
        sa.Column("is_lost", sa.Boolean, nullable=False, server_default=sa.text("false")),
        sa.PrimaryKeyConstraint("arrival", name="pk_control_arrival"),
        sa.UniqueConstraint("event_source", "event_id", name="uq_control_arrival_event_source"),
    )
    if sa.inspect(op.get_bind()).has_table("extracts"):
        op.execute(LOADED_ROWS)
        op.execute(ARRIVALS)
    incident = sa.table("incident", sa.column("kind", sa.Text))
    for before, after in KINDS.items():
        op.execute(incident.update().where(incident.c.kind == before).values(kind=after))
