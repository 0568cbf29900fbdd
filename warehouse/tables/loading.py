"""The tables of loading: how far each topic was read, what lay there, and what each run did and refused."""

from sqlalchemy import BigInteger, Column, DateTime, Integer, PrimaryKeyConstraint, Table, Text, func

from warehouse.tables.metadata import METADATA

TOPIC_OFFSET = Table(
    "topic_offset",
    METADATA,
    Column("topic_id", Text, nullable=False),
    Column("partition", Integer, nullable=False),
    Column("topic", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("next_offset", BigInteger, nullable=False),
    PrimaryKeyConstraint("topic_id", "partition"),
)
"""How far each partition has been loaded; moved in the transaction that writes the rows. Keyed by the topic's id."""

LOG_PROOF = Table(
    "log_proof",
    METADATA,
    Column("topic_id", Text, nullable=False),
    Column("partition", Integer, nullable=False),
    Column("next_offset", BigInteger, nullable=False),
    Column("last_offset", BigInteger, nullable=False),
    Column("leader_epoch", Integer, nullable=False),
    Column("timestamp_ms", BigInteger, nullable=False),
    Column("digest", Text, nullable=False),
    PrimaryKeyConstraint("topic_id", "partition", "next_offset"),
)
"""What lay right before each offset that was ever stored, but for those of a log that is gone: the batch there, by its
last offset, the broker's term, its newest moment and its digest (``schemas.log_proofs``)."""

INGEST_RUN = Table(
    "ingest_run",
    METADATA,
    Column("run", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("read", BigInteger, nullable=False),
    Column("inserted", BigInteger, nullable=False),
    Column("duplicates", BigInteger, nullable=False),
    Column("dead_letters", BigInteger, nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    PrimaryKeyConstraint("run", "source"),
)
"""What each run has done over all its tries, counted in the transactions that did it."""

INGEST_REFUSAL = Table(
    "ingest_refusal",
    METADATA,
    Column("run", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("column", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("messages", BigInteger, nullable=False),
    PrimaryKeyConstraint("run", "source", "reason", "column", "rule"),
)
"""Which rules the dead letters of a run broke and how many, counted in the transactions that wrote them.

``column`` is empty where a rule is about the message as a whole.
"""
