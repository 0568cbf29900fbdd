"""Write a scenario's rows as the extracts that the sources would have handed over, one set per day of delivery.

Same rows, same bytes. A set holds what its source recorded after the day that the set before covered, and repeats a few
rows of that one, as real extracts do. The header stays on line 1, so what says "synthetic" stands in a file beside it.
"""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Protocol, TypeVar

from ketenbalans.scenarios.moments import day_of
from ketenbalans.whole_files import write_whole


class Recorded(Protocol):
    """Anything that a source recorded at a moment, and hands over as cells."""

    @property
    def recorded_at(self) -> datetime:
        """When the source recorded it."""

    def cells(self) -> Mapping[str, str | None]:
        """Write it as its extract has it."""


AnyRow = TypeVar("AnyRow", bound=Recorded)


def rows_per_set(rows: Iterable[AnyRow], covers: Sequence[date], *, repeated: int) -> list[tuple[date, list[AnyRow]]]:
    """Divide rows over the sets by the Amsterdam day they were recorded on; what no set covers is left out.

    Args:
        rows: all rows of one source.
        covers: the last day of each set, ascending.
        repeated: how many rows of the set before each set repeats, the newest ones, at its start.
    """
    in_order = [(day_of(row.recorded_at), row) for row in sorted(rows, key=lambda row: row.recorded_at)]
    sets: list[tuple[date, list[AnyRow]]] = []
    before: list[AnyRow] = []
    after = date.min
    for covers_until in covers:
        own = [row for day, row in in_order if after < day <= covers_until]
        sets.append((covers_until, before[-repeated:] + own))
        before, after = own, covers_until
    return sets


def as_csv(lines: Iterable[Mapping[str, str | None]], *, columns: Sequence[str] = ()) -> bytes:
    """Lines with equal keys as an extract: ``;``, UTF-8, the header first.

    Args:
        lines: its lines; there may be none, where a source has nothing to report.
        columns: the header; by default the keys of the first line.

    Raises:
        ValueError: when there is neither a line nor a column, since then there is no header either.
    """
    all_lines = list(lines)
    header = list(columns) or list(all_lines[0] if all_lines else ())
    if not header:
        raise ValueError("an extract would hold no line and no header; say its columns")
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=header, delimiter=";", lineterminator="\n")
    writer.writeheader()
    writer.writerows(all_lines)
    return text.getvalue().encode()


def as_json_lines(lines: Iterable[Mapping[str, str | None]]) -> bytes:
    """One JSON object a line, keys in the order given."""
    return "".join(json.dumps(line) + "\n" for line in lines).encode()


def write_csv(path: Path, lines: Iterable[Mapping[str, str | None]], *, columns: Sequence[str] = ()) -> Path:
    """Write lines as an extract (``as_csv``), whole or not at all, and give its path."""
    return write_whole(path, as_csv(lines, columns=columns))
