"""Many messages, read in columns: those of which it is certain that reading each by itself would say the same.

What is equal in many messages is judged once. The JSON is parsed for a whole batch and written again for a whole batch:
a value that comes out byte for byte as it came in says what was parsed, whatever the parser forgives. A value that
does not, because its writer puts its fields in another order or its blanks in other places, is brought into that form
by itself first. What is left after that, good or bad, is for ``schemas.wire.one_message``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter

import orjson
import polars as pl

from schemas.declaration import EARLIEST_DAY, LARGEST_INTEGER, LATEST_DAY, Field, Kind, Source
from schemas.frame_types import FRAME_TYPES
from schemas.wire.messages import Envelope, Headers, are_utf8
from schemas.wire.one_message import LONGEST_IDENTIFIER, header_problem
from schemas.wire.refusals import LARGEST_MESSAGE

JUDGED_ONCE = ("ce_specversion", "ce_source", "ce_type", "content-type")
"""The headers that say the same in every message of a producer; ``ce_id`` is another in each."""

TOO_FEW_TO_HALVE = 64
"""A batch that does not parse is halved down to this many messages, which are then read one by one."""

MOMENT = r"^\d{4}-\d{2}-\d{2}T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$"
DAY = r"^\d{4}-\d{2}-\d{2}$"

IDENTITY = {"position": pl.UInt32(), "event_source": pl.String(), "event_id": pl.String()}

IN_WORDS = (Kind.DATE, Kind.TIMESTAMP)
NAME, VALUE = itemgetter(0), itemgetter(1)


def rows_schema(source: Source) -> dict[str, pl.DataType]:
    """A frame of what was read: the place in the batch, whether the key is the row's, who says so, the fields."""
    meta = {"position": pl.UInt32(), "key_holds": pl.Boolean(), "event_source": pl.String(), "event_id": pl.String()}
    return {**meta, **{field.name: FRAME_TYPES[field.kind] for field in source.fields}}


def raw_schema(source: Source) -> dict[str, pl.DataType]:
    """The fields as JSON writes them, in the order in which our producers write them: days and moments in words."""
    fields = sorted(source.fields, key=lambda field: field.name)
    return {field.name: pl.String() if field.kind in IN_WORDS else FRAME_TYPES[field.kind] for field in fields}


def typed(source: Source) -> list[pl.Expr]:
    """The columns of a raw frame in the types of the source; a day or moment that does not parse becomes null."""
    columns = []
    for field in source.fields:
        column = pl.col(field.name)
        if field.kind is Kind.DATE:
            column = column.str.to_date("%Y-%m-%d", strict=False)
        elif field.kind is Kind.TIMESTAMP:
            column = column.str.to_datetime("%+", time_unit="us", time_zone="UTC", strict=False)
        columns.append(column)
    return columns


def read_at_once(source: Source, messages: Sequence[Envelope]) -> pl.DataFrame:
    """The rows (``rows_schema``) of messages that have the right form, in order; the others are left out.

    Args:
        source: whose events they should be.
        messages: a batch.
    """
    if any(field.kind is Kind.OFFSETS for field in source.fields):  # few, and a frame holds no object of any names
        return pl.DataFrame(schema=rows_schema(source))
    enveloped = _with_good_headers(source, messages)
    value = pl.Series("value", [message.value for message in messages], dtype=pl.Binary).gather(enveloped["position"])
    fits = value.bin.size() <= LARGEST_MESSAGE
    candidates = enveloped.with_columns(text=_as_text(value)).filter(fits & pl.col("text").is_not_null())
    rows = _read_texts(source, candidates)
    if rows.height < candidates.height:
        others = candidates.join(rows, on="position", how="anti", maintain_order="left")
        rewritten = pl.Series([_rewritten(source, text) for text in others["text"]], dtype=pl.String)
        second = _read_texts(source, others.with_columns(text=rewritten).filter(pl.col("text").is_not_null()))
        rows = pl.concat([rows, second]).sort("position")
    key = pl.Series([message.key for message in messages], dtype=pl.Binary).gather(rows["position"])
    own_key = pl.col(source.partition_key).cast(pl.String).cast(pl.Binary)
    return rows.with_columns(key_holds=own_key.eq_missing(pl.lit(key))).select(list(rows_schema(source)))


def _with_good_headers(source: Source, messages: Sequence[Envelope]) -> pl.DataFrame:
    """Position, ``event_source`` and ``event_id`` of the messages whose headers hold."""
    headers = [message.headers for message in messages]
    columns = _columns(headers) if len(set(map(len, headers))) == 1 else []
    if columns and all(column.is_same or len(set(map(NAME, column.pairs))) == 1 for column in columns):
        return _of_one_layout(source, range(len(headers)), columns)
    by_names: dict[tuple[str, ...], list[int]] = {}
    for position, of_one in enumerate(headers):
        by_names.setdefault(tuple(map(NAME, of_one)), []).append(position)
    layouts = ((positions, _columns([headers[p] for p in positions])) for positions in by_names.values())
    found = [_of_one_layout(source, positions, columns) for positions, columns in layouts]
    return pl.concat([pl.DataFrame(schema=IDENTITY), *found]).sort("position")


@dataclass(frozen=True)
class _HeaderColumn:
    """The headers that stand in one place in each of some messages, and whether they are all the same."""

    pairs: tuple[tuple[str, bytes | None], ...]
    is_same: bool


def _columns(headers: Sequence[Headers]) -> list[_HeaderColumn]:
    return [_HeaderColumn(pairs, pairs.count(pairs[0]) == len(pairs)) for pairs in zip(*headers, strict=True)]


def _of_one_layout(source: Source, positions: Sequence[int], columns: Sequence[_HeaderColumn]) -> pl.DataFrame:
    """The same of messages that have the same header names in the same order."""
    by_name = {column.pairs[0][0].lower(): column for column in columns}
    judged = {name: by_name[name] for name in JUDGED_ONCE if name in by_name}
    if "ce_id" not in by_name or "ce_source" not in judged or not are_utf8(by_name):
        return pl.DataFrame(schema=IDENTITY)
    same = {name: column.pairs[0][1] for name, column in judged.items() if column.is_same}
    other = {name: list(map(VALUE, column.pairs)) for name, column in judged.items() if not column.is_same}
    values = list(zip(*other.values(), strict=True))
    different: set[tuple[bytes | None, ...]] = set(values) if other else {()}
    good = {one for one in different if _hold(source, {"ce_id": b"x", **same, **dict(zip(other, one, strict=True))})}
    if not good:
        return pl.DataFrame(schema=IDENTITY)
    frame = pl.DataFrame(
        {
            "position": pl.Series(positions, dtype=pl.UInt32),
            "event_source": _repeated(other.get("ce_source"), same.get("ce_source"), len(positions)),
            "event_id": pl.Series(list(map(VALUE, by_name["ce_id"].pairs)), dtype=pl.Binary),
        }
    )
    if len(good) < len(different):
        frame = frame.filter(pl.Series([one in good for one in values], dtype=pl.Boolean))
    identifier = pl.col("event_id")
    has_length = identifier.str.len_chars().is_between(1, LONGEST_IDENTIFIER)
    return frame.with_columns(_as_text(frame["event_source"]), _as_text(frame["event_id"])).filter(
        has_length & ~identifier.str.contains("\x00", literal=True)
    )


def _repeated(values: list[bytes | None] | None, same: bytes | None, times: int) -> pl.Series:
    if values is None:
        return pl.Series([same], dtype=pl.Binary).new_from_index(0, times)
    return pl.Series(values, dtype=pl.Binary)


def _hold(source: Source, headers: dict[str, bytes | None]) -> bool:
    return header_problem(source, headers) is None


def _as_text(column: pl.Series) -> pl.Series:
    """Bytes as text; null where they are not UTF-8."""
    try:
        return column.cast(pl.String)
    except pl.exceptions.ComputeError:
        return pl.Series(column.name, [_text_or_none(one) for one in column], dtype=pl.String)


def _text_or_none(value: bytes | None) -> str | None:
    try:
        return None if value is None else value.decode()
    except UnicodeDecodeError:
        return None


def _read_texts(source: Source, candidates: pl.DataFrame) -> pl.DataFrame:
    """The rows of those texts that are written as our producers write, with the columns of ``candidates`` beside."""
    text = pl.col("text")
    one_line = candidates.filter(
        text.str.starts_with("{") & text.str.ends_with("}") & ~text.str.contains("\n", literal=True)
    )
    found = _parsed(source, one_line["text"].to_list(), 0)
    raw = pl.concat([pl.DataFrame(schema={"place": pl.UInt32(), **raw_schema(source)}), *found])
    names = list(raw_schema(source))
    read = one_line.select(pl.all().gather(raw["place"])) if raw.height < one_line.height else one_line
    both = pl.concat([read, raw.drop("place")], how="horizontal")
    written = both.filter(pl.struct(names).struct.json_encode() == text)
    in_types = written.with_columns(
        *typed(source), *(text_of.alias(f"{name} in words") for name, text_of in _words(source))
    )
    return in_types.filter(pl.all_horizontal(_certain(source))).select("position", "event_source", "event_id", *(
        field.name for field in source.fields
    ))  # fmt: skip


def _parsed(source: Source, texts: list[str], first: int) -> list[pl.DataFrame]:
    """Raw frames of the texts that parse, each row with its ``place``; what does not is narrowed down by halves."""
    if not texts:
        return []
    try:
        raw = pl.read_ndjson("\n".join(texts).encode(), schema=raw_schema(source))
        if raw.height == len(texts):
            return [raw.with_row_index("place", offset=first)]
    except pl.exceptions.PolarsError:
        pass
    if len(texts) <= TOO_FEW_TO_HALVE:
        return []
    half = len(texts) // 2
    return _parsed(source, texts[:half], first) + _parsed(source, texts[half:], first + half)


def _rewritten(source: Source, text: str) -> str | None:
    """What a value says of the declared fields, as our producers write it; None when it is no object."""
    try:
        values = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(values, dict):
        return None
    try:
        return orjson.dumps({name: values.get(name) for name in raw_schema(source)}).decode()
    except (TypeError, ValueError):  # deeper than what can be written
        return None


def _words(source: Source) -> list[tuple[str, pl.Expr]]:
    return [(field.name, pl.col(field.name)) for field in source.fields if field.kind in IN_WORDS]


def _certain(source: Source) -> list[pl.Expr]:
    """When the form of each field is beyond doubt; in doubt the message is read by itself."""
    certain = []
    for field in source.fields:
        is_null = pl.col(f"{field.name} in words" if field.kind in IN_WORDS else field.name).is_null()
        holds = _certain_when_known(field).fill_null(value=False)
        certain.append(~is_null & holds if field.required else is_null | holds)
    return certain


def _certain_when_known(field: Field) -> pl.Expr:
    column, in_words = pl.col(field.name), pl.col(f"{field.name} in words")
    if field.kind is Kind.DATE:
        return in_words.str.contains(DAY) & column.is_between(EARLIEST_DAY, LATEST_DAY)
    if field.kind is Kind.TIMESTAMP:
        return in_words.str.contains(MOMENT) & column.dt.date().is_between(EARLIEST_DAY, LATEST_DAY)
    if field.kind is Kind.INTEGER:
        return column.is_between(-LARGEST_INTEGER, LARGEST_INTEGER)
    if field.kind is Kind.WORDS:
        return column.list.drop_nulls().list.len() == column.list.len()
    return pl.lit(value=True)
