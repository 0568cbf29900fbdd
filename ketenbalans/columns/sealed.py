"""JSON with a digest of itself: what was altered by a byte is nothing, instead of something else."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

SEAL = "sha256"


def sealed(body: Mapping[str, Any]) -> bytes:
    """The JSON of a document, with the SHA-256 of it inside."""
    return json.dumps({SEAL: _digest_of(body), **body}, indent=1).encode()


def unsealed(content: bytes) -> dict[str, Any] | None:
    """The document of ``sealed``; None when these are not the bytes that were written."""
    try:
        body = json.loads(content)
        return body if isinstance(body, dict) and body.pop(SEAL, None) == _digest_of(body) else None
    except ValueError:
        return None


def _digest_of(body: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
