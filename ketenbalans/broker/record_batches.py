"""What was fetched of a partition, read as whole batches and within bounds.

kafka-python talks to Kafka and says what of a fetched batch counts (transactions, positions); checksums and the
records inside are read by ``broker.batch_reading``, an eighth of the work (ADR 0025).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from ketenbalans.broker.batch_framing import (
    OFFSET_AND_LENGTH,
    BatchBoundsLost,
    BatchHead,
    framed,
    last_offset_of_damaged,
    rule_broken_by,
)
from ketenbalans.broker.batch_proofs import LastBatch
from ketenbalans.broker.batch_reading import BatchReader, Piece, Unread, piece_of, unread_batch
from ketenbalans.broker.client_hooks import FetchedPart
from schemas.dead_letters import LetterForm
from schemas.wire.refusals import Reason


@dataclass(frozen=True)
class PieceReader:
    """Reads what was fetched of the partitions of one topic: pieces of records, in order.

    Attributes:
        reader: of single batches, within its limits.
        last_batches: is kept up to date with the last batch of each partition of which something was given or passed
            over, for ``broker.batch_proofs``.
    """

    reader: BatchReader
    last_batches: dict[int, LastBatch] = field(default_factory=dict)

    def pieces(self, part: FetchedPart, partition: int, fetched: memoryview) -> Iterator[Piece]:
        """The pieces of what was fetched of one partition, from the offset on that was asked for.

        Raises:
            BatchBoundsLost: the first batch that was not read yet has no end.
        """
        waiting = Piece(part.fetch_offset - 1)
        for written, behind in framed(fetched):
            try:
                last_offset, pieces = self._read(part, partition, written, behind)
            except BatchBoundsLost:
                if waiting.offset < part.fetch_offset:
                    raise
                break  # a fetch that begins with it may show what lies behind it
            for piece in pieces:
                waiting.add(_from(part.fetch_offset, piece))
                if waiting.is_full:
                    part.next_fetch_offset = waiting.offset + 1
                    given, waiting = waiting, Piece(waiting.offset)
                    yield given
            waiting.offset = max(waiting.offset, last_offset)  # beyond its last record where compaction took that
        part.next_fetch_offset = waiting.offset + 1
        if waiting.records or waiting.unread:
            yield waiting
        part.drain()

    def _read(
        self, part: FetchedPart, partition: int, written: memoryview, behind: int | None
    ) -> tuple[int, Iterable[Piece]]:
        """The last offset of a batch, and what of it counts."""
        if (broken := rule_broken_by(written)) is not None:
            (offset, _), last_offset = OFFSET_AND_LENGTH.unpack_from(written), last_offset_of_damaged(written, behind)
            place, data = (partition, offset, last_offset), bytes(written)
            self.last_batches[partition] = LastBatch(data, offset, last_offset)
            unread = Unread(*place, LetterForm.BATCH, data, Reason.UNREADABLE, broken)
            return last_offset, [piece_of(last_offset, unread=unread)]
        head = BatchHead.of(written)
        self.last_batches[partition] = LastBatch(head.data, head.offset, head.last_offset)
        try:
            counts = part.counts(written)
        except Exception:  # noqa: BLE001 (of a control batch that kafka-python can't read)
            rule = "a control batch says how a transaction ended"
            return head.last_offset, [unread_batch(partition, head, Reason.UNREADABLE, rule)]
        return head.last_offset, self.reader.pieces(partition, head) if counts else ()


def _from(offset: int, piece: Piece) -> Piece:
    """What of a piece lies at an offset or behind it. A batch that was read before up to there is fetched whole."""
    if piece.offset < offset:
        return Piece(piece.offset)
    if piece.records and piece.records[0].offset < offset:
        piece.records = [record for record in piece.records if record.offset >= offset]
    if piece.unread and piece.unread[0].offset < offset:
        piece.unread = [replace(one, offset=max(one.offset, offset)) for one in piece.unread]
    return piece
