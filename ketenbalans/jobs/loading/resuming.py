"""Incidents as people ask for them: the list, one with what resuming it means, and the word of a person to go on."""

from dataclasses import dataclass

from sqlalchemy import Connection, Engine

from ketenbalans.incidents.checks import incident_kinds
from schemas.catalogue import source_named
from schemas.decisions import checked_note
from schemas.json_object import JsonObject
from schemas.people import Identity, checked_handle
from warehouse.database import snapshot
from warehouse.errors import DecisionRefused, OffsetsMoved
from warehouse.incidents import KeptIncident, all_incidents, hold_incidents, keep_resumption, running_incidents
from warehouse.offsets import Move, Topic, move_offsets

RUNBOOK = "docs/runbooks/incidents.md"
"""The runbook, in the project: a section per kind; a test holds the two against each other."""


@dataclass(frozen=True, kw_only=True)
class ShownIncident:
    """An incident with what resuming it means.

    Attributes:
        incident: as it is kept.
        meaning: its kind in a sentence; None of what stops no source.
        resumed_means: what a person accepts who resumes it; likewise.
        runbook: where the runbook says more, as a place in the project; likewise.
        earlier: those of the same subject and kind before it, the oldest first.
    """

    incident: KeptIncident
    meaning: str | None
    resumed_means: str | None
    runbook: str | None
    earlier: tuple[KeptIncident, ...]

    def to_json(self) -> JsonObject:
        """What ``incidents show --json`` prints."""
        return {
            **self.incident.to_json(),
            "meaning": self.meaning,
            "resumed_means": self.resumed_means,
            "runbook": self.runbook,
            "earlier": [one.to_json() for one in self.earlier],
        }


def list_incidents(engine: Engine, *, also_over: bool) -> list[KeptIncident]:
    """The incidents that run, or all there ever were; the newest first."""
    with snapshot(engine) as connection:
        rows = all_incidents(connection) if also_over else running_incidents(connection)
    return rows[::-1]


def show_incident(engine: Engine, incident_id: int) -> ShownIncident:
    """One incident with what resuming it means, and the earlier ones of its kind.

    Raises:
        DecisionRefused: there is none of that number.
    """
    with snapshot(engine) as connection:
        incident = _find(connection, incident_id)
        every = all_incidents(connection)
    kind = incident_kinds().get(incident.kind)
    return ShownIncident(
        incident=incident,
        meaning=kind.incident_kind.meaning if kind else None,
        resumed_means=kind.resumed if kind else None,
        runbook=f"{RUNBOOK}#{incident.kind}" if kind else None,
        earlier=tuple(
            one
            for one in every
            if (one.subject, one.kind) == (incident.subject, incident.kind) and one.incident_id < incident_id
        ),
    )


def resume_incident(
    engine: Engine, incident_id: int, *, by: str, note: str, identity: Identity = Identity.DECLARED
) -> KeptIncident:
    """Let a source go on, and keep who said so and why; an incident that was resumed already stays as it is.

    What is accepted is the evidence of this incident and no other. Stored offsets move only here, and only where the
    incident says: to the first record that is left, or back to where the topic ended.

    Raises:
        DecisionRefused: there is none of that number, it is over by itself, it cannot be resumed, or the stored offsets
            are no longer what it was about.
        InvalidHandle: who decides is named by what is none.
        InvalidDecision: the note cannot be kept.
    """
    who, reason = checked_handle(by, "who decides"), checked_note(note)
    with engine.begin() as connection:
        hold_incidents(connection)
        incident = _find(connection, incident_id)
        if incident.resumed_at is not None:
            return incident
        named = f"incident {incident_id} ({incident.kind} of {incident.subject})"
        if incident.kind not in incident_kinds():
            message = f"{named} stops no source, so there is nothing to resume: it ends when what it tells of is mended"
            raise DecisionRefused(message)
        if incident.ended_at is not None:
            message = (
                f"{named} is over since {incident.ended_at:%Y-%m-%d %H:%M}; those that run are in "
                "`ketenbalans incidents`"
            )
            raise DecisionRefused(message)
        _move_offsets(connection, incident)
        keep_resumption(connection, incident_id, by=who, note=reason, identity=identity)
        return _find(connection, incident_id)


def _move_offsets(connection: Connection, incident: KeptIncident) -> None:
    moves = [Move(partition, before, after) for partition, before, after in incident.notes.get("moves", ())]
    if not moves:
        return
    source = source_named(incident.subject)
    moved = None
    try:
        move_offsets(connection, Topic(source.name, source.topic, incident.notes["topic_id"]), moves)
    except OffsetsMoved as error:
        moved = error
    if moved is not None:
        message = (
            f"incident {incident.incident_id} is no longer about the stored offsets of {source.topic}, which moved "
            f"since; `ketenbalans ingest {source.name}` says what there is now"
        )
        raise DecisionRefused(message)


def _find(connection: Connection, incident_id: int) -> KeptIncident:
    every = all_incidents(connection)
    for one in every:
        if one.incident_id == incident_id:
            return one
    running = ", ".join(str(one.incident_id) for one in every if one.ended_at is None)
    message = f"there is no incident {incident_id}; those that run: {running or 'none'} (`ketenbalans incidents --all`)"
    raise DecisionRefused(message)
