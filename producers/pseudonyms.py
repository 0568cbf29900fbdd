"""Person tokens: HMAC-SHA-256 of a person's number under the chain key, the same on both sides of the chain.

Equal numbers give equal tokens, so records can be linked and nobody is shown. The key itself leaves this module only
as a check: 16 hex that are equal when two extracts were made with the same key.
"""

import hashlib
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

ANY_TOKEN = "0" * 64
"""Has the form of a token and is that of nobody."""

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
        inner, outer = self._keyed(0x36), self._keyed(0x5C)
        tokens: list[str | None] = []
        for number in numbers.cast(pl.Binary).to_list():
            if number is None:
                tokens.append(None)
                continue
            inside, outside = inner.copy(), outer.copy()  # hmac.digest() begins with the key for each number
            inside.update(number)
            outside.update(inside.digest())
            tokens.append(outside.hexdigest())
        return pl.Series(numbers.name, tokens, dtype=pl.String)

    def _keyed(self, pad: int) -> "hashlib._Hash":
        """SHA-256 that has taken in the key, padded: how both halves of an HMAC begin (RFC 2104)."""
        block = hashlib.sha256().block_size
        key = self.secret if len(self.secret) <= block else hashlib.sha256(self.secret).digest()
        return hashlib.sha256(bytes(byte ^ pad for byte in key.ljust(block, b"\x00")))


def weakness_of(key: str) -> str | None:
    """Say why a key could be found by trying; None when it is long enough and does not repeat itself."""
    if len(key) < SHORTEST_KEY:
        return f"has {len(key)} characters and needs at least {SHORTEST_KEY}"
    if any(key[part:] == key[:-part] for part in range(1, SHORTEST_REPEATED_PART)):
        return "is a short part, repeated"
    if len(set(key)) < FEWEST_DIFFERENT_CHARACTERS:
        return f"is made of fewer than {FEWEST_DIFFERENT_CHARACTERS} different characters"
    return None
