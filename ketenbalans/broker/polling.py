"""What a poll of a consumer gives: pieces of records, opened by us where the client lets us, else by the client itself.

With the hooks of ``broker.client_hooks`` whole batches are read, within bounds, and what can't be read is put aside as
its bytes. Plain reading gives the same messages, positions and order, one by one, and ends where the client can't read
on; it knows no bytes of a batch, so it bounds nothing and proves nothing of the log (ADR 0042).
"""

from collections.abc import Callable, Iterable
from typing import Any

from kafka import KafkaConsumer
from kafka.errors import CorruptRecordError, KafkaError

from ketenbalans.broker import client_hooks
from ketenbalans.broker.batch_limits import BatchLimits
from ketenbalans.broker.batch_proofs import FirstBatch, LastBatch, first_batch_of
from ketenbalans.broker.batch_reading import PIECE_RECORDS, BatchReader, Piece, TopicRecord, piece_of
from ketenbalans.broker.record_batches import PieceReader

POLL_WAITS_MS = 200

PIECES_A_POLL = 2
"""A poll goes on until it has so many, of a megabyte each or one record that is larger by itself."""

Poll = Callable[[], Iterable[Piece]]


def polls_pieces(consumer: KafkaConsumer, limits: BatchLimits, last_batches: dict[int, LastBatch]) -> Poll:
    """A poll of a consumer of one topic.

    It raises ``BatchBoundsLost`` or ``CorruptRecordError`` where a batch can't be passed by.

    Args:
        consumer: is ours alone from now on.
        limits: how large what is opened may be.
        last_batches: is kept up to date with the last batch of each partition; plain reading leaves it empty.
    """
    if not client_hooks.read_parts(consumer, PieceReader(BatchReader(limits), last_batches).pieces):
        return lambda: _plain_pieces(consumer)

    def poll() -> Iterable[Piece]:
        polled = consumer.poll(timeout_ms=POLL_WAITS_MS, max_records=PIECES_A_POLL)
        return [piece for pieces in polled.values() for piece in pieces]

    return poll


def polls_records(consumer: KafkaConsumer, limits: BatchLimits) -> Callable[[], list[TopicRecord]]:
    """A poll of a consumer that gives its messages one by one, and passes by what was put aside."""
    poll = polls_pieces(consumer, limits, {})
    return lambda: [record for piece in poll() for record in piece.records]


def polls_first_batches(consumer: KafkaConsumer) -> Callable[[], list[FirstBatch]] | None:
    """A poll that gives the batch at each position, unopened; None where the client has no place for that."""
    if not client_hooks.read_parts(consumer, first_batch_of):
        return None

    def poll() -> list[FirstBatch]:
        polled = consumer.poll(timeout_ms=POLL_WAITS_MS)
        return [batch for batches in polled.values() for batch in batches]

    return poll


def _plain_pieces(consumer: KafkaConsumer) -> list[Piece]:
    """The records that the client read, each a piece.

    Raises:
        CorruptRecordError: it can't read one; those before it were given.
    """
    polled, unreadable = {}, None
    try:
        polled = consumer.poll(timeout_ms=POLL_WAITS_MS, max_records=PIECE_RECORDS)
    except CorruptRecordError as error:
        unreadable = type(error).__name__
    except (KafkaError, OSError):
        raise
    except Exception as error:  # noqa: BLE001 (each codec and field has errors of its own)
        unreadable = type(error).__name__
    if unreadable is not None:  # raised out here: the client's error quotes what it read
        raise CorruptRecordError(unreadable)
    return [piece_of(one.offset, _record(one)) for records in polled.values() for one in records]


def _record(one: Any) -> TopicRecord:
    return TopicRecord(one.partition, one.offset, one.key, one.value, list(one.headers), one.timestamp)
