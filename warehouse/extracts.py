"""What the control records say: which extracts are loaded, the last day that each covers, and the day to ask for.

An extract is loaded when all its rows have arrived, or when a person let those be that lack: a row that was lost on the
topic is not loaded, whatever the offsets say. No clock is looked at: a source that has nothing to report still covers a
day, and of two control records the later one is that which lies behind the other on the topic.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    Connection,
    Integer,
    Numeric,
    RowMapping,
    and_,
    exists,
    func,
    not_,
    or_,
    select,
    update,
)

from ketenbalans.figures.measure import REGISTERS
from schemas.catalogue import source_named
from schemas.incidents import IncidentKind
from schemas.sources import extracts
from schemas.wire.extract_rows import rows_key
from warehouse.database import once_in
from warehouse.extract_rows import ExtractKey, rows_arrived
from warehouse.incidents import resumed_parts
from warehouse.tables.events import EVENT_KEY, event_table
from warehouse.tables.extracts import CONTROL_ARRIVAL
from warehouse.tables.loading import TOPIC_OFFSET

REGISTERS_OF_THE_BALANCE = tuple(source_named(name) for name in REGISTERS)
"""The two registers of the published balance; the default as-of date is a day that both have covered."""


@dataclass(frozen=True, kw_only=True)
class LoadedExtract:
    """One extract whose rows are all in the warehouse or in its dead letters, apart from those that a person let be."""

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
        offsets: per partition of that (as text), the next offset after them.
        arrived: how many of the extract's rows have arrived, with this publication or another one of the same extract.
        is_read: whether what has not arrived will not any more: the stored offsets have reached its own, or its rows
            were lost on the topic.
        is_let_be: whether a person let it be that as many rows lack, or more.
    """

    event_id: str
    arrival: int
    topic_id: str
    offsets: Mapping[str, int] = field(hash=False)
    arrived: int
    is_read: bool
    is_let_be: bool

    @property
    def missing(self) -> int:
        """How many rows have not arrived."""
        return max(0, self.published - self.arrived)

    @property
    def is_loaded(self) -> bool:
        """Whether all its rows are in the warehouse, or a person knows what lacks."""
        return not self.missing or self.is_let_be

    @property
    def missing_part(self) -> str:
        """What a person accepts who lets its rows be: a part of an incident's evidence."""
        return f"{self.rows_key}{LACKS}{self.missing}"

    @property
    def rows_key(self) -> str:
        """What its messages say that they are rows of (``schemas.wire.extract_rows``)."""
        return rows_key(self.extract_id, self.chain_key_check)


LACKS = " lacks "
"""Between what rows are of and how many of them lack, in the evidence of an incident."""


def loaded_extracts(connection: Connection) -> list[LoadedExtract]:
    """Every publication of an extract that is loaded, by source and in the order in which they came."""
    return [
        LoadedExtract(**{name: getattr(record, name) for name in LoadedExtract.__dataclass_fields__})
        for record in control_records(connection)
        if record.is_loaded
    ]


def control_records(connection: Connection) -> list[ControlRecord]:
    """Every publication of an extract, by source and in the order in which they came."""
    return once_in(connection, control_records, lambda: _control_records(connection))


def _control_records(connection: Connection) -> list[ControlRecord]:
    table = event_table(extracts.SOURCE)
    wanted = func.jsonb_each_text(table.c.offsets).table_valued("key", "value").alias("wanted")
    stored = TOPIC_OFFSET.alias("stored")
    here = and_(stored.c.topic_id == table.c.topic_id, stored.c.partition == wanted.c.key.cast(Integer))
    has_reached = func.coalesce(stored.c.next_offset, 0).cast(BigInteger) >= wanted.c.value.cast(Numeric)
    awaited = exists(select(1).select_from(wanted.outerjoin(stored, here)).where(not_(has_reached)).correlate(table))
    same = and_(*(table.c[name] == CONTROL_ARRIVAL.c[name] for name in EVENT_KEY))
    columns = [table.c[name] for name in ("event_id", "topic_id", "offsets", *LoadedExtract.__dataclass_fields__)]
    is_read = or_(not_(awaited), CONTROL_ARRIVAL.c.is_lost)
    rows = connection.execute(
        select(*columns, CONTROL_ARRIVAL.c.arrival, is_read.label("is_read"))
        .join(CONTROL_ARRIVAL, same)
        .order_by(table.c.source, CONTROL_ARRIVAL.c.arrival)
    )
    arrived, let_be = rows_arrived(connection), _let_be(connection)
    return [_control_record(row, arrived, let_be) for row in rows.mappings()]


def _let_be(connection: Connection) -> dict[ExtractKey, int]:
    """How many rows of each extract persons let be, at the most."""
    found: dict[ExtractKey, int] = {}
    for source, part in resumed_parts(connection, IncidentKind.TOTALS_DIFFER):
        key, lacks, missing = part.partition(LACKS)
        if lacks:
            found[source, key] = max(int(missing), found.get((source, key), 0))
    return found


def _control_record(
    row: RowMapping, arrived: Mapping[ExtractKey, int], let_be: Mapping[ExtractKey, int]
) -> ControlRecord:
    key = row["source"], rows_key(row["extract_id"], row["chain_key_check"])
    here = arrived.get(key, 0)
    return ControlRecord(**row, arrived=here, is_let_be=let_be.get(key, -1) >= row["published"] - here)


def keep_lost(connection: Connection, records: Collection[ControlRecord]) -> None:
    """Write down that what these records say of their topic is not there any more: no more of their rows will come."""
    arrivals = [record.arrival for record in records]
    connection.execute(update(CONTROL_ARRIVAL).where(CONTROL_ARRIVAL.c.arrival.in_(arrivals)).values(is_lost=True))


def covered_until(connection: Connection) -> dict[str, date]:
    """The latest day that a loaded extract covers, per source; a source without one is left out."""
    covered: dict[str, date] = {}
    for extract in loaded_extracts(connection):
        covered[extract.source] = max(extract.covers_until, covered.get(extract.source, extract.covers_until))
    return covered


def default_as_of(connection: Connection) -> date | None:
    """The latest day of which both registers cover; None while one of them has no loaded extract."""
    covered = covered_until(connection)
    days = [covered.get(source.name) for source in REGISTERS_OF_THE_BALANCE]
    known = [day for day in days if day is not None]
    return min(known) if len(known) == len(days) else None


def is_synthetic(connection: Connection) -> bool:
    """Whether any extract that was published said of itself that it is synthetic (ADR 0007)."""
    table = event_table(extracts.SOURCE)
    is_any = select(exists(select(1).where(table.c.synthetic)))
    return once_in(connection, is_synthetic, lambda: bool(connection.scalar(is_any)))
