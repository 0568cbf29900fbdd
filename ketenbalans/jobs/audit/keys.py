"""The keys that sign checkpoints, in the home: the private half with mode 0600, and every public half."""

import base64
import binascii
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ketenbalans.audit.checkpoint import key_id_of
from ketenbalans.jobs.audit.lines import add_line, lines_of
from ketenbalans.stack.errors import SecretUnusable
from ketenbalans.stack.home import Home

PRIVATE, PUBLIC = "audit-key", "audit-public-keys.jsonl"
SEED_BYTES = 32


def signing_key(home: Path) -> Ed25519PrivateKey:
    """The key that signs now; made on the first call, and its public half kept beside the earlier ones.

    Raises:
        SecretUnusable: its file holds no key.
        NotWritten: the home cannot be written.
    """
    place = Home.at(home)
    written = place.secret(PRIVATE, random_bytes=SEED_BYTES)
    try:
        key = Ed25519PrivateKey.from_private_bytes(base64.urlsafe_b64decode(written))
    except (ValueError, binascii.Error):
        raise SecretUnusable(place.path / PRIVATE, what_is_wrong="holds no key") from None
    public = key.public_key()
    if key_id_of(public) not in public_keys(home):
        named = {"key_id": key_id_of(public), "public": public.public_bytes_raw().hex()}
        line = {**named, "from": datetime.now(UTC).isoformat(timespec="seconds")}
        add_line(place.path / PUBLIC, json.dumps(line).encode())
    return key


def public_keys(home: Path) -> Mapping[str, Ed25519PublicKey]:
    """Every key that ever signed here, by its id; none when there was none."""
    found = {}
    for _, document in lines_of(Home.at(home).path / PUBLIC):
        try:
            key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(str(document.get("public"))))
        except ValueError:
            continue
        found[key_id_of(key)] = key  # the id is the key's own, whatever the line says
    return found


def replace_key(home: Path) -> tuple[str, str]:
    """Make a new key and forget the private half of the one before; gives both ids, the old one first.

    What the old one signed stays proven: its public half is kept.
    """
    old = key_id_of(signing_key(home).public_key())
    (Home.at(home).path / PRIVATE).unlink()
    return old, key_id_of(signing_key(home).public_key())
