"""Events that hold to a declaration, made from the declaration: for laws about every source, also one yet to come."""

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import orjson
import polars as pl
from hypothesis import strategies as st

from schemas.declaration import EARLIEST_DAY, LARGEST_INTEGER, LATEST_DAY, Field, Kind, Source
from schemas.frame_types import frame_types

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r"), min_size=1, max_size=12).filter(
    lambda text: text == text.strip()  # an extract's cells are trimmed
)
FIRST, LAST = (datetime(day.year, day.month, day.day) for day in (EARLIEST_DAY, LATEST_DAY))  # noqa: DTZ001


@cache
def values_of(field: Field) -> st.SearchStrategy[Any]:
    """What the field may hold in a frame, apart from null."""
    if field.words is not None:
        word = st.sampled_from([str(word) for word in field.words])
        return st.lists(word, max_size=3) if field.kind is Kind.WORDS else word
    if field.pattern is not None:
        alphabet = st.characters(codec="utf-8")
        return st.from_regex(field.pattern, fullmatch=True, alphabet=alphabet).filter(lambda text: text == text.strip())
    return {
        Kind.TEXT: TEXTS,
        Kind.INTEGER: st.integers(field.minimum or 0, LARGEST_INTEGER),
        Kind.BOOLEAN: st.booleans(),
        Kind.DATE: st.dates(EARLIEST_DAY, LATEST_DAY),
        Kind.TIMESTAMP: st.datetimes(FIRST, LAST, timezones=st.just(UTC)),
        Kind.OFFSETS: st.dictionaries(st.integers(0, 99).map(str), st.integers(0, 2**63 - 1), max_size=4).map(
            lambda offsets: orjson.dumps(offsets, option=orjson.OPT_SORT_KEYS).decode()
        ),
    }[field.kind]


@cache
def values_or_null_of(field: Field) -> st.SearchStrategy[Any]:
    return st.none() | values_of(field)


@st.composite
def rows_of(draw: st.DrawFn, source: Source) -> dict[str, Any]:
    """One event as a row of its frame."""
    row: dict[str, Any] = {}
    for field in source.fields:
        must = field.required or (field.required_with is not None and row["mutation"] == str(field.required_with))
        row[field.name] = draw(values_of(field) if must else values_or_null_of(field))
        if field.not_before is not None and row[field.name] is not None:
            row[field.name] = max(row[field.name], row[field.not_before])
    latest = row["recorded_at"].date() + timedelta(days=1)  # in UTC, so at most the day in Amsterdam, in any library
    for field in source.fields:
        if field.kind is Kind.DATE and source.mutations is not None and row[field.name] is not None:
            row[field.name] = min(row[field.name], latest)
    return row


def frame_of(source: Source, rows: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=frame_types(source))


def events_of(source: Source) -> st.SearchStrategy[pl.DataFrame]:
    """Frames of up to ten events."""
    return st.lists(rows_of(source), max_size=10).map(lambda rows: frame_of(source, rows))
