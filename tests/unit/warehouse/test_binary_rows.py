"""Rows made in columns are, byte for byte, those that psycopg makes one by one."""

from datetime import UTC, date, datetime
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg import adapters
from psycopg._copy_base import format_row_binary
from psycopg.adapt import Transformer
from psycopg.pq import Format

from schemas.declaration import Kind
from schemas.frame_types import FRAME_TYPES
from warehouse.binary_rows import binary_rows

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20)
YEARS = datetime(1, 1, 2), datetime(9999, 12, 30)  # noqa: DTZ001 (hypothesis puts the zone)
VALUES: dict[Kind, st.SearchStrategy[Any]] = {
    Kind.TEXT: TEXTS | st.sampled_from(["", "x" * 300, "\U0001f600" * 70, "\\N", "\\.", '"', "\n", "\r\n", "\t"]),
    Kind.INTEGER: st.integers(-(2**31), 2**31 - 1),
    Kind.BOOLEAN: st.booleans(),
    Kind.DATE: st.dates(date(1, 1, 1), date(9999, 12, 31)),
    Kind.TIMESTAMP: st.datetimes(*YEARS, timezones=st.just(UTC)),
    Kind.WORDS: st.lists(TEXTS | st.sampled_from(["1:a", ":", "a2:bb"]), max_size=3),
    Kind.OFFSETS: TEXTS,
}
ROWS = st.lists(st.fixed_dictionaries({kind.name: st.none() | VALUES[kind] for kind in Kind}), max_size=7)


WIRE_TYPES = {
    Kind.TEXT: "text",
    Kind.INTEGER: "int4",
    Kind.BOOLEAN: "bool",
    Kind.DATE: "date",
    Kind.TIMESTAMP: "timestamptz",
    Kind.WORDS: "text[]",
    Kind.OFFSETS: "text",
}
"""What PostgreSQL calls what each kind is staged as."""


def one_by_one(rows: list[dict[str, Any]]) -> bytes:
    """What psycopg writes of the same rows."""
    transformer = Transformer()
    transformer.set_dumper_types([oid_of(WIRE_TYPES[kind]) for kind in Kind], Format.BINARY)
    written = bytearray()
    for row in rows:
        format_row_binary([row[kind.name] for kind in Kind], transformer, written)
    return bytes(written)


def oid_of(name: str) -> int:
    info = adapters.types[name.removesuffix("[]")]
    return info.array_oid if name.endswith("[]") else info.oid


@settings(max_examples=60)
@given(ROWS)
def test_any_rows_are_written_as_psycopg_writes_them(rows: list[dict[str, Any]]) -> None:
    frame = pl.DataFrame(rows, schema={kind.name: FRAME_TYPES[kind] for kind in Kind})
    assert binary_rows(frame, {kind.name: kind for kind in Kind}) == one_by_one(rows)
