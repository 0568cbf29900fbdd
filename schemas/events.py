"""An event on the wire: CloudEvents 1.0 in Kafka's binary mode, written from a frame and read back into one.

Pure: bytes and frames, no Kafka. ``ce_id`` is a UUIDv5 of source, record, mutation, recorded_at and content, so the
same row of an extract always gets the same id and publishing it again changes nothing. Reading never raises on a bad
message: it comes back as a ``Refusal`` with a reason, and a batch with one bad message costs one bad message.
"""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import jsonschema_rs
import orjson
import polars as pl

from schemas.declaration import LARGEST_INTEGER, Kind, Source
from schemas.gate import FRAME_TYPES, breaches

EVENT_IDS = uuid.UUID("6b1f0f5e-6f0c-5d53-9d39-6f7f1f0c2a51")
"""The UUIDv5 namespace of our event ids. It may never change: every id would."""

LONGEST_IDENTIFIER = 255
"""``ce_id`` and ``ce_source`` together are the key of a row; a longer one does not fit in an index."""


@dataclass(frozen=True, slots=True)
class Message:
    """One Kafka record: what a producer sends and a consumer receives, without its place."""

    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why one message of a batch is no event of its source.

    Attributes:
        position: its place in the batch.
        reason: a code: ``tombstone``, ``header``, ``unknown_type``, ``unknown_version``, ``not_json``, ``schema``,
            ``key``.
        column: the field that broke a rule; None when it is not about a field.
        rule: the rule in words. Never a value.
    """

    position: int
    reason: str
    column: str | None
    rule: str


@dataclass(frozen=True)
class Decoded:
    """A batch, read: ``events`` has ``event_source``, ``event_id`` and the source's own columns."""

    events: pl.DataFrame
    refusals: list[Refusal]


def encode(source: Source, events: pl.DataFrame) -> Iterator[Message]:
    """Write each row of a valid frame as one message; rows in, messages out, in order.

    Args:
        source: the declaration that the frame holds to (``schemas.gate.breaches`` found nothing).
        events: one row per event, the columns of ``schemas.gate.frame_types``.
    """
    offsets = [field.name for field in source.fields if field.kind is Kind.OFFSETS]
    later = [field.name for field in source.fields if field.added_later]
    for row in events.iter_rows(named=True):
        for name in offsets:
            row[name] = orjson.loads(row[name])
        for name in later:  # so that a row which was published before the field came keeps its id
            if row[name] is None:
                del row[name]
        value = orjson.dumps(row, option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z)
        recorded_at = orjson.dumps(row["recorded_at"], option=orjson.OPT_UTC_Z).strip(b'"')
        record = "|".join(str(row[name]) for name in source.record_key)
        identity = f"{source.name}\n{record}\n{row.get('mutation')}\n{recorded_at.decode()}\n{value.decode()}"
        yield Message(
            key=str(row[source.partition_key]).encode(),
            value=value,
            headers=[
                ("ce_specversion", b"1.0"),
                ("ce_id", str(uuid.uuid5(EVENT_IDS, identity)).encode()),
                ("ce_source", source.ce_source.encode()),
                ("ce_type", source.event_type.encode()),
                ("ce_time", recorded_at),
                ("content-type", b"application/json"),
            ],
        )


def decode(source: Source, messages: Sequence[Message]) -> Decoded:
    """Read a batch of messages: every one becomes a row of the frame or a refusal, never both, never neither.

    Args:
        source: whose events they should be.
        messages: as they came from the topic, in order.
    """
    refusals: list[Refusal] = []
    positions: list[int] = []
    rows: list[dict[str, Any]] = []
    for position, message in enumerate(messages):
        read = _read(source, position, message)
        if isinstance(read, Refusal):
            refusals.append(read)
        else:
            positions.append(position)
            rows.append(read)
    events = _frame(source, rows)
    found = breaches(source, events.drop("event_source", "event_id")).group_by("row", maintain_order=True)
    broken = found.agg(pl.col("column").first(), pl.col("rule").first())
    refusals += [Refusal(positions[row], "schema", column, rule) for row, column, rule in broken.iter_rows()]
    if broken.height:
        kept = pl.int_range(events.height, dtype=pl.UInt32).is_in(broken["row"].implode()).not_()
        events = events.filter(kept)
    return Decoded(events, sorted(refusals, key=lambda refusal: refusal.position))


def _read(source: Source, position: int, message: Message) -> dict[str, Any] | Refusal:
    """One message as a row of JSON values, or why not."""
    if message.value is None:
        return Refusal(position, "tombstone", None, "an event has a value; a null value is no event")
    headers = {name.lower(): value for name, value in message.headers}
    if problem := _header_problem(source, headers):
        return Refusal(position, *problem)
    try:
        row = orjson.loads(message.value)
    except orjson.JSONDecodeError:
        return Refusal(position, "not_json", None, "the value is JSON in UTF-8")
    error = next(iter(_shape(source).iter_errors(row)), None)
    if error is not None:
        path = [str(step) for step in error.instance_path]
        return Refusal(position, "schema", path[0] if path else None, _shape_rule(source, path))
    key = str(row[source.partition_key]).encode()
    if message.key != key:
        return Refusal(position, "key", source.partition_key, "the message key is the record's partition key")
    identity = {"event_source": (headers["ce_source"] or b"").decode(), "event_id": (headers["ce_id"] or b"").decode()}
    return {**row, **identity}


def _header_problem(source: Source, headers: dict[str, bytes | None]) -> tuple[str, str | None, str] | None:
    """The first thing that is wrong with the CloudEvents headers: reason, column and rule."""
    if headers.get("ce_specversion") != b"1.0":
        return "header", "ce_specversion", "is 1.0"
    for name in ("ce_id", "ce_source"):
        try:
            text = (headers.get(name) or b"").decode()
        except UnicodeDecodeError:
            return "header", name, "is UTF-8"
        if not 0 < len(text) <= LONGEST_IDENTIFIER or "\x00" in text:
            return "header", name, f"has 1 to {LONGEST_IDENTIFIER} characters"
    media_type = (headers.get("content-type") or b"application/json").partition(b";")[0].strip().lower()
    if media_type != b"application/json":
        return "header", "content-type", "is application/json"
    event_type = headers.get("ce_type")
    if event_type != source.event_type.encode():
        stem = source.event_type.rpartition(".")[0].encode() + b".v"
        reason = "unknown_version" if (event_type or b"").startswith(stem) else "unknown_type"
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


def _shape_rule(source: Source, path: list[str]) -> str:
    if not path:
        return "the value is an object that holds every required field"
    return f"is a {source.field(path[0]).kind.value}"


def _frame(source: Source, rows: list[dict[str, Any]]) -> pl.DataFrame:
    """Rows whose shape holds, in the source's types; what does not parse becomes null, for the gate to see."""
    columns: dict[str, pl.Series] = {
        name: pl.Series([row[name] for row in rows], dtype=pl.String) for name in ("event_source", "event_id")
    }
    for field in source.fields:
        values = [row.get(field.name) for row in rows]
        if field.kind is Kind.DATE:
            columns[field.name] = pl.Series(values, dtype=pl.String).str.to_date("%Y-%m-%d", strict=False)
        elif field.kind is Kind.TIMESTAMP:
            text = pl.Series(values, dtype=pl.String)
            columns[field.name] = text.str.to_datetime("%+", time_unit="us", time_zone="UTC", strict=False)
        elif field.kind is Kind.OFFSETS:
            texts = [
                None if value is None else orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode() for value in values
            ]
            columns[field.name] = pl.Series(texts, dtype=pl.String)
        else:
            columns[field.name] = pl.Series(values, dtype=FRAME_TYPES[field.kind], strict=False)
    return pl.DataFrame(columns)
