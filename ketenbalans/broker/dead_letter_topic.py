"""The topic of a source's dead letters: a batch is sent whole or not at all, and what is there can be found again.

One transactional id per topic: whoever opens it ends what another one left open, so that what is committed by then is
all that an earlier one ever sends. A consumer that reads committed records sees nothing of a batch that was not.
"""

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from kafka import (
    IsolationLevel,
    KafkaConsumer,
    KafkaProducer,
    OffsetSpec,
    TopicPartition,
)
from kafka.admin import ConfigFilterType, ConfigResource, ConfigResourceType
from kafka.errors import KafkaError

from ketenbalans.broker.access import Kafka, access_of
from ketenbalans.broker.client_hooks import close_at_once, commit_within, send_to
from ketenbalans.broker.client_settings import SENDING_ANSWERS_WITHIN_SECONDS, reading, sending
from ketenbalans.broker.dead_letter_records import DeadLetterRecord, place_in
from ketenbalans.broker.errors import (
    REFUSALS,
    BrokerError,
    BrokerUnreachable,
    DeadLettersNotPublished,
    NotAllowed,
    reason_of,
)
from ketenbalans.broker.rights import transactional_id_of
from ketenbalans.broker.topics import administration, ensure_dead_letter_topic
from schemas.declaration import Source
from warehouse.dead_letters import Place

ANSWERS_WITHIN_MS = 20_000
"""How long Kafka may take for one step: long enough for a broker that is restarted."""

SILENT_SECONDS = 10.0
"""Reading that comes no further for so long has met an open transaction of somebody else, or a broker that is gone."""

CLOSED_WITHIN_SECONDS = 5

OnStep = Callable[[str], None]

PollWith = Callable[[KafkaConsumer], Callable[[], Iterable[Any]]]
"""Makes of a consumer a poll that gives its records one by one, and passes by what it can't read: that is not ours."""


class DeadLetterTopic:
    """The topic of dead letters of one source, held by us: nobody else's batch can be committed any more."""

    def __init__(  # noqa: PLR0913, PLR0917 (made in one place)
        self, kafka: Kafka, source: Source, client: Any, topic_id: str, largest_bytes: int, poll_with: PollWith
    ) -> None:
        self._poll_with = poll_with
        self.topic_id = topic_id
        self.largest_bytes = largest_bytes
        self._kafka = kafka
        self._topic = source.dead_letter_topic
        self._client = client

    def committed_since(self, offsets: Mapping[int, int], *, of: Collection[Place]) -> dict[Place, Place]:
        """Read what was committed from those offsets on: of each message asked about that is there, where it is here.

        Args:
            offsets: per partition where reading begins; at its first record where nothing is said.
            of: where the messages came from.
        """
        with administration(self._kafka) as admin:
            places = [TopicPartition(self._topic, partition) for partition in self._client.partitions_for(self._topic)]
            starts, ends = (
                admin.list_partition_offsets(dict.fromkeys(places, which), IsolationLevel.READ_UNCOMMITTED)
                for which in (OffsetSpec.EARLIEST, OffsetSpec.LATEST)
            )
        begin = {place: max(starts[place].offset, offsets.get(place.partition, 0)) for place in places}
        behind = {place: end.offset for place, end in ends.items() if begin[place] < end.offset}
        found: dict[Place, Place] = {}
        for record in self._read({place: begin[place] for place in behind}, behind):
            origin = place_in(record.headers)
            if origin is not None and origin in of:
                found[origin] = Place(self.topic_id, record.partition, record.offset)
        return found

    def send(self, batch: Sequence[tuple[Place, DeadLetterRecord]], on_step: OnStep) -> list[Place]:
        """Send records in one transaction, each to the partition of its message; gives where they are, in order."""
        client = self._client
        partitions = len(client.partitions_for(self._topic))
        client.begin_transaction()
        answers = []
        for place, record in batch:
            answers.append(send_to(client, TopicPartition(self._topic, place.partition % partitions), record))
        on_step("begun")
        client.flush(timeout=ANSWERS_WITHIN_MS / 1000)
        kept = [answer.get(timeout=ANSWERS_WITHIN_MS / 1000) for answer in answers]
        on_step("sent")
        commit_within(client, seconds=ANSWERS_WITHIN_MS / 1000)
        on_step("committed")
        return [Place(self.topic_id, one.partition, one.offset) for one in kept]

    def _read(self, begin: Mapping[Any, int], ends: Mapping[Any, int]) -> Iterator[Any]:
        """Committed records from the beginnings to the ends; an open transaction of somebody else is waited for."""
        if not begin:
            return
        settings = reading(self._kafka, answers_within_seconds=SENDING_ANSWERS_WITHIN_SECONDS)
        consumer = KafkaConsumer(**settings)
        try:
            consumer.assign(list(begin))
            for place, offset in begin.items():
                consumer.seek(place, offset)
            poll = self._poll_with(consumer)
            reached, progress_at = dict(begin), time.monotonic()
            while any(reached[place] < end for place, end in ends.items()):
                yield from poll()
                now = {place: consumer.position(place, timeout_ms=ANSWERS_WITHIN_MS) for place in begin}
                if now != reached:
                    reached, progress_at = now, time.monotonic()
                elif time.monotonic() - progress_at > SILENT_SECONDS:
                    message = "the end of the topic was not reached"
                    raise TimeoutError(message)
        finally:
            consumer.close(autocommit=False)


@contextmanager
def dead_letter_topic(kafka: Kafka, source: Source, poll_with: PollWith) -> Iterator[DeadLetterTopic]:
    """Hold the topic of a source's dead letters for as long as the ``with`` lasts; it is made when there is none.

    Args:
        kafka: where.
        source: whose.
        poll_with: how what is on it is read.

    Raises:
        DeadLettersNotPublished: Kafka does not answer, refuses, or let somebody else take over.
    """
    reason = refusal = client = None
    try:
        topic_id = ensure_dead_letter_topic(kafka, source)
        largest_bytes = _largest_bytes(kafka, source.dead_letter_topic)
        client = KafkaProducer(
            transactional_id=transactional_id_of(source.dead_letter_topic),
            transaction_timeout_ms=3 * ANSWERS_WITHIN_MS,
            max_request_size=2 * largest_bytes,
            **sending(kafka, delivered_within_ms=ANSWERS_WITHIN_MS),
        )
        client.init_transactions()
        yield DeadLetterTopic(kafka, source, client, topic_id, largest_bytes, poll_with)
    except BrokerUnreachable as error:
        reason = error.reason
    except BrokerError as error:
        reason = refusal = str(error)
    except (KafkaError, OSError) as error:
        reason = reason_of(error)
    finally:
        if client is not None:
            close_at_once(client, within_seconds=CLOSED_WITHIN_SECONDS)
    if reason is not None:
        if reason in REFUSALS:
            refusal = str(NotAllowed(str(kafka), access_of(kafka).user, f"write topic {source.dead_letter_topic}"))
        raise DeadLettersNotPublished(str(kafka), reason, source.dead_letter_topic, refusal)


def _largest_bytes(kafka: Kafka, topic: str) -> int:
    """The largest batch of records that a topic takes."""
    with administration(kafka) as admin:
        asked = ConfigResource(ConfigResourceType.TOPIC, topic)
        configured = admin.describe_configs([asked], config_filter=ConfigFilterType.ALL)["topic"][topic]
    return int(configured["max.message.bytes"]["value"])
