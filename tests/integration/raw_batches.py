"""Record batches made byte by byte, and sent as they are: what no client would write, and a broker takes."""

import gzip
import socket
import struct
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import cramjam
from kafka.record.util import calc_crc32c

from ketenbalans.broker.batch_opening import GZIP, LZ4, NO_CODEC, SNAPPY, ZSTD
from schemas.wire.events import Message
from schemas.wire.messages import header_name_bytes

NOW_MS = 1_700_000_000_000

Compress = Callable[[bytes], Any]


def lz4(data: bytes) -> bytes:
    """In blocks that stand by themselves, which is all that Kafka takes."""
    compressor = cramjam.lz4.Compressor(content_checksum=False, block_linked=False)
    compressor.compress(data)
    return bytes(compressor.finish())


COMPRESS: dict[int, Compress] = {
    NO_CODEC: bytes,
    GZIP: gzip.compress,
    SNAPPY: cramjam.snappy.compress_raw,
    LZ4: lz4,
    ZSTD: cramjam.zstd.compress,
}


def varint(number: int) -> bytes:
    """A number as the format writes it."""
    number = ((number << 1) ^ (number >> 63)) & (2**64 - 1)
    written = bytearray()
    while number > 0x7F:
        written.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*written, number])


def field(value: bytes | None) -> bytes:
    """Bytes with their length before them; that of none is -1."""
    return varint(-1) if value is None else varint(len(value)) + value


def record(delta: int, message: Message, *, attributes: int = 0, timestamp_delta: int = 0) -> bytes:
    """One record, its length before it."""
    headers = [field(header_name_bytes(name)) + field(value) for name, value in message.headers]
    parts = [field(message.key), field(message.value), varint(len(headers)), *headers]
    body = bytes([attributes]) + varint(timestamp_delta) + varint(delta) + b"".join(parts)
    return varint(len(body)) + body


def records(messages: Iterable[Message]) -> list[bytes]:
    """Messages as the records of one batch."""
    return [record(delta, message) for delta, message in enumerate(messages)]


def raw_batch(
    written: Sequence[bytes],
    *,
    first: int = 0,
    codec: int = NO_CODEC,
    attributes: int = 0,
    compressed: bytes | None = None,
    timestamp: int = NOW_MS,
    count: int | None = None,
) -> bytes:
    """A batch of these records, with the checksum that it should have.

    Args:
        written: the records.
        first: its first offset; a broker writes its own.
        codec: how it is compressed.
        attributes: other bits of its attributes.
        compressed: what stands in place of the records.
        timestamp: its first and newest moment.
        count: how many records it says there are.
    """
    how_many = len(written) if count is None else count
    payload = bytes(COMPRESS[codec](b"".join(written))) if compressed is None else compressed
    rest = struct.pack(
        ">hiqqqhii", codec | attributes, how_many - 1, timestamp, timestamp, -1, -1, -1, how_many
    ) + payload  # fmt: skip
    checked = struct.pack(">ibI", -1, 2, calc_crc32c(rest)) + rest
    return struct.pack(">qi", first, len(checked)) + checked


def bomb(message: Message, opens_to: int, *, codec: int = ZSTD) -> bytes:
    """A batch of one message with a value of so many zeros: some kilobytes."""
    return raw_batch([record(0, Message(message.key, b"0" * opens_to, message.headers))], codec=codec)


LEADS_NOTHING_YET = (3, 5, 6)
"""What a broker answers for a moment about a topic that was just made."""


def send_raw(bootstrap: str, topic: str, partition: int, written: bytes) -> int:
    """Let a broker append a batch as it is; gives its offset there."""
    deadline = time.monotonic() + 60
    while (answer := _sent(bootstrap, topic, partition, written))[0] in LEADS_NOTHING_YET:
        assert time.monotonic() < deadline, f"the broker leads nothing: {answer}"
        time.sleep(0.1)
    error, offset = answer
    assert error == 0, f"the broker refuses it: {error}"
    return offset


def _sent(bootstrap: str, topic: str, partition: int, written: bytes) -> tuple[int, int]:
    """What a broker answers: an error and an offset."""
    host, _, port = bootstrap.rpartition(":")
    name = topic.encode()
    asked = b"".join([
        struct.pack(">hhih", 0, 7, 1, 3), b"raw", struct.pack(">hhi", -1, -1, 10_000),
        struct.pack(">ih", 1, len(name)), name, struct.pack(">iii", 1, partition, len(written)), written,
    ])  # fmt: skip
    with socket.create_connection((host, int(port)), timeout=15) as broker:
        broker.sendall(struct.pack(">i", len(asked)) + asked)
        answer = broker.makefile("rb")
        (size,) = struct.unpack(">i", answer.read(4))
        received = answer.read(size)
    error, offset = struct.unpack_from(">hq", received, 4 + 4 + 2 + len(name) + 4 + 4)
    return int(error), int(offset)
