"""Read an extract into text cells, each row with the line it starts on.

Two forms: CSV (docs/sources) and JSON Lines. What the cells mean is the business of ``producers.mapping``. A row
that is no row (another length, broken quotes, no JSON) is kept apart with its rule; a file that is no extract at all
raises. Cells are trimmed; a cell that is empty then is null: nothing is known.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from producers.errors import UnreadableExtract
from schemas.declaration import Source

BYTE_ORDER_MARK = "\ufeff"
END_OF_FILE = "\x1a"
"""What DOS, and exports that still speak to it, put at the end of a file (Ctrl-Z). It says nothing."""

PLACES = {"line": pl.UInt32(), "row": pl.String()}
"""Where a row stands: the line it starts on (the first line of the file is 1), and the row as it stands there."""

REJECTIONS = {"line": pl.UInt32(), "column": pl.String(), "rule": pl.String(), "row": pl.String()}
"""Rejected rows, one line each: several breaches of one row are joined by ``|`` in ``column`` and ``rule``."""

ROWS_AT_ONCE = 50_000
"""Rows that are held as Python texts at a time: a frame holds them in a tenth of the memory."""


@dataclass(frozen=True)
class Content:
    """A file of one moment: its text, and its identity.

    Attributes:
        file: where it stands.
        extract_id: SHA-256 of its bytes.
        text: the whole of it, without a byte order mark and without the end-of-file sign of DOS.
    """

    file: Path
    extract_id: str
    text: str = field(repr=False)


@dataclass(frozen=True)
class Extract:
    """An extract as text. Its representation shows no cell, for a cell may be personal.

    Attributes:
        file: where it was read.
        extract_id: SHA-256 of its bytes.
        cells: one text column per declared column; null is an empty cell.
        places: per row of ``cells``, in the same order: ``PLACES``.
        no_rows: what stands where a row should and is none: ``REJECTIONS``.
        warnings: what was ignored, for people.
    """

    file: Path
    extract_id: str
    cells: pl.DataFrame = field(repr=False)
    places: pl.DataFrame = field(repr=False)
    no_rows: pl.DataFrame = field(repr=False)
    warnings: tuple[str, ...]

    @property
    def rows(self) -> int:
        """Rows in the file, good and bad, empty lines apart."""
        return self.cells.height + self.no_rows.height


Reader = Callable[[Path, Source], Extract]
"""Reads a file as an extract of a source; raises ``UnreadableExtract``."""


def columns_of(source: Source) -> list[str]:
    """The columns that every extract of the source has, in the declared order."""
    return [field.column for field in source.fields if field.column is not None]


def read_content(file: Path) -> Content:
    """Read a file once, so that its identity and its rows are of the same moment.

    Raises:
        UnreadableExtract: it cannot be opened, or is not UTF-8.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        problem = f"it cannot be opened ({error.strerror or type(error).__name__})"
        raise UnreadableExtract(file, problem, "Check its name and whether you may read it") from None
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        first_wrong_byte = error.start
    else:
        stripped = text.removeprefix(BYTE_ORDER_MARK).rstrip(END_OF_FILE)
        return Content(file, hashlib.sha256(content).hexdigest(), stripped)
    # raised out here because a UnicodeDecodeError carries the whole file along
    line = content.count(b"\n", 0, first_wrong_byte) + 1
    raise UnreadableExtract(file, f"line {line} is not UTF-8", "Export it again as UTF-8 and publish that file")


class Rows:
    """Collects rows of text cells, in the order of the file, without holding them all as Python texts."""

    def __init__(self, columns: Sequence[str]) -> None:
        self._schema = dict.fromkeys(columns, pl.String())
        self._frames: list[pl.DataFrame] = []
        self._cells: list[Sequence[str | None]] = []
        self._lines: list[int] = []
        self._texts: list[str] = []
        self._no_rows: list[tuple[int, str, str, str]] = []

    def add(self, line: int, text: str, cells: Sequence[str | None]) -> None:
        """Keep a row: where it starts, how it stands there, its cells in the order of the columns."""
        self._lines.append(line)
        self._texts.append(text)
        self._cells.append(cells)
        if len(self._lines) == ROWS_AT_ONCE:
            self._pack()

    def refuse(self, line: int, text: str, breaches: Sequence[tuple[str, str]]) -> None:
        """Keep what is no row, with its breaches: column (empty when it is about the whole row) and rule."""
        columns, rules = zip(*breaches, strict=True)
        self._no_rows.append((line, "|".join(columns), "|".join(rules), text))

    def extract(self, content: Content, warnings: Sequence[str]) -> Extract:
        """Give everything that was collected."""
        self._pack()
        rows = pl.concat(self._frames, rechunk=True)
        places = rows.select(pl.nth(0).alias("line"), pl.nth(1).alias("row"))
        cells = rows.select(pl.nth(range(2, rows.width))).rename(
            dict(zip(rows.columns[2:], self._schema, strict=True)), strict=True
        )
        no_rows = pl.DataFrame(self._no_rows, schema=REJECTIONS, orient="row")
        return Extract(content.file, content.extract_id, cells, places, no_rows, tuple(warnings))

    def _pack(self) -> None:
        by_column = list(zip(*self._cells, strict=True)) if self._cells else [()] * len(self._schema)
        columns = [
            pl.Series("0", self._lines, dtype=pl.UInt32),
            pl.Series("1", self._texts, dtype=pl.String),
            *(pl.Series(f"{2 + n}", texts, dtype=pl.String) for n, texts in enumerate(by_column)),
        ]
        rows = pl.DataFrame(columns)
        self._frames.append(rows.select("0", "1").hstack(trimmed(rows.drop("0", "1"))))
        self._cells, self._lines, self._texts = [], [], []


def trimmed(cells: pl.DataFrame) -> pl.DataFrame:
    """Cells without the blanks around them; one that is empty then is null: nothing is known."""
    text = pl.all().str.strip_chars()
    return cells.with_columns(pl.when(text != "").then(text))
