"""Hold every row of an extract against its declaration: it becomes an event or a rejection, never both, never neither.

Rules are reported in the extract's own words and columns, because that is what whoever mends the row has before them.
A rule is about one row alone, so an extract may be checked a part at a time.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import polars as pl

from producers.extract import REJECTIONS, ExtractPart
from producers.mapping import FieldMapping, Producer, mapped
from schemas.declaration import INVISIBLE_SIGN, PLAIN_TEXT, SHORT_TEXT, Kind, Source
from schemas.gate import (
    BREACHES,
    EARLIEST_MOMENT,
    LATEST_MOMENT,
    breaches,
    not_before_rule,
    recorded_rule,
    required_with_rule,
)

LONGEST_CELL = 32_768
"""Characters of a cell: a longer one is a mistake of the export, and more than a message can hold."""

NO_NUL = "holds no NUL character"
NO_INVISIBLE_SIGN = "holds no invisible sign (zero-width, soft hyphen, byte order mark, direction or control character)"


@dataclass(frozen=True)
class CheckedPart:
    """A part of an extract, sorted out. Its representation shows no row, for a row may be personal.

    Attributes:
        events: how many rows become events.
        rejected: the others, ``REJECTIONS``, in the order of the file.
        newest_recorded_at: the newest possible moment of a mutation, of the rejected rows too.
        rules: how many rows each rule rejected: ``column``, ``rule``, ``rows``. A row may break several.
    """

    events: int
    rejected: pl.DataFrame = field(repr=False)
    newest_recorded_at: datetime | None
    rules: pl.DataFrame


def check(producer: Producer, part: ExtractPart) -> CheckedPart:
    """Map every row and find the ones that break a rule of their source. No person token is made.

    Args:
        producer: what is particular to the source.
        part: the rows as text.
    """
    mappings = producer.mappings(None)
    events = mapped(mappings, producer.source, part.cells)
    newest = _newest_possible(events["recorded_at"])
    not_mapped = _not_mapped(producer.source, mappings, part.cells, events)
    # a field that could not be mapped is null, and that it is null is no second breach
    of_the_gate = breaches(producer.source, events).join(not_mapped, on=["row", "column"], how="anti")
    found = _in_the_extracts_words(producer.source, mappings, pl.concat([not_mapped, of_the_gate]))
    in_order = found.unique().sort("row", pl.col("column").cast(pl.Enum(producer.columns)), "rule")
    by_row = in_order.group_by("row", maintain_order=True).agg(pl.col("column", "rule").str.join("|"))
    rejected = pl.DataFrame(schema=REJECTIONS) if by_row.is_empty() else _as_they_stand(by_row, part)
    return CheckedPart(
        events=events.height - rejected.height,
        rejected=pl.concat([rejected, part.no_rows]).sort("line"),
        newest_recorded_at=newest,
        rules=counted([in_order, _parted(part.no_rows)]),
    )


def _as_they_stand(by_row: pl.DataFrame, part: ExtractPart) -> pl.DataFrame:
    """``REJECTIONS`` of rows by their position."""
    rows = by_row["row"]
    lines, texts = part.lines.gather(rows), part.texts_of(rows)
    return by_row.select(line=lines, column="column", rule="rule", row=texts)


def _newest_possible(moments: pl.Series) -> datetime | None:
    """Impossible ones are left out first: Python cannot even hold each of them."""
    newest: Any = moments.filter(moments.is_between(EARLIEST_MOMENT, LATEST_MOMENT)).max()
    return newest if isinstance(newest, datetime) else None


def counted(broken: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """How many rows broke each rule of each column, the most broken first: ``column``, ``rule``, ``rows``.

    Args:
        broken: ``column`` and ``rule`` of each breach; with ``rows``, of so many.
    """
    nothing = pl.DataFrame(schema={"column": pl.String(), "rule": pl.String(), "rows": pl.UInt32()})
    once = pl.lit(1, pl.UInt32).alias("rows")
    each = (
        one.select(pl.col("column", "rule").cast(pl.String), "rows" if "rows" in one.columns else once)
        for one in broken
    )
    every = pl.concat([nothing, *each])
    rules = every.group_by("column", "rule").agg(pl.col("rows").sum())
    return rules.sort("rows", "column", "rule", descending=[True, False, False], nulls_last=True)


def _parted(rejections: pl.DataFrame) -> pl.DataFrame:
    """One row per breach of what was kept as one row per rejected row."""
    columns, rules = pl.col("column").str.split("|"), pl.col("rule").str.split("|")
    is_one = columns.list.len() != rules.list.len()  # a rule that holds the sign itself
    parted = rejections.select(
        column=pl.when(is_one).then(pl.concat_list("column")).otherwise(columns),
        rule=pl.when(is_one).then(pl.concat_list("rule")).otherwise(rules),
    )
    return parted.explode("column", "rule")


def _not_mapped(
    source: Source, mappings: Mapping[str, FieldMapping], cells: pl.DataFrame, events: pl.DataFrame
) -> pl.DataFrame:
    """Every cell that cannot become its field: ``BREACHES``, the field in ``column``."""
    found = [pl.DataFrame(schema=BREACHES)]

    def add(broken: pl.Series, field: str, rule: str) -> None:
        rows = broken.fill_null(value=False).arg_true()
        if len(rows):
            found.append(pl.select(row=pl.lit(rows.cast(pl.UInt32)), column=pl.lit(field), rule=pl.lit(rule)))

    for name, mapping in mappings.items():
        cell = cells[mapping.column]
        add(cell.str.len_chars() > LONGEST_CELL, name, f"has at most {LONGEST_CELL} characters")
        add(cell.str.contains("\x00", literal=True), name, NO_NUL)
        is_mapped = events[name].is_not_null()
        if name in source.identifiers:
            hides_a_sign = cell.str.contains(INVISIBLE_SIGN)
            add(hides_a_sign, name, NO_INVISIBLE_SIGN)
            is_mapped |= hides_a_sign  # a number that looks right is not rejected
        if mapping.rule is not None:
            add(cell.is_not_null() & ~is_mapped, name, mapping.rule)
        for is_refused, rule in mapping.refused:
            add(events.select(is_refused).to_series(), name, rule)
    return pl.concat(found)


def _in_the_extracts_words(source: Source, mappings: Mapping[str, FieldMapping], found: pl.DataFrame) -> pl.DataFrame:
    """Breaches as whoever mends the extract knows them: the column for the field, the rule in the column's words."""
    known: list[tuple[str, str, str]] = []
    for declared in source.fields:
        known.append((declared.name, f"matches {PLAIN_TEXT}", NO_NUL))
        known.append((declared.name, f"matches {SHORT_TEXT}", "is one line of 1 to 255 characters"))
        if declared.required_with is not None:
            rule = f"is filled when {mappings['mutation'].column} is {declared.required_with.word}"
            known.append((declared.name, required_with_rule(declared), rule))
        if declared.not_before is not None:
            rule = not_before_rule(mappings[declared.not_before].column)
            known.append((declared.name, not_before_rule(declared.not_before), rule))
        if declared.kind is Kind.DATE and source.mutations is not None:
            rule = recorded_rule(mappings["recorded_at"].column)
            known.append((declared.name, recorded_rule("recorded_at"), rule))
    words = pl.DataFrame(known, schema=["column", "rule", "words"], orient="row")
    columns = {name: mapping.column for name, mapping in mappings.items()}
    return found.join(words, on=["column", "rule"], how="left", maintain_order="left").select(
        "row", column=pl.col("column").replace_strict(columns), rule=pl.coalesce("words", "rule")
    )
