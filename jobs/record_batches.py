"""Opening the record batches that kafka-python fetched, with aiokafka's compiled reader of them.

kafka-python speaks to Kafka and says what of a fetched batch counts (checksums, transactions, positions); only the
records inside are read by other hands, an eighth of the work (ADR 0025). Both libraries read the same format 2, which
every broker of today writes.
"""

import hashlib
from collections.abc import Iterator
from functools import partial
from typing import Any, NamedTuple

from aiokafka.record.default_records import DefaultRecordBatch  # type: ignore[import-untyped]
from kafka import KafkaConsumer  # type: ignore[import-untyped]
from kafka.consumer.fetcher import Fetcher  # type: ignore[import-untyped]
from kafka.errors import CorruptRecordError, UnsupportedVersionError  # type: ignore[import-untyped]

from schemas.log_proofs import LogProof
from schemas.messages import Headers

MESSAGE_FORMAT = 2

BEFORE_THE_CHECKSUM = 17
"""Bytes at the start of a batch that are not digested: offset, length, term, format. The broker writes them."""


class Record(NamedTuple):
    """One message of a topic: its envelope, its place, and when it was written (ms since 1970)."""

    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers
    timestamp: int | None


def reads_batches_compiled(consumer: KafkaConsumer, last_batches: dict[int, Any]) -> KafkaConsumer:
    """The same consumer; from now on ``poll()`` gives ``Record``, and no deserializer is called.

    Its ``poll()`` raises ``CorruptRecordError`` where a batch can't be read.

    Args:
        consumer: of one topic.
        last_batches: is kept up to date with the last batch of each partition of which something was given or passed
            over, for ``proof_before``.
    """
    # kafka-python has no public place for it
    consumer._fetcher.PartitionRecords = partial(_PartitionRecords, last_batches=last_batches)  # noqa: SLF001
    return consumer


def reads_first_batches(consumer: KafkaConsumer) -> KafkaConsumer:
    """The same consumer; from now on ``poll()`` gives, as ``FirstBatch``, the batch at each position, unopened."""
    consumer._fetcher.PartitionRecords = _FirstBatches  # noqa: SLF001 (as above)
    return consumer


def connections_of(consumer: KafkaConsumer) -> dict[Any, Any]:
    """The connections that a consumer has open, by broker; one that was made again is another object."""
    return dict(consumer._manager._conns)  # noqa: SLF001 (as above)


def proof_before(batch: Any, offset: int) -> LogProof | None:
    """The proof of what lies before an offset, from the batch that reading had come to; None when it lies elsewhere."""
    return proof_of(batch) if batch.base_offset < offset <= batch.next_offset else None


def proof_of(batch: Any) -> LogProof:
    """A batch as a proof."""
    digest = hashlib.sha256(memoryview(batch._buffer)[BEFORE_THE_CHECKSUM:]).hexdigest()  # noqa: SLF001 (as above)
    return LogProof(batch.last_offset, batch.leader_epoch, batch.max_timestamp, digest)


class FirstBatch(NamedTuple):
    """The batch that holds the record at a position, of a partition."""

    partition: int
    offset: int
    proof: LogProof


class _FirstBatches(Fetcher.PartitionRecords):  # type: ignore[misc]
    """What was fetched of one partition, of which the first batch is all that is wanted."""

    def _unpack_records(self, place: Any, batches: Any, *_deserializers: Any) -> Iterator[FirstBatch]:
        for batch in batches:
            self.next_fetch_offset = batch.next_offset
            yield FirstBatch(place.partition, batch.last_offset, proof_of(batch))
            break
        self.drain()


class _PartitionRecords(Fetcher.PartitionRecords):  # type: ignore[misc]
    """What was fetched of one partition; where it begins and how much is taken is kafka-python's to say."""

    def __init__(self, *fetched: Any, last_batches: dict[int, Any] | None = None, **settings: Any) -> None:
        self.last_batches = {} if last_batches is None else last_batches
        super().__init__(*fetched, **settings)

    def _unpack_records(self, place: Any, batches: Any, *_deserializers: Any) -> Iterator[Record]:
        for batch in batches:
            if batch.magic != MESSAGE_FORMAT:
                message = f"partition {place.partition} holds messages of format {batch.magic}, older than Kafka 0.11"
                raise UnsupportedVersionError(message)
            if not batch.validate_crc():
                message = f"a batch of partition {place.partition} at offset {batch.base_offset} is damaged"
                raise CorruptRecordError(message)
            self.leader_epoch = batch.leader_epoch
            self.last_batches[place.partition] = batch
            if self._counts(batch):
                for record in _records_of(batch):
                    self.next_fetch_offset = record.offset + 1
                    yield Record(
                        place.partition, record.offset, record.key, record.value, record.headers, record.timestamp
                    )
            self.next_fetch_offset = batch.next_offset  # beyond its last record where compaction took that
        self.drain()

    def _counts(self, batch: Any) -> bool:
        """Whether it holds messages of nobody's aborted transaction. To be asked of each batch, in order."""
        if batch.has_producer_id():
            self._consume_aborted_transactions_up_to(batch.last_offset)
            if self._contains_abort_marker(batch):
                self.aborted_producer_ids.discard(batch.producer_id)
        return not batch.is_control_batch and not self._is_batch_aborted(batch)


def _records_of(batch: Any) -> list[Any]:
    """All records of a batch."""
    problem = None
    try:
        return list(DefaultRecordBatch(bytes(batch._buffer)))  # noqa: SLF001 (its bytes, as they were fetched)
    except Exception as error:  # noqa: BLE001 (each codec has errors of its own, and theirs may quote what they read)
        problem = type(error).__name__
    message = f"the batch at offset {batch.base_offset} can't be read ({problem})"
    raise CorruptRecordError(message)
