"""What stops one source's ingest until a person has looked: the topic is not what the warehouse has read of it.

Nothing is moved and nothing is skipped: stored offsets stay where they are, and the other sources go on.

IngestIncident
├── TopicGone        the topic does not exist, though events of it were loaded
├── TopicRecreated   a topic of that name was made anew
├── RecordsGone      the topic no longer holds the next record to be loaded
└── OffsetPastEnd    the topic ends before the record that was loaded last
"""

from producers.errors import BrokerUnreachable
from schemas.declaration import Source


class TopicUnreachable(BrokerUnreachable):
    """Kafka does not answer while a topic is read; what was committed stays, and the rest waits."""

    def __init__(self, bootstrap: str, topic: str, reason: str) -> None:
        Exception.__init__(
            self,
            f"Kafka at {bootstrap} cannot be reached ({reason}), so topic {topic} was not read to its end. What was "
            "loaded stays loaded. Start it (ketenbalans up) or set KETENBALANS_KAFKA_BOOTSTRAP to a broker that runs, "
            "and ingest again",
        )


class IngestIncident(Exception):
    """One source cannot be loaded until a person has looked; nothing was moved."""


def _how_to_start_again(source: Source) -> str:
    return (
        "publish the source's extracts again (what is loaded already changes nothing) and start the new topic with "
        f"`ketenbalans ingest {source.name} --accept-recreated-topic`"
    )


class TopicGone(IngestIncident):
    """The topic does not exist, though events of it were loaded."""

    def __init__(self, source: Source) -> None:
        super().__init__(
            f"topic {source.topic} does not exist, though the warehouse has loaded events from it: what was published "
            "and not yet loaded may be lost. Check that KETENBALANS_KAFKA_BOOTSTRAP names the right Kafka; if the "
            f"topic was deleted, {_how_to_start_again(source)}"
        )


class TopicRecreated(IngestIncident):
    """A topic of that name was made anew: its offsets mean something else than the stored ones."""

    def __init__(self, source: Source, topic_id: str) -> None:
        super().__init__(
            f"topic {source.topic} was made anew (its id is now {topic_id}): the stored offsets belong to the old one, "
            "and what was published there and not yet loaded may be lost. Find out who deleted it; then "
            f"{_how_to_start_again(source)}"
        )


class RecordsGone(IngestIncident):
    """The topic no longer holds the next record to be loaded."""

    def __init__(self, source: Source, partition: int, *, stored: int, start: int) -> None:
        super().__init__(
            f"topic {source.topic}, partition {partition} starts at offset {start}, but the warehouse has loaded up to "
            f"{stored}: {start - stored} offsets were removed before they were loaded. Set retention.ms=-1 on the "
            f"topic; delete and recreate the topic, {_how_to_start_again(source)}"
        )


class OffsetPastEnd(IngestIncident):
    """The topic ends before the record that was loaded last: the broker lost what it had acknowledged."""

    def __init__(self, source: Source, partition: int, *, stored: int, end: int) -> None:
        super().__init__(
            f"topic {source.topic}, partition {partition} ends at offset {end}, but the warehouse has loaded up to "
            f"{stored}: the broker lost records, and new ones under the old offsets would be passed over. Check that "
            "KETENBALANS_KAFKA_BOOTSTRAP names the right Kafka and restore its disk, or delete and recreate the topic, "
            f"{_how_to_start_again(source)}"
        )
