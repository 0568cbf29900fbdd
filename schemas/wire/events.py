"""An event on the wire: CloudEvents 1.0 in Kafka's binary mode, written from a frame and read back into one.

Pure: bytes and frames, no Kafka. ``ce_id`` is a UUIDv5 of source, record, mutation, recorded_at and content, so the
same row of an extract always gets the same id and publishing it again changes nothing. Reading never raises on a bad
message: it comes back as a ``Refusal`` with a reason, and a batch with one bad message costs one bad message.
"""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import orjson
import polars as pl

from schemas.declaration import Kind, Source
from schemas.gate import IMPOSSIBLE, breaches
from schemas.wire.many_messages import raw_schema, read_at_once, rows_schema, typed
from schemas.wire.messages import Decoded, Envelope, Message, Refusal
from schemas.wire.one_message import key_of, key_refusal, read_one
from schemas.wire.refusals import Reason
from schemas.wire.written import EVENT_IDS, Written, can_be_written_in_columns, written

__all__ = [
    "Decoded",
    "Envelope",
    "Message",
    "Refusal",
    "decode",
    "decode_one_by_one",
    "encode",
    "written_one_by_one",
]

ROWS_AT_ONCE = 4_096
"""Rows that are written at a time: enough to be quick, few enough that sending begins early."""


def encode(source: Source, events: pl.DataFrame) -> Iterator[Message]:
    """Write each row of a valid frame as one message; rows in, messages out, in order.

    Args:
        source: the declaration that the frame holds to (``schemas.gate.breaches`` found nothing).
        events: one row per event, the columns of ``schemas.frame_types.frame_types``.
    """
    write = written if can_be_written_in_columns(source) else written_one_by_one
    same = {name: value.encode() for name, value in (("source", source.ce_source), ("type", source.event_type))}
    version, media_type = ("ce_specversion", b"1.0"), ("content-type", b"application/json")
    origin, event_type = ("ce_source", same["source"]), ("ce_type", same["type"])
    for rows in events.iter_slices(ROWS_AT_ONCE):
        in_columns = write(source, rows)
        for key, event_id, moment, value in zip(
            in_columns.keys, in_columns.ids, in_columns.times, in_columns.values, strict=True
        ):
            headers = [version, ("ce_id", event_id), origin, event_type, ("ce_time", moment), media_type]
            yield Message(key, value, headers)


def written_one_by_one(source: Source, events: pl.DataFrame) -> Written:
    """The rows of a valid frame, each written by itself: what writing means."""
    offsets = [field.name for field in source.fields if field.kind is Kind.OFFSETS]
    later = [field.name for field in source.fields if field.added_later]
    in_columns = Written([], [], [], [])
    for row in events.iter_rows(named=True):
        for name in offsets:
            row[name] = orjson.loads(row[name])
        for name in later:  # so that a row which was published before the field came keeps its id
            if row[name] is None:
                del row[name]
        value = orjson.dumps(row, option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z)
        moment = orjson.dumps(row["recorded_at"], option=orjson.OPT_UTC_Z).strip(b'"')
        record = "|".join(str(row[name]) for name in source.record_key)
        identity = f"{source.name}\n{record}\n{row.get('mutation')}\n{moment.decode()}\n{value.decode()}"
        in_columns.keys.append(key_of(source, row))
        in_columns.ids.append(str(uuid.uuid5(EVENT_IDS, identity)).encode())
        in_columns.times.append(moment)
        in_columns.values.append(value)
    return in_columns


def decode(source: Source, messages: Sequence[Envelope]) -> Decoded:
    """Read a batch of messages: every one becomes a row of the frame or a refusal, never both, never neither.

    Args:
        source: whose events they should be.
        messages: as they came from the topic, in order.
    """
    rows = read_at_once(source, messages)
    if rows.height == len(messages):
        return _held_to_the_gate(source, rows, [])
    left = set(range(len(messages))).difference(rows["position"])
    others, refusals = _read_one_by_one(source, messages, sorted(left))
    return _held_to_the_gate(source, pl.concat([rows, others]).sort("position"), refusals)


def decode_one_by_one(source: Source, messages: Sequence[Envelope]) -> Decoded:
    """The same, each message read by itself: what ``decode`` has to equal. For tests, and to show what speed is for."""
    rows, refusals = _read_one_by_one(source, messages, range(len(messages)))
    return _held_to_the_gate(source, rows, refusals)


def _read_one_by_one(
    source: Source, messages: Sequence[Envelope], positions: Iterable[int]
) -> tuple[pl.DataFrame, list[Refusal]]:
    refusals: list[Refusal] = []
    rows: list[dict[str, Any]] = []
    for position in positions:
        read = read_one(source, position, messages[position])
        if isinstance(read, Refusal):
            refusals.append(read)
        else:
            holds = messages[position].key == key_of(source, read)
            rows.append({**read, "position": position, "key_holds": holds})
    return _frame(source, rows), refusals


def _frame(source: Source, rows: Sequence[dict[str, Any]]) -> pl.DataFrame:
    """Rows whose shape holds, in the source's types; what does not parse becomes null, for the gate to see."""
    raw = {**rows_schema(source), **raw_schema(source)}
    offsets = [field.name for field in source.fields if field.kind is Kind.OFFSETS]
    columns = {}
    for name, dtype in raw.items():
        values = [row.get(name) for row in rows]
        if name in offsets:
            as_text = [None if value is None else orjson.dumps(value, option=orjson.OPT_SORT_KEYS) for value in values]
            values = [None if text is None else text.decode() for text in as_text]
        columns[name] = pl.Series(values, dtype=dtype, strict=False)
    return pl.DataFrame(columns).with_columns(typed(source)).select(list(rows_schema(source)))


def _held_to_the_gate(source: Source, rows: pl.DataFrame, refusals: list[Refusal]) -> Decoded:
    """What of the rows that were read holds; the first breach of the others, a form before a value before the key."""
    meta = ["position", "key_holds", "event_source", "event_id"]
    found = breaches(source, rows.drop(meta))
    events = rows.drop("position", "key_holds")
    if found.is_empty() and rows["key_holds"].all():
        return Decoded(events, refusals)
    in_order = found.with_columns(impossible=pl.col("rule").is_in(IMPOSSIBLE)).sort(
        "row", "impossible", "column", "rule"
    )
    first = in_order.unique("row", keep="first", maintain_order=True)
    positions = rows["position"].to_list()
    for row, column, rule, impossible in first.iter_rows():
        reason = Reason.IMPOSSIBLE_VALUE if impossible else Reason.SCHEMA
        refusals.append(Refusal(positions[row], reason, column, rule))
    wrong_keys = set((~rows["key_holds"]).arg_true()).difference(first["row"])
    refusals += [key_refusal(source, positions[row]) for row in wrong_keys]
    refused = pl.Series([*first["row"], *wrong_keys], dtype=pl.UInt32)
    kept = ~pl.int_range(pl.len(), dtype=pl.UInt32).is_in(refused.implode())
    return Decoded(events.filter(kept), sorted(refusals, key=lambda refusal: refusal.position))
