"""Checkpoints of the audit chain: how long it is and what it ends with, signed by Ed25519 over canonical JSON."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ketenbalans.audit.content import canonical

KEY_ID_DIGITS = 16


class InvalidCheckpoint(ValueError):
    """A checkpoint is none, or is not signed by a key that we know; the message says where and why."""


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """What the chain was at a moment.

    Attributes:
        size: how many entries it had.
        root: the hash of the last of them.
        at: when, in UTC (ISO 8601).
        key_id: of the key that signed.
        signature: in hex, over the other four as canonical JSON.
    """

    size: int
    root: str
    at: str
    key_id: str
    signature: str

    @classmethod
    def signed(cls, *, size: int, root: str, at: str, key: Ed25519PrivateKey) -> Self:
        """Sign a checkpoint."""
        key_id = key_id_of(key.public_key())
        signed_over = {"size": size, "root": root, "at": at, "key_id": key_id}
        return cls(size=size, root=root, at=at, key_id=key_id, signature=key.sign(canonical(signed_over)).hex())

    @classmethod
    def parse(cls, document: Mapping[str, Any]) -> Self:
        """Read a checkpoint from JSON; its signature is not looked at.

        Raises:
            InvalidCheckpoint: it lacks something, or something in it is no such thing.
        """
        texts = {name: document.get(name) for name in ("root", "at", "key_id", "signature")}
        size = document.get("size")
        if not isinstance(size, int) or isinstance(size, bool) or size < 0:
            message = "size is no number of entries"
            raise InvalidCheckpoint(message)
        for name, value in texts.items():
            if not isinstance(value, str):
                message = f"{name} is no text"
                raise InvalidCheckpoint(message)
        return cls(size=size, **texts)  # type: ignore[arg-type]  # they are texts

    def check(self, public: Mapping[str, Ed25519PublicKey]) -> None:
        """Return when it is signed by one of these keys, by id.

        Raises:
            InvalidCheckpoint: it is not.
        """
        key = public.get(self.key_id)
        if key is None:
            message = f"it is signed by the key {self.key_id[:KEY_ID_DIGITS]!a}, which is not known here"
            raise InvalidCheckpoint(message)
        signed_over = {"size": self.size, "root": self.root, "at": self.at, "key_id": self.key_id}
        try:
            key.verify(bytes.fromhex(self.signature), canonical(signed_over))
        except (InvalidSignature, ValueError):
            message = "its signature is not of what it says"
            raise InvalidCheckpoint(message) from None

    def to_line(self) -> bytes:
        """The checkpoint as canonical JSON: a line of the file, and the value of the message."""
        return canonical(asdict(self))


def key_id_of(public: Ed25519PublicKey) -> str:
    """The id of a key: the first 16 digits of SHA-256 of its public half."""
    return hashlib.sha256(public.public_bytes_raw()).hexdigest()[:KEY_ID_DIGITS]
