"""What the control records say: which extracts are loaded, until when each source speaks, and the day to ask for.

An extract is loaded when the stored offsets have reached its own, on the topic that it names by id. No clock is looked
at: a source that has nothing to report still covers a day.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import BigInteger, Connection, Integer, Numeric, and_, exists, func, not_, select

from schemas import extracts
from schemas.catalogue import source_named
from schemas.measure import REGISTERS
from warehouse.tables import INGEST_RUN, TOPIC_OFFSET, event_table

REGISTERS_OF_THE_BALANCE = tuple(source_named(name) for name in REGISTERS)
"""The two registers of the published balance; the default as-of date is a day that both have covered."""


@dataclass(frozen=True, kw_only=True)
class LoadedExtract:
    """One extract whose rows are all in the warehouse, or in its dead letters."""

    source: str
    extract_id: str
    covers_until: date
    rows: int
    published: int
    rejected: int
    chain_key_check: str
    recorded_at: datetime


@dataclass(frozen=True, kw_only=True)
class ControlRecord(LoadedExtract):
    """One control record as it came, whether or not its extract is loaded."""

    event_id: str
    is_loaded: bool


def loaded_extracts(connection: Connection) -> list[LoadedExtract]:
    """Every publication of an extract that is loaded, by source and by when it was published."""
    return [
        LoadedExtract(**{name: getattr(record, name) for name in LoadedExtract.__dataclass_fields__})
        for record in control_records(connection)
        if record.is_loaded
    ]


def control_records(connection: Connection) -> list[ControlRecord]:
    """Every publication of an extract, by source and by when it was published."""
    table = event_table(extracts.SOURCE)
    wanted = func.jsonb_each_text(table.c.offsets).table_valued("key", "value").alias("wanted")
    stored = TOPIC_OFFSET.alias("stored")
    here = and_(stored.c.topic_id == table.c.topic_id, stored.c.partition == wanted.c.key.cast(Integer))
    has_reached = func.coalesce(stored.c.next_offset, 0).cast(BigInteger) >= wanted.c.value.cast(Numeric)
    awaited = exists(select(1).select_from(wanted.outerjoin(stored, here)).where(not_(has_reached)).correlate(table))
    columns = [table.c[name] for name in ("event_id", *LoadedExtract.__dataclass_fields__)]
    rows = connection.execute(
        select(*columns, not_(awaited).label("is_loaded")).order_by(
            table.c.source, table.c.recorded_at, table.c.event_id
        )
    )
    return [ControlRecord(**row) for row in rows.mappings()]


def messages_read(connection: Connection) -> dict[str, int]:
    """How many messages of each source were read in all, as events or as dead letters; none: the source is left out.

    Counted in the transactions that wrote them, over every topic that the source ever had.
    """
    rows = connection.execute(select(INGEST_RUN.c.source, func.sum(INGEST_RUN.c.read)).group_by(INGEST_RUN.c.source))
    return {source: int(messages) for source, messages in rows}


def covered_until(connection: Connection) -> dict[str, date]:
    """The latest day that a loaded extract speaks of, per source; a source without one is left out."""
    covered: dict[str, date] = {}
    for extract in loaded_extracts(connection):
        covered[extract.source] = max(extract.covers_until, covered.get(extract.source, extract.covers_until))
    return covered


def default_as_of(connection: Connection) -> date | None:
    """The latest day of which both registers speak; None while one of them has no loaded extract."""
    covered = covered_until(connection)
    days = [covered.get(source.name) for source in REGISTERS_OF_THE_BALANCE]
    known = [day for day in days if day is not None]
    return min(known) if len(known) == len(days) else None


def is_synthetic(connection: Connection) -> bool:
    """Whether any extract that was published said of itself that it is synthetic (ADR 0007)."""
    table = event_table(extracts.SOURCE)
    return bool(connection.scalar(select(exists(select(1).where(table.c.synthetic)))))
