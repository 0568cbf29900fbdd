"""An extract that is split in columns is the one that is read row by row."""

import io
from pathlib import Path
from unittest.mock import patch

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from producers.content import BLOCK_BYTES, Content
from producers.csv_extract import read_csv
from producers.errors import UnreadableExtract
from producers.extract import columns_of
from schemas.catalogue import source_named

POLICE = source_named("police")
HEADER = ";".join(["ander", *columns_of(POLICE)])
PIECES = [
    ";", ";" * 11, "a;b;c;d;e;f;g;h;i;j;k;l", " x ;;\t;\xa0;e;f;g;h;i;j;\u3000k\u3000;\u200b",
    "\n", "\r\n", "\r", "\n\n", " \n", "\ufeff",
    "\x00", "\x1a", "\x0b", "\x0c", "\x1c", "\x1f", "\x85", "\u2028", '"', '"a;b"', "\t", "é", "\\", "'", "#",
]  # fmt: skip


@settings(max_examples=60)
@given(
    st.lists(st.sampled_from(PIECES), max_size=12).map("".join),
    st.sampled_from(["\n", "\r\n", ""]),
    st.sampled_from([1, 7, 50, BLOCK_BYTES]),
)
def test_any_file_is_read_the_same(text: str, end: str, block_bytes: int) -> None:
    content = (HEADER + end + text).encode()
    with patch("producers.csv_extract.is_plain", return_value=False):
        row_by_row = outcome(content, BLOCK_BYTES)
    with patch("producers.plain_csv._all_of_one_length", return_value=None):
        line_by_line = outcome(content, block_bytes)
    assert outcome(content, block_bytes) == line_by_line == row_by_row


def outcome(written: bytes, block_bytes: int) -> object:
    content = Content(Path("police.csv"), io.BytesIO(written), block_bytes=block_bytes)
    reading = read_csv(content, POLICE)
    cells, no_rows, texts = [], [], []
    try:
        for part in reading.parts:
            cells += part.cells.with_columns(part.lines).rows()
            no_rows += part.no_rows.rows()
            texts += part.texts_of(pl.int_range(part.cells.height, eager=True)).to_list()
    except UnreadableExtract as error:
        return str(error)
    return cells, texts, no_rows, reading.warnings
