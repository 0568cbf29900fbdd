"""How the text cells of an extract become the fields of an event, by the declaration of its source.

A field that says nothing special is mapped by its kind: words, dates, timestamps, whole numbers, J/N, lists, text; a
personal one becomes a person token. What is particular to a source is said in its own module, as a ``FieldMapping``.
Columns only: all rows of a part of an extract are mapped at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as with_default
from enum import Enum
from types import MappingProxyType

import polars as pl

from producers.extract import Reader, columns_of
from producers.pseudonyms import ANY_TOKEN, ChainKey
from schemas.declaration import LARGEST_INTEGER, Field, Kind, Source
from schemas.frame_types import FRAME_TYPES

LIST_SEPARATOR = "|"


class DateForm(Enum):
    """How an extract writes a day: its pattern, its format, and its rule in words."""

    DUTCH = r"^[0-9]{2}-[0-9]{2}-[0-9]{4}$", "%d-%m-%Y", "is a date, dd-mm-yyyy"
    ISO = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "%Y-%m-%d", "is a date, yyyy-mm-dd"


@dataclass(frozen=True, kw_only=True)
class FieldMapping:
    """How one field comes from one column.

    Attributes:
        column: the column that it comes from.
        value: the field's value from the column's trimmed text; null where the text cannot be mapped.
        rule: what a text must be so that it can be mapped, in the extract's words; None when one that cannot be
            mapped is no breach but null.
        refused: over the event's fields, what can be mapped and is refused all the same, with the rule it breaks.
    """

    column: str
    value: pl.Expr
    rule: str | None
    refused: tuple[tuple[pl.Expr, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Producer:
    """What is particular to the extracts of one source; everything else follows from its declaration.

    Attributes:
        source: the declaration.
        read: reads a file of its form.
        dates: how it writes days.
        special: fields that do not come from their own column by their kind alone.
    """

    source: Source
    read: Reader
    dates: DateForm = DateForm.DUTCH
    special: Mapping[str, FieldMapping] = with_default(default_factory=lambda: MappingProxyType({}))

    def mappings(self, key: ChainKey | None) -> dict[str, FieldMapping]:
        """How each field of the event comes about, in the declared order.

        Args:
            key: makes the person tokens; None: there is one token for all, for whoever only asks what breaks a rule.
        """
        return {
            field.name: self.special.get(field.name) or by_kind(field, dates=self.dates, key=key)
            for field in self.source.fields
        }

    @property
    def columns(self) -> list[str]:
        """The columns that every extract has."""
        return columns_of(self.source)


def by_kind(field: Field, *, dates: DateForm, key: ChainKey | None) -> FieldMapping:
    """Map a field that says nothing special from its own column, by its kind.

    Raises:
        ValueError: it has no column of its own, so its producer has to say how it comes about.
    """
    if field.column is None:
        message = f"{field.name} has no column: its producer says how it comes about"
        raise ValueError(message)
    cell = pl.col(field.column)
    if field.is_personal:
        # every text has its token
        tokens = (
            pl.when(cell.is_not_null()).then(pl.lit(ANY_TOKEN))
            if key is None
            else cell.map_batches(key.tokens, pl.String)
        )
        return FieldMapping(column=field.column, value=tokens, rule=None)
    value, rule = _value_and_rule(field, cell, dates)
    return FieldMapping(column=field.column, value=value, rule=rule)


def _value_and_rule(field: Field, cell: pl.Expr, dates: DateForm) -> tuple[pl.Expr, str]:
    if field.kind is Kind.WORDS or field.words is not None:
        return _words(field, cell)
    if field.kind is Kind.INTEGER:
        whole = pl.when(cell.str.contains(r"^[0-9]+$")).then(cell.str.replace(r"^0+([0-9])", "${1}"))
        least = field.minimum or 0
        return whole.cast(pl.Int32, strict=False), f"is a whole number from {least} to {LARGEST_INTEGER}"
    if field.kind is Kind.BOOLEAN:
        return cell.replace_strict({"J": True, "N": False}, default=None, return_dtype=pl.Boolean), "is J or N"
    if field.kind is Kind.DATE:
        pattern, form, rule = dates.value
        return pl.when(cell.str.contains(pattern)).then(cell).str.to_date(form, strict=False), rule
    if field.kind is Kind.TIMESTAMP:
        return moment(cell), "is a moment with its offset, such as 2015-01-31T17:45:00+01:00 or 2015-01-31T16:45:00Z"
    if field.kind is Kind.TEXT:
        return cell, "is a text"
    message = f"no extract can hold a {field.kind.value}: {field.name}"
    raise ValueError(message)


def _words(field: Field, cell: pl.Expr) -> tuple[pl.Expr, str]:
    words = {word.word: str(word) for word in field.words or ()}
    one_of = f"is one of {', '.join(words)}"
    if field.kind is not Kind.WORDS:
        return cell.replace_strict(words, default=None, return_dtype=pl.String), one_of
    each = pl.element().replace_strict(words, default=None, return_dtype=pl.String)
    listed = cell.str.split(LIST_SEPARATOR).list.eval(each)
    all_known = listed.list.eval(pl.element().is_not_null()).list.all()
    return pl.when(all_known).then(listed), f"is a list of which each, between {LIST_SEPARATOR}, {one_of}"


_MOMENT = (
    r"^([0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9])(?::([0-5][0-9])(?:[.,]([0-9]{1,6})[0-9]*)?)?"
    r"(?:Z|([+-])([01][0-9]|2[0-3])(?::?([0-5][0-9]))?)$"
)


def moment(text: pl.Expr) -> pl.Expr:
    """The moment, in UTC, that an ISO 8601 text with its offset names; null when it names none.

    ``2015-01-31T17:45``, then seconds or not, a fraction or not (cut off after microseconds), and ``Z`` or the offset
    in hours or in hours and minutes.
    """
    return text.map_batches(_moments, FRAME_TYPES[Kind.TIMESTAMP])


def _moments(texts: pl.Series) -> pl.Series:
    """The moments of a column: each text is taken apart once."""
    minutes, seconds, fraction, sign, offset_hours, offset_minutes = (pl.col(str(n)) for n in range(1, 7))
    local = minutes.str.to_datetime("%Y-%m-%dT%H:%M", time_unit="us", strict=False) + pl.duration(
        seconds=seconds.cast(pl.Int64).fill_null(0),
        microseconds=fraction.str.pad_end(6, "0").cast(pl.Int64).fill_null(0),
    )
    offset = pl.duration(
        hours=offset_hours.cast(pl.Int64).fill_null(0), minutes=offset_minutes.cast(pl.Int64).fill_null(0)
    )
    behind_utc = pl.when(sign == "-").then(-offset).otherwise(offset)
    parts = texts.str.extract_groups(_MOMENT).struct.unnest()
    return parts.select((local - behind_utc).dt.replace_time_zone("UTC")).to_series()


def mapped(mappings: Mapping[str, FieldMapping], source: Source, cells: pl.DataFrame) -> pl.DataFrame:
    """Map the cells of every row to the source's fields, in their types; what cannot be mapped is null."""
    types = {field.name: FRAME_TYPES[field.kind] for field in source.fields}
    return cells.select(mapping.value.cast(types[name]).alias(name) for name, mapping in mappings.items())
