"""Offsets under the release key: by how much a count is lifted before it is rounded down."""

import hmac
from dataclasses import dataclass, field

import orjson

from schemas.period import Period

CHECKED_TEXT = b"ketenbalans release key check"
"""What the check of a key is an HMAC of. It may never change: releases under one key would seem to differ."""

SHORTEST_KEY = 32
"""Bytes: as many as SHA-256 gives."""


class ReleaseKeyWeak(ValueError):
    """A release key is so short that it could be found by trying."""


@dataclass(frozen=True)
class ReleaseKey:
    """The release key. Its representation does not show it.

    Raises:
        ReleaseKeyWeak: it is shorter than ``SHORTEST_KEY``.
    """

    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse a key that could be found by trying: who has it has every exact count that it hides."""
        if len(self.secret) < SHORTEST_KEY:
            message = f"a release key has at least {SHORTEST_KEY} bytes; this one has {len(self.secret)}"
            raise ReleaseKeyWeak(message)

    @property
    def check(self) -> str:
        """16 hex that distinguish one key from another and give neither away."""
        return hmac.digest(self.secret, CHECKED_TEXT, "sha256").hex()[:16]


@dataclass(frozen=True, kw_only=True)
class Offsets:
    """The offsets of one group of tables in one draw: the same for the same cell in every release of a period.

    Attributes:
        key: the release key.
        period: of the releases.
        table: the group.
        draw: which draw.
        threshold: an offset is a whole number from 0 up to one less than this.
    """

    key: ReleaseKey
    period: Period
    table: str
    draw: int
    threshold: int

    def of(self, row: str, line: str) -> int:
        """The offset of a cell: HMAC-SHA-256 of its name, modulo the threshold."""
        name = [self.period.start.isoformat(), self.period.end.isoformat(), self.table, row, line, self.draw]
        digest = hmac.digest(self.key.secret, orjson.dumps(name), "sha256")
        return int.from_bytes(digest, "big") % self.threshold

    def rounded(self, row: str, line: str, suspects: int) -> int:
        """A count as a multiple of the threshold, at most one threshold away; 0 stays 0."""
        return (suspects + self.of(row, line)) // self.threshold * self.threshold
