"""One message, read by itself: what it says, or the first thing that is wrong with it.

This is what reading means. ``schemas.wire.many_messages`` reads what it can prove to read the same way in columns, and
gives the rest to this.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

import jsonschema_rs
import orjson

from schemas.declaration import LARGEST_INTEGER, Kind, Source
from schemas.wire.messages import Envelope, Refusal, are_utf8
from schemas.wire.refusals import LARGEST_MESSAGE, Reason

LONGEST_IDENTIFIER = 255
"""``ce_id`` and ``ce_source`` together are the key of a row; a longer one does not fit in an index."""


def read_one(  # noqa: PLR0911 (one return per reason reads best)
    source: Source, position: int, message: Envelope
) -> dict[str, Any] | Refusal:
    """A message as a row of JSON values with ``event_source`` and ``event_id``, or why not. The gate comes after it."""
    if not are_utf8(name for name, _ in message.headers):
        return Refusal(position, Reason.UNREADABLE, None, "the name of a header is UTF-8")
    if message.value is None:
        return Refusal(position, Reason.TOMBSTONE, None, "an event has a value; a null value is no event")
    if len(message.value) > LARGEST_MESSAGE:
        return Refusal(position, Reason.OVERSIZED, None, f"the value has at most {LARGEST_MESSAGE} bytes")
    headers = {name.lower(): value for name, value in message.headers}
    if problem := header_problem(source, headers):
        return Refusal(position, *problem)
    try:
        text = message.value.decode()
    except UnicodeDecodeError:
        return Refusal(position, Reason.NOT_UTF8, None, "the value is text in UTF-8")
    try:
        row = orjson.loads(text)
    except orjson.JSONDecodeError:
        return Refusal(position, Reason.NOT_JSON, None, "the value is JSON")
    error = next(iter(_shape(source).iter_errors(row)), None)
    if error is not None:
        path = [str(step) for step in error.instance_path]
        return Refusal(position, Reason.SCHEMA, *_broken(source, row, path))
    identity = {"event_source": (headers["ce_source"] or b"").decode(), "event_id": (headers["ce_id"] or b"").decode()}
    return {**row, **identity}


def key_of(source: Source, row: Mapping[str, Any]) -> bytes:
    """The key that a message with this row has."""
    return str(row[source.partition_key]).encode()


def key_refusal(source: Source, position: int) -> Refusal:
    """A message whose key is not that of its row. It is looked at last: the row has to hold before it has a key."""
    return Refusal(position, Reason.KEY, source.partition_key, "the message key is the record's partition key")


def header_problem(source: Source, headers: Mapping[str, bytes | None]) -> tuple[Reason, str, str] | None:
    """The first thing that is wrong with the CloudEvents headers, by lower-case name: reason, column and rule."""
    if headers.get("ce_specversion") != b"1.0":
        return Reason.HEADER, "ce_specversion", "is 1.0"
    for name in ("ce_id", "ce_source"):
        try:
            text = (headers.get(name) or b"").decode()
        except UnicodeDecodeError:
            return Reason.HEADER, name, "is UTF-8"
        if not 0 < len(text) <= LONGEST_IDENTIFIER or "\x00" in text:
            return Reason.HEADER, name, f"has 1 to {LONGEST_IDENTIFIER} characters"
    media_type = (headers.get("content-type") or b"application/json").partition(b";")[0].strip().lower()
    if media_type != b"application/json":
        return Reason.HEADER, "content-type", "is application/json"
    event_type = headers.get("ce_type")
    if event_type != source.event_type.encode():
        stem = source.event_type.rpartition(".")[0].encode() + b".v"
        is_other_version = (event_type or b"").startswith(stem)
        reason = Reason.UNKNOWN_VERSION if is_other_version else Reason.UNKNOWN_TYPE
        return reason, "ce_type", f"is {source.event_type}"
    return None


_JSON_TYPES: dict[Kind, dict[str, Any]] = {
    Kind.TEXT: {"type": "string"},
    Kind.INTEGER: {"type": "integer", "minimum": -LARGEST_INTEGER, "maximum": LARGEST_INTEGER},
    Kind.BOOLEAN: {"type": "boolean"},
    Kind.DATE: {"type": "string", "format": "date", "pattern": "^[0-9-]{10}$"},
    Kind.TIMESTAMP: {"type": "string", "format": "date-time"},
    Kind.WORDS: {"type": "array", "items": {"type": "string"}},
    Kind.OFFSETS: {
        "type": "object",
        "propertyNames": {"pattern": "^[0-9]{1,9}$"},
        "additionalProperties": {"type": "integer", "minimum": 0, "maximum": 2**63 - 1},
    },
}


@cache
def _shape(source: Source) -> jsonschema_rs.Validator:
    """What the JSON must look like so that it fits a frame: names and types. The rules of the values are the gate's."""
    properties = {
        field.name: _JSON_TYPES[field.kind]
        if field.required
        else {"anyOf": [_JSON_TYPES[field.kind], {"type": "null"}]}
        for field in source.fields
    }
    required = [field.name for field in source.fields if field.required]
    return jsonschema_rs.Draft202012Validator(
        {"type": "object", "properties": properties, "required": required}, validate_formats=True
    )


_IN_JSON: dict[Kind, str] = {
    Kind.TEXT: "is a text",
    Kind.INTEGER: "is a whole number",
    Kind.BOOLEAN: "is true or false",
    Kind.DATE: "is a date",
    Kind.TIMESTAMP: "is a timestamp with offset",
    Kind.WORDS: "is a list of words",
    Kind.OFFSETS: "is an object with an offset per partition",
}
"""The form of each kind in JSON, as a rule: an extract says some of them in other words."""


def _broken(source: Source, row: Any, path: list[str]) -> tuple[str | None, str]:
    """The column and the rule of what does not fit; a column that is missing is named."""
    if path:
        return path[0], _IN_JSON[source.field(path[0]).kind]
    if not isinstance(row, dict):
        return None, "the value is an object"
    missing = next((field.name for field in source.fields if field.required and field.name not in row), None)
    return missing, "is present" if missing else "the value is an object of the declared fields"
