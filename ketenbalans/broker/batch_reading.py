"""Reading the records of a batch: at once by aiokafka's compiled reader, and one by one where that fails.

What can't be read is given as its bytes, with its place and the rule that it breaks: one record, or where not even the
bounds of the records are known, the batch (ADR 0027).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import attrgetter
from typing import NamedTuple

from aiokafka.record.default_records import DefaultRecordBatch

from ketenbalans.broker.batch_framing import BatchHead
from ketenbalans.broker.batch_limits import BatchLimits
from ketenbalans.broker.batch_opening import HEAD, BatchOpener, TooLarge
from ketenbalans.broker.record_fields import Bounds, Fields, Unreadable, bounds_of, fields_of
from schemas.dead_letters import LetterForm
from schemas.wire.messages import Headers
from schemas.wire.refusals import Reason

PIECE_BYTES = 1024 * 1024
PIECE_RECORDS = 5_000
"""Records are given in pieces that end with the batch, or the part of a batch, that reaches either."""

RECORD_COSTS_BYTES = 200
HEADER_COSTS_BYTES = 60
"""What a record and a header take in memory besides their bytes, about; the smallest ones are all of this."""

LOG_APPEND_TIME = 0x08
OFFSET = attrgetter("offset")


class TopicRecord(NamedTuple):
    """One message of a topic: its envelope, its place, and when it was written (ms since 1970; -1: nobody says)."""

    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers
    timestamp: int


@dataclass(frozen=True, slots=True)
class Unread:
    """What holds no message that can be read: one record, or a whole batch, as it came.

    Attributes:
        partition: where it lies.
        offset: the first offset in it that was to be read.
        last_offset: the last one; of a record the same.
        form: a record or a batch.
        data: its bytes.
        reason: why it was not read.
        rule: what it breaks, in words; never a value.
    """

    partition: int
    offset: int
    last_offset: int
    form: LetterForm
    data: bytes
    reason: Reason
    rule: str


@dataclass(slots=True)
class Piece:
    """Records that were read at once; what ``poll()`` gives in place of single ones, so that they can be weighed.

    Attributes:
        offset: the last offset that it reaches.
        records: the messages, in order.
        unread: what lies among them and is none.
        size_bytes: what all of it takes in memory, about.
    """

    offset: int
    records: list[TopicRecord] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    size_bytes: int = 0

    @property
    def is_full(self) -> bool:
        """Whether it is time to give it."""
        return self.size_bytes >= PIECE_BYTES or len(self.records) >= PIECE_RECORDS

    def add(self, other: "Piece") -> None:
        """Take along what follows it."""
        self.offset = max(self.offset, other.offset)
        self.records += other.records
        self.unread += other.unread
        self.size_bytes += other.size_bytes


class BatchReader:
    """Reads one batch after another, within the limits."""

    def __init__(self, limits: BatchLimits) -> None:
        self.limits = limits
        self._opener = BatchOpener(limits.batch_bytes)

    def pieces(self, partition: int, batch: BatchHead) -> Iterator[Piece]:
        """What a batch of format 2 holds: mostly one piece, more of a large one, and whole as unread when it must."""
        if batch.records > self.limits.batch_records:
            rule = f"a batch has at most {self.limits.batch_records} records"
            yield unread_batch(partition, batch, Reason.OVERSIZED, rule)
            return
        try:
            opened = self._opener.open(batch.data)
            if len(opened) > HEAD.size + PIECE_BYTES or (read := _read_compiled(partition, batch, opened)) is None:
                yield from self._read_in_parts(partition, batch, bytes(opened[HEAD.size :]))
            else:
                yield read
        except TooLarge:
            rule = f"the records of a batch are at most {self.limits.batch_bytes} bytes when they are decompressed"
            yield unread_batch(partition, batch, Reason.OVERSIZED, rule)
        except Unreadable as error:
            yield unread_batch(partition, batch, Reason.UNREADABLE, str(error))

    def too_large(self, record: bytes) -> str | None:
        """The rule that a record breaks by its size; None when it may be taken apart."""
        most = self.limits.record_bytes
        return f"a record has at most {most} bytes" if len(record) > most else None

    def _read_in_parts(self, partition: int, batch: BatchHead, records: bytes) -> Iterator[Piece]:
        """The same, a part at a time: where the records lie is found first, so that one costs no other one.

        Raises:
            Unreadable: that is not known. Nothing was given then.
        """
        bounds = bounds_of(records, batch.records, first_offset=batch.offset, last_offset=batch.last_offset)
        for part in _parts(bounds):
            written = records[part[0].start : part[-1].end]
            read = None
            if len(written) <= PIECE_BYTES:
                read = _read_compiled(partition, batch, memoryview(batch.head_of(len(part)) + written))
            if read is not None:
                yield read
                continue
            for one in part:
                yield self._read_one(partition, batch, one, records[one.start : one.end])

    def _read_one(self, partition: int, batch: BatchHead, bounds: Bounds, written: bytes) -> Piece:
        place = (partition, bounds.offset, bounds.offset, LetterForm.RECORD, written)
        if (rule := self.too_large(written)) is not None:
            return piece_of(bounds.offset, unread=Unread(*place, Reason.OVERSIZED, rule))
        try:
            fields = fields_of(written)
        except Unreadable as error:
            return piece_of(bounds.offset, unread=Unread(*place, Reason.UNREADABLE, str(error)))
        return piece_of(bounds.offset, _record(partition, batch, bounds.offset, fields))


def unread_batch(partition: int, batch: BatchHead, reason: Reason, rule: str) -> Piece:
    """A batch as a whole, put aside."""
    place = (partition, batch.offset, batch.last_offset)
    return piece_of(batch.last_offset, unread=Unread(*place, LetterForm.BATCH, bytes(batch.data), reason, rule))


def _read_compiled(partition: int, batch: BatchHead, opened: memoryview) -> Piece | None:
    """All records of a batch that is not compressed; None when one of them can't be read, or has no offset of its own.

    Whatever is wrong, and each codec and field has errors of its own, is looked at record by record then.
    """
    try:
        read = list(DefaultRecordBatch(opened))
    except Exception:  # noqa: BLE001
        return None
    offsets = list(map(OFFSET, read))
    if not offsets:
        return piece_of(batch.offset - 1)
    if offsets[0] < batch.offset or offsets[-1] > batch.last_offset or offsets != sorted(set(offsets)):
        return None
    records = [TopicRecord(partition, one.offset, one.key, one.value, one.headers, one.timestamp) for one in read]
    headers = sum([len(one.headers) for one in records])
    size_bytes = len(opened) + RECORD_COSTS_BYTES * len(records) + HEADER_COSTS_BYTES * headers
    return Piece(offsets[-1], records, size_bytes=size_bytes)


def _record(partition: int, batch: BatchHead, offset: int, fields: Fields) -> TopicRecord:
    is_of_the_broker = batch.attributes & LOG_APPEND_TIME
    timestamp = batch.max_timestamp if is_of_the_broker else batch.first_timestamp + fields.timestamp_delta
    return TopicRecord(partition, offset, fields.key, fields.value, fields.headers, timestamp)


def piece_of(offset: int, record: TopicRecord | None = None, unread: Unread | None = None) -> Piece:
    """A piece of one thing, or of none."""
    piece = Piece(offset)
    if record is not None:
        piece.records.append(record)
        piece.size_bytes = len(record.key or b"") + len(record.value or b"") + RECORD_COSTS_BYTES
        piece.size_bytes += sum(len(name) + len(value or b"") + HEADER_COSTS_BYTES for name, value in record.headers)
    if unread is not None:
        piece.unread.append(unread)
        piece.size_bytes += len(unread.data) + RECORD_COSTS_BYTES
    return piece


def _parts(bounds: list[Bounds]) -> Iterator[list[Bounds]]:
    """Records in a row that are read at once: of a bounded size, but for one that is larger by itself."""
    part: list[Bounds] = []
    for one in bounds:
        if part and one.end - part[0].start > PIECE_BYTES:
            yield part
            part = []
        part.append(one)
    if part:
        yield part
