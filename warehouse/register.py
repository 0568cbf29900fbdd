"""What is kept beside the register of published figures, and which records were loaded since a moment."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, text
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.dialects.postgresql import insert as upsert

from schemas.declaration import Source
from warehouse.register_tables import FIGURE_AGREED, RESTATEMENT_DECISION
from warehouse.state import known_on
from warehouse.tables import event_table

RESTATEMENT_LOCK = 0x6B62616F
"""The key of the advisory lock under which restatements are accepted: one decision at a time."""

ACCEPTED, WITHDRAWN = "accepted", "withdrawn"


@dataclass(frozen=True, kw_only=True)
class RestatementDecision:
    """What a person decided about a published figure that comes out otherwise.

    Attributes:
        figure_id: in the register.
        verdict: ``accepted`` or ``withdrawn``.
        published: the published value, as text.
        ours: the value that was accepted, rounded as the published one.
        note: a few words of administration.
        decided_by: a handle.
        decided_on: the day of the decision.
    """

    figure_id: str
    verdict: str
    published: str
    ours: str
    note: str
    decided_by: str
    decided_on: date


def agreed_at(connection: Connection) -> dict[str, datetime]:
    """Per figure the last moment at which it came out as published; one that never did is left out."""
    rows = connection.execute(select(FIGURE_AGREED.c.figure_id, FIGURE_AGREED.c.agreed_at))
    return {row.figure_id: row.agreed_at for row in rows}


def keep_agreed(connection: Connection, figures: Iterable[tuple[str, date | None]], *, at: datetime) -> None:
    """Keep that figures came out as published, each with the day that it rests on; a later moment stays."""
    rows = [{"figure_id": figure_id, "as_of": as_of, "agreed_at": at} for figure_id, as_of in figures]
    if not rows:
        return
    kept = upsert(FIGURE_AGREED)
    newer = {"as_of": kept.excluded.as_of, "agreed_at": kept.excluded.agreed_at}
    later = kept.on_conflict_do_update(
        index_elements=["figure_id"], set_=newer, where=FIGURE_AGREED.c.agreed_at < kept.excluded.agreed_at
    )
    connection.execute(later, rows)


def hold_restatements(connection: Connection) -> None:
    """Let nobody else decide about a restatement until the transaction ends."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": RESTATEMENT_LOCK})


def restatements_decided(connection: Connection) -> dict[str, RestatementDecision]:
    """The last decision about each figure of which anybody decided anything."""
    table = RESTATEMENT_DECISION.c
    columns = [table[name] for name in RestatementDecision.__dataclass_fields__]
    last = select(*columns).ext(distinct_on(table.figure_id)).order_by(table.figure_id, table.decision_number.desc())
    return {row["figure_id"]: RestatementDecision(**row) for row in connection.execute(last).mappings()}


def record_restatement(connection: Connection, decision: RestatementDecision) -> None:
    """Keep a decision about a restatement."""
    connection.execute(insert(RESTATEMENT_DECISION).values(vars(decision)))


def records_loaded_since(
    connection: Connection, source: Source, *, since: datetime, as_of: date, at_most: int
) -> tuple[list[dict[str, Any]], int]:
    """The keys of some records of which something known on a day was loaded after a moment, and how many there are."""
    table = event_table(source)
    keys = [table.c[name] for name in source.record_key]
    told = select(*keys).where(known_on(table, as_of), table.c.ingested_at > since).distinct()
    in_all = connection.scalar(select(func.count()).select_from(told.subquery()))
    rows: Sequence[Any] = connection.execute(told.order_by(*keys).limit(at_most)).mappings().all()
    return [dict(row) for row in rows], int(in_all or 0)
