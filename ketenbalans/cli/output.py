"""What goes where: answers to standard output, everything else (progress, warnings, errors) to standard error.

Text of a source or of a person moves nothing here and stays on its line, whoever prints it: every verb prints through
``answers``, ``aside``, ``print_json`` and ``Listing``, and nothing else in this package writes to the terminal.
"""

import io
import json
import re
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


WORD = re.compile(r"\s*(?:(?:[^\s`]|`[^`]*`)+|\S+)")
"""What stays in one piece: no space in it, or a command between backticks."""


class Terminal(Console):
    """A console on which what a person copies (an id, a command, a path) is in one piece, and no text moves another.

    Through a pipe a text is one line, however long. In a window it is broken between words, never in one; a word that
    is wider than the window has a line of its own. Control signs are shown as ``?``.
    """

    def print(self, *objects: Any, hanging: int = 0, **options: Any) -> None:
        """Print texts, or something that Rich draws.

        Args:
            objects: what to print; of several texts each is taken by itself.
            hanging: how far the second line of a text begins to the right of its first.
            options: as Rich has them.
        """
        shown = [escape_control_signs(one) if isinstance(one, str) else one for one in objects]
        if all(isinstance(one, (str, Text)) for one in shown):
            options.setdefault("soft_wrap", True)
            if self.is_terminal:
                shown = [self._between_words(one, hanging, markup=options.get("markup")) for one in shown]
        super().print(*shown, **{"crop": False, **options})

    def _between_words(self, shown: str | Text, hanging: int, *, markup: bool | None) -> Text:
        """Break a text that is wider than the window between its words; what follows is indented as its begin is."""
        text = self.render_str(shown, markup=markup) if isinstance(shown, str) else shown
        if text.cell_len <= self.width:
            return text
        margin = begin = used = len(text.plain) - len(text.plain.lstrip())
        breaks: list[int] = []
        indents: list[int] = []
        for word in WORD.finditer(text.plain, begin):
            bare = word[0].lstrip()
            if used > begin and used + cell_len(word[0]) > self.width:
                begin = max(0, min(margin + hanging, self.width - cell_len(bare)))
                breaks.append(word.end() - len(bare))
                indents.append(begin)
                used = begin + cell_len(bare)
            else:
                used += cell_len(word[0])
        first, *more = text.divide(breaks)
        for line in (first, *more):
            line.rstrip()
        below = [Text(" " * indent).append_text(line) for indent, line in zip(indents, more, strict=True)]
        return Text("\n").join([first, *below])


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

    For what is copied from many columns: in a window that is too narrow a row goes on below, between two cells, and all
    rows in the same way. Through a pipe a row is one line.
    """
    widths = [max(map(cell_len, column)) for column in zip(names, *(row.cells for row in rows), strict=True)]
    lines = _in_lines(widths, answers.width) if answers.is_terminal else [range(len(widths))]
    for row in (Row(names, style="soft"), *rows):
        cells = [cell + " " * (width - cell_len(cell)) for cell, width in zip(row.cells, widths, strict=True)]
        for number, columns in enumerate(lines):
            line = "  ".join(cells[column] for column in columns).rstrip()
            if line:
                answers.print(f"    {line}" if number else line, markup=False, style=row.style, soft_wrap=True)
        if row.below:
            answers.print(f"  {row.below}", markup=False, style=row.style)


def _in_lines(widths: Sequence[int], window: int) -> list[range]:
    """Which columns stand beside each other: as many as the window has room for, at least one."""
    lines, first, used = [], 0, 0
    for column, width in enumerate(widths):
        if column > first and used + 2 + width > window:
            lines.append(range(first, column))
            first, used = column, 4 + width
        else:
            used += width + (2 if column > first else 0)
    return [*lines, range(first, len(widths))]


def print_labelled(label: str, text: str, *, width: int) -> None:
    """Print one line of a description: a label, as wide as the widest of them, and a text beside it."""
    line = Text.assemble((f"  {label:<{width}} ", "soft"), escape_control_signs(text))
    answers.print(line, hanging=width + 1)


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
