"""Keep what stops a source or a balance where the alerts find it, and take it off when it goes on again."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine

from ketenbalans.incidents.checks import IngestIncident, TopicIncident, kinds_of
from schemas.incidents import Incident, IncidentKind
from warehouse.incidents import KeptIncident, end_incidents, incidents_of, keep_incident


@contextmanager
def incident_kept(engine: Engine, subject: str, kind: type[Incident]) -> Iterator[None]:
    """Keep an error of that kind as a running incident and raise it on; when there is none, end what ran.

    The incident is written in a transaction of its own: what failed has been undone. What is met while a topic is read
    is all that stands of it, so the other kinds end.
    """
    try:
        yield
    except kind as error:
        with engine.begin() as connection:
            if isinstance(error, TopicIncident):
                others = [word for word in kinds_of(TopicIncident) if word != error.incident_kind]
                end_incidents(connection, subject=subject, kinds=others)
            keep(connection, subject, error)
        raise
    with engine.begin() as connection:
        end_incidents(connection, subject=subject, kinds=kinds_of(kind))


def keep(connection: Connection, subject: str, error: Incident) -> None:
    """Keep an error as a running incident of a subject; its class says of what kind (``incident_kind``)."""
    mark, notes = error.mark, error.notes if isinstance(error, IngestIncident) else {}
    message = _first_sentences(error)
    keep_incident(connection, subject=subject, kind=str(error.incident_kind), message=message, mark=mark, notes=notes)


@dataclass(frozen=True)
class Decided:
    """What is known of the incidents of one source: the parts of the evidence that were met, and what was resumed.

    Attributes:
        met: per kind, every part that was ever met.
        accepted: per kind, the parts that persons accepted.
        notes: per kind, the numbers of each incident that a person resumed.
    """

    met: Mapping[str, frozenset[str]] = field(default_factory=dict)
    accepted: Mapping[str, frozenset[str]] = field(default_factory=dict)
    notes: Mapping[str, tuple[Mapping[str, Any], ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, incidents: Sequence[KeptIncident]) -> "Decided":
        """Read it from the incidents of a source."""
        resumed = [one for one in incidents if one.resumed_at is not None]
        kinds = {one.kind for one in resumed}
        return cls(
            met=_parts(incidents),
            accepted=_parts(resumed),
            notes={kind: tuple(one.notes for one in resumed if one.kind == kind) for kind in kinds},
        )

    def accepts(self, kind: type[IngestIncident], *parts: str) -> bool:
        """Whether persons accepted every one of these parts."""
        return self.accepted.get(str(kind.incident_kind), frozenset()).issuperset(parts)

    def clock_accepted_until(self, topic_id: str) -> dict[int, int]:
        """Per partition of a topic, the offset before which clocks that are ahead were accepted."""
        until: dict[int, int] = {}
        for notes in self.notes.get(str(IncidentKind.CLOCK_AHEAD), ()):
            if notes["topic_id"] == topic_id:
                for partition, end in notes["ends"].items():
                    until[int(partition)] = max(end, until.get(int(partition), 0))
        return until


def decided_about(connection: Connection, subject: str) -> Decided:
    """What is known of the incidents of a source."""
    return Decided.of(incidents_of(connection, subject))


def _parts(incidents: Iterable[KeptIncident]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for one in incidents:
        found.setdefault(one.kind, set()).update(one.mark.split(","))
    return {kind: frozenset(parts) for kind, parts in found.items()}


def _first_sentences(error: Incident) -> str:
    """What an alert says about an error: its text up to the numbers that a balance prints after a colon and brace."""
    return str(error).partition(": {")[0]
