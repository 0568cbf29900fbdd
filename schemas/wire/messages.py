"""What travels and what becomes of it: a message of the topic, and a batch of them, read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import polars as pl

from schemas.wire.refusals import Reason

Headers = Sequence[tuple[str, bytes | None]]
"""Names and values. A name is bytes in Kafka: one that is no UTF-8 has a lone surrogate here for each byte that is none
(PEP 383), so that ``header_name_bytes`` gives back what was sent."""


def header_name_bytes(name: str) -> bytes:
    """The bytes of a header's name, as they came."""
    return name.encode(errors="surrogateescape")


def header_name_shown(name: str) -> str:
    r"""A header's name as text that can be printed and sent: a byte that is no UTF-8 as ``\xff``."""
    return header_name_bytes(name).decode(errors="backslashreplace")


def are_utf8(names: Iterable[str]) -> bool:
    """Whether the names of headers are what they have to be."""
    try:
        "".join(names).encode()
    except UnicodeEncodeError:
        return False
    return True


class Envelope(Protocol):
    """One Kafka record as any client gives it: its key, its value, its headers in order."""

    @property
    def key(self) -> bytes | None:
        """The message key."""

    @property
    def value(self) -> bytes | None:
        """The value; None is a tombstone."""

    @property
    def headers(self) -> Headers:
        """Names and values, in the order in which they were written."""


@dataclass(frozen=True, slots=True)
class Message:
    """One Kafka record: what a producer sends and a consumer receives, without its place."""

    key: bytes | None
    value: bytes | None
    headers: Headers


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why one message of a batch is no event of its source.

    Attributes:
        position: its place in the batch.
        reason: the first that holds.
        column: the field that broke a rule; None when it is not about a field.
        rule: the rule in words. Never a value.
    """

    position: int
    reason: Reason
    column: str | None
    rule: str


@dataclass(frozen=True)
class Decoded:
    """A batch, read: ``events`` has ``event_source``, ``event_id`` and the source's own columns."""

    events: pl.DataFrame
    refusals: list[Refusal]
