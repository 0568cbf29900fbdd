"""Person tokens: HMAC-SHA-256 of a person's number under the chain key, the same on both sides of the chain.

Equal numbers give equal tokens, so records can be linked and nobody is shown. The key itself leaves this module only
as a check: 16 hex that are equal when two extracts were made with the same key.
"""

import hmac
from dataclasses import dataclass, field
from typing import Self

import polars as pl

from producers.errors import ChainKeyMissing, ChainKeyWeak

CHECKED_TEXT = b"ketenbalans chain key check"
"""What the chain key check is an HMAC of. It may never change: two extracts with one key would seem to differ."""


SHORTEST_KEY = 32
"""Characters. The check of a key travels with every extract, and person numbers are few: whoever has the check can try
keys, and then numbers, at leisure. 32 characters of hexadecimal are 128 bits, which nobody tries."""

SHORTEST_REPEATED_PART = 16
FEWEST_DIFFERENT_CHARACTERS = 8
"""One key of 32 random hexadecimal digits in some thirty million has fewer."""


@dataclass(frozen=True)
class ChainKey:
    """The chain key. Its representation does not show it."""

    secret: bytes = field(repr=False)

    @classmethod
    def of(cls, text: str) -> Self:
        """Take the key from the environment's text.

        Raises:
            ChainKeyMissing: it is empty, or nothing but white space.
            ChainKeyWeak: it is so short, or so regular, that it could be found by trying.
        """
        if not text.strip():
            raise ChainKeyMissing
        if weakness := weakness_of(text.strip()):
            raise ChainKeyWeak(weakness)
        return cls(text.encode())

    @property
    def check(self) -> str:
        """16 hex that distinguish one key from another and give neither away."""
        return hmac.digest(self.secret, CHECKED_TEXT, "sha256").hex()[:16]

    def tokens(self, numbers: pl.Series) -> pl.Series:
        """The token of every person number, 64 hex; null stays null."""
        known = numbers.drop_nulls().unique()
        tokens = [hmac.digest(self.secret, number.encode(), "sha256").hex() for number in known]
        return numbers.replace_strict(known, pl.Series(tokens, dtype=pl.String), default=None, return_dtype=pl.String)


def weakness_of(key: str) -> str | None:
    """Say why a key could be found by trying; None when it is long enough and does not repeat itself."""
    if len(key) < SHORTEST_KEY:
        return f"has {len(key)} characters and needs at least {SHORTEST_KEY}"
    if any(key[part:] == key[:-part] for part in range(1, SHORTEST_REPEATED_PART)):
        return "is a short part, repeated"
    if len(set(key)) < FEWEST_DIFFERENT_CHARACTERS:
        return f"is made of fewer than {FEWEST_DIFFERENT_CHARACTERS} different characters"
    return None
