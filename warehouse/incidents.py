"""Incidents as they are kept: one running row per subject and kind, however often it is met."""

from collections.abc import Sequence

from sqlalchemy import Connection, RowMapping, func, select, update
from sqlalchemy.dialects.postgresql import insert

from warehouse.watch_tables import INCIDENT

Incident = RowMapping
"""``incident_id``, ``subject``, ``kind``, ``message``, ``since``, ``seen_at``, ``ended_at``."""


def keep_incident(connection: Connection, *, subject: str, kind: str, message: str) -> None:
    """Write down that something stands still, or that it still does."""
    met = insert(INCIDENT).values(subject=subject, kind=kind, message=message)
    again = met.on_conflict_do_update(
        index_elements=["subject", "kind"],
        index_where=INCIDENT.c.ended_at.is_(None),
        set_={"message": met.excluded.message, "seen_at": func.now()},
    )
    connection.execute(again)


def end_incidents(connection: Connection, *, subject: str, kinds: Sequence[str]) -> None:
    """Write down that it goes on again; nothing when it never stood still for one of these kinds."""
    running = (INCIDENT.c.subject == subject) & INCIDENT.c.kind.in_(kinds) & INCIDENT.c.ended_at.is_(None)
    connection.execute(update(INCIDENT).where(running).values(ended_at=func.now()))


def running_incidents(connection: Connection) -> list[Incident]:
    """What stands still now, the oldest first."""
    running = select(INCIDENT).where(INCIDENT.c.ended_at.is_(None)).order_by(INCIDENT.c.incident_id)
    return list(connection.execute(running).mappings())
