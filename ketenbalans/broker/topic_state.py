"""What Kafka says of one topic: its id, where it begins and where it ends; and whether Kafka is there to say so."""

import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from kafka import IsolationLevel, KafkaAdminClient, OffsetSpec, TopicPartition
from kafka.errors import (
    AuthorizationError,
    BrokerNotAvailableError,
    BrokerResponseError,
    KafkaError,
    LeaderNotAvailableError,
    NodeNotReadyError,
    NotLeaderForPartitionError,
    RetriableError,
    UnknownBrokerIdError,
    UnknownTopicOrPartitionError,
    for_code,
)

from ketenbalans.broker.access import Kafka, access_of
from ketenbalans.broker.batch_framing import BatchBoundsLost
from ketenbalans.broker.client_settings import READING_ANSWERS_WITHIN_SECONDS as ANSWERS_WITHIN_SECONDS
from ketenbalans.broker.client_settings import connection
from ketenbalans.broker.errors import NotAllowed, TopicNotReadable, TopicUnreachable
from ketenbalans.broker.handshake import check_let_in

WITHOUT_A_LEADER = (LeaderNotAvailableError, NodeNotReadyError, NotLeaderForPartitionError, UnknownBrokerIdError)
"""A broker that was away leads nothing for a moment; it is asked again for as long as an answer may take."""


class NoAddress(OSError):
    """A bootstrap address is not ``host:port``."""


@dataclass(frozen=True)
class TopicState:
    """A topic at one moment: its id and, per partition, the first offset that it holds and the next one to come.

    ``ends`` count what is committed: an open transaction lies behind them. ``starts`` is empty when not asked for.
    """

    topic_id: str
    starts: Mapping[int, int]
    ends: Mapping[int, int]


class TopicClient:
    """Asks Kafka about one topic. Its client is made when something is asked, and has to be closed.

    Everything here raises ``TopicUnreachable`` when Kafka does not answer in time, ``TopicNotReadable`` when it answers
    that it can't give what is asked for, ``NotAllowed`` when that is so for this user, and ``BrokerRefuses`` when it
    lets nobody in with this certificate, user or password.
    """

    def __init__(self, kafka: Kafka, topic: str) -> None:
        """Name the topic."""
        self.kafka = access_of(kafka)
        self.bootstrap = str(kafka)
        self.topic = topic
        self._admin: KafkaAdminClient | None = None

    def close(self) -> None:
        """Close the client; it opens again when it is needed."""
        admin, self._admin = self._admin, None
        if admin is not None:
            admin.close()

    def topic_id(self) -> str | None:
        """The topic's id; None when there is no topic of that name."""
        with self._errors_named():
            return self._described()[0]

    def state(self, *, with_starts: bool = True) -> TopicState | None:
        """The topic as it is now; None when there is no topic of that name.

        Args:
            with_starts: also ask where each partition begins; who asks often may leave that out.
        """
        with self._errors_named():
            deadline = time.monotonic() + ANSWERS_WITHIN_SECONDS
            while True:
                try:
                    return self._state(with_starts=with_starts)
                except WITHOUT_A_LEADER:
                    if time.monotonic() > deadline:
                        raise
                    time.sleep(0.2)

    def ends_with_open_transactions(self) -> dict[int, int]:
        """The next offset of each partition, that of what is not committed yet among them."""
        with self._errors_named():
            _, partitions = self._described()
            return self._offsets(partitions, OffsetSpec.LATEST, IsolationLevel.READ_UNCOMMITTED)

    def _state(self, *, with_starts: bool) -> TopicState | None:
        topic_id, partitions = self._described()
        if topic_id is None:
            return None
        starts = self._offsets(partitions, OffsetSpec.EARLIEST) if with_starts else {}
        return TopicState(topic_id, starts, self._offsets(partitions, OffsetSpec.LATEST))

    def _described(self) -> tuple[str | None, list[int]]:
        (described,) = self._client().describe_topics([self.topic])
        if described["error_code"] == UnknownTopicOrPartitionError.errno:
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
            check_let_in(self.kafka)
            self._admin = KafkaAdminClient(**connection(self.kafka, answers_within_seconds=ANSWERS_WITHIN_SECONDS))
        return self._admin

    @contextmanager
    def _errors_named(self) -> Iterator[None]:
        """Say which Kafka does not answer, or what it answers in place of the topic, and what to do."""
        unreachable = unreadable = None
        is_refused = False
        try:
            yield
        except BatchBoundsLost as error:
            unreadable = str(error)
        except (KafkaError, OSError) as error:
            if self.kafka.is_locked and isinstance(error, AuthorizationError):
                is_refused = True
            elif answered(error):
                unreadable = type(error).__name__
            else:
                unreachable = type(error).__name__
        # raised out here it keeps no client of the failed attempt alive
        if is_refused:
            raise NotAllowed(self.bootstrap, self.kafka.user, f"read topic {self.topic}")
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
