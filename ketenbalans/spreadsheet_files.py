"""Rows of text as a file for a spreadsheet, CSV or OpenDocument by the ending of its name, and back.

Whatever LibreOffice or Excel makes of such a file when it saves it again is read as the same rows: another sign between
cells, no byte order mark, other line ends, columns in another order, empty rows and columns behind, days as days and
whole numbers as numbers. What no spreadsheet may run is written as ``spreadsheet_cells`` has it, in both kinds of file.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from xml.sax.saxutils import escape

from odfdo import Document, Element, Table

from ketenbalans.reports.spreadsheet import to_bytes
from ketenbalans.spreadsheet_cells import UnreadableRows, from_cell, read_rows, to_cell, write_rows

CSV, ODS = ".csv", ".ods"
ENDINGS = (CSV, ODS)


def ending_of(file: Path) -> str:
    """The kind of a file, by the ending of its name.

    Raises:
        UnreadableRows: it is no kind that is written or read.
    """
    ending = file.suffix.lower()
    if ending not in ENDINGS:
        message = f"{file.name} ends in neither {CSV} nor {ODS}; name a file of one of the two kinds"
        raise UnreadableRows(message)
    return ending


def write_table(file: Path, columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> bytes:
    """Give what a file of that name is to hold.

    Args:
        file: its name says the kind; nothing is written into it.
        columns: the header; of each row these are written.
        rows: texts by column; an empty one where nothing is known.
    """
    if ending_of(file) == CSV:
        return write_rows(columns, rows)
    cells = [list(columns), *([row[column] for column in columns] for row in rows)]
    book = Document("spreadsheet")
    book.body.clear()
    book.body.append(Table(file.stem))
    sheet = book.body.tables[0]
    for line in cells:  # as text: to make an object of every cell takes ten times as long, and so does one large text
        row = Element.from_tag(f"<table:table-row>{''.join(map(_cell, line))}</table:table-row>")
        Element.append(sheet, row)
    return to_bytes(book)


def read_table(file: Path, content: bytes, columns: Sequence[str]) -> list[dict[str, str]]:
    """Give the rows of a file, each with the number of its line as ``line``, without empty ones.

    Args:
        file: its name says the kind.
        content: what it holds.
        columns: those that have to be there; others are given too.

    Raises:
        UnreadableRows: it is no such file, or a column is missing; the message says what to do.
    """
    if ending_of(file) == CSV:
        return read_rows(content, columns)
    try:
        sheets = Document(io.BytesIO(content)).body.tables
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile):
        message = "it is no OpenDocument workbook; save it as .ods, or as CSV"
        raise UnreadableRows(message) from None
    read = [_rows_of(sheet) for sheet in sheets]
    for header, rows in read:
        if set(columns) <= set(header):
            return rows
    header = read[0][0] if read else []
    missing = ", ".join(column for column in columns if column not in header)
    message = f"no sheet of it has a column {missing}; the first row names the columns, as they were written"
    raise UnreadableRows(message)


def _cell(text: str) -> str:
    """A cell that holds a text and nothing else; the format would make one of several spaces."""
    marked = re.sub(
        "  +|^ | $", lambda found: f'<text:s text:c="{len(found[0])}"/>', escape(to_cell(text), {"\t": "<text:tab/>"})
    )
    return f'<table:table-cell office:value-type="string"><text:p>{marked}</text:p></table:table-cell>'


def _rows_of(sheet: Table) -> tuple[list[str], list[dict[str, str]]]:
    """The names of the columns of a sheet, and its rows below them."""
    sheet.rstrip(aggressive=True)  # a spreadsheet saves a million empty rows behind
    header, *lines = [[_text(value) for value in row] for row in sheet.get_values()] or [[]]
    names = [from_cell(name.strip()) for name in header]
    return names, [
        dict(zip(names, map(from_cell, cells), strict=False)) | {"line": str(line)}
        for line, cells in enumerate(lines, start=2)
        if any(cells)
    ]


def _text(value: object) -> str:
    """What a cell holds, as a person would type it."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return re.sub(r"\.0+$", "", str(value)) if not isinstance(value, str) else value
