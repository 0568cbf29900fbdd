"""Rows as a CSV file that a person fills in: no spreadsheet runs a cell of it, and each is read back as it was.

A text that a spreadsheet would take for a formula gets an apostrophe before it, and so does one that begins with an
apostrophe; reading takes one away. The same goes for what stands behind a semicolon or a tab inside a text, where a
spreadsheet of another language divides it. What a spreadsheet saves is read too: with a semicolon or a tab between
cells, with or without a byte order mark.
"""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence

STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
SHOWN_AS_TEXT = "'"
"""The sign before a text that is not to be run."""

DELIMITERS = (",", ";", "\t")


class UnreadableRows(ValueError):
    """A file is no CSV file of the rows that are wanted; the message says what is wrong and what to do."""


BEGINS = re.compile(r"(^ *|[;\t] *)(?=[-=+@\t\r\n'])")
"""Where a spreadsheet may begin a cell with a sign of a formula, or with the sign before a text."""

SHOWN = re.compile(r"(^ *|[;\t] *)'(?=[-=+@\t\r\n'])")
"""The same once the sign before a text stands there."""


def to_cell(text: str) -> str:
    """A text as a cell that no spreadsheet runs; ``from_cell`` gives the text back."""
    return BEGINS.sub(rf"\1{SHOWN_AS_TEXT}", text)


def from_cell(cell: str) -> str:
    """The text of a cell; one that a spreadsheet saved without its apostrophe, or that a person began with one, too."""
    return SHOWN.sub(r"\1", cell)


def write_rows(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> bytes:
    """Give rows of text as RFC 4180 has them, in UTF-8 with the byte order mark by which a spreadsheet knows it.

    Args:
        columns: the header; of each row these are written.
        rows: texts by column; an empty one where nothing is known.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(map(to_cell, columns))
    writer.writerows([to_cell(row[column]) for column in columns] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def read_rows(content: bytes, columns: Sequence[str]) -> list[dict[str, str]]:
    """Give the rows of a CSV file, each with the number of its line in the file as ``line``, without empty ones.

    Args:
        content: what ``write_rows`` gave, or what a spreadsheet made of it.
        columns: those that have to be there; others are given too.

    Raises:
        UnreadableRows: it is not UTF-8, a column is missing, or a row has more cells than there are columns.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        message = "it is not UTF-8; save it as CSV in UTF-8"
        raise UnreadableRows(message) from None
    line = 1
    try:
        delimiter = max(DELIMITERS, key=lambda sign: len({*columns} & {*_header(text, sign)}))
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        header = [from_cell(cell.strip()) for cell in next(reader, [])]
        if missing := [column for column in columns if column not in header]:
            message = f"it has no column {', '.join(missing)}; the first line names the columns, as they were written"
            raise UnreadableRows(message)
        found, line = [], reader.line_num + 1
        for cells in reader:
            while len(cells) > len(header) and not cells[-1]:  # empty columns behind
                cells.pop()
            if len(cells) > len(header):
                message = f"line {line} has {len(cells)} cells and there are {len(header)} columns; put quotes around"
                raise UnreadableRows(f"{message} a cell that holds the sign between cells")
            if any(cells):
                texts = [*map(from_cell, cells), *[""] * (len(header) - len(cells))]
                found.append(dict(zip(header, texts, strict=True)) | {"line": str(line)})
            line = reader.line_num + 1
    except csv.Error as error:
        message = f"it is no CSV file from line {line} on ({error}); save it as CSV"
        raise UnreadableRows(message) from None
    return found


def _header(text: str, delimiter: str) -> list[str]:
    return [cell.strip() for cell in next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])]
