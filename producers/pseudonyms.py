"""Person tokens: HMAC-SHA-256 of a person's number under the chain key, the same on both sides of the chain.

Equal numbers give equal tokens, so records can be linked and nobody is shown. The key itself leaves this module only
as a check: 16 hex that are equal when two extracts were made with the same key.
"""

import hmac
from dataclasses import dataclass, field
from typing import Self

import polars as pl

from producers.errors import ChainKeyMissing

CHECKED_TEXT = b"ketenbalans chain key check"
"""What the chain key check is an HMAC of. It may never change: two extracts with one key would seem to differ."""


@dataclass(frozen=True)
class ChainKey:
    """The chain key. Its representation does not show it."""

    secret: bytes = field(repr=False)

    @classmethod
    def of(cls, text: str) -> Self:
        """Take the key from the environment's text.

        Raises:
            ChainKeyMissing: it is empty, or nothing but white space.
        """
        if not text.strip():
            raise ChainKeyMissing
        return cls(text.encode())

    @property
    def check(self) -> str:
        """16 hex that tell one key from another and give neither away."""
        return hmac.digest(self.secret, CHECKED_TEXT, "sha256").hex()[:16]

    def tokens(self, numbers: pl.Series) -> pl.Series:
        """The token of every person number, 64 hex; null stays null."""
        known = numbers.drop_nulls().unique()
        tokens = [hmac.digest(self.secret, number.encode(), "sha256").hex() for number in known]
        return numbers.replace_strict(known, pl.Series(tokens, dtype=pl.String), default=None, return_dtype=pl.String)
