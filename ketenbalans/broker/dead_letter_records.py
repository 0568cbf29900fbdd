"""A dead letter as a record of ``<topic>.dlq``: the message as it came, and Kafka Connect's headers that say why.

Key, value and the message's own headers are the bytes that came, but for names that are no UTF-8: most clients can't
read a record with such a one, so they are spelled and their bytes stand in a header of ours. The reason names a column
and a rule, never a value.
"""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass

from schemas.dead_letters import LetterForm
from schemas.declaration import Source
from schemas.wire.connect_headers import FORM, HEADER_NAMES, LAST_OFFSET, NULL_HEADERS, PREFIX, TOPIC_ID, VALUE_BYTES
from schemas.wire.messages import are_utf8, header_name_bytes, header_name_shown
from schemas.wire.refusals import Reason
from warehouse.dead_letters import Place, StoredLetter

PLACE = (TOPIC_ID, f"{PREFIX}partition", f"{PREFIX}offset")

STAGE = {Reason.KEY: "KEY_CONVERTER"} | dict.fromkeys(
    (Reason.HEADER, Reason.UNKNOWN_TYPE, Reason.UNKNOWN_VERSION), "HEADER_CONVERTER"
)
"""Connect's word for where it went wrong; everything else is about the value."""

Header = tuple[str, bytes]


@dataclass(frozen=True, slots=True)
class DeadLetterRecord:
    """What is sent of one letter."""

    key: bytes | None
    value: bytes | None
    headers: list[Header]

    @property
    def size_bytes(self) -> int:
        """Its bytes, without what Kafka adds."""
        described = sum(len(name.encode()) + len(value) for name, value in self.headers)
        return described + len(self.key or b"") + len(self.value or b"")


ROOM_BYTES = 1_024
"""Kept free for what Kafka adds to a record: lengths of its parts, and the head of its batch."""


def record_of(source: Source, letter: StoredLetter, *, largest_bytes: int) -> DeadLetterRecord:
    """Write a letter as a record. A value with which it would be larger than the topic takes is left out, and said so.

    Args:
        source: whose letter.
        letter: as it is kept.
        largest_bytes: what the topic takes (``max.message.bytes``).
    """
    own = [(header_name_shown(name), value or b"") for name, value in letter.message.headers]
    headers = [*own, *_why(source, letter), *_what(letter)]
    record = DeadLetterRecord(letter.message.key, letter.message.value, headers)
    if record.value is None or record.size_bytes + ROOM_BYTES + 10 * len(headers) <= largest_bytes:
        return record
    return DeadLetterRecord(record.key, None, [*headers, (VALUE_BYTES, str(len(record.value)).encode())])


def place_in(headers: Sequence[tuple[str, bytes | None]]) -> Place | None:
    """Where the message of a record came from; None for a record that somebody else put there.

    Our headers are the last of their name: the message may have brought such headers of its own.
    """
    last = {name: value for name, value in headers if name in PLACE}
    topic_id, partition, offset = (last.get(name) for name in PLACE)
    if topic_id is None or partition is None or offset is None or not (partition.isdigit() and offset.isdigit()):
        return None
    return Place(topic_id.decode(errors="replace"), int(partition), int(offset))


def _what(letter: StoredLetter) -> list[Header]:
    """What the record does not say by itself: which headers had no value, which names are bytes, what the value is."""
    headers = list(enumerate(letter.message.headers))
    empty = [str(number) for number, (_, value) in headers if value is None]
    names = [
        f"{number}={b64encode(header_name_bytes(name)).decode()}"
        for number, (name, _) in headers
        if not are_utf8([name])
    ]
    described = {NULL_HEADERS: ",".join(empty), HEADER_NAMES: ",".join(names)}
    if letter.form is not LetterForm.MESSAGE:
        described[FORM] = letter.form.value
    if letter.last_offset is not None:
        described[LAST_OFFSET] = str(letter.last_offset)
    return [(name, text.encode()) for name, text in described.items() if text]


def _why(source: Source, letter: StoredLetter) -> list[Header]:
    """Connect's headers, in Connect's order, and where exactly it came from."""
    reason = Reason.of(letter.reason)
    about = f"{letter.column} {letter.rule}" if letter.column else letter.rule
    described = {
        "topic": letter.topic,
        "partition": str(letter.place.partition),
        "offset": str(letter.place.offset),
        "connector.name": f"ingest_{source.name}",
        "task.id": "0",
        "stage": STAGE.get(reason, "VALUE_CONVERTER"),
        "class.name": "schemas.wire.events.decode"
        if letter.form is LetterForm.MESSAGE
        else "ketenbalans.broker.batch_reading",
        "exception.class.name": f"schemas.wire.refusals.Reason.{reason.name}",
        "exception.message": f"{reason.value}: {about}",
    }
    named = [(f"{PREFIX}{name}", text.encode()) for name, text in described.items()]
    return [*named, (TOPIC_ID, letter.place.topic_id.encode())]
