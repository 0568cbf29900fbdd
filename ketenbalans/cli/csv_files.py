"""Rows as a CSV file that a spreadsheet opens and never runs."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ketenbalans.spreadsheet_cells import STARTS_A_FORMULA
from schemas.control_signs import escape_control_signs


def to_csv(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> bytes:
    """Give rows as RFC 4180 has them, in UTF-8 with a byte order mark, by which a spreadsheet knows the encoding.

    Days are ISO; what is not known is an empty cell. A text that a spreadsheet would run as a formula gets an
    apostrophe before it, and control signs are shown as ``?``.

    Args:
        columns: the header; of each row these are written.
        rows: values by column.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(row[column]) for column in columns])
    return text.getvalue().encode("utf-8-sig")


def _cell(value: object) -> object:
    if not isinstance(value, str):
        return value
    shown = escape_control_signs(value)
    return f"'{shown}" if value.startswith(STARTS_A_FORMULA) else shown
