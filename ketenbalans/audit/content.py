"""What an entry has to say of its row, and its hash: worked out here without the database that sealed it."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal

import rfc8785

from schemas.audit import Audited, AuditEntry

Row = Mapping[str, object]
"""A row by column; a column of JSON as the text that is stored, marked ``JsonText``."""

WHOLE_NUMBER = re.compile(r"^-?[0-9]{1,15}$")
"""Longer ones stand as text: JSON's numbers are not exact beyond 53 bits."""

ENTRY_NUMBER = b'"entry_number":'


class JsonText(str):
    """The text of a column of JSON, as it is stored."""

    __slots__ = ()


def content_of(row: Row, audited: Audited, salt: bytes) -> dict[str, str | int | bool | None]:
    """What the entry of a row holds: a flat object, personal values as HMAC-SHA-256 under the salt, JSON as SHA-256.

    Raises:
        TypeError: a column holds what no entry can; names the column.
    """
    found: dict[str, str | int | bool | None] = {}
    for name, value in row.items():
        if name in audited.left_out:
            continue
        if value is None or (isinstance(value, JsonText) and value.strip() == "null"):
            found[name] = None
        elif name in audited.personal:
            found[name] = f"hmac-sha256:{hmac.digest(salt, _text(name, value).encode(), 'sha256').hex()}"
        elif isinstance(value, JsonText):
            found[name] = f"sha256:{hashlib.sha256(value.encode()).hexdigest()}"
        elif isinstance(value, bool) or (isinstance(value, int) and WHOLE_NUMBER.match(str(value))):
            found[name] = value
        else:
            found[name] = _text(name, value)
    return found


def canonical(document: Mapping[str, object]) -> bytes:
    """An object as canonical JSON (RFC 8785), in UTF-8."""
    return rfc8785.dumps(dict(document))  # type: ignore[arg-type]  # its own type of JSON names mutable containers


def hash_of(entry: AuditEntry) -> str:
    """The hash that an entry has to have, in hex."""
    return hashlib.sha256(_written(entry)).hexdigest()


def number_of(entry: AuditEntry, *, entries: int) -> int | None:
    """The number under which the hash of an entry is right, of so many; None: under none of them."""
    before, _, after = _written(entry).rpartition(ENTRY_NUMBER + str(entry.entry_number).encode())
    for number in range(1, entries + 1):
        if hashlib.sha256(b"%b%b%d%b" % (before, ENTRY_NUMBER, number, after)).hexdigest() == entry.hash:
            return number
    return None


def _written(entry: AuditEntry) -> bytes:
    """An entry as canonical JSON. Its content is that already, and stands first in the order of names."""
    others = canonical(
        {
            "entry_number": entry.entry_number,
            "kind": entry.kind,
            "previous": entry.previous,
            "sealed_at": entry.sealed_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "subject": entry.subject,
        }
    )
    return b'{"content":' + entry.content.encode() + b"," + others[1:]


def _text(name: str, value: object) -> str:
    """A value as PostgreSQL writes it in JSON, under UTC."""
    match value:
        case bool():
            return str(value).lower()
        case str() | int() | Decimal():
            return str(value)
        case datetime():
            moment = value.astimezone(UTC)
            fraction = f".{moment.microsecond:06}".rstrip("0") if moment.microsecond else ""
            return f"{moment:%Y-%m-%dT%H:%M:%S}{fraction}+00:00"
        case date():
            return value.isoformat()
        case _:
            message = f"column {name}: an entry of the audit chain cannot hold a {type(value).__name__}"
            raise TypeError(message)
