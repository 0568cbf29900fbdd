"""What travels and what becomes of it: a message of the topic, and a batch of them, read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import polars as pl

from schemas.refusals import Reason

Headers = Sequence[tuple[str, bytes | None]]


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
