"""What stops one source until a person has looked. Nothing is moved or skipped, and the other sources go on.

IngestIncident
├── TopicIncident         met while a topic is read: the topic is not what the warehouse has read of it
│   ├── TopicUnreadable   Kafka answers, and does not give what the topic holds
│   ├── TopicGone         the topic does not exist, though events of it were loaded
│   ├── TopicRecreated    a topic of that name was made anew
│   ├── PartitionAdded    the topic has more partitions than before
│   ├── RecordsGone       the topic no longer holds the next record to be loaded
│   ├── LogDiffers        what lies before a stored offset is not what was loaded
│   ├── SchemaNewer       a message has a newer schema than this code knows
│   └── ClockAhead        an event was recorded more than a day after it was written
└── ExtractIncident       said by control records (``incidents.extract_checks``)
    ├── ChainKeyDiffers   an extract was made with another chain key than most
    ├── TotalsDiffer      the numbers of a control record do not add up, or rows have not arrived
    └── CoversLess        a new extract covers less than an earlier one

Each carries its evidence in parts (``mark``). A person who resumes it accepts those parts and no others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from schemas.declaration import Source
from schemas.incidents import Incident, IncidentKind
from schemas.json_object import JsonObject

PUBLISH_AGAIN = "publish the source's extracts again (what is loaded already changes nothing)"
RESUME = "`ketenbalans incidents resume NUMBER --note '...'` (`ketenbalans incidents` has the number)"


@dataclass(frozen=True)
class Jump:
    """A partition whose stored offset (None: nothing stored) is none to read on from, and where reading can go on."""

    partition: int
    before: int | None
    to: int

    @property
    def loaded_until(self) -> int:
        """The stored offset as a number."""
        return self.before or 0

    def part(self, topic_id: str) -> str:
        """This as a part of the evidence."""
        return f"{topic_id}/{self.partition}/{self.loaded_until}/{self.to}"


class IngestIncident(Incident):
    """One source cannot be loaded until a person has looked; nothing was moved.

    Attributes:
        mark: the evidence, its parts joined by commas.
        notes: the numbers that going on needs: the ``moves`` of stored offsets on ``topic_id`` that resuming makes
            (partition, before, after), the ``ends`` until which it is accepted.
    """

    resumed: ClassVar[str] = ""
    """What going on means once a person resumed it."""

    def __init__(self, message: str, parts: Sequence[str], notes: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.mark = ",".join(parts)
        self.notes = dict(notes or {})


class TopicIncident(IngestIncident):
    """A topic is not what the warehouse has read of it. It ends with the next load that works."""


class ExtractIncident(IngestIncident):
    """Control records say that something is wrong. It ends when they no longer do."""


class TopicUnreadable(TopicIncident):
    """Kafka answers, and still does not give what the topic holds."""

    incident_kind = IncidentKind.TOPIC_UNREADABLE
    resumed = "nothing is passed over: it is read again, and reported again for as long as Kafka answers the same"

    def __init__(self, bootstrap: str, topic: str, reason: str) -> None:
        super().__init__(
            f"topic {topic} can't be read on, though Kafka at {bootstrap} answers ({reason}). What was loaded stays "
            "loaded, and what comes after that waits. Look in Kafka's own log for what it says about this topic: its "
            "disk may be damaged, or reading it is not allowed. Mend that, and ingest again",
            [f"{topic}/{reason.replace(',', ' ')}"],
        )


class TopicGone(TopicIncident):
    """The topic does not exist, though events of it were loaded."""

    incident_kind = IncidentKind.TOPIC_GONE
    resumed = "the source waits without an alert; a topic that is made anew is reported as topic_recreated"

    def __init__(self, source: Source, topic_ids: Sequence[str]) -> None:
        super().__init__(
            f"topic {source.topic} does not exist, though the warehouse has loaded events from it: what was published "
            "and not yet loaded may be lost. Check that KETENBALANS_KAFKA_BOOTSTRAP names the right Kafka; if the "
            f"topic was deleted, {PUBLISH_AGAIN}, which makes it anew. To wait for that in silence: {RESUME}",
            topic_ids,
        )


class TopicRecreated(TopicIncident):
    """A topic of that name was made anew: its offsets mean something else than the stored ones."""

    incident_kind = IncidentKind.TOPIC_RECREATED
    resumed = "the new topic is loaded from its start"

    def __init__(self, source: Source, topic_id: str) -> None:
        super().__init__(
            f"topic {source.topic} was made anew (its id is now {topic_id}): the stored offsets belong to the old one, "
            f"and what was published there and not yet loaded may be lost. Find out who deleted it; {PUBLISH_AGAIN} "
            f"and load the new topic from its start: {RESUME}",
            [topic_id],
        )


class PartitionAdded(TopicIncident):
    """The topic has more partitions than before: the events of one record may now lie on two of them."""

    incident_kind = IncidentKind.PARTITION_ADDED
    resumed = "the new partitions are loaded from their start"

    def __init__(self, source: Source, topic_id: str, partitions: Sequence[int]) -> None:
        what = ", ".join(map(str, partitions))
        super().__init__(
            f"topic {source.topic} has new partitions ({what}): a key no longer says which one, so the events of one "
            "record may be loaded in another order than they were sent in. State is read by `recorded_at` and does not "
            f"mind. Find out who added them; to load them from their start: {RESUME}",
            [f"{topic_id}/{partition}" for partition in partitions],
        )


class RecordsGone(TopicIncident):
    """The topic no longer holds the next record to be loaded."""

    incident_kind = IncidentKind.RECORDS_GONE
    resumed = "loading goes on at the first record that the topic still holds"

    def __init__(self, source: Source, topic_id: str, jumps: Sequence[Jump], moves: Sequence[Jump]) -> None:
        what = "; ".join(
            f"partition {jump.partition} starts at offset {jump.to}, but the warehouse has loaded up to "
            f"{jump.loaded_until}: {jump.to - jump.loaded_until} offsets were removed before they were loaded"
            for jump in jumps
        )
        super().__init__(
            f"topic {source.topic}, {what}. Set retention.ms=-1 on the topic and {PUBLISH_AGAIN}; then go on at the "
            f"first record that is left: {RESUME}",
            [jump.part(topic_id) for jump in jumps],
            _moves(topic_id, moves),
        )


class LogDiffers(TopicIncident):
    """What lies before a stored offset is not what was loaded, or nothing: it is another log."""

    incident_kind = IncidentKind.LOG_DIFFERS
    resumed = "loading goes on from where the logs are the same, so that what was written since is not passed over"

    def __init__(self, source: Source, topic_id: str, jumps: Sequence[Jump], ends: Mapping[int, int]) -> None:
        described = "; ".join(
            f"partition {jump.partition} is the log that was loaded up to offset {jump.to} and another one from there "
            f"on (loaded up to {jump.loaded_until}, it ends at {ends[jump.partition]})"
            for jump in jumps
        )
        super().__init__(
            f"topic {source.topic}, {described}: the broker's disk went back to an older copy, or this is another "
            "broker, and new records under the old offsets would be passed over. Nothing of the source is loaded. "
            "Check that KETENBALANS_KAFKA_BOOTSTRAP names the right Kafka and restore its disk, or "
            f"{PUBLISH_AGAIN}; then go on from where the logs are the same: {RESUME}",
            [jump.part(topic_id) for jump in jumps],
            _moves(topic_id, jumps),
        )


class SchemaNewer(TopicIncident):
    """A message has a newer schema than this code knows: the sender was upgraded first."""

    incident_kind = IncidentKind.SCHEMA_NEWER
    resumed = "messages of that type become dead letters, to be redriven after an upgrade"

    def __init__(self, source: Source, event_type: str, place: tuple[int, int]) -> None:
        partition, offset = place
        super().__init__(
            f"topic {source.topic}, partition {partition}, offset {offset} holds a message of type {event_type}, and "
            f"this code knows {source.event_type}: nothing from there on was loaded. Upgrade Ketenbalans, and it goes "
            f"on by itself. To let messages of that type become dead letters until then: {RESUME}",
            [event_type],
        )


class ClockAhead(TopicIncident):
    """An event says that it was recorded more than a day after it was written: a clock is wrong, or a column."""

    incident_kind = IncidentKind.CLOCK_AHEAD
    resumed = "what had been written by then is loaded as it is; what is written later is reported again"

    def __init__(self, source: Source, topic_id: str, places: Sequence[tuple[int, int]], ends: Mapping[int, int]):
        partition, offset = places[0]
        super().__init__(
            f"topic {source.topic}, partition {partition}, offset {offset} holds an event that says it was recorded "
            f"more than a day after it was written ({len(places)} of them were seen): a clock is wrong, or the column, "
            "and a state would know it too late. Nothing from there on was loaded. Let the source mend its clock and "
            f"publish corrected rows; to load what was written by now as it is: {RESUME}",
            [f"{topic_id}/{partition}/{offset}"],
            {"topic_id": topic_id, "ends": {str(partition): end for partition, end in ends.items()}},
        )


class ChainKeyDiffers(ExtractIncident):
    """An extract was made with another chain key than most: its persons link with nobody."""

    incident_kind = IncidentKind.CHAIN_KEY_DIFFERS
    resumed = "the source is loaded and linked as it is: the persons of those extracts link with nobody"

    def __init__(self, source: str, odd: Sequence[str], *, extracts: int, covers_until: date) -> None:
        were = "was" if len(odd) == 1 else "were"
        super().__init__(
            f"{len(odd)} of the {extracts} extracts of {source} {were} made with another chain key than most extracts "
            f"of all sources, the last one covering until {covers_until}: their persons link with nobody. Nothing more "
            "of the source is loaded, and nothing is balanced. Let it publish the same extracts again with the right "
            f"KETENBALANS_CHAIN_KEY, and it goes on by itself. To go on as it is: {RESUME}",
            odd,
        )


class TotalsDiffer(ExtractIncident):
    """The numbers of a control record do not add up, or rows of an extract have not arrived."""

    incident_kind = IncidentKind.TOTALS_DIFFER
    resumed = "the source is loaded on and the extract counts as loaded; only other numbers are reported again"

    def __init__(self, source: str, what: Sequence[str], parts: Sequence[str]) -> None:
        super().__init__(
            f"the totals of {source} do not add up: {'; '.join(what)}. What is loaded is not all that was handed over, "
            "so nothing more of the source is loaded. Let it publish the extract again (nothing doubles): it ends by "
            f"itself when all its rows have arrived. To go on as it is: {RESUME}",
            parts,
        )


class CoversLess(ExtractIncident):
    """A new extract covers less than an earlier one: an old file in place of the new one?"""

    incident_kind = IncidentKind.COVERS_LESS
    resumed = "the extract is loaded; what was covered before stays covered"

    def __init__(self, source: str, less: Sequence[str], *, covers_until: date, covered: date) -> None:
        super().__init__(
            f"a new extract of {source} covers until {covers_until}, and an earlier one covered until {covered}: an "
            "old file, or a wrong day. Nothing more of the source is loaded until an extract comes that covers as "
            f"much. If it is meant to be: {RESUME}",
            less,
        )


def _moves(topic_id: str, jumps: Sequence[Jump]) -> JsonObject:
    return {"topic_id": topic_id, "moves": [[jump.partition, jump.before, jump.to] for jump in jumps]}


def kinds_of(kind: type[Incident]) -> list[str]:
    """The words under which an error and all errors below it are kept."""
    own = [str(kind.__dict__["incident_kind"])] if "incident_kind" in kind.__dict__ else []
    return [*own, *(word for child in kind.__subclasses__() for word in kinds_of(child))]


def incident_kinds() -> dict[str, type[IngestIncident]]:
    """Every kind that can stop a source, by the word under which it is kept."""
    families = (TopicIncident, ExtractIncident)
    return {str(kind.incident_kind): kind for family in families for kind in family.__subclasses__()}
