"""Publish events: every row acknowledged by Kafka, or an error that says how many were.

At least once on the wire, exactly once in effect: an event's id follows from its row, so publishing a file again, or a
row twice, changes nothing downstream.
"""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice, repeat
from typing import Any, TypeAlias

import polars as pl
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaError

from ketenbalans.broker.access import Kafka, access_of
from ketenbalans.broker.client_hooks import close_at_once
from ketenbalans.broker.client_settings import SENDING_ANSWERS_WITHIN_SECONDS, reading, sending
from ketenbalans.broker.errors import (
    REFUSALS,
    BrokerError,
    BrokerUnreachable,
    NotAllowed,
    PublicationInterrupted,
    TopicMissing,
    reason_of,
)
from ketenbalans.broker.handshake import check_let_in
from ketenbalans.broker.memory import collected_rarely
from ketenbalans.broker.partitions import partitions_of
from ketenbalans.broker.prefetch import prefetch
from ketenbalans.broker.topics import topic_id_of
from schemas.declaration import Source
from schemas.sources.extracts import SOURCE as EXTRACTS
from schemas.wire.extract_rows import ExtractRows
from schemas.wire.messages import Headers
from schemas.wire.versions import encode_versions

OnProgress = Callable[[int, int], None]
"""Called with how many rows are acknowledged, of how many. Always from the thread that publishes."""

Part: TypeAlias = tuple[pl.DataFrame, ExtractRows | None]
"""Events, and which rows of which extract they are; None: of none."""

Sent: TypeAlias = tuple[bytes, bytes, list[tuple[str, bytes | None]]]
"""What an event travels as: key, value, headers. It has all of them."""

DELIVERY_WITHIN_MS = 30_000
"""How long a row may wait for its acknowledgement: long enough for a broker that is restarted."""

SILENT_SECONDS = 40
"""Without any answer for this long the client itself is stuck: it promised one in 30 seconds, good or bad."""

IN_FLIGHT = 20_000
"""Rows sent and not yet acknowledged: the client's own buffer has no bound."""

LOOK_EVERY = 1_000
"""Rows between two looks at what was acknowledged."""

CLOSED_WITHIN_SECONDS = 5
"""How long the client may take to let go."""

LOOK_AGAIN_SECONDS = 0.005
"""Between two looks while there is nothing else to do."""


@dataclass(frozen=True)
class Receipt:
    """Where the rows went.

    Attributes:
        topic_id: the topic, by the id that a recreated one does not share.
        offsets: per partition that got rows, the next offset after them.
    """

    topic_id: str
    offsets: dict[int, int]


class _Answers:
    """What Kafka has answered to the rows of one publication, in the order in which they were sent."""

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self.acknowledged = 0
        self.next_offsets: dict[int, int] = {}
        self.some_offset_is_unknown = False
        self._awaited: deque[Any] = deque()

    @property
    def awaited(self) -> int:
        """Rows that were sent and have no answer yet."""
        return len(self._awaited)

    def expect(self, answer: Any) -> None:
        """Wait for one more."""
        self._awaited.append(answer)

    def take(self) -> str | None:
        """Take the answers that have come; give the reason of the first refusal."""
        while self._awaited and self._awaited[0].is_done:
            answer = self._awaited.popleft()
            if answer.exception is not None:
                return reason_of(answer.exception)
            self.acknowledged += 1
            kept = answer.value
            if kept.offset < 0:  # kept by an earlier try of the client, which does not say where
                self.some_offset_is_unknown = True
            self.next_offsets[kept.partition] = max(kept.offset + 1, self.next_offsets.get(kept.partition, 0))
        return None


class Publisher:
    """Sends events to one Kafka, and remembers how far it came."""

    def __init__(self, kafka: Kafka, client: Any) -> None:
        self._kafka = kafka
        self._client = client

    def publish(self, source: Source, events: pl.DataFrame, on_progress: OnProgress) -> Receipt:
        """Send every row of one valid frame, of no extract: see ``publish_parts``."""
        return self.publish_parts(source, [(events, None)], on_progress, rows=events.height)

    def publish_parts(self, source: Source, parts: Iterable[Part], on_progress: OnProgress, *, rows: int) -> Receipt:
        """Send every row of valid frames and wait until all are acknowledged.

        While rows are sent, the next ones are written in a thread of its own, and the next frame is made in another.

        Args:
            source: the declaration that the frames hold to; its topic exists.
            parts: frames of one row per event, each with which rows of which extract these are; an error that is raised
                while they are made is raised here.
            on_progress: called with how far it is, the last time when it is done.
            rows: how many there are in all.

        Returns:
            The topic's id, and per partition that got rows the next offset after them.

        Raises:
            PublicationInterrupted: some row was not acknowledged; publishing the rows again changes nothing.
            NotAllowed: this user may not write the topic; none of its rows was kept.
        """
        topic_id = topic_id_of(self._kafka, source.topic)
        answers = _Answers(rows)
        reason = None
        try:
            with collected_rarely(), prefetch(parts) as made, prefetch(_messages(source, made)) as messages:
                self._send(source.topic, messages, answers, on_progress)
        except KafkaError as error:
            reason = reason_of(error)
        if reason is not None:
            raise self._failed(source.topic, answers, reason)
        while answers.awaited:
            self._wait(source.topic, answers, until_awaited=max(0, answers.awaited - LOOK_EVERY))
            on_progress(answers.acknowledged, answers.rows)
        on_progress(answers.acknowledged, answers.rows)
        return self._receipt(source, topic_id, answers)

    def publish_control(self, record: pl.DataFrame, *, rows: int) -> None:
        """Send the control record of an extract of which that many rows are acknowledged.

        Raises:
            PublicationInterrupted: it was not acknowledged; the rows are.
        """
        reason = None
        try:
            self.publish(EXTRACTS, record, _ignore_progress)
        except BrokerUnreachable as error:
            reason = error.reason
        if reason is not None:
            raise PublicationInterrupted(str(self._kafka), reason, acknowledged=rows, rows=rows)

    def _send(self, topic: str, messages: Iterable[list[Sent]], answers: _Answers, on_progress: OnProgress) -> None:
        send, expect = self._client.send, answers.expect
        partitions = sorted(self._client.partitions_for(topic))
        for some in messages:
            places = partitions_of([key for key, _, _ in some], partitions)
            for partition, (key, value, headers) in zip(places, some, strict=True):
                expect(send(topic, key=key, value=value, headers=headers, partition=partition))
            self._wait(topic, answers, until_awaited=IN_FLIGHT)
            on_progress(answers.acknowledged, answers.rows)

    def _wait(self, topic: str, answers: _Answers, *, until_awaited: int) -> None:
        """Return when no more rows than that have no answer; raise when one is lost or no answer comes any more."""
        acknowledged, progress_at = -1, time.monotonic()
        while True:
            reason = answers.take()
            if reason is None and answers.awaited <= until_awaited:
                return
            if answers.acknowledged > acknowledged:
                acknowledged, progress_at = answers.acknowledged, time.monotonic()
            elif time.monotonic() - progress_at > SILENT_SECONDS:
                reason = "no answer"
            if reason is not None:
                raise self._failed(topic, answers, reason)
            time.sleep(LOOK_AGAIN_SECONDS)

    def _receipt(self, source: Source, topic_id: str, answers: _Answers) -> Receipt:
        problem = None
        try:
            if topic_id_of(self._kafka, source.topic) != topic_id:
                problem = "its topic was made again meanwhile"
            elif answers.some_offset_is_unknown:
                answers.next_offsets = _end_offsets(self._kafka, source.topic, sorted(answers.next_offsets))
        except TopicMissing:
            problem = "its topic was deleted meanwhile"
        except BrokerUnreachable as error:
            problem = error.reason
        except KafkaError as error:
            problem = type(error).__name__
        if problem is not None:
            raise self._failed(source.topic, answers, problem)
        return Receipt(topic_id, answers.next_offsets)

    def _failed(self, topic: str, answers: _Answers, reason: str) -> BrokerError:
        if reason in REFUSALS:
            return NotAllowed(str(self._kafka), access_of(self._kafka).user, f"write topic {topic}")
        return PublicationInterrupted(str(self._kafka), reason, acknowledged=answers.acknowledged, rows=answers.rows)


def _messages(source: Source, parts: Iterable[Part]) -> Iterator[list[Sent]]:
    """What to send, some at a time."""
    for events, rows in parts:
        of_rows: Iterator[Headers] = repeat(()) if rows is None else rows.headers()
        messages = zip(encode_versions(source, events), of_rows, strict=False)
        while some := [
            (message.key or b"", message.value or b"", [*message.headers, *of_row])
            for message, of_row in islice(messages, LOOK_EVERY)
        ]:
            yield some


@contextmanager
def publisher(kafka: Kafka) -> Iterator[Publisher]:
    """A publisher for as long as the ``with`` lasts.

    Raises:
        BrokerRefuses: it lets nobody in with this certificate, user or password.
        BrokerUnreachable: Kafka does not answer within ten seconds.
    """
    check_let_in(kafka)
    client = reason = None
    try:
        settings = sending(kafka, delivered_within_ms=DELIVERY_WITHIN_MS)
        client = KafkaProducer(linger_ms=20, batch_size=256 * 1024, **settings)
    except (KafkaError, OSError, ValueError) as error:
        reason = type(error).__name__
    if client is None:
        raise BrokerUnreachable(str(kafka), reason or "no answer")
    try:
        yield Publisher(kafka, client)
    finally:
        close_at_once(client, within_seconds=CLOSED_WITHIN_SECONDS)


def _ignore_progress(_done: int, _total: int) -> None:
    """One record is no progress worth reporting."""


def _end_offsets(kafka: Kafka, topic: str, partitions: list[int]) -> dict[int, int]:
    """The ends of the partitions: at or after the next offset of any row that is acknowledged."""
    settings = reading(kafka, isolation_level="read_uncommitted", answers_within_seconds=SENDING_ANSWERS_WITHIN_SECONDS)
    consumer = KafkaConsumer(**settings)
    try:
        ends = consumer.end_offsets([TopicPartition(topic, partition) for partition in partitions])
    finally:
        consumer.close()
    return {place.partition: offset for place, offset in ends.items()}
