"""Incidents as people ask for them: the list, one with what resuming it means, and the word of a person to go on."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Engine

from ketenbalans.incidents.checks import incident_kinds
from schemas.catalogue import source_named
from schemas.decisions import checked_handle, checked_note
from warehouse.database import snapshot
from warehouse.errors import DecisionRefused, OffsetsMoved
from warehouse.incidents import all_incidents, hold_incidents, keep_resumption, running_incidents
from warehouse.offsets import Move, Topic, move_offsets

RUNBOOK = "docs/runbooks/incidents.md"
"""The runbook, in the project: a section per kind; a test holds the two against each other."""


def list_incidents(engine: Engine, *, also_over: bool) -> list[dict[str, Any]]:
    """The incidents that run, or all there ever were; the newest first."""
    with snapshot(engine) as connection:
        rows = all_incidents(connection) if also_over else running_incidents(connection)
    return [_told(row) for row in reversed(rows)]


def show_incident(engine: Engine, incident_id: int) -> dict[str, Any]:
    """One incident with what resuming it means, and the earlier ones of its kind.

    Raises:
        DecisionRefused: there is none of that number.
    """
    with snapshot(engine) as connection:
        row = _find(connection, incident_id)
        same = [
            one for one in all_incidents(connection) if (one["subject"], one["kind"]) == (row["subject"], row["kind"])
        ]
    kind = incident_kinds().get(row["kind"])
    return {
        **_told(row),
        "meaning": kind.incident_kind.meaning if kind else None,
        "resumed_means": kind.resumed if kind else None,
        "runbook": f"{RUNBOOK}#{row['kind']}" if kind else None,
        "earlier": [_told(one) for one in same if one["incident_id"] < incident_id],
    }


def resume_incident(engine: Engine, incident_id: int, *, by: str, note: str) -> dict[str, Any]:
    """Let a source go on, and keep who said so and why; an incident that was resumed already stays as it is.

    What is accepted is the evidence of this incident and no other. Stored offsets move only here, and only where the
    incident says: to the first record that is left, or back to where the topic ended.

    Raises:
        DecisionRefused: there is none of that number, it is over by itself, it cannot be resumed, or the stored offsets
            are no longer what it was about.
        InvalidDecision: the handle or the note cannot be kept.
    """
    who, said = checked_handle(by, "who decides"), checked_note(note)
    with engine.begin() as connection:
        hold_incidents(connection)
        row = _find(connection, incident_id)
        if row["resumed_at"] is not None:
            return _told(row)
        if row["kind"] not in incident_kinds():
            message = (
                f"incident {incident_id} ({row['kind']} of {row['subject']}) stops no source, so there is nothing to "
                "resume: it ends when what it tells of is mended"
            )
            raise DecisionRefused(message)
        if row["ended_at"] is not None:
            message = (
                f"incident {incident_id} ({row['kind']} of {row['subject']}) is over since "
                f"{row['ended_at']:%Y-%m-%d %H:%M}; those that run are in `ketenbalans incidents`"
            )
            raise DecisionRefused(message)
        _move_offsets(connection, row)
        keep_resumption(connection, incident_id, by=who, note=said)
        return _told(_find(connection, incident_id))


def _move_offsets(connection: Connection, row: Mapping[str, Any]) -> None:
    moves = [Move(partition, before, after) for partition, before, after in row["notes"].get("moves", ())]
    if not moves:
        return
    source = source_named(row["subject"])
    moved = None
    try:
        move_offsets(connection, Topic(source.name, source.topic, row["notes"]["topic_id"]), moves)
    except OffsetsMoved as error:
        moved = error
    if moved is not None:
        message = (
            f"incident {row['incident_id']} is no longer about the stored offsets of {source.topic}, which moved "
            f"since; `ketenbalans ingest {source.name}` says what there is now"
        )
        raise DecisionRefused(message)


def _find(connection: Connection, incident_id: int) -> Mapping[str, Any]:
    rows = all_incidents(connection)
    for row in rows:
        if row["incident_id"] == incident_id:
            return row
    running = ", ".join(str(row["incident_id"]) for row in rows if row["ended_at"] is None)
    message = f"there is no incident {incident_id}; those that run: {running or 'none'} (`ketenbalans incidents --all`)"
    raise DecisionRefused(message)


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    """An incident as ``incidents --json`` prints it."""
    state = "resumed" if row["resumed_at"] is not None else "running" if row["ended_at"] is None else "over"
    return {
        "incident_id": row["incident_id"],
        "source": row["subject"],
        "kind": row["kind"],
        "state": state,
        "message": row["message"],
        "since": row["since"],
        "seen_at": row["seen_at"],
        "ended_at": row["ended_at"],
        "resumed_by": row["by"],
        "note": row["note"],
        "resumed_at": row["resumed_at"],
    }
