"""The events that a break or a change of a figure rests on: of given records, or those that a look did not know."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Table,
    cast,
    func,
    literal,
    null,
    or_,
    select,
)

from schemas.catalogue import delivering_sources, linked_sources
from schemas.declaration import Source
from schemas.frame_types import FRAME_TYPES, stored_types
from schemas.linked_columns import DELIVERY_COLUMNS, REGISTRATION_COLUMNS, read_of
from schemas.sources import om_registrations, police_deliveries
from schemas.vocabulary import OmMutation, PoliceMutation
from warehouse.breaks import DECISIONS, BreakLook
from warehouse.copying import read_frame
from warehouse.state import end_of_day, known_on
from warehouse.tables.breaks import DECISION
from warehouse.tables.events import event_table

MOMENTS = ("recorded_at", "ingested_at")

REGISTERS = ((police_deliveries.SOURCE, DELIVERY_COLUMNS), (om_registrations.SOURCE, REGISTRATION_COLUMNS))

EVENT: dict[str, pl.DataType] = {
    "source": pl.String(),
    "event_id": pl.String(),
    "recorded_at": pl.Datetime("us", "UTC"),
    "ingested_at": pl.Datetime("us", "UTC"),
    "mutation": pl.String(),
    **{name: FRAME_TYPES[source.field(name).kind] for source, _ in REGISTERS for name in source.record_key},
    **{
        name: kind
        for source, columns in REGISTERS
        for name, kind in stored_types(source).items()
        if name in read_of(columns)
    },
    "disposal": pl.String(),
    "joined_into": pl.String(),
}
"""An event of either register, or a decision about a pair; what one of them does not have is null.

What identifies a record comes first, then all that linking reads, then what became of the case.
"""

MUTATIONS_IN_ORDER = [str(mutation) for mutations in (PoliceMutation, OmMutation) for mutation in mutations]


def read_evidence(
    connection: Connection,
    *,
    suspects: Sequence[tuple[str, int]],
    cases: Sequence[str],
    as_of: date,
    party: str | None = None,
) -> pl.DataFrame:
    """Every event of some records known on a day (``EVENT``), in time order.

    Args:
        connection: the warehouse.
        suspects: dossier number and suspect number of each delivery.
        party: who delivered them; None: any party, since two may have delivered under one number.
        cases: the case number of each registration.
        as_of: the day whose knowledge is used.
    """
    om = event_table(om_registrations.SOURCE)
    wanted = pl.DataFrame(
        list(suspects), schema={"dossier_number": pl.String, "suspect_number": pl.Int32}, orient="row"
    ).unique()
    dossiers = wanted["dossier_number"].unique().to_list()
    delivered = [
        _events(connection, source, table.c.dossier_number.in_(dossiers) & known_on(table, as_of))
        for of, source in delivering_sources().items()
        for table in [event_table(source)]
        if party in (None, of)
    ]
    of_om = _events(connection, om_registrations.SOURCE, om.c.case_number.in_(list(set(cases))) & known_on(om, as_of))
    of_suspects = pl.concat(delivered).join(wanted, on=["dossier_number", "suspect_number"], how="semi")
    return in_time_order(pl.concat([of_suspects, of_om]))


def events_between(connection: Connection, before: BreakLook, after: BreakLook) -> pl.DataFrame:
    """Every event and decision that a look knew of its day and the look before it did not (``EVENT``), in time order.

    What was recorded after the day of the one before, or loaded after it, and by the later one; what was loaded since
    is no part of it. A decision has the source ``decisions`` and its verdict as ``mutation``.
    """
    found = []
    for source in linked_sources():
        table = event_table(source)
        is_new = table.c.load_number > before.loads.get(source.name, 0)
        if after.as_of > before.as_of:
            is_new = or_(is_new, table.c.recorded_at >= literal(end_of_day(before.as_of)))
        is_known = known_on(table, after.as_of) & (table.c.load_number <= after.loads.get(source.name, 0))
        found.append(_events(connection, source, is_known & is_new))
    number = DECISION.c.decision_number
    is_new = or_(DECISION.c.decided_on > before.as_of, number > before.loads.get(DECISIONS, 0))
    is_known = (DECISION.c.decided_on <= after.as_of) & (number <= after.loads.get(DECISIONS, 0))
    columns = {
        "source": literal(DECISIONS),
        "event_id": DECISION.c.decision_id,
        "ingested_at": DECISION.c.recorded_at,
        "mutation": DECISION.c.verdict,
    }
    found.append(_read(connection, DECISION, columns, DECISION.c.case_number.is_not(None) & is_known & is_new))
    return in_time_order(pl.concat(found))


def in_time_order(events: pl.DataFrame) -> pl.DataFrame:
    """Events by the moment at which the source knew, then in the order of the mutations."""
    place = pl.col("mutation").replace_strict(
        MUTATIONS_IN_ORDER, range(len(MUTATIONS_IN_ORDER)), default=len(MUTATIONS_IN_ORDER), return_dtype=pl.Int32
    )
    return events.sort("recorded_at", place, "event_id")


def _events(connection: Connection, source: Source, wanted: ColumnElement[bool]) -> pl.DataFrame:
    return _read(connection, event_table(source), {"source": literal(source.name)}, wanted)


def _read(
    connection: Connection, table: Table, columns: Mapping[str, ColumnElement[Any]], wanted: ColumnElement[bool]
) -> pl.DataFrame:
    """Read events as microseconds since 1970 where they are moments, which CSV leaves no doubt about."""
    in_order = []
    for name in EVENT:
        value = columns.get(name, table.c[name] if name in table.c else null())
        in_order.append(cast(func.extract("epoch", value) * 1_000_000, BigInteger) if name in MOMENTS else value)
    schema = {name: pl.Int64() if name in MOMENTS else kind for name, kind in EVENT.items()}
    read = read_frame(connection, select(*in_order).where(wanted), schema)
    return read.with_columns(pl.col(name).cast(EVENT[name]) for name in MOMENTS)
