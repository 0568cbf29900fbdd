"""The only module that reaches into kafka-python: what it has no public place for, and whether this version has it.

Each hook is tried before it is used. One that does not fit changes nothing: the client is used as everybody uses it,
which is slower and proves less (ADR 0042), and that is said once in the log.
"""

import logging
from collections.abc import Callable, Iterator
from functools import cache, partial
from threading import Thread
from types import SimpleNamespace
from typing import Any, Protocol

import kafka
from kafka import TopicPartition
from kafka.errors import KafkaError

from ketenbalans.broker.batch_framing import framed
from ketenbalans.broker.batch_opening import HEAD
from ketenbalans.broker.record_fields import Unreadable

logger = logging.getLogger("ketenbalans.broker")


class FetchedPart(Protocol):
    """What was fetched of one partition, as kafka-python keeps it until it is read.

    Attributes:
        fetch_offset: the offset that was asked for.
        next_fetch_offset: where the next fetch begins; to be moved by who reads.
    """

    fetch_offset: int
    next_fetch_offset: int

    def drain(self) -> None:
        """Say that all of it is read."""

    def counts(self, batch: memoryview) -> bool:
        """Whether it holds messages of nobody's aborted transaction. To be asked of each batch of format 2, in order.

        Raises:
            Unreadable: a marker of a transaction is compressed.
        """


Unpack = Callable[[FetchedPart, int, memoryview], Iterator[Any]]
"""Reads what was fetched of a partition, given its number and the bytes; each thing that it gives has an ``offset``."""


def read_parts(consumer: Any, unpack: Unpack) -> bool:
    """From now on ``poll()`` gives, and counts, what ``unpack`` makes of the bytes; no deserializer is called.

    Returns:
        Whether there is a place for it. If not, nothing was changed: ``poll()`` gives kafka-python's own records.
    """
    if (why := reading_misfit()) is None:
        try:
            if not hasattr(consumer._fetcher, "PartitionRecords"):  # noqa: SLF001
                why = "AttributeError"
            else:
                consumer._fetcher.PartitionRecords = partial(_part_class(), unpack=unpack)  # noqa: SLF001
        except AttributeError as error:
            why = type(error).__name__
    if why is not None:
        _say_once("plain reading is used, slower and without proofs of the log", why)
    return why is None


def connections_of(consumer: Any) -> dict[Any, Any]:
    """The connections that a consumer has open, by broker; one that was made again is another object.

    None at all where this version does not show them.
    """
    try:
        return dict(consumer._manager._conns)  # noqa: SLF001
    except (AttributeError, TypeError) as error:
        _say_once("a broker that goes away and comes back while it is read is not noticed", type(error).__name__)
        return {}


def close_at_once(producer: Any, *, within_seconds: float) -> None:
    """Let go of a producer: every row that counts is acknowledged, whatever else it holds is given up."""
    # close() alone first waits for its rows, and with the broker gone the client keeps some of them for ever
    try:
        sender = producer._sender  # noqa: SLF001
        sender.force_close()
        sender.join(within_seconds)
    except AttributeError as error:
        _say_once("a client that is closed waits for its last rows", type(error).__name__)
    try:
        producer.close(timeout=within_seconds)
    except KafkaError:
        logger.debug("a client gave up rows when it was closed")  # none of them counts


def send_to(producer: Any, place: TopicPartition, record: Any) -> Any:
    """Send a record within the transaction that is open; gives what its place is to be had from.

    The client's own ``send()`` refuses a record without key and value, which a tombstone may well be: where there is no
    way around it, such a one goes with an empty value.
    """
    try:
        add, append = producer._transaction_manager.maybe_add_partition_to_transaction, producer._accumulator.append  # noqa: SLF001
    except AttributeError as error:
        _say_once("a dead letter without key and value is sent with an empty value", type(error).__name__)
        value = b"" if record.key is None and record.value is None else record.value
        return producer.send(
            place.topic, key=record.key, value=value, headers=record.headers, partition=place.partition
        )
    add(place)
    answer, *_ = append(place, None, record.key, record.value, record.headers)
    return answer


def commit_within(producer: Any, *, seconds: float) -> None:
    """Commit the open transaction.

    Raises:
        TimeoutError: there was no answer in time; the client's own commit waits for ever.
    """
    failed: list[BaseException] = []

    def commit() -> None:
        try:
            producer.commit_transaction()
        except BaseException as error:  # noqa: BLE001 (it is raised below)
            failed.append(error)

    thread = Thread(target=commit, name="commit", daemon=True)
    thread.start()
    thread.join(seconds)
    if failed:
        raise failed[0]
    if thread.is_alive():
        message = "no answer to a commit"
        raise TimeoutError(message)


def reading_misfit() -> str | None:
    """Why batches can't be read by other hands than those of this version of kafka-python; None: they can."""
    return _probed()


@cache
def _part_class() -> Any:
    """kafka-python's class for what was fetched of one partition, with the reading of it handed to somebody else."""
    from kafka.consumer.fetcher import Fetcher  # noqa: PLC0415 (may be gone)
    from kafka.record.default_records import DefaultRecordBatch  # noqa: PLC0415

    class FetchedPartition(Fetcher.PartitionRecords):  # type: ignore[misc]
        """Where it begins and how much is taken is kafka-python's to say."""

        def __init__(self, *args: Any, unpack: Unpack, **named: Any) -> None:
            super().__init__(*args, **named)
            self.unpack = unpack

        def _unpack_records(self, place: Any, batches: Any, *_deserializers: Any) -> Iterator[Any]:
            yield from self.unpack(self, place.partition, memoryview(batches._buffer))  # noqa: SLF001

        def counts(self, written: memoryview) -> bool:
            batch = DefaultRecordBatch(written)
            self.leader_epoch = batch.leader_epoch
            if batch.is_control_batch and batch.compression_type:
                message = "a marker is never compressed"  # and opening it would be without a bound
                raise Unreadable(message)
            if batch.has_producer_id():
                self._consume_aborted_transactions_up_to(batch.last_offset)
                if self._contains_abort_marker(batch):
                    self.aborted_producer_ids.discard(batch.producer_id)
            return not batch.is_control_batch and not self._is_batch_aborted(batch)

    return FetchedPartition


PROBE_PRODUCER = 7
MARKER = b"\x20\x00\x00\x00\x08\x00\x00\x00\x00\x0c\x00\x00\x00\x00\x00\x00\x00"
MESSAGE = b"\x0c\x00\x00\x00\x01\x00\x00"
TRANSACTIONAL, CONTROL = 0x10, 0x20


def _probe_batch(offset: int, attributes: int, producer: int, record: bytes) -> bytes:
    length = HEAD.size + len(record) - 12
    return HEAD.pack(offset, length, 0, 2, 0, attributes, 0, 0, 0, producer, 0, 0, 1) + record


@cache
def _probed() -> str | None:
    """Read what an aborted transaction left, its marker and a message, as a fetch gives them; None: as expected."""
    written = b"".join([
        _probe_batch(0, TRANSACTIONAL, PROBE_PRODUCER, MESSAGE),
        _probe_batch(1, TRANSACTIONAL | CONTROL, PROBE_PRODUCER, MARKER),
        _probe_batch(2, 0, -1, MESSAGE),
    ])  # fmt: skip

    def unpack(part: FetchedPart, partition: int, fetched: memoryview) -> Iterator[Any]:
        for number, (batch, _) in enumerate(framed(fetched)):
            part.next_fetch_offset = number + 1
            yield SimpleNamespace(offset=number, found=(partition, bytes(batch), part.counts(batch)))
        part.drain()

    try:
        from kafka.consumer.fetcher import Fetcher  # noqa: PLC0415
        from kafka.protocol.consumer import IsolationLevel  # noqa: PLC0415
        from kafka.record import MemoryRecords  # noqa: PLC0415

        aborted = [SimpleNamespace(first_offset=0, producer_id=PROBE_PRODUCER)]
        part = _part_class()(
            0, TopicPartition("probe", 3), MemoryRecords(written), isolation_level=IsolationLevel.READ_COMMITTED,
            aborted_transactions=aborted, unpack=unpack,
        )  # fmt: skip
        found = [one.found for one in part.take()]
        given = "".join("ny"[counts] for _, _, counts in found), part.next_fetch_offset, bool(part)
        is_asked_for = "PartitionRecords" in Fetcher._parse_fetched_data.__code__.co_names  # noqa: SLF001
    except Exception as error:  # noqa: BLE001 (whatever another version does)
        return type(error).__name__
    is_as_expected = given == ("nny", 3, False) and b"".join(data for _, data, _ in found) == written
    return None if is_as_expected and is_asked_for else "it reads a probe otherwise"


@cache
def _say_once(what: str, why: str) -> None:
    logger.warning("kafka-python %s has not the place that is known (%s): %s", kafka.__version__, why, what)
