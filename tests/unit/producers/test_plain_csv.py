"""An extract that is split in columns is the one that is read row by row."""

from pathlib import Path
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from producers.csv_extract import read_csv
from producers.errors import UnreadableExtract
from producers.extract import Extract, columns_of
from schemas.catalogue import source_named

POLICE = source_named("police")
HEADER = ";".join(["ander", *columns_of(POLICE)])
PIECES = [
    ";", ";" * 11, "a;b;c;d;e;f;g;h;i;j;k;l", " x ;;\t;\xa0;e;f;g;h;i;j;\u3000k\u3000;\u200b",
    "\n", "\r\n", "\r", "\n\n", " \n", "\ufeff",
    "\x00", "\x1a", "\x0b", "\x0c", "\x1c", "\x1f", "\x85", "\u2028", '"', '"a;b"', "\t", "é", "\\", "'", "#",
]  # fmt: skip


@settings(max_examples=60)
@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join), st.sampled_from(["\n", "\r\n", ""]))
def test_any_file_is_read_the_same(text: str, end: str) -> None:
    with patch.object(Path, "read_bytes", return_value=(HEADER + end + text).encode()):
        at_once = outcome()
        with patch("producers.csv_extract.is_plain", return_value=False):
            row_by_row = outcome()
    assert at_once == row_by_row


def outcome() -> object:
    try:
        extract: Extract = read_csv(Path("police.csv"), POLICE)
    except UnreadableExtract as error:
        return str(error)
    frames = (extract.cells, extract.places, extract.no_rows)
    return [(dict(frame.schema), frame.rows()) for frame in frames], extract.warnings, extract.rows
