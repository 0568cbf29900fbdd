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
from dataclasses import dataclass
from pathlib import Path

from producers.content import Content, TextPiece
from producers.errors import UnreadableExtract
from producers.extract import ExtractPart, Reading, Rows, columns_of
from producers.plain_csv import SEPARATOR, is_plain, plain_part
from schemas.declaration import Source

QUOTES_RULE = 'has quotes (") only around a whole cell, doubled inside it, and no lone carriage return'
EXPORT_AGAIN = "Export it again with the columns of its documentation page and publish that file"

_QUOTED_AS_IT_SHOULD = re.compile(r'(?:"(?:[^"]|"")*+"|[^";]*+)(?:;(?:"(?:[^"]|"")*+"|[^";]*+))*+')


def read_csv(content: Content, source: Source) -> Reading:
    """Read a CSV file as an extract of a source.

    Its parts raise ``UnreadableExtract`` where the file is not UTF-8, has no header, lacks a declared column or has it
    twice, or opens a quote that is never closed.
    """
    warnings: list[str] = []
    return Reading(_parts(content, source, warnings), warnings)


def _parts(content: Content, source: Source, warnings: list[str]) -> Iterator[ExtractPart]:
    with _cells_of_any_length():
        lines = _Lines(content.pieces())
        rows = _Rows(lines, content.file)
        header = rows.next()
        names = [name.strip() for name in (header.cells if header else None) or ()]
        wanted = columns_of(source)
        later = {field.column for field in source.fields if field.added_later}
        places = dict(zip(wanted, _places(content.file, names, wanted, later), strict=True))
        ignored = [
            name or f"number {place}, without a name," for place, name in enumerate(names, 1) if name not in places
        ]
        warnings += [f"{content.file}: the column {name} is unknown and was ignored" for name in ignored]
        while (piece := lines.rest()) is not None:
            if is_plain(piece.text):
                lines.skip_rest()
                yield plain_part(piece, places, cells=len(names), wrong_length=wrong_length(len(names)))
            else:
                yield _row_by_row(lines, rows, places, cells=len(names))


def _row_by_row(lines: "_Lines", rows: "_Rows", places: Mapping[str, int | None], *, cells: int) -> ExtractPart:
    """The rows that begin in the rest of the piece; the last of them may end in a later one."""
    collected = Rows(list(places))
    while lines.are_left_of_the_piece and (row := rows.next()) is not None:
        if row.is_empty:
            continue
        if row.cells is None:
            collected.refuse(row.line, row.text, [("", QUOTES_RULE)])
        elif len(row.cells) != cells:
            collected.refuse(row.line, row.text, [("", wrong_length(cells))])
        else:
            every = row.cells
            collected.add(row.line, row.text, [None if place is None else every[place] for place in places.values()])
    return collected.part()


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
    """The lines of a text that comes in pieces, remembering those of the current row. Only a line feed ends a line."""

    def __init__(self, pieces: Iterator[TextPiece]) -> None:
        self._pieces = pieces
        self._lines = io.StringIO()
        self._end = 0
        self._row: list[str] = []
        self.line = 1

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines, None)
        while line is None:
            self._take(next(self._pieces))
            line = next(self._lines, None)
        self._row.append(line)
        self.line += 1
        return line

    @property
    def are_left_of_the_piece(self) -> bool:
        """Whether the current piece has lines that nobody has taken."""
        return self._lines.tell() < self._end

    def rest(self) -> TextPiece | None:
        """The lines that are left of the current piece, else the next one; None at the end. They are not taken."""
        if not self.are_left_of_the_piece:
            piece = next(self._pieces, None)
            if piece is None:
                return None
            self._take(piece)
            return piece
        place = self._lines.tell()
        text = self._lines.read()
        self._lines.seek(place)
        return TextPiece(self.line, text)

    def skip_rest(self) -> None:
        """Take all lines that are left of the current piece."""
        self._lines.seek(0, io.SEEK_END)

    def take_row(self) -> str:
        """The lines since the last call, without the line end."""
        row = "".join(self._row).rstrip("\r\n")
        self._row.clear()
        return row

    def _take(self, piece: TextPiece) -> None:
        self._lines = io.StringIO(piece.text, newline="\n")
        self._end = len(piece.text)
        self.line = piece.first_line


@dataclass(frozen=True)
class _Row:
    """A row: the line it starts on, its text, its cells (None when its quotes are broken)."""

    line: int
    text: str
    cells: list[str] | None

    @property
    def is_empty(self) -> bool:
        """Whether no cell is filled: spreadsheets export what was cleared as separators only."""
        return not (self.text if self.cells is None else "".join(self.cells)).strip()


class _Rows:
    """The rows of some lines, the header too, one at a time."""

    def __init__(self, lines: _Lines, file: Path) -> None:
        self._lines = lines
        self._file = file
        self._reader = csv.reader(lines, delimiter=SEPARATOR, strict=True)

    def next(self) -> _Row | None:
        """The row that begins on the next line; None at the end of the file.

        Raises:
            UnreadableExtract: it opens a quote that is never closed.
        """
        start = self._lines.line
        cells: list[str] | None = None
        never_closed = False
        try:
            cells = next(self._reader)
        except StopIteration:
            return None
        except csv.Error as error:
            never_closed = str(error) == "unexpected end of data"
        if never_closed:
            problem = f"line {start} opens a quote that is never closed"
            raise UnreadableExtract(self._file, problem, "Close or remove it and publish the file again")
        text = self._lines.take_row()
        if '"' in text and not _QUOTED_AS_IT_SHOULD.fullmatch(text):
            cells = None
        return _Row(start, text, cells)


@contextmanager
def _cells_of_any_length() -> Iterator[None]:
    """Lift the module's limit: with it, a quote that is never closed would go unseen in a long file."""
    limit = csv.field_size_limit(sys.maxsize)
    try:
        yield
    finally:
        csv.field_size_limit(limit)
