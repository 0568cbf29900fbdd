"""Reading a topic from given offsets to given ends, without a consumer group: where reading begins is ours to say.

Kafka keeps no offset for us: they are in the warehouse, beside the rows they led to. A broker that stops answering is
noticed by a clock of our own, because ``poll()`` only ever gives nothing.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import time_ns
from types import TracebackType
from typing import Any, Self

from kafka import KafkaConsumer, OffsetSpec, TopicPartition
from kafka.errors import LogTruncationError, OffsetOutOfRangeError

from ketenbalans.broker.access import Kafka
from ketenbalans.broker.batch_limits import BatchLimits
from ketenbalans.broker.batch_proofs import FirstBatch, LastBatch, proof_before
from ketenbalans.broker.batch_reading import Piece, TopicRecord, Unread
from ketenbalans.broker.client_hooks import connections_of
from ketenbalans.broker.client_settings import READING_ANSWERS_WITHIN_SECONDS, reading
from ketenbalans.broker.errors import TopicUnreachable
from ketenbalans.broker.polling import Poll, polls_first_batches, polls_pieces
from ketenbalans.broker.topic_state import TopicClient
from schemas.log_proofs import LogProof

BATCH_MESSAGES = 15_000
BATCH_BYTES = 32 * 1024 * 1024
"""A micro-batch ends with the poll that reaches either: memory stays bounded whatever waits.

Up to five of them are in memory at once: one is read, one decoded, one written, and one waits for each of the last
two. Twenty thousand events of ours come to some 28 MB with all that Python keeps of them; larger ones come in fewer.
"""

FETCH_BYTES = 4 * 1024 * 1024
"""What is fetched of a partition at once."""

PROOF_BYTES = 64 * 1024
"""What is fetched of a partition to look at one batch; of a larger batch Kafka still gives the whole."""

STALLS_AFTER_SECONDS = 10.0


class PositionsLost(Exception):
    """The broker no longer knows the offsets that were being read; the topic has to be looked at again."""


@dataclass
class Chunk:
    """Messages of one micro-batch in the order they were read, where reading goes on, and what lies before that.

    ``unread`` lies among them and could not be read; ``read_at_ms`` is when reading began, in ms since 1970. A
    partition of which nothing was read has no proof; plain reading gives none at all, and no ``unread``.
    """

    messages: list[TopicRecord] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    positions: dict[int, int] = field(default_factory=dict)
    proofs: dict[int, LogProof] = field(default_factory=dict)
    size_bytes: int = 0
    read_at_ms: int = field(default_factory=lambda: time_ns() // 1_000_000)

    @property
    def is_full(self) -> bool:
        """Whether it is time to load what was read."""
        return len(self.messages) >= BATCH_MESSAGES or self.size_bytes >= BATCH_BYTES

    def add(self, piece: Piece) -> None:
        """Take along what was read."""
        self.messages += piece.records
        self.unread += piece.unread
        self.size_bytes += piece.size_bytes


class TopicReader(TopicClient):
    """Reads one topic. To be used in a ``with``: its clients are closed at the end.

    What it raises is what ``TopicClient`` raises.
    """

    def __init__(self, kafka: Kafka, topic: str, limits: BatchLimits | None = None) -> None:
        """Name the topic, and how large what is opened of it may be."""
        super().__init__(kafka, topic)
        self.limits = limits or BatchLimits()
        self._consumer: KafkaConsumer | None = None
        self._poll: Poll | None = None
        self._proof_consumer: KafkaConsumer | None = None
        self._last_batches: dict[int, LastBatch] = {}
        self._connections: dict[Any, Any] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the clients; they open again when they are needed."""
        consumers, self._consumer, self._proof_consumer = (self._consumer, self._proof_consumer), None, None
        self._poll = None
        for consumer in consumers:
            if consumer is not None:
                consumer.close(autocommit=False, timeout_ms=1000)
        super().close()

    def read(
        self, begin: Mapping[int, int], ends: Mapping[int, int], given_up: threading.Event | None = None
    ) -> Iterator[Chunk]:
        """Read from the offsets in ``begin`` until every partition has reached its end, a micro-batch at a time.

        A chunk's positions may lie beyond its last message (transaction markers and compaction leave gaps) and beyond
        ``ends`` (what came meanwhile is taken along). Ends early, and raises nothing, once ``given_up`` is set.

        Raises:
            PositionsLost: the broker no longer holds an offset, or went away and came back meanwhile: whether its log
                is still the one that was being read has to be looked at first.
        """
        with self._errors_named():
            consumer = self._consumer_at(begin)
        chunk = Chunk()
        progress_at = time.monotonic()
        reached: Mapping[int, int] = begin
        while any(reached[partition] < ends[partition] for partition in ends):
            before = reached
            with self._errors_named():
                self._poll_into(consumer, chunk)
            if given_up is not None and given_up.is_set():
                return
            reached = dict(chunk.positions)
            if reached != before:
                progress_at = time.monotonic()
            elif time.monotonic() - progress_at > STALLS_AFTER_SECONDS:
                raise TopicUnreachable(self.bootstrap, self.topic, f"silent for {STALLS_AFTER_SECONDS:.0f} s")
            if chunk.is_full:
                yield self._with_proofs(chunk)
                chunk = Chunk(positions=dict(reached))
        if chunk.positions:
            yield self._with_proofs(chunk)

    def proofs(self, offsets: Mapping[int, int]) -> dict[int, LogProof]:
        """What lies right before each of these offsets now; an offset before which nothing is left is left out.

        Plain reading knows no bytes, and leaves out all.

        Args:
            offsets: per partition an offset that is not beyond its end.
        """
        found: dict[int, LogProof] = {}
        with self._errors_named():
            starts = self._offsets(sorted(offsets), OffsetSpec.EARLIEST)
            wanted = {partition: offset - 1 for partition, offset in offsets.items() if offset > starts[partition]}
            if not wanted:
                return found
            poll = self._proofs_from(wanted)
            if poll is None:
                return found
            deadline = time.monotonic() + STALLS_AFTER_SECONDS
            while len(found) < len(wanted):
                with self._offsets_there():
                    polled = poll()
                for batch in polled:
                    found.setdefault(batch.partition, batch.proof)
                if time.monotonic() > deadline:
                    raise TopicUnreachable(self.bootstrap, self.topic, f"silent for {STALLS_AFTER_SECONDS:.0f} s")
        return found

    def _with_proofs(self, chunk: Chunk) -> Chunk:
        for partition, position in chunk.positions.items():
            batch = self._last_batches.get(partition)
            proof = None if batch is None else proof_before(batch, position)
            if proof is not None:
                chunk.proofs[partition] = proof
        return chunk

    def _poll_into(self, consumer: KafkaConsumer, chunk: Chunk) -> None:
        if self._poll is None:
            self._poll = polls_pieces(consumer, self.limits, self._last_batches)
        with self._offsets_there():
            pieces = self._poll()
            for place in consumer.assignment():
                chunk.positions[place.partition] = consumer.position(
                    place, timeout_ms=READING_ANSWERS_WITHIN_SECONDS * 1000
                )
        before, self._connections = self._connections, connections_of(consumer)
        if any(before.get(broker, connection) is not connection for broker, connection in self._connections.items()):
            message = f"the broker went away while {self.topic} was read, and came back"
            raise PositionsLost(message)
        self._connections = {**before, **self._connections}
        for piece in pieces:
            chunk.add(piece)

    @contextmanager
    def _offsets_there(self) -> Iterator[None]:
        try:
            yield
        except (OffsetOutOfRangeError, LogTruncationError) as error:
            message = f"the broker lost the offsets of {self.topic} that were being read"
            raise PositionsLost(message) from error

    def _consumer_at(self, offsets: Mapping[int, int]) -> KafkaConsumer:
        """A consumer that goes on at the given offsets, in no group."""
        if self._consumer is None:
            self._consumer = KafkaConsumer(max_partition_fetch_bytes=FETCH_BYTES, **reading(self.kafka))
        self._last_batches.clear()
        self._connections.clear()
        return self._sought(self._consumer, offsets)

    def _proofs_from(self, offsets: Mapping[int, int]) -> Callable[[], list[FirstBatch]] | None:
        """A poll of single batches, also of those that no reader of messages is given: aborted ones, markers."""
        if self._proof_consumer is None:
            settings = reading(self.kafka, isolation_level="read_uncommitted")
            self._proof_consumer = KafkaConsumer(max_partition_fetch_bytes=PROOF_BYTES, **settings)
        poll = polls_first_batches(self._proof_consumer)
        if poll is not None:
            self._sought(self._proof_consumer, offsets)
        return poll

    def _sought(self, consumer: KafkaConsumer, offsets: Mapping[int, int]) -> KafkaConsumer:
        consumer.assign([TopicPartition(self.topic, partition) for partition in sorted(offsets)])
        for partition, offset in offsets.items():
            consumer.seek(TopicPartition(self.topic, partition), offset)
        return consumer
