"""The pandera gate: which rows of a frame of events break their declaration, and by which rule.

One schema per source, derived from its declaration and checked lazily, so that all breaches of all rows are known at
once. The producers use it before they publish, ingest uses it on what others published. A breach names a row, a column
and a rule, never a value: a value may be personal.
"""

import warnings
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import polars as pl

from schemas.declaration import EARLIEST_DAY, LARGEST_INTEGER, LATEST_DAY, Field, Kind, Source
from schemas.frame_types import FRAME_TYPES
from schemas.period import AMSTERDAM

if TYPE_CHECKING:
    from pandera.polars import Check, DataFrameSchema, PolarsData

POSSIBLE_DAYS = f"lies between {EARLIEST_DAY} and {LATEST_DAY}"
"""The rule of every day and moment, in words."""

EARLIEST_MOMENT, LATEST_MOMENT = (
    datetime(day.year, day.month, day.day, tzinfo=UTC) for day in (EARLIEST_DAY, LATEST_DAY)
)
"""Between these, both included, lies every moment that the gate lets through."""

BREACHES = {"row": pl.UInt32(), "column": pl.String(), "rule": pl.String()}
"""The shape of what ``breaches`` gives."""


def breaches(source: Source, events: pl.DataFrame) -> pl.DataFrame:
    """Every breach of the declaration in a frame of events, and nothing when all rows hold.

    Args:
        source: the declaration to hold the rows against.
        events: one row per event with the columns of ``schemas.frame_types.frame_types``; null means that nothing is
            known.

    Returns:
        One row per breach: ``row`` (the position in ``events``), ``column``, ``rule``. A row may break several rules.
    """
    schema = pandera_schema(source)
    from pandera.errors import SchemaErrors  # noqa: PLC0415 (as in _pandera)

    try:
        schema.validate(events.with_columns(_that_python_can_name(source)), lazy=True)
    except SchemaErrors as errors:
        found = errors.failure_cases.select(
            row=pl.col("index").cast(pl.UInt32),
            column=pl.coalesce(pl.col("check").str.extract(r"^(\w+): ", 1), "column"),
            rule=pl.when(pl.col("check") == "not_nullable")
            .then(pl.lit("is filled"))
            .otherwise(pl.col("check").str.replace(r"^\w+: ", "")),
        )
        return pl.DataFrame(found.sort("row", "column", "rule"))
    return pl.DataFrame(schema=BREACHES)


def _that_python_can_name(source: Source) -> list[pl.Expr]:
    """Days and moments within the years that Python knows: pandera reports the others, and fails at the year 0."""
    first, last = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)
    bounds: dict[Kind, tuple[Any, Any]] = {Kind.DATE: (first.date(), last.date()), Kind.TIMESTAMP: (first, last)}
    return [pl.col(field.name).clip(*bounds[field.kind]) for field in source.fields if field.kind in bounds]


@cache
def _pandera() -> Any:
    """The module, which takes half a second to import: only who checks rows waits for it."""
    with warnings.catch_warnings():  # it looks at PySpark where the extra is installed, and that warns about pandas
        warnings.simplefilter("ignore", FutureWarning)
        import pandera.polars  # noqa: PLC0415

        return pandera.polars


@cache
def pandera_schema(source: Source) -> "DataFrameSchema":
    """The pandera schema of a source's events, derived from its declaration."""
    pa = _pandera()
    together = [
        pa.Check(_filled_with(field.name, str(field.required_with)), error=f"{field.name}: {required_with_rule(field)}")
        for field in source.fields
        if field.required_with is not None
    ]
    together += [
        pa.Check(_not_before(field.name, field.not_before), error=f"{field.name}: {not_before_rule(field.not_before)}")
        for field in source.fields
        if field.not_before is not None
    ]
    together += [
        pa.Check(_known_of(field.name), error=f"{field.name}: {recorded_rule('recorded_at')}")
        for field in source.fields
        if field.kind is Kind.DATE and source.mutations is not None
    ]
    columns = {
        field.name: pa.Column(FRAME_TYPES[field.kind], checks=_checks(field), nullable=not field.required)
        for field in source.fields
    }
    schema: DataFrameSchema = pa.DataFrameSchema(columns, checks=together, strict=True, name=source.name)
    return schema


def required_with_rule(field: Field) -> str:
    """The rule of a field that one mutation may not come without, in words."""
    return f"is filled when the mutation is {field.required_with}"


def not_before_rule(earlier: str) -> str:
    """The rule of a day that may not lie before another one, in words."""
    return f"does not lie before {earlier}"


def recorded_rule(recorded: str) -> str:
    """The rule of a day in a row, in words: a clock may be off, and a register holds no later day."""
    return f"lies at most a day after {recorded}"


IMPOSSIBLE = (POSSIBLE_DAYS, recorded_rule("recorded_at"))
"""The rules whose breach is a value that cannot be, rather than one of another form or type."""


def _checks(field: Field) -> "list[Check]":  # noqa: PLR0911 (one return per kind reads best)
    """The rules of one column, each with the words in which a breach is reported."""
    pa = _pandera()
    if field.words is not None:
        words = [str(word) for word in field.words]
        rule = f"is one of {', '.join(words)}"
        if field.kind is Kind.WORDS:
            return [pa.Check(_each_is_one_of(words), error=rule)]
        return [pa.Check.isin(words, error=rule)]
    if field.text_pattern is not None:
        return [pa.Check.str_matches(field.text_pattern, error=f"matches {field.text_pattern}")]
    if field.kind is Kind.INTEGER:
        least = 0 if field.minimum is None else field.minimum
        return [pa.Check.in_range(least, LARGEST_INTEGER, error=f"is a whole number of {least} or more")]
    if field.kind is Kind.DATE:
        return [pa.Check.in_range(EARLIEST_DAY, LATEST_DAY, error=POSSIBLE_DAYS)]
    if field.kind is Kind.TIMESTAMP:
        return [pa.Check.in_range(EARLIEST_MOMENT, LATEST_MOMENT, error=POSSIBLE_DAYS)]
    return []


def _each_is_one_of(words: list[str]) -> Any:
    def check(data: "PolarsData") -> pl.LazyFrame:
        known = pl.col(data.key).list.eval(pl.element().is_in(words).fill_null(value=False)).list.all()
        return data.lazyframe.select(known)

    return check


def _not_before(column: str, earlier: str) -> Any:
    def check(data: "PolarsData") -> pl.LazyFrame:
        in_order = (pl.col(column) >= pl.col(earlier)).fill_null(value=True)
        return data.lazyframe.select(in_order.alias(column))

    return check


def _known_of(column: str) -> Any:
    def check(data: "PolarsData") -> pl.LazyFrame:
        recorded_on = pl.col("recorded_at").dt.convert_time_zone(AMSTERDAM.key).dt.date()
        in_time = (pl.col(column) <= recorded_on + pl.duration(days=1)).fill_null(value=True)
        return data.lazyframe.select(in_time.alias(column))

    return check


def _filled_with(column: str, mutation: str) -> Any:
    def check(data: "PolarsData") -> pl.LazyFrame:
        is_other = pl.col("mutation").ne_missing(pl.lit(mutation))
        return data.lazyframe.select((is_other | pl.col(column).is_not_null()).alias(column))

    return check
