"""A dead letter as a record of ``<topic>.dlq``: the message as it came, and Kafka Connect's headers that say why.

Key, value and the message's own headers are the bytes that came. The reason names a column and a rule, never a value.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from schemas.declaration import Source
from schemas.refusals import Reason
from warehouse.dead_letters import Place, StoredLetter

CONNECT = "__connect.errors."
"""What the names of Kafka Connect's headers of a dead letter begin with."""

TOPIC_ID = "ketenbalans.topic.id"
"""The id of the topic it came from: Connect names the topic only, and one that is made anew has the same name."""

NULL_HEADERS = "ketenbalans.null.headers"
"""Which of the message's own headers, counted from 0, had no value: our client can send an empty one only."""

VALUE_BYTES = "ketenbalans.value.bytes"
"""How large the value was, when it was left out because the topic does not take it; the warehouse keeps it."""

PLACE = (TOPIC_ID, f"{CONNECT}partition", f"{CONNECT}offset")

STAGE = {Reason.KEY: "KEY_CONVERTER"} | dict.fromkeys(
    (Reason.HEADER, Reason.UNKNOWN_TYPE, Reason.UNKNOWN_VERSION), "HEADER_CONVERTER"
)
"""Connect's word for where it went wrong; everything else is about the value."""

Header = tuple[str, bytes]


@dataclass(frozen=True, slots=True)
class Record:
    """What is sent of one letter."""

    key: bytes | None
    value: bytes | None
    headers: list[Header]

    @property
    def size_bytes(self) -> int:
        """Its bytes, without what Kafka adds."""
        told = sum(len(name.encode()) + len(value) for name, value in self.headers)
        return told + len(self.key or b"") + len(self.value or b"")


ROOM_BYTES = 1_024
"""Kept free for what Kafka adds to a record: lengths of its parts, and the head of its batch."""


def record_of(source: Source, letter: StoredLetter, *, largest_bytes: int) -> Record:
    """Write a letter as a record. A value with which it would be larger than the topic takes is left out, and said so.

    Args:
        source: whose letter.
        letter: as it is kept.
        largest_bytes: what the topic takes (``max.message.bytes``).
    """
    own = [(name, value or b"") for name, value in letter.message.headers]
    empty = [str(number) for number, (_, value) in enumerate(letter.message.headers) if value is None]
    headers = [*own, *_why(source, letter)]
    if empty:
        headers.append((NULL_HEADERS, ",".join(empty).encode()))
    record = Record(letter.message.key, letter.message.value, headers)
    if record.value is None or record.size_bytes + ROOM_BYTES + 10 * len(headers) <= largest_bytes:
        return record
    return Record(record.key, None, [*headers, (VALUE_BYTES, str(len(record.value)).encode())])


def place_in(headers: Sequence[tuple[str, bytes | None]]) -> Place | None:
    """Where the message of a record came from; None for a record that somebody else put there.

    Our headers are the last of their name: the message may have brought such headers of its own.
    """
    last = {name: value for name, value in headers if name in PLACE}
    topic_id, partition, offset = (last.get(name) for name in PLACE)
    if topic_id is None or partition is None or offset is None or not (partition.isdigit() and offset.isdigit()):
        return None
    return Place(topic_id.decode(errors="replace"), int(partition), int(offset))


def _why(source: Source, letter: StoredLetter) -> list[Header]:
    """Connect's headers, in Connect's order, and where exactly it came from."""
    reason = Reason.of(letter.reason)
    about = f"{letter.column} {letter.rule}" if letter.column else letter.rule
    told = {
        "topic": letter.topic,
        "partition": str(letter.place.partition),
        "offset": str(letter.place.offset),
        "connector.name": f"ingest_{source.name}",
        "task.id": "0",
        "stage": STAGE.get(reason, "VALUE_CONVERTER"),
        "class.name": "schemas.events.decode",
        "exception.class.name": f"schemas.refusals.Reason.{reason.name}",
        "exception.message": f"{reason.value}: {about}",
    }
    named = [(f"{CONNECT}{name}", text.encode()) for name, text in told.items()]
    return [*named, (TOPIC_ID, letter.place.topic_id.encode())]
