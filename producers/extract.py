"""An extract as text cells, a part at a time, each row with the line it starts on.

Two forms: CSV (docs/sources) and JSON Lines. What the cells mean is the business of ``producers.mapping``. A row
that is no row (another length, broken quotes, no JSON) is kept apart with its rule; a file that is no extract at all
raises. Cells are trimmed; a cell that is empty then is null: nothing is known.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import polars as pl

from producers.content import Content
from schemas.declaration import Source

REJECTIONS = {"line": pl.UInt32(), "column": pl.String(), "rule": pl.String(), "row": pl.String()}
"""Rejected rows, one line each: several breaches of one row are joined by ``|`` in ``column`` and ``rule``."""


@dataclass(frozen=True)
class ExtractPart:
    """Rows of an extract that stand together, as text. Its representation shows no cell, for a cell may be personal.

    Attributes:
        cells: one text column per declared column; null is an empty cell.
        lines: per row of ``cells`` the line that it starts on; the first line of the file is 1.
        no_rows: what stands where a row should and is none: ``REJECTIONS``.
        texts_of: how the rows at some positions in ``cells`` stand in the file; only ever asked of rejected ones.
    """

    cells: pl.DataFrame = field(repr=False)
    lines: pl.Series = field(repr=False)
    no_rows: pl.DataFrame = field(repr=False)
    texts_of: Callable[[pl.Series], pl.Series] = field(repr=False)


@dataclass(frozen=True)
class Reading:
    """One reading of an extract from its start.

    Attributes:
        parts: all rows, in the order of the file; raises ``UnreadableExtract`` where the file proves to be none.
        warnings: what was ignored, for people; complete when the parts have come to their end.
    """

    parts: Iterator[ExtractPart]
    warnings: list[str]


Reader = Callable[[Content, Source], Reading]
"""Reads a file as an extract of a source."""


def columns_of(source: Source) -> list[str]:
    """The columns that every extract of the source has, in the declared order."""
    return [field.column for field in source.fields if field.column is not None]


class Rows:
    """Collects rows of text cells, one by one, for a part."""

    def __init__(self, columns: Sequence[str]) -> None:
        self._columns = list(columns)
        self._cells: list[Sequence[str | None]] = []
        self._lines: list[int] = []
        self._texts: list[str] = []
        self._no_rows: list[tuple[int, str, str, str]] = []

    def add(self, line: int, text: str, cells: Sequence[str | None]) -> None:
        """Keep a row: where it starts, how it stands there, its cells in the order of the columns."""
        self._lines.append(line)
        self._texts.append(text)
        self._cells.append(cells)

    def refuse(self, line: int, text: str, breaches: Sequence[tuple[str, str]]) -> None:
        """Keep what is no row, with its breaches: column (empty when it is about the whole row) and rule."""
        columns, rules = zip(*breaches, strict=True)
        self._no_rows.append((line, "|".join(columns), "|".join(rules), text))

    def part(self) -> ExtractPart:
        """Give everything that was collected."""
        by_column = list(zip(*self._cells, strict=True)) if self._cells else [()] * len(self._columns)
        cells = [pl.Series(name, texts, dtype=pl.String) for name, texts in zip(self._columns, by_column, strict=True)]
        texts = self._texts
        return ExtractPart(
            cells=trimmed(pl.DataFrame(cells)),
            lines=pl.Series("line", self._lines, dtype=pl.UInt32),
            no_rows=pl.DataFrame(self._no_rows, schema=REJECTIONS, orient="row"),
            texts_of=lambda positions: pl.Series("row", [texts[position] for position in positions], dtype=pl.String),
        )


def trimmed(cells: pl.DataFrame) -> pl.DataFrame:
    """Cells without the blanks around them; one that is empty then is null: nothing is known."""
    text = pl.all().str.strip_chars()
    return cells.with_columns(pl.when(text != "").then(text))
