"""The hooks into kafka-python: they fit the installed version, or are not used; plain reading gives the same."""

import logging
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import kafka
import pytest
from kafka.consumer.fetcher import Fetcher
from kafka.errors import CorruptRecordError, KafkaConnectionError
from kafka.record.memory_records import MemoryRecords

from ketenbalans.broker import client_hooks
from ketenbalans.broker.batch_limits import BatchLimits
from ketenbalans.broker.polling import polls_first_batches, polls_pieces, polls_records
from schemas.wire.events import Message
from tests.integration.raw_batches import raw_batch, records
from tests.unit.jobs.test_record_batches import ABORT, PLACE, batch, by_kafka_python, by_us, marker

SAID = "a version of tomorrow"


@pytest.fixture(autouse=True)
def asked_anew() -> Any:
    kept = client_hooks._probed, client_hooks._part_class, client_hooks._say_once
    for one in kept:
        one.cache_clear()
    yield
    for one in kept:
        one.cache_clear()


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_hooks, "reading_misfit", lambda: SAID)


class Polled:
    """A consumer that gives what kafka-python makes of some bytes, once."""

    def __init__(self, written: bytes, **named: Any) -> None:
        self.part = by_kafka_python(written, 0, **named)

    def poll(self, **_how: Any) -> Any:
        return {PLACE: self.part.take()} if self.part else {}


def test_the_hooks_fit_the_version_that_is_installed() -> None:
    assert client_hooks.reading_misfit() is None


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (Fetcher, "PartitionRecords"),
        (Fetcher.PartitionRecords, "drain"),
        (Fetcher.PartitionRecords, "_is_batch_aborted"),
        (Fetcher.PartitionRecords, "_contains_abort_marker"),
        (Fetcher.PartitionRecords, "_consume_aborted_transactions_up_to"),
        (MemoryRecords, "_buffer"),
    ],
)
def test_a_version_without_what_a_hook_needs_is_read_plainly(
    owner: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(owner, name)
    assert client_hooks.reading_misfit() is not None
    consumer = SimpleNamespace(_fetcher=SimpleNamespace(PartitionRecords=list))
    assert not client_hooks.read_parts(consumer, lambda *_: iter(()))
    assert consumer._fetcher.PartitionRecords is list


def test_a_version_that_reads_otherwise_is_read_plainly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Fetcher.PartitionRecords, "_is_batch_aborted", lambda *_: False)
    assert client_hooks.reading_misfit() == "it reads a probe otherwise"


def test_it_is_said_once_with_the_version(plain: None, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "ketenbalans.broker"):
        for _ in range(2):
            assert not client_hooks.read_parts(SimpleNamespace(), lambda *_: iter(()))
    (said,) = [one.getMessage() for one in caplog.records]
    assert f"kafka-python {kafka.__version__}" in said
    assert SAID in said


def test_plain_reading_gives_what_the_hooks_give(plain: None) -> None:
    sent = [(b"k%d" % number, b"v", [("name", b"1"), ("none", None)]) for number in range(5)]
    written = b"".join(
        [
            batch(0, sent),
            batch(5, [(b"a", b"aborted", [])], producer=7),
            marker(6, ABORT, producer=7),
            batch(7, [(None, b"", [])]),
        ]
    )
    aborted = [SimpleNamespace(producer_id=7, first_offset=5)]
    ours, found = by_us(written, aborted_transactions=list(aborted)), []
    while ours and (pieces := ours.take(1)):
        found += [one for piece in pieces for one in piece.records]
    consumer = Polled(written, aborted_transactions=aborted)
    assert polls_records(consumer, BatchLimits())() == found
    assert [one.offset for one in found] == [0, 1, 2, 3, 4, 7]


def test_what_the_client_can_not_read_is_an_answer_without_a_value_of_it(plain: None) -> None:
    odd = Message(b"k", b"v", [("\udcff", b"1")])
    poll = polls_pieces(Polled(raw_batch(records([odd]))), BatchLimits(), {})
    with pytest.raises(CorruptRecordError, match=r": CorruptRecordError$") as answer:
        poll()
    assert answer.value.__cause__ is None


def test_who_does_not_answer_stays_reported_as_such(plain: None) -> None:
    def silent(**_how: Any) -> None:
        raise KafkaConnectionError

    with pytest.raises(KafkaConnectionError):
        polls_pieces(SimpleNamespace(poll=silent), BatchLimits(), {})()


def test_plain_reading_knows_no_batch(plain: None) -> None:
    assert polls_first_batches(SimpleNamespace()) is None


class Producer:
    """A producer of a version that has nothing private of what is known."""

    def __init__(self) -> None:
        self.did: list[Any] = []

    def send(self, *args: Any, **how: Any) -> str:
        self.did.append((*args, how))
        return "an answer"

    def close(self, **how: Any) -> None:
        self.did.append(how)


def test_a_producer_without_the_hooks_sends_and_closes_as_everybody_does() -> None:
    producer = Producer()
    for value, sent in ((b"v", b"v"), (None, b"")):
        record = SimpleNamespace(key=None, value=value, headers=[("h", b"1")])
        assert client_hooks.send_to(producer, PLACE, record) == "an answer"
        how = {"key": None, "value": sent, "headers": [("h", b"1")], "partition": PLACE.partition}
        assert producer.did[-1] == (PLACE.topic, how)
    client_hooks.close_at_once(producer, within_seconds=1)
    assert producer.did[-1] == {"timeout": 1}


def test_a_commit_that_has_no_answer_is_given_up() -> None:
    def refused() -> None:
        raise KafkaConnectionError

    released = threading.Event()
    with pytest.raises(TimeoutError, match="no answer"):
        client_hooks.commit_within(SimpleNamespace(commit_transaction=released.wait), seconds=0.01)
    released.set()
    with pytest.raises(KafkaConnectionError):
        client_hooks.commit_within(SimpleNamespace(commit_transaction=refused), seconds=5)


def test_nothing_else_of_the_broker_reaches_into_a_client() -> None:
    folder = Path(client_hooks.__file__).parent
    reaching = {file.name for file in folder.glob("*.py") if "SLF001" in file.read_text(encoding="utf-8")}
    assert reaching == {"client_hooks.py"}
