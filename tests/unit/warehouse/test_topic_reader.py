"""The reader's own clock and its patience, with a consumer that never says anything."""

from collections import namedtuple
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from kafka.errors import (
    CorruptRecordError,
    KafkaConnectionError,
    KafkaError,
    KafkaTimeoutError,
    LeaderNotAvailableError,
    NodeNotReadyError,
    TopicAuthorizationFailedError,
)

import ketenbalans.broker.reading
import ketenbalans.broker.topic_state
from ketenbalans.broker.batch_framing import BatchBoundsLost
from ketenbalans.broker.errors import TopicNotReadable, TopicUnreachable
from ketenbalans.broker.reading import PositionsLost, TopicReader
from ketenbalans.broker.topic_state import NoAddress, TopicClient, answered, wait_for_a_listener

Place = namedtuple("Place", ["topic", "partition"])


class Scripted:
    """A consumer that stands where it is reported, one position per poll of two seconds; then it is silent."""

    def __init__(self, positions: list[int]) -> None:
        self.positions = positions
        self.polled = 0
        self.away_at_poll = 0
        self._manager = SimpleNamespace(_conns={1: "the connection"})

    def now(self) -> float:
        """What the reader's clock says."""
        return 2.0 * self.polled

    def assign(self, places: list[Any]) -> None: ...

    def seek(self, place: Any, offset: int) -> None: ...

    def assignment(self) -> set[Any]:
        return {Place("topic", 0)}

    def poll(self, **_how: Any) -> dict[Any, Any]:
        self.polled += 1
        if self.polled == self.away_at_poll:
            self._manager._conns[1] = "another connection"
        return {}

    def position(self, _place: Any, **_how: Any) -> int:
        return self.positions[min(self.polled, len(self.positions)) - 1]

    def close(self, **how: Any) -> None: ...


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Callable[[list[int]], TopicReader]:
    def make(positions: list[int]) -> TopicReader:
        made, scripted = TopicReader("broker:1", "topic"), Scripted(positions)
        monkeypatch.setattr(ketenbalans.broker.reading, "time", SimpleNamespace(monotonic=scripted.now))
        made._consumer = scripted
        return made

    return make


def test_a_broker_that_falls_silent_half_way_is_reported(reader: Callable[[list[int]], TopicReader]) -> None:
    with reader([0, 3]) as silent, pytest.raises(TopicUnreachable, match=r"broker:1 cannot be reached \(silent for"):
        list(silent.read({0: 0}, {0: 5}))


def test_positions_that_move_without_messages_are_progress(reader: Callable[[list[int]], TopicReader]) -> None:
    with reader([number // 5 for number in range(60)]) as slow:
        chunks = list(slow.read({0: 0}, {0: 10}))
    assert [(chunk.messages, chunk.positions) for chunk in chunks] == [([], {0: 10})]


def test_a_broker_that_went_away_and_came_back_is_read_from_the_start_again(
    reader: Callable[[list[int]], TopicReader],
) -> None:
    """It may have come back with an older copy of its disk, which the positions would not show."""
    with reader(list(range(1, 20))) as other, pytest.raises(PositionsLost, match="came back"):
        consumer: Any = other._consumer
        consumer.away_at_poll = 3
        list(other.read({0: 0}, {0: 9}))


def test_nothing_is_read_when_nothing_waits(reader: Callable[[list[int]], TopicReader]) -> None:
    with reader([5]) as idle:
        assert list(idle.read({0: 5}, {0: 5})) == []


@pytest.mark.parametrize(
    ("error", "is_an_answer"),
    [
        (KafkaTimeoutError(), False),
        (KafkaConnectionError(), False),
        (NodeNotReadyError(), False),
        (LeaderNotAvailableError(), False),
        (ConnectionRefusedError(), False),
        (TopicAuthorizationFailedError(), True),
        (CorruptRecordError(), True),
        (KafkaError("Failed to make progress"), True),
    ],
)
def test_only_who_does_not_answer_can_not_be_reached(error: Exception, is_an_answer: bool) -> None:  # noqa: FBT001
    assert answered(error) is is_an_answer


def test_a_refusal_is_reported_as_what_it_is_and_where(monkeypatch: pytest.MonkeyPatch) -> None:
    for raised in (TopicAuthorizationFailedError(), BatchBoundsLost(7)):

        def refuses(_reader: TopicReader, error: Exception = raised) -> None:
            raise error

        monkeypatch.setattr(TopicClient, "_described", refuses)
        made = TopicReader("broker:1", "a.topic")
        with pytest.raises(TopicNotReadable, match=r"a\.topic .* broker:1 answers \((Topic|the batch at offset 7)"):
            made.topic_id()


def test_an_address_without_a_port_is_no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ketenbalans.broker.topic_state, "ANSWERS_WITHIN_SECONDS", 0)
    with pytest.raises(NoAddress):
        wait_for_a_listener("localhost")
    with pytest.raises(ConnectionRefusedError):
        wait_for_a_listener("127.0.0.1:1")
