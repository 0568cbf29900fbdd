"""What the control records say: which extracts are loaded, until when each source speaks, and the day to ask for.

An extract is loaded when all its rows have arrived, or when a person let those be that lack: a row that was lost on the
topic is not loaded, whatever the offsets say. No clock is looked at: a source that has nothing to report still covers a
day, and of two control records the later one is that which lies behind the other on the topic.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import BigInteger, Connection, Integer, Numeric, RowMapping, and_, exists, func, not_, select

from schemas import extracts
from schemas.catalogue import source_named
from schemas.incidents import IncidentKind
from schemas.measure import REGISTERS
from warehouse.extract_rows import ExtractKey, rows_arrived
from warehouse.incidents import resumed_parts
from warehouse.tables import CONTROL_ARRIVAL, EVENT_KEY, TOPIC_OFFSET, event_table

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
    """One control record as it came, whether or not its extract is loaded.

    Attributes:
        arrival: its place in the order in which control records were read.
        topic_id: the topic on which its rows are.
        arrived: how many of the extract's rows have arrived, with this publication or another one of the same extract.
        is_read: whether the stored offsets have reached its own: what has not arrived will not any more.
        is_let_be: whether a person resumed that this many rows lack.
    """

    event_id: str
    arrival: int
    topic_id: str
    arrived: int
    is_read: bool
    is_let_be: bool

    @property
    def missing(self) -> int:
        """How many rows have not arrived."""
        return max(0, self.published - self.arrived)

    @property
    def is_loaded(self) -> bool:
        """Whether all its rows are in the warehouse, or will be no more of them and a person knows."""
        return not self.missing or (self.is_read and self.is_let_be)


def missing_part(extract_id: str, missing: int) -> str:
    """What a person accepts who lets rows of an extract be: a part of an incident's evidence."""
    return f"{extract_id} lacks {missing}"


def loaded_extracts(connection: Connection) -> list[LoadedExtract]:
    """Every publication of an extract that is loaded, by source and in the order in which they came."""
    return [
        LoadedExtract(**{name: getattr(record, name) for name in LoadedExtract.__dataclass_fields__})
        for record in control_records(connection)
        if record.is_loaded
    ]


def control_records(connection: Connection) -> list[ControlRecord]:
    """Every publication of an extract, by source and in the order in which they came."""
    table = event_table(extracts.SOURCE)
    wanted = func.jsonb_each_text(table.c.offsets).table_valued("key", "value").alias("wanted")
    stored = TOPIC_OFFSET.alias("stored")
    here = and_(stored.c.topic_id == table.c.topic_id, stored.c.partition == wanted.c.key.cast(Integer))
    has_reached = func.coalesce(stored.c.next_offset, 0).cast(BigInteger) >= wanted.c.value.cast(Numeric)
    awaited = exists(select(1).select_from(wanted.outerjoin(stored, here)).where(not_(has_reached)).correlate(table))
    same = and_(*(table.c[name] == CONTROL_ARRIVAL.c[name] for name in EVENT_KEY))
    columns = [table.c[name] for name in ("event_id", "topic_id", *LoadedExtract.__dataclass_fields__)]
    rows = connection.execute(
        select(*columns, CONTROL_ARRIVAL.c.arrival, not_(awaited).label("is_read"))
        .join(CONTROL_ARRIVAL, same)
        .order_by(table.c.source, CONTROL_ARRIVAL.c.arrival)
    )
    arrived, let_be = rows_arrived(connection), resumed_parts(connection, IncidentKind.TOTALS_DIFFER)
    return [_control_record(row, arrived, let_be) for row in rows.mappings()]


def _control_record(
    row: RowMapping, arrived: Mapping[ExtractKey, int], let_be: Collection[tuple[str, str]]
) -> ControlRecord:
    source, extract_id = row["source"], row["extract_id"]
    here = arrived.get((source, extract_id), 0)
    is_let_be = (source, missing_part(extract_id, max(0, row["published"] - here))) in let_be
    return ControlRecord(**row, arrived=here, is_let_be=is_let_be)


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
