"""Incidents as they are kept: one running row per subject, kind and evidence, and what persons resumed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select, update
from sqlalchemy.dialects.postgresql import insert

from schemas.incidents import IncidentKind
from schemas.json_object import JsonObject, to_json_value
from schemas.people import Identity
from warehouse.locks import Lock, hold
from warehouse.tables.watching import INCIDENT, INCIDENT_RESUMED


@dataclass(frozen=True, kw_only=True)
class KeptIncident:
    """What stopped a source, or the balance; the fields are the columns of ``incident`` and of its resumption.

    Attributes:
        incident_id: its number.
        subject: the source, or what else stands still.
        kind: an ``IncidentKind``.
        message: what was found, in words.
        since: when it was met first.
        seen_at: when it was met last.
        ended_at: None: it runs.
        mark: the evidence in short, its parts joined by commas.
        notes: the numbers that going on needs.
        by: who resumed it; None: no person did.
        note: what that person said.
        resumed_at: when.
        identity: how it is known who it was; None: no person did.
    """

    incident_id: int
    subject: str
    kind: str
    message: str
    since: datetime
    seen_at: datetime
    ended_at: datetime | None
    mark: str
    notes: Mapping[str, Any]
    by: str | None
    note: str | None
    resumed_at: datetime | None
    identity: str | None

    @property
    def state(self) -> str:
        """``resumed`` by a person, ``running``, or ``over`` by itself."""
        return "resumed" if self.resumed_at is not None else "running" if self.ended_at is None else "over"

    def to_json(self) -> JsonObject:
        """The incident as ``incidents --json`` prints it."""
        return {
            "incident_id": self.incident_id,
            "source": self.subject,
            "kind": self.kind,
            "state": self.state,
            "message": self.message,
            "since": to_json_value(self.since),
            "seen_at": to_json_value(self.seen_at),
            "ended_at": to_json_value(self.ended_at),
            "resumed_by": self.by,
            "note": self.note,
            "resumed_at": to_json_value(self.resumed_at),
            "identity": self.identity,
        }


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


def running_incidents(connection: Connection) -> list[KeptIncident]:
    """What stands still now, the oldest first."""
    return _read(connection, _incidents().where(INCIDENT.c.ended_at.is_(None)))


def all_incidents(connection: Connection) -> list[KeptIncident]:
    """Every incident there ever was, the oldest first."""
    return _read(connection, _incidents())


def incidents_of(connection: Connection, subject: str) -> list[KeptIncident]:
    """Every incident of one subject, also those that are over, the oldest first."""
    return _read(connection, _incidents().where(INCIDENT.c.subject == subject))


def keep_resumption(
    connection: Connection, incident_id: int, *, by: str, note: str, identity: Identity = Identity.DECLARED
) -> None:
    """Write down that a person resumed an incident, and end it."""
    resumed = {"incident_id": incident_id, "by": by, "note": note, "identity": identity.value}
    connection.execute(insert(INCIDENT_RESUMED).values(resumed))
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
    resumed = (INCIDENT_RESUMED.c[name] for name in ("by", "note", "resumed_at", "identity"))
    return select(INCIDENT, *resumed).outerjoin(INCIDENT_RESUMED).order_by(INCIDENT.c.incident_id)


def _read(connection: Connection, query: Select[Any]) -> list[KeptIncident]:
    return [KeptIncident(**row) for row in connection.execute(query).mappings()]
