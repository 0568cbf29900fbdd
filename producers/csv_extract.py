"""Read a CSV extract: separator ``;``, header on line 1, quotes of RFC 4180, lines that end in LF or CRLF.

Columns may come in any order and unknown ones are ignored with a warning, but every declared column is there exactly
once. A row of another length, or with broken quotes, is no row; a quote that is never closed swallows the rest of the
file, so then there is no extract.
"""

import csv
import io
import re
import sys
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from producers.errors import UnreadableExtract
from producers.extract import Content, Extract, Rows, columns_of, read_content, trimmed
from producers.plain_csv import SEPARATOR, is_plain, plain_rows
from schemas.declaration import Source

QUOTES_RULE = 'has quotes (") only around a whole cell, doubled inside it, and no lone carriage return'
EXPORT_AGAIN = "Export it again with the columns of its documentation page and publish that file"

_QUOTED_AS_IT_SHOULD = re.compile(r'(?:"(?:[^"]|"")*+"|[^";]*+)(?:;(?:"(?:[^"]|"")*+"|[^";]*+))*+')


def read_csv(file: Path, source: Source) -> Extract:
    """Read a CSV file as an extract of a source.

    Raises:
        UnreadableExtract: the file cannot be opened or is not UTF-8; it has no header; a declared column is missing
            or doubled; a quote is opened and never closed.
    """
    content = read_content(file)
    with _cells_of_any_length():
        return _extract(content, source)


def _extract(content: Content, source: Source) -> Extract:
    rows = _rows(content)
    _, _, header = next(rows, (1, "", None))
    names = [name.strip() for name in header or ()]
    wanted = columns_of(source)
    later = {field.column for field in source.fields if field.added_later}
    places = _places(content.file, names, wanted, later)
    ignored = [name or f"number {place}, without a name," for place, name in enumerate(names, 1) if name not in wanted]
    warnings = [f"{content.file}: the column {name} is unknown and was ignored" for name in ignored]
    if is_plain(content.text):
        good, others = plain_rows(content.text, cells=len(names), wrong_length=wrong_length(len(names)))
        nothing = pl.lit(None, pl.String)
        cells_of = [
            (nothing if place is None else pl.col(str(place))).alias(name)
            for name, place in zip(wanted, places, strict=True)
        ]
        cells = trimmed(good.select(cells_of))
        return Extract(content.file, content.extract_id, cells, good.select("line", "row"), others, tuple(warnings))
    columns = dict(zip(wanted, places, strict=True))
    return _row_by_row(rows, content, columns, cells=len(names), warnings=warnings)


def _row_by_row(
    rows: Iterator[tuple[int, str, list[str] | None]],
    content: Content,
    wanted: Mapping[str, int | None],
    *,
    cells: int,
    warnings: list[str],
) -> Extract:
    collected = Rows(list(wanted))
    for line, text, row in rows:
        if row is None:
            collected.refuse(line, text, [("", QUOTES_RULE)])
        elif len(row) != cells:
            collected.refuse(line, text, [("", wrong_length(cells))])
        else:
            collected.add(line, text, [None if place is None else row[place] for place in wanted.values()])
    return collected.extract(content, warnings)


def wrong_length(cells: int) -> str:
    """The rule of a row that has not as many cells as the header."""
    return f"has {cells} cells, as the header has"


def _places(file: Path, names: list[str], wanted: list[str], later: Collection[str | None]) -> list[int | None]:
    """Where each wanted column stands; None for one that came later and that an older extract lacks.

    A header may be a row of data by mistake, so none of its words is repeated.
    """
    if not any(names):
        raise UnreadableExtract(file, "line 1 holds no header", EXPORT_AGAIN)
    if missing := [name for name in wanted if name not in names and name not in later]:
        problem = f"line 1 is no header of this source: it lacks {', '.join(missing)} (separator {SEPARATOR})"
        raise UnreadableExtract(file, problem, EXPORT_AGAIN)
    if doubled := [name for name in wanted if names.count(name) > 1]:
        problem = f"line 1 holds {', '.join(doubled)} more than once"
        raise UnreadableExtract(file, problem, EXPORT_AGAIN)
    return [names.index(name) if name in names else None for name in wanted]


class _Lines:
    """The lines of a text, remembering those of the current row. Only a line feed ends a line."""

    def __init__(self, text: str) -> None:
        self._lines = io.StringIO(text, newline="\n")
        self._row: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self._row.append(line)
        return line

    def take_row(self) -> str:
        """The lines since the last call, without the line end."""
        row = "".join(self._row).rstrip("\r\n")
        self._row.clear()
        return row


def _rows(content: Content) -> Iterator[tuple[int, str, list[str] | None]]:
    """Each row, the header too: the line it starts on, its text, its cells (None when its quotes are broken).

    Empty lines are skipped, except on line 1: the header stands there. A row without a filled cell is an empty line:
    spreadsheets export what was cleared as separators only.
    """
    lines = _Lines(content.text)
    reader = csv.reader(lines, delimiter=SEPARATOR, strict=True)
    while True:
        start = reader.line_num + 1
        cells: list[str] | None = None
        never_closed = False
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            never_closed = str(error) == "unexpected end of data"
        if never_closed:
            problem = f"line {start} opens a quote that is never closed"
            raise UnreadableExtract(content.file, problem, "Close or remove it and publish the file again")
        text = lines.take_row()
        if '"' in text and not _QUOTED_AS_IT_SHOULD.fullmatch(text):
            cells = None
        if start > 1 and not (text if cells is None else "".join(cells)).strip():
            continue
        yield start, text, cells


@contextmanager
def _cells_of_any_length() -> Iterator[None]:
    """Lift the module's limit: with it, a quote that is never closed would go unseen in a long file."""
    limit = csv.field_size_limit(sys.maxsize)
    try:
        yield
    finally:
        csv.field_size_limit(limit)
