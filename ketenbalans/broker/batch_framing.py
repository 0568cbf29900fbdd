"""Where each record batch lies in what was fetched, and which offsets it has, also when it is damaged.

A batch says how long it is outside of what its checksum covers, so one that is damaged can be passed by and kept.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from aiokafka.record.default_records import DefaultRecordBatch

from ketenbalans.broker.batch_opening import ATTRIBUTES, ATTRIBUTES_AT, CODEC_BITS, HEAD

MESSAGE_FORMAT = 2
OFFSET_AND_LENGTH = struct.Struct(">qi")
MAGIC_AT = 16
"""What a batch of any format begins with, and where its format stands."""

Bytes = bytes | bytearray | memoryview


class BatchBoundsLost(Exception):
    """It is not known where a fetched batch ends, so nothing behind it can be read: a broker's disk is damaged.

    Attributes:
        offset: where it begins.
    """

    def __init__(self, offset: int) -> None:
        super().__init__(f"the batch at offset {offset} is damaged, and so is what it says about where it ends")
        self.offset = offset


@dataclass(frozen=True, slots=True)
class BatchHead:
    """A batch and what its head says of it."""

    data: Bytes
    offset: int
    last_offset: int
    attributes: int
    first_timestamp: int
    max_timestamp: int
    records: int

    @classmethod
    def of(cls, data: Bytes) -> "BatchHead":
        """Read the head of a batch of format 2."""
        offset, _, _, _, _, attributes, delta, first, latest, _, _, _, records = HEAD.unpack_from(data)
        return cls(data, offset, offset + delta, attributes, first, latest, records)

    def head_of(self, records: int) -> bytes:
        """The head of a batch with that many of its records, not compressed."""
        head = bytearray(self.data[: HEAD.size])
        ATTRIBUTES.pack_into(head, ATTRIBUTES_AT, self.attributes & ~CODEC_BITS)
        struct.pack_into(">i", head, HEAD.size - 4, records)
        return bytes(head)


def framed(fetched: memoryview) -> Iterator[tuple[memoryview, int | None]]:
    """The batches in what was fetched, each with the offset at which the next one begins; None: that is not seen.

    The last one is left out when it was not fetched to its end.

    Raises:
        BatchBoundsLost: a batch says of itself that it is shorter than any.
    """
    at, before = 0, None
    while len(fetched) - at >= OFFSET_AND_LENGTH.size:
        offset, length = OFFSET_AND_LENGTH.unpack_from(fetched, at)
        if before is not None:
            yield before, offset
            before = None
        if length <= MAGIC_AT - OFFSET_AND_LENGTH.size:
            raise BatchBoundsLost(offset)
        end = at + OFFSET_AND_LENGTH.size + length
        if end > len(fetched):
            return
        before, at = fetched[at:end], end
    if before is not None:
        yield before, None


def rule_broken_by(written: memoryview) -> str | None:
    """The rule that makes all of a batch unreadable: its format, its checksum; None when it is whole."""
    if (magic := written[MAGIC_AT]) != MESSAGE_FORMAT:
        age = "older than Kafka 0.11" if magic < MESSAGE_FORMAT else "newer than this code"
        return f"a batch has format {MESSAGE_FORMAT}; this one has format {magic}, {age}"
    if len(written) >= HEAD.size and DefaultRecordBatch(written).validate_crc():
        return None
    return "a batch has the checksum that it says; this one is damaged"


def last_offset_of_damaged(written: memoryview, behind: int | None) -> int:
    """The last offset of a batch that is damaged, or of another format.

    Args:
        written: the batch.
        behind: the offset at which the next one begins, when that is known.

    Raises:
        BatchBoundsLost: nothing says so that can be believed.
    """
    (offset, _) = OFFSET_AND_LENGTH.unpack_from(written)
    if written[MAGIC_AT] < MESSAGE_FORMAT:
        return int(offset)  # of a compressed set of messages that of the last one
    if len(written) >= HEAD.size:
        head = BatchHead.of(written)
        is_whole = head.records == head.last_offset - offset + 1 > 0
        if is_whole and (behind is None or head.last_offset < behind):
            return head.last_offset
    if behind is not None and behind > offset:
        return behind - 1
    raise BatchBoundsLost(offset)
