"""What kafka-python fetched, read by other hands: whole batches, and within bounds.

kafka-python speaks to Kafka and says what of a fetched batch counts (checksums, transactions, positions); only the
records inside are read by ``broker.batch_reading``, an eighth of the work (ADR 0025).
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from kafka import KafkaConsumer
from kafka.consumer.fetcher import Fetcher

from ketenbalans.broker.batch_framing import (
    OFFSET_AND_LENGTH,
    BatchBoundsLost,
    BatchHead,
    checked,
    framed,
    last_offset_of_damaged,
)
from ketenbalans.broker.batch_limits import BatchLimits
from ketenbalans.broker.batch_proofs import LastBatch
from ketenbalans.broker.batch_reading import BatchReader, Piece, Record, Unread, piece_of, unread_batch
from ketenbalans.broker.record_fields import Unreadable
from schemas.dead_letters import LetterForm
from schemas.wire.refusals import Reason

__all__ = ["BatchBoundsLost", "Piece", "Record", "Unread", "polls_records", "reads_batches_compiled"]


def reads_batches_compiled(
    consumer: KafkaConsumer, limits: BatchLimits, last_batches: dict[int, LastBatch]
) -> KafkaConsumer:
    """The same consumer; from now on ``poll()`` gives ``Piece`` of ``Record``, and no deserializer is called.

    Its ``poll()`` raises ``BatchBoundsLost`` where a batch has no end.

    Args:
        consumer: of one topic.
        limits: how large what is opened may be.
        last_batches: is kept up to date with the last batch of each partition of which something was given or passed
            over, for ``broker.batch_proofs``.
    """
    parts = partial(_PartitionRecords, reader=BatchReader(limits), last_batches=last_batches)
    consumer._fetcher.PartitionRecords = parts  # noqa: SLF001 (kafka-python has no public place for it)
    return consumer


def polls_records(consumer: KafkaConsumer, limits: BatchLimits) -> Callable[[], list[Record]]:
    """A poll of a consumer that gives its messages one by one, and passes by what can't be read."""
    opened = reads_batches_compiled(consumer, limits, {})

    def poll() -> list[Record]:
        polled = opened.poll(timeout_ms=200, max_records=1)
        return [record for pieces in polled.values() for piece in pieces for record in piece.records]

    return poll


class _PartitionRecords(Fetcher.PartitionRecords):  # type: ignore[misc]
    """What was fetched of one partition; where it begins and how much is taken is kafka-python's to say."""

    def __init__(
        self, *args: Any, reader: BatchReader, last_batches: dict[int, LastBatch] | None = None, **named: Any
    ) -> None:
        super().__init__(*args, **named)
        self.reader = reader
        self.last_batches = {} if last_batches is None else last_batches

    def _unpack_records(self, place: Any, batches: Any, *_deserializers: Any) -> Iterator[Piece]:
        waiting = Piece(self.fetch_offset - 1)
        for written, behind in framed(memoryview(batches._buffer)):  # noqa: SLF001 (as it was fetched)
            try:
                last_offset, pieces = self._read(place.partition, written, behind)
            except BatchBoundsLost:
                if waiting.offset < self.fetch_offset:
                    raise
                break  # a fetch that begins with it may show what lies behind it
            for piece in pieces:
                waiting.add(_from(self.fetch_offset, piece))
                if waiting.is_full:
                    self.next_fetch_offset = waiting.offset + 1
                    given, waiting = waiting, Piece(waiting.offset)
                    yield given
            waiting.offset = max(waiting.offset, last_offset)  # beyond its last record where compaction took that
        self.next_fetch_offset = waiting.offset + 1
        if waiting.records or waiting.unread:
            yield waiting
        self.drain()

    def _read(self, partition: int, written: memoryview, behind: int | None) -> tuple[int, Iterable[Piece]]:
        """The last offset of a batch, and what of it counts."""
        batch = checked(written)
        if isinstance(batch, str):
            (offset, _), last_offset = OFFSET_AND_LENGTH.unpack_from(written), last_offset_of_damaged(written, behind)
            place, data = (partition, offset, last_offset), bytes(written)
            self.last_batches[partition] = LastBatch(data, offset, last_offset)
            unread = Unread(*place, LetterForm.BATCH, data, Reason.UNREADABLE, batch)
            return last_offset, [piece_of(last_offset, unread=unread)]
        self.leader_epoch = batch.leader_epoch
        head = BatchHead.of(batch._buffer)  # noqa: SLF001 (its bytes, as they were fetched)
        self.last_batches[partition] = LastBatch(head.data, head.offset, head.last_offset)
        try:
            counts = self._counts(batch)
        except Exception:  # noqa: BLE001 (of a control batch that kafka-python can't read)
            rule = "a control batch says how a transaction ended"
            return head.last_offset, [unread_batch(partition, head, Reason.UNREADABLE, rule)]
        return head.last_offset, self.reader.pieces(partition, head) if counts else ()

    def _counts(self, batch: Any) -> bool:
        """Whether it holds messages of nobody's aborted transaction. To be asked of each batch, in order."""
        if batch.is_control_batch and batch.compression_type:
            message = "a marker is never compressed"  # and opening it would be without a bound
            raise Unreadable(message)
        if batch.has_producer_id():
            self._consume_aborted_transactions_up_to(batch.last_offset)
            if self._contains_abort_marker(batch):
                self.aborted_producer_ids.discard(batch.producer_id)
        return not batch.is_control_batch and not self._is_batch_aborted(batch)


def _from(offset: int, piece: Piece) -> Piece:
    """What of a piece lies at an offset or behind it. A batch that was read before up to there is fetched whole."""
    if piece.offset < offset:
        return Piece(piece.offset)
    if piece.records and piece.records[0].offset < offset:
        piece.records = [record for record in piece.records if record.offset >= offset]
    if piece.unread and piece.unread[0].offset < offset:
        piece.unread = [replace(one, offset=max(one.offset, offset)) for one in piece.unread]
    return piece
