"""What goes where: answers to standard output, everything else (progress, warnings, errors) to standard error.

Text of a source or of a person moves nothing here and stays on its line, whoever prints it: every verb prints through
``answers``, ``aside``, ``print_json`` and ``Listing``, and nothing else in this package writes to the terminal.
"""

import io
import json
import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

import typer
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text
from rich.theme import Theme

from schemas.control_signs import escape_control_signs, escape_in_json

THEME = Theme({"figure": "bold", "soft": "dim", "warning": "yellow", "error": "bold red"})


class Terminal(Console):
    """A console on which a text is one line: control signs are shown as ``?``, and nothing is broken at its width.

    So what is to be copied (an id, a command, a path) is in one piece, in a narrow window and through a pipe.
    """

    def print(self, *objects: Any, **options: Any) -> None:
        """Print texts, each as one line, or something that Rich draws."""
        shown = [escape_control_signs(one) if isinstance(one, str) else one for one in objects]
        if "soft_wrap" not in options:
            options["soft_wrap"] = all(isinstance(one, str) for one in objects)
        super().print(*shown, **{"crop": False, **options})


answers = Terminal(theme=THEME, highlight=False)
aside = Terminal(theme=THEME, highlight=False, stderr=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print the answer as JSON, and nothing else.")]


class Listing(Table):
    """A table of texts: a cell is shown as it stands, without markup, and what a person copies is never broken."""

    def __init__(
        self,
        *names: str,
        numbers: Collection[str] = (),
        copied: Collection[str] = (),
        whole: Collection[str] = (),
        has_header: bool = True,
    ) -> None:
        """Make a table without rows.

        Args:
            names: the headings.
            numbers: of these columns the cells stand to the right.
            copied: what stands in these is typed again by a person: never broken, also where it does not fit.
            whole: these are broken only when the others cannot become narrower.
            has_header: whether the headings are shown.
        """
        super().__init__(box=None, pad_edge=False, show_edge=False, header_style="soft", show_header=has_header)
        self._copied = [name in copied for name in names]
        for name in names:
            is_whole = name in copied or name in whole
            justify: Any = "right" if name in numbers else "left"
            self.add_column(name, justify=justify, overflow="fold", no_wrap=is_whole)

    def add(self, *cells: str | Text, style: str | None = None) -> None:
        """Add a row. A ``Text`` is ours and stands as it is; anything else is shown without control signs."""
        texts = [cell if isinstance(cell, Text) else Text(escape_control_signs(cell)) for cell in cells]
        for column, text, is_copied in zip(self.columns, texts, self._copied, strict=True):
            if is_copied:
                column.min_width = max(column.min_width or 0, cell_len(text.plain))
        self.add_row(*texts, style=style)


@dataclass(frozen=True)
class Row:
    """One row of ``print_rows``: its cells, how it is shown, and a sentence below it."""

    cells: tuple[str, ...]
    style: str | None = None
    below: str | None = None


def print_rows(names: tuple[str, ...], rows: Sequence[Row]) -> None:
    """Print rows under their headings, each cell in one piece however wide that is; a sentence stands on its own line.

    For what is copied from many columns: a window that is too narrow breaks the line, a pipe does not.
    """
    widths = [max(map(len, column)) for column in zip(names, *(row.cells for row in rows), strict=True)]
    for row in (Row(names, style="soft"), *rows):
        cells = (cell.ljust(width) for cell, width in zip(row.cells, widths, strict=True))
        answers.print("  ".join(cells).rstrip(), markup=False, style=row.style)
        if row.below:
            answers.print(f"  {row.below}", markup=False, style=row.style)


def print_json(answer: Any) -> None:
    """Print an answer as JSON, and nothing else, to standard output."""
    text = escape_in_json(json.dumps(answer, indent=1, ensure_ascii=False, default=_to_json))
    if not _can_be_written(text):
        text = escape_in_json(json.dumps(answer, indent=1, default=_to_json))
    sys.stdout.write(text + "\n")


def escape_what_cannot_be_encoded() -> None:
    """Let standard output and error escape what their encoding has no sign for, instead of failing after the work."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _can_be_written(text: str) -> bool:
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _to_json(value: object) -> str:
    if isinstance(value, date):  # a moment is one too
        return value.isoformat()
    message = f"{type(value).__name__} is no answer"
    raise TypeError(message)
