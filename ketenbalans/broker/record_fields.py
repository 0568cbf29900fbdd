"""Reading records of format 2 field by field, and where each begins, when the compiled reader can't read them all.

This is what the format says: a record's length comes before it, so that one whose fields are wrong costs itself alone.
Names of headers are bytes in Kafka and text here: a byte that is no UTF-8 stands in them as a lone surrogate (PEP 383),
so that ``header_name_bytes`` gives back what was sent.
"""

from dataclasses import dataclass
from typing import NamedTuple

MOST_HEADERS = 10_000
"""Of one record. A header of two bytes costs thirty times as much once it is read, so their number is bounded too."""

LONGEST_VARINT = 10
MORE = 0x80
"""The bit of a byte that says that the number goes on."""


class Unreadable(ValueError):
    """Bytes are no record, or no records, of format 2; the message is the rule that they break, never a value."""


class Bounds(NamedTuple):
    """Where one record lies in the records of its batch, its length included, and which offset it has."""

    start: int
    end: int
    offset: int


@dataclass(frozen=True, slots=True)
class Fields:
    """What one record says: times and offsets are those that its batch adds its own to."""

    timestamp_delta: int
    offset_delta: int
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes | None]]


def bounds_of(records: bytes | memoryview, how_many: int, *, first_offset: int, last_offset: int) -> list[Bounds]:
    """Where each record of a batch begins and ends. Their fields are not looked at, apart from their offsets.

    Args:
        records: the records of one batch, decompressed.
        how_many: what the batch says that there are.
        first_offset: the first offset of the batch.
        last_offset: its last one.

    Raises:
        Unreadable: it is not known of them all.
    """
    found: list[Bounds] = []
    at, before = 0, first_offset - 1
    for _ in range(how_many):
        length, begin = _varint(records, at)
        if length <= 0 or begin + length > len(records):
            message = "a record ends within its batch"
            raise Unreadable(message)
        _, after_timestamp = _varint(records, begin + 1)
        delta, after_offset = _varint(records, after_timestamp)
        end, offset = begin + length, first_offset + delta
        if after_offset > end or not before < offset <= last_offset:
            message = "each record of a batch has an offset of its own, in order"
            raise Unreadable(message)
        found.append(Bounds(at, end, offset))
        at, before = end, offset
    if at != len(records):
        message = "a batch holds as many records as it says, and nothing else"
        raise Unreadable(message)
    return found


def fields_of(record: bytes | memoryview) -> Fields:
    """Read one record, from the length that it begins with to its end.

    Raises:
        Unreadable: its fields are not those of a record.
    """
    length, at = _varint(record, 0)
    if at + length != len(record) or length <= 0:
        message = "a record is as long as it says"
        raise Unreadable(message)
    if record[at] >= MORE:  # the others are reserved as well, and no reader of the format minds
        message = "the attributes of a record are 0: the format has no others yet"
        raise Unreadable(message)
    timestamp_delta, at = _varint(record, at + 1)
    offset_delta, at = _varint(record, at)
    key, at = _bytes(record, at)
    value, at = _bytes(record, at)
    how_many, at = _varint(record, at)
    if not 0 <= how_many <= MOST_HEADERS:
        message = f"a record has 0 to {MOST_HEADERS} headers"
        raise Unreadable(message)
    headers: list[tuple[str, bytes | None]] = []
    for _ in range(how_many):
        name, at = _bytes(record, at)
        content, at = _bytes(record, at)
        if name is None:
            message = "a header has a name"
            raise Unreadable(message)
        headers.append((name.decode(errors="surrogateescape"), content))
    if at != len(record):
        message = "a record holds its fields and nothing else"
        raise Unreadable(message)
    return Fields(timestamp_delta, offset_delta, key, value, headers)


def _bytes(data: bytes | memoryview, at: int) -> tuple[bytes | None, int]:
    size, at = _varint(data, at)
    if size < 0:
        return None, at
    if at + size > len(data):
        message = "a field ends within its record"
        raise Unreadable(message)
    return bytes(data[at : at + size]), at + size


def _varint(data: bytes | memoryview, at: int) -> tuple[int, int]:
    """A number in the format's zigzag form, and where it ends."""
    raw = shift = 0
    for place in range(at, min(at + LONGEST_VARINT, len(data))):
        byte = data[place]
        raw |= (byte & ~MORE) << shift
        if byte < MORE:
            return (raw >> 1) ^ -(raw & 1), place + 1
        shift += 7
    message = "a number ends within its record"
    raise Unreadable(message)
