"""Incidents as they are kept: one running row per subject, kind and evidence, and what persons resumed."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select, func, select, update
from sqlalchemy.dialects.postgresql import insert

from schemas.incidents import IncidentKind
from warehouse.locks import Lock, hold
from warehouse.tables.watching import INCIDENT, INCIDENT_RESUMED

Incident = dict[str, Any]
"""The columns of ``incident``, and ``by``, ``note``, ``resumed_at``: null where no person resumed it."""


def hold_incidents(connection: Connection) -> None:
    """Let nobody else judge control records or resume an incident until the transaction ends."""
    hold(connection, Lock.INCIDENTS)


def keep_incident(  # noqa: PLR0913 (each is a column)
    connection: Connection,
    *,
    subject: str,
    kind: str,
    message: str,
    mark: str = "",
    notes: Mapping[str, Any] | None = None,
) -> None:
    """Write down that something stands still, or that it still does. Other evidence is another incident."""
    of_kind = _running(subject, [kind]) & (INCIDENT.c.mark != mark)
    connection.execute(update(INCIDENT).where(of_kind).values(ended_at=func.now()))
    met = insert(INCIDENT).values(subject=subject, kind=kind, message=message, mark=mark, notes=dict(notes or {}))
    again = met.on_conflict_do_update(
        index_elements=["subject", "kind"],
        index_where=INCIDENT.c.ended_at.is_(None),
        set_={name: met.excluded[name] for name in ("message", "mark", "notes")} | {"seen_at": func.now()},
    )
    connection.execute(again)


def end_incidents(connection: Connection, *, subject: str, kinds: Sequence[str]) -> None:
    """Write down that it goes on again; nothing when it never stood still for one of these kinds."""
    connection.execute(update(INCIDENT).where(_running(subject, kinds)).values(ended_at=func.now()))


def running_incidents(connection: Connection) -> list[Incident]:
    """What stands still now, the oldest first."""
    return _read(connection, _incidents().where(INCIDENT.c.ended_at.is_(None)))


def all_incidents(connection: Connection) -> list[Incident]:
    """Every incident there ever was, the oldest first."""
    return _read(connection, _incidents())


def incidents_of(connection: Connection, subject: str) -> list[Incident]:
    """Every incident of one subject, also those that are over, the oldest first."""
    return _read(connection, _incidents().where(INCIDENT.c.subject == subject))


def keep_resumption(connection: Connection, incident_id: int, *, by: str, note: str) -> None:
    """Write down that a person resumed an incident, and end it."""
    connection.execute(insert(INCIDENT_RESUMED).values(incident_id=incident_id, by=by, note=note))
    connection.execute(update(INCIDENT).where(INCIDENT.c.incident_id == incident_id).values(ended_at=func.now()))


def resumed_parts(connection: Connection, kind: IncidentKind) -> set[tuple[str, str]]:
    """What persons accepted of a kind of incident: subject and part of the evidence."""
    rows = connection.execute(
        select(INCIDENT.c.subject, INCIDENT.c.mark).join(INCIDENT_RESUMED).where(INCIDENT.c.kind == kind)
    )
    return {(subject, part) for subject, mark in rows for part in mark.split(",")}


def _running(subject: str, kinds: Sequence[str]) -> Any:
    return (INCIDENT.c.subject == subject) & INCIDENT.c.kind.in_(kinds) & INCIDENT.c.ended_at.is_(None)


def _incidents() -> Select[Any]:
    resumed = (INCIDENT_RESUMED.c.by, INCIDENT_RESUMED.c.note, INCIDENT_RESUMED.c.resumed_at)
    return select(INCIDENT, *resumed).outerjoin(INCIDENT_RESUMED).order_by(INCIDENT.c.incident_id)


def _read(connection: Connection, query: Select[Any]) -> list[Incident]:
    return [dict(row) for row in connection.execute(query).mappings()]
