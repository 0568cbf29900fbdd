"""Ways to stop a source on the real Kafka, and its extracts with their control records."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

import orjson
import polars as pl
from kafka import TopicPartition
from sqlalchemy import Engine, select

from ketenbalans.incidents.checks import (
    ClockAhead,
    IngestIncident,
    LogDiffers,
    PartitionAdded,
    RecordsGone,
    SchemaNewer,
    TopicGone,
    TopicRecreated,
)
from schemas.declaration import Source
from schemas.frame_types import frame_types
from schemas.log_proofs import LogProof
from schemas.wire.events import Message, encode
from schemas.wire.extract_rows import ExtractRows, rows_key
from tests.integration.topics import administration, delete_topic, ends_of, make_topic, messages, publish
from tests.integration.warehouse.rows import EXTRACTS, OM, om
from warehouse.offsets import Move, Topic, move_offsets
from warehouse.tables.loading import TOPIC_OFFSET

FIRST = range(1, 41)
"""The suspects that were loaded before something stops the source."""
SINCE = range(41, 61)
"""Those that come with it or after it."""


@dataclass(frozen=True)
class Topics:
    """Three sources on topics of their own: the police's is stopped, the OM's may not be."""

    bootstrap: str
    police: Source
    om: Source
    extracts: Source

    @classmethod
    def made(cls, bootstrap: str, police: Source) -> "Topics":
        topics = cls(
            bootstrap,
            police,
            replace(OM, topic=police.topic.replace("police.deliveries", "om.registrations")),
            replace(EXTRACTS, topic=police.topic.replace("police.deliveries", "extracts")),
        )
        for source in (topics.police, topics.om, topics.extracts):
            make_topic(bootstrap, source.topic)
        return topics

    def send(self, source: Source, sent: Iterable[Message]) -> None:
        publish(self.bootstrap, source.topic, sent)


def registrations(numbers: Iterable[int]) -> list[Message]:
    """One registration per number."""
    rows = [om("", case_number=f"09{number:06d}14") for number in numbers]
    frame = pl.DataFrame(rows, schema_overrides=frame_types(OM)).select(list(frame_types(OM)))
    return list(encode(OM, frame))


def hand_over(topics: Topics, source: Source, sent: list[Message], **said: object) -> None:
    """Publish an extract as its producer does: the rows, and then its control record with whatever else it says."""
    key = rows_key(str(said.get("extract_id", "1" * 64)), str(said.get("chain_key_check", "0" * 16)))
    topics.send(source, numbered(sent, key))
    topic_id, ends = ends_of(topics.bootstrap, source.topic)
    record = {
        "source": source.name,
        "extract_id": "1" * 64,
        "covers_until": date(2014, 6, 30),
        "rows": len(sent),
        "published": len(sent),
        "rejected": 0,
        "chain_key_check": "0" * 16,
        "topic_id": topic_id,
        "offsets": orjson.dumps({str(partition): end for partition, end in ends.items()}).decode(),
        "synthetic": True,
        "recorded_at": datetime.now(UTC),
        **said,
    }
    topics.send(topics.extracts, encode(EXTRACTS, pl.DataFrame([record], schema=frame_types(EXTRACTS))))


def numbered(sent: list[Message], key: str) -> list[Message]:
    """The same messages, each as the row of an extract that it is."""
    rows = ExtractRows(key, pl.int_range(1, len(sent) + 1, eager=True))
    return [replace(one, headers=[*one.headers, *row]) for one, row in zip(sent, rows.headers(), strict=True)]


def with_type(sent: list[Message], event_type: bytes) -> list[Message]:
    return [Message(one.key, one.value, list({**dict(one.headers), "ce_type": event_type}.items())) for one in sent]


@dataclass(frozen=True)
class Trouble:
    """A way to stop a source while it is read, and what is loaded of it in the end.

    Attributes:
        kind: the incident that is met.
        comes: makes it happen.
        says: what the message has to name.
        loaded: the suspects that are there once it was resumed and loaded.
        dead_letters: the messages that became dead letters by resuming it.
    """

    kind: type[IngestIncident]
    comes: Callable[[Topics, Engine], None]
    says: str
    loaded: range = field(default=range(1, 61))
    dead_letters: int = 0


def _gone(topics: Topics, _: Engine) -> None:
    delete_topic(topics.bootstrap, topics.police.topic)


def _recreated(topics: Topics, _: Engine) -> None:
    delete_topic(topics.bootstrap, topics.police.topic)
    make_topic(topics.bootstrap, topics.police.topic)
    topics.send(topics.police, messages([*FIRST, *SINCE]))


def _partitions_added(topics: Topics, _: Engine) -> None:
    with administration(topics.bootstrap) as admin:
        admin.create_partitions({topics.police.topic: 6})
        while len(ends_of(topics.bootstrap, topics.police.topic)[1]) < 6:
            pass
    topics.send(topics.police, messages(SINCE))


def _records_gone(topics: Topics, _: Engine) -> None:
    topics.send(topics.police, messages(SINCE))
    ends = ends_of(topics.bootstrap, topics.police.topic)[1]
    with administration(topics.bootstrap) as admin:
        admin.delete_records({TopicPartition(topics.police.topic, part): end - 1 for part, end in ends.items()})
    topics.send(topics.police, messages(SINCE))  # the remedy: published again


def _log_went_back(topics: Topics, engine: Engine) -> None:
    """As if two more records had been loaded and the broker had lost them: the stored offset lies past the end."""
    place = (TOPIC_OFFSET.c.topic == topics.police.topic) & (TOPIC_OFFSET.c.partition == 1)
    with engine.begin() as connection:
        topic_id, loaded = connection.execute(
            select(TOPIC_OFFSET.c.topic_id, TOPIC_OFFSET.c.next_offset).where(place)
        ).one()
        lost = Move(1, loaded, loaded + 2, LogProof(loaded + 1, 0, 0, "of a batch that is gone"))
        move_offsets(connection, Topic(topics.police.name, topics.police.topic, topic_id), [lost])


def _newer_schema(topics: Topics, _: Engine) -> None:
    newer = with_type(messages(range(91, 95)), b"nl.keten.police.delivery.v2")
    topics.send(topics.police, [*newer, *messages(SINCE)])


def _clock_ahead(topics: Topics, _: Engine) -> None:
    early = messages(range(41, 45), recorded_at=datetime.now(UTC) + timedelta(days=3))
    topics.send(topics.police, [*early, *messages(range(45, 61))])


TROUBLES = (
    Trouble(TopicGone, _gone, "does not exist", loaded=FIRST),
    Trouble(TopicRecreated, _recreated, "was made anew"),
    Trouble(PartitionAdded, _partitions_added, "has new partitions (4, 5)"),
    Trouble(RecordsGone, _records_gone, "offsets were removed before they were loaded"),
    Trouble(LogDiffers, _log_went_back, "partition 1 is the log that was loaded up to offset", loaded=FIRST),
    Trouble(SchemaNewer, _newer_schema, "nl.keten.police.delivery.v2", dead_letters=4),
    Trouble(ClockAhead, _clock_ahead, "recorded more than a day after it was written"),
)
