"""Decompressing record batches within a bound: what a batch opens to is never held beyond it, whatever it announces.

Each codec writes into one buffer of a fixed size and fails when that is full. The buffer is made once and used for
every batch; of its pages only those that were ever written to cost memory.
"""

import struct
from typing import Any

import cramjam

from ketenbalans.broker.record_fields import Unreadable

HEAD = struct.Struct(">qiibIhiqqqhii")
"""What every batch of format 2 begins with, uncompressed: 61 bytes, the number of its records at the end."""

ATTRIBUTES = struct.Struct(">h")
ATTRIBUTES_AT = 21
CODEC_BITS = 0x07
NO_CODEC, GZIP, SNAPPY, LZ4, ZSTD = range(5)

XERIAL = b"\x82SNAPPY\x00"
"""What Java's snappy begins with: blocks follow, each with its length before it, after two numbers of versions."""
XERIAL_HEAD_BYTES = 16
BLOCK_LENGTH = struct.Struct(">i")

FULL = ("failed to write whole buffer", "is smaller than required")
"""What cramjam's errors say when the buffer is too small; there is no class of its own for it."""


class TooLarge(Exception):
    """What a batch opens to is larger than it may be."""


class BatchOpener:
    """Opens batches, one after the other: what it gives is good until it is asked for the next."""

    def __init__(self, largest_bytes: int) -> None:
        """Open to ``largest_bytes`` of records at most."""
        self.largest_bytes = largest_bytes
        self._buffer = memoryview(bytearray())

    def open(self, batch: bytes | bytearray | memoryview) -> memoryview:
        """A batch of format 2 as one that is not compressed: its head, and its records.

        Raises:
            TooLarge: there is more than may be opened.
            Unreadable: it is not compressed in the way that it says.
        """
        (attributes,) = ATTRIBUTES.unpack_from(batch, ATTRIBUTES_AT)
        codec = attributes & CODEC_BITS
        if codec == NO_CODEC:
            if len(batch) - HEAD.size > self.largest_bytes:
                raise TooLarge
            return memoryview(batch)
        if codec not in DECOMPRESS:
            message = "a batch is compressed with gzip, snappy, lz4, zstd or not at all"
            raise Unreadable(message)
        if not self._buffer:
            self._buffer = memoryview(bytearray(HEAD.size + self.largest_bytes))
        self._buffer[: HEAD.size] = batch[: HEAD.size]
        ATTRIBUTES.pack_into(self._buffer, ATTRIBUTES_AT, attributes & ~CODEC_BITS)
        size = self._decompressed(codec, memoryview(batch)[HEAD.size :])
        return self._buffer[: HEAD.size + size]

    def _decompressed(self, codec: int, compressed: memoryview) -> int:
        is_full = False
        try:
            return int(DECOMPRESS[codec](compressed, self._buffer[HEAD.size :]))
        except cramjam.DecompressionError as error:
            is_full = any(words in str(error) for words in FULL)
        if is_full:  # raised out here: the error of the codec may quote what it read
            raise TooLarge
        message = "the records of a batch are compressed in the way that it says, to their end"
        raise Unreadable(message)


def _snappy(compressed: memoryview, room: memoryview) -> int:
    """Snappy as Java writes it, in blocks, or as one block."""
    if bytes(compressed[: len(XERIAL)]) != XERIAL or len(compressed) < XERIAL_HEAD_BYTES:
        return int(cramjam.snappy.decompress_raw_into(compressed, room))
    at, written = XERIAL_HEAD_BYTES, 0
    while at < len(compressed):
        begin = at + BLOCK_LENGTH.size
        if begin > len(compressed):
            message = "a block of snappy has its length before it"
            raise Unreadable(message)
        (length,) = BLOCK_LENGTH.unpack_from(compressed, at)
        if not 0 < length <= len(compressed) - begin:
            message = "a block of snappy ends within its batch"
            raise Unreadable(message)
        written += cramjam.snappy.decompress_raw_into(compressed[begin : begin + length], room[written:])
        at = begin + length
    return written


DECOMPRESS: dict[int, Any] = {
    GZIP: cramjam.gzip.decompress_into,
    SNAPPY: _snappy,
    LZ4: cramjam.lz4.decompress_into,
    ZSTD: cramjam.zstd.decompress_into,
}
