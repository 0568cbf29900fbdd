"""The tables of loads: the numbered transactions that brought events, and what each day of each source holds."""

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    func,
)

from warehouse.tables.metadata import METADATA

LOAD = Table(
    "load",
    METADATA,
    Column("source", Text, nullable=False),
    Column("load_number", Integer, nullable=False),
    Column("loaded_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("rows", BigInteger, nullable=False),
    Column("rows_in_all", BigInteger, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    PrimaryKeyConstraint("source", "load_number"),
)
"""Each transaction that inserted events of a source, append-only, numbered from 1 in the order of their commits.

``rows`` it inserted, ``rows_in_all`` there are since. ``digest`` is a chain (``warehouse.day_digests.load_digest``):
where it is the same, all that was loaded up to there is. Its rows carry ``load_number``.
"""

EVENT_DAY = Table(
    "event_day",
    METADATA,
    Column("source", Text, nullable=False),
    Column("recorded_on", Date, nullable=False),
    Column("events", BigInteger, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("state", LargeBinary, nullable=False),
    PrimaryKeyConstraint("source", "recorded_on"),
)
"""The events of each source and day of ``recorded_at`` in Amsterdam, kept up by the transactions that insert them.

``state`` is a sum over their ids and ``digest`` its SHA-256 (``warehouse.day_digests``): the same whatever the order.
"""
