"""Reading a topic from given offsets to given ends, without a consumer group: where reading begins is ours to say.

Kafka keeps no offset for us: they are in the warehouse, beside the rows they led to. A broker that stops answering is
noticed by a clock of our own, because ``poll()`` only ever gives nothing.
"""

import logging
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import time_ns
from types import TracebackType
from typing import Any, Self

from kafka import (
    IsolationLevel,
    KafkaAdminClient,
    KafkaConsumer,
    OffsetSpec,
    TopicPartition,
)
from kafka.errors import (
    BrokerNotAvailableError,
    BrokerResponseError,
    KafkaError,
    LeaderNotAvailableError,
    LogTruncationError,
    NodeNotReadyError,
    NotLeaderForPartitionError,
    OffsetOutOfRangeError,
    RetriableError,
    UnknownBrokerIdError,
    for_code,
)

from ketenbalans.broker.batch_limits import BatchLimits
from ketenbalans.broker.batch_proofs import LastBatch, connections_of, proof_before, reads_first_batches
from ketenbalans.broker.errors import TopicNotReadable, TopicUnreachable
from ketenbalans.broker.record_batches import BatchBoundsLost, Piece, Record, Unread, reads_batches_compiled
from schemas.log_proofs import LogProof

BATCH_MESSAGES = 20_000
BATCH_BYTES = 32 * 1024 * 1024
"""A micro-batch ends with the poll that reaches either: memory stays bounded whatever waits.

Up to five of them are in memory at once: one is read, one decoded, one written, and one waits for each of the last
two. Twenty thousand events of ours come to some 28 MB with all that Python keeps of them; larger ones come in fewer.
"""

PIECES_A_POLL = 2
"""A poll goes on until it has so many, of a megabyte each or one record that is larger by itself."""

PROOF_BYTES = 64 * 1024
"""What is fetched of a partition to look at one batch; of a larger batch Kafka still gives the whole."""

ANSWERS_WITHIN_SECONDS = 5
STALLS_AFTER_SECONDS = 10.0
WITHOUT_A_LEADER = (LeaderNotAvailableError, NodeNotReadyError, NotLeaderForPartitionError, UnknownBrokerIdError)
"""A broker that was away leads nothing for a moment; it is asked again for as long as an answer may take."""

UNKNOWN_TOPIC = 3

CLIENT: dict[str, Any] = {
    "bootstrap_timeout_ms": ANSWERS_WITHIN_SECONDS * 1000,
    "request_timeout_ms": ANSWERS_WITHIN_SECONDS * 1000,
    "reconnect_backoff_max_ms": 1000,
}


class NoAddress(OSError):
    """A bootstrap address is not ``host:port``."""


# The client's debug messages show keys and values, and those are of persons; its other ones tell of each connection.
logging.getLogger("kafka").setLevel(logging.WARNING)


class PositionsLost(Exception):
    """The broker no longer knows the offsets that were being read; the topic has to be looked at again."""


@dataclass(frozen=True)
class TopicState:
    """A topic at one moment: its id and, per partition, the first offset that it holds and the next one to come.

    ``ends`` count what is committed: an open transaction lies behind them.
    """

    topic_id: str
    starts: Mapping[int, int]
    ends: Mapping[int, int]


@dataclass
class Chunk:
    """Messages of one micro-batch in the order they were read, where reading goes on, and what lies before that.

    ``unread`` lies among them and could not be read; ``read_at_ms`` is when reading began, in ms since 1970. A
    partition of which nothing was read has no proof.
    """

    messages: list[Record] = field(default_factory=list)
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


class TopicReader:
    """The way to one topic. To be used in a ``with``: its clients are closed at the end.

    Everything here raises ``TopicUnreachable`` when Kafka does not answer in time, and ``TopicNotReadable`` when it
    answers that it can't give what is asked for.
    """

    def __init__(self, bootstrap: str, topic: str, limits: BatchLimits | None = None) -> None:
        """Name the topic, and how large what is opened of it may be."""
        self.bootstrap = bootstrap
        self.topic = topic
        self.limits = limits or BatchLimits()
        self._admin: KafkaAdminClient | None = None
        self._consumer: KafkaConsumer | None = None
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
        admin, self._admin = self._admin, None
        for consumer in consumers:
            if consumer is not None:
                consumer.close(autocommit=False, timeout_ms=1000)
        if admin is not None:
            admin.close()

    def topic_id(self) -> str | None:
        """The topic's id; None when there is no topic of that name."""
        with self._told():
            return self._described()[0]

    def state(self) -> TopicState | None:
        """The topic as it is now; None when there is no topic of that name."""
        with self._told():
            deadline = time.monotonic() + ANSWERS_WITHIN_SECONDS
            while True:
                try:
                    return self._state()
                except WITHOUT_A_LEADER:
                    if time.monotonic() > deadline:
                        raise
                    time.sleep(0.2)

    def ends_with_open_transactions(self) -> dict[int, int]:
        """The next offset of each partition, that of what is not committed yet among them."""
        with self._told():
            _, partitions = self._described()
            return self._offsets(partitions, OffsetSpec.LATEST, IsolationLevel.READ_UNCOMMITTED)

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
        with self._told():
            consumer = self._consumer_at(begin)
        chunk = Chunk()
        heard_at = time.monotonic()
        reached: Mapping[int, int] = begin
        while any(reached[partition] < ends[partition] for partition in ends):
            before = reached
            with self._told():
                self._poll_into(consumer, chunk)
            if given_up is not None and given_up.is_set():
                return
            reached = dict(chunk.positions)
            if reached != before:
                heard_at = time.monotonic()
            elif time.monotonic() - heard_at > STALLS_AFTER_SECONDS:
                raise TopicUnreachable(self.bootstrap, self.topic, f"silent for {STALLS_AFTER_SECONDS:.0f} s")
            if chunk.is_full:
                yield self._with_proofs(chunk)
                chunk = Chunk(positions=dict(reached))
        if chunk.positions:
            yield self._with_proofs(chunk)

    def proofs(self, offsets: Mapping[int, int]) -> dict[int, LogProof]:
        """What lies right before each of these offsets now; an offset before which nothing is left is left out.

        Args:
            offsets: per partition an offset that is not beyond its end.
        """
        found: dict[int, LogProof] = {}
        with self._told():
            starts = self._offsets(sorted(offsets), OffsetSpec.EARLIEST)
            wanted = {partition: offset - 1 for partition, offset in offsets.items() if offset > starts[partition]}
            if not wanted:
                return found
            consumer = self._proofs_from(wanted)
            deadline = time.monotonic() + STALLS_AFTER_SECONDS
            while len(found) < len(wanted):
                with self._offsets_there():
                    polled = consumer.poll(timeout_ms=200)
                for batches in polled.values():
                    for batch in batches:
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
        with self._offsets_there():
            polled = consumer.poll(timeout_ms=200, max_records=PIECES_A_POLL)
            for place in consumer.assignment():
                chunk.positions[place.partition] = consumer.position(place, timeout_ms=ANSWERS_WITHIN_SECONDS * 1000)
        before, self._connections = self._connections, connections_of(consumer)
        if any(before.get(broker, connection) is not connection for broker, connection in self._connections.items()):
            message = f"the broker went away while {self.topic} was read, and came back"
            raise PositionsLost(message)
        self._connections = {**before, **self._connections}
        for pieces in polled.values():
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
            consumer = self._new_consumer(isolation_level="read_committed", max_partition_fetch_bytes=4 * 1024 * 1024)
            self._consumer = reads_batches_compiled(consumer, self.limits, self._last_batches)
        self._last_batches.clear()
        self._connections.clear()
        return self._sought(self._consumer, offsets)

    def _proofs_from(self, offsets: Mapping[int, int]) -> KafkaConsumer:
        """A consumer of single batches, also of those that no reader of messages is given: aborted ones, markers."""
        if self._proof_consumer is None:
            consumer = self._new_consumer(isolation_level="read_uncommitted", max_partition_fetch_bytes=PROOF_BYTES)
            self._proof_consumer = reads_first_batches(consumer)
        return self._sought(self._proof_consumer, offsets)

    def _new_consumer(self, **settings: Any) -> KafkaConsumer:
        return KafkaConsumer(
            bootstrap_servers=self.bootstrap,
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="none",
            allow_auto_create_topics=False,
            retry_backoff_ms=20,  # its sleep until a leader is known; by default two tenths of a second
            metrics_enabled=False,
            **settings,
            **CLIENT,
        )

    def _sought(self, consumer: KafkaConsumer, offsets: Mapping[int, int]) -> KafkaConsumer:
        consumer.assign([TopicPartition(self.topic, partition) for partition in sorted(offsets)])
        for partition, offset in offsets.items():
            consumer.seek(TopicPartition(self.topic, partition), offset)
        return consumer

    def _state(self) -> TopicState | None:
        topic_id, partitions = self._described()
        if topic_id is None:
            return None
        starts = self._offsets(partitions, OffsetSpec.EARLIEST)
        return TopicState(topic_id, starts, self._offsets(partitions, OffsetSpec.LATEST))

    def _described(self) -> tuple[str | None, list[int]]:
        (described,) = self._client().describe_topics([self.topic])
        if described["error_code"] == UNKNOWN_TOPIC:
            return None, []
        if described["error_code"]:
            raise for_code(described["error_code"])
        return str(described["topic_id"]), sorted(part["partition_index"] for part in described["partitions"])

    def _offsets(
        self, partitions: list[int], which: OffsetSpec, isolation: IsolationLevel = IsolationLevel.READ_COMMITTED
    ) -> dict[int, int]:
        asked = {TopicPartition(self.topic, partition): which for partition in partitions}
        found = self._client().list_partition_offsets(asked, isolation, timeout_ms=ANSWERS_WITHIN_SECONDS * 1000)
        return {place.partition: offset.offset for place, offset in found.items()}

    def _client(self) -> KafkaAdminClient:
        if self._admin is None:
            wait_for_a_listener(self.bootstrap)
            self._admin = KafkaAdminClient(bootstrap_servers=self.bootstrap, **CLIENT)
        return self._admin

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Say which Kafka does not answer, or what it answers in place of the topic, and what to do."""
        unreachable = unreadable = None
        try:
            yield
        except BatchBoundsLost as error:
            unreadable = str(error)
        except (KafkaError, OSError) as error:
            if answered(error):
                unreadable = type(error).__name__
            else:
                unreachable = type(error).__name__
        # raised out here it keeps no client of the failed attempt alive
        if unreachable is not None:
            raise TopicUnreachable(self.bootstrap, self.topic, unreachable)
        if unreadable is not None:
            raise TopicNotReadable(self.bootstrap, self.topic, unreadable)


def answered(error: Exception) -> bool:
    """Whether Kafka was reached and said no, or gave what is nothing; what passes by itself is no answer."""
    if isinstance(error, (RetriableError, BrokerNotAvailableError)):
        return False
    return isinstance(error, BrokerResponseError) or type(error) is KafkaError


def wait_for_a_listener(bootstrap: str) -> None:
    """Wait until somebody listens at one of the addresses.

    A client of Kafka that finds nobody leaves the sockets of its attempts behind, so it is not made before.

    Raises:
        OSError: nobody did in time.
    """
    deadline = time.monotonic() + ANSWERS_WITHIN_SECONDS
    while True:
        for address in bootstrap.split(","):
            host, _, port = address.strip().rpartition(":")
            if not port.isdigit():
                raise NoAddress(bootstrap)
            try:
                socket.create_connection((host.strip("[]"), int(port)), timeout=1).close()
            except OSError:
                if time.monotonic() > deadline:
                    raise
            else:
                return
        time.sleep(0.1)
