"""An extract is read twice: first to know what it is and which rows are good, then to give the good ones as events.

So everything that can keep an extract from being published is known before its first event is sent: a quote that
swallows the rest, a byte that is no UTF-8, which rows are rejected, what the totals are. And neither reading holds more
than a few parts in memory. The second one gives nothing that was not there in the first (``producers.content``).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

import polars as pl

from producers.check import check, counted
from producers.content import Content
from producers.control import is_declared_synthetic
from producers.errors import UnreadableExtract
from producers.extract import REJECTIONS
from producers.mapping import Producer, mapped
from producers.pseudonyms import ChainKey


@dataclass(frozen=True)
class Checked:
    """What an extract is, of which every row is good or rejected. Its representation shows no row.

    Attributes:
        extract_id: SHA-256 of its bytes.
        rows: rows in the file, empty lines apart.
        rejected: those that break a rule, ``REJECTIONS``, in the order of the file.
        newest_recorded_at: the newest possible moment of a mutation, of the rejected rows too.
        rules: how many rows each rule rejected: ``column``, ``rule``, ``rows``. A row may break several.
        synthetic: ``producers.control.is_declared_synthetic`` of all rows.
        warnings: what was ignored in the file, for people.
    """

    extract_id: str
    rows: int
    rejected: pl.DataFrame = field(repr=False)
    newest_recorded_at: datetime | None
    rules: pl.DataFrame
    synthetic: bool | None
    warnings: tuple[str, ...]

    @property
    def published(self) -> int:
        """How many rows become events."""
        return self.rows - self.rejected.height


def checked(producer: Producer, content: Content) -> Checked:
    """Read an extract for the first time, to its end.

    Raises:
        UnreadableExtract: it is none.
    """
    problem = None
    try:
        return _checked(producer, content)
    except UnreadableExtract as error:
        problem = error
    for _ in content.pieces():  # a file in another encoding looks like one with another header
        pass
    raise problem


def _checked(producer: Producer, content: Content) -> Checked:
    reading = producer.read(content, producer.source)
    rows, rejected, rules = 0, [pl.DataFrame(schema=REJECTIONS)], []
    moments: list[datetime] = []
    synthetic: list[bool] = []
    for part in reading.parts:
        found = check(producer, part)
        rows += part.cells.height + part.no_rows.height
        rejected.append(found.rejected)
        rules.append(found.rules)
        moments += [found.newest_recorded_at] if found.newest_recorded_at else []
        is_synthetic = is_declared_synthetic(producer.source, part.cells)
        synthetic += [] if is_synthetic is None else [is_synthetic]
    return Checked(
        extract_id=content.extract_id,
        rows=rows,
        rejected=pl.concat(rejected),
        newest_recorded_at=max(moments, default=None),
        rules=counted(rules),
        synthetic=any(synthetic) if synthetic else None,
        warnings=tuple(reading.warnings),
    )


def good_rows(
    producer: Producer, content: Content, key: ChainKey, rejected: pl.DataFrame
) -> Iterator[tuple[pl.DataFrame, pl.Series]]:
    """Read an extract once more and give its good rows, in the order of the file.

    Args:
        producer: what is particular to the source.
        content: was read to its end before.
        key: makes the person tokens.
        rejected: the rows that ``checked`` found to be none or to break a rule.

    Returns:
        Per part a frame of events, and per event the number of its row in the extract, from 1, empty lines apart.

    Raises:
        ExtractChanged: the file is no longer what it was.
    """
    mappings = producer.mappings(key)
    not_good = rejected["line"]
    before = 0
    for part in producer.read(content, producer.source).parts:
        good = (
            part.lines.to_frame("line")
            .with_row_index("position")
            .join(not_good.to_frame(), on="line", how="anti", maintain_order="left")["position"]
            if len(not_good)
            else None
        )
        events = mapped(mappings, producer.source, part.cells if good is None else part.cells[good])
        rows = pl.int_range(part.cells.height, dtype=pl.Int64, eager=True) if good is None else good.cast(pl.Int64)
        yield events, rows + (before + 1)
        before += part.cells.height
