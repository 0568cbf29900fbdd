"""How the events of a linked register become coded rows: one row per event, its columns as numbers and a few words.

All follows from the declarations (``schemas.linked_columns``): a field that a rule comes to use is a column from then
on, and ``version`` is another one, so that files of before are made anew.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version as version_of
from pathlib import Path

import polars as pl

import schemas.coded_state
import schemas.linked_columns
from schemas.catalogue import linked_sources
from schemas.coded_state import DELIVERIES, coded_column, coded_deliveries
from schemas.declaration import Field, Kind, Source
from schemas.frame_types import stored_types
from schemas.linked_columns import DELIVERY_COLUMNS, REGISTRATION_COLUMNS, LinkedColumn, names, read_of
from schemas.sources import om_registrations, police_deliveries
from schemas.vocabulary import Vocabulary
from warehouse.copying import SEPARATOR_IN_LISTS

IN_FIGURES = {
    police_deliveries.SOURCE.name: ("qualifications", "transnational"),
    om_registrations.SOURCE.name: ("disposal",),
}
"""The fields by which figures are split, and that no rule of linking reads."""

RECORDED_AT, MUTATION, LOAD_NUMBER, IS_ALONE = "recorded_at", "mutation_rank", "load_number", "is_alone"
"""The columns of every coded row beside those of linking.

``mutation_rank`` is the place of the mutation in its declared order. ``is_alone`` is true of a row whose record has no
other row in the same segment: it is the newest without any comparison.
"""

EVENT_ID, EVENT_SOURCE = "event_id", "event_source"


@dataclass(frozen=True)
class CodedSource:
    """A linked register as it is coded.

    Attributes:
        source: its declaration.
        columns: the columns of linking that follow from one row.
        read: what is read of the event table to make a coded row.
        record_key: the coded columns that identify a record.
        order: the coded columns by which its state is sorted.
        figures: the fields by which figures are split, with the names of their coded columns.
        days: the coded columns that hold a day.
    """

    source: Source
    columns: tuple[LinkedColumn, ...]
    read: tuple[str, ...]
    record_key: tuple[str, ...]
    order: tuple[str, ...]
    figures: tuple[tuple[str, Field], ...]
    days: tuple[str, ...]

    def coded(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Rows of the event table (``read``) as coded rows, in their order, without ``is_alone``."""
        mutations = list(self.source.mutations or ())
        return rows.select(
            *map(coded_column, self.columns),
            *(_coded_figure(field).alias(name) for name, field in self.figures),
            *(pl.col(name) for name in self.days if name not in names(self.columns)),
            _rank("mutation", mutations).alias(MUTATION),
            RECORDED_AT,
            LOAD_NUMBER,
        )

    @property
    def types_read(self) -> dict[str, pl.DataType]:
        """The types of ``read``, in their order."""
        stored = {LOAD_NUMBER: pl.Int32(), **stored_types(self.source)}
        return {name: pl.String() if isinstance(stored[name], pl.List) else stored[name] for name in self.read}


@cache  # found when it is first asked for: what works in Polars while it is imported cannot be forked (ADR 0009)
def delivery_state() -> pl.Schema:
    """The coded deliveries that linking takes, by column."""
    return coded_deliveries(pl.DataFrame(schema=DELIVERIES)).schema


def figure_column(field: Field) -> str:
    """The coded column of a field by which figures are split: a mask of words, the place of a word, or a truth."""
    if field.kind is Kind.WORDS:
        return f"{field.name}_mask"
    return f"is_{field.name}" if field.kind is Kind.BOOLEAN else f"{field.name}_rank"


@cache
def coded_source(source: Source) -> CodedSource:
    """How a linked register is coded.

    Raises:
        ValueError: a column by which its records are told apart is none of linking.
    """
    is_delivering = source.party is not None
    of_the_register = DELIVERY_COLUMNS if is_delivering else REGISTRATION_COLUMNS
    stored = {field.stored_as for field in source.fields}
    columns = tuple(column for column in of_the_register if stored.issuperset(column.read))
    by_field = {column.read: column.name for column in columns}
    if unknown := [name for name in source.record_key if (name,) not in by_field]:
        message = f"{source.name} tells its records apart by {', '.join(unknown)}, which linking does not read"
        raise ValueError(message)
    figures = tuple((figure_column(source.field(name)), source.field(name)) for name in IN_FIGURES.get(source.name, ()))
    days = tuple(field.name for field in source.fields if field.kind is Kind.DATE)
    needed = {*read_of(columns), *(field.name for _, field in figures), *days, "mutation", RECORDED_AT}
    return CodedSource(
        source=source,
        columns=columns,
        read=(*(field.stored_as for field in source.fields if field.stored_as in needed), LOAD_NUMBER),
        record_key=tuple(by_field[name,] for name in source.record_key),
        order=("dossier", "suspect_number") if is_delivering else ("reported_dossier", "case"),
        figures=figures,
        days=days,
    )


@cache
def version() -> str:
    """Sixteen hex digits that are others when a coded row is made otherwise, or written by another Polars."""
    made_of = hashlib.sha256(version_of("polars").encode())
    for module in (__file__, schemas.coded_state.__file__, schemas.linked_columns.__file__):
        made_of.update(Path(str(module)).read_bytes())
    for source in linked_sources():
        coded = coded_source(source)
        words = [list(map(str, vocabulary)) for vocabulary in _vocabularies(source)]
        made_of.update(
            repr((source.name, coded.columns, coded.types_read, coded.order, coded.record_key, words)).encode()
        )
    return made_of.hexdigest()[:16]


def _vocabularies(source: Source) -> list[type[Vocabulary]]:
    words = [field.words for field in source.fields if field.words is not None]
    return [*words, *([] if source.mutations is None else [source.mutations])]


def _coded_figure(field: Field) -> pl.Expr:
    words = list(field.words or ())
    if field.kind is Kind.WORDS:
        return _mask(field.name, words)
    return _rank(field.name, words) if field.kind is Kind.TEXT else pl.col(field.name)


def _rank(name: str, words: Sequence[Vocabulary]) -> pl.Expr:
    """The place of a word in its declared order; null where there is none."""
    places = {word.value: place for place, word in enumerate(words)}
    return pl.col(name).replace_strict(places, return_dtype=pl.Int8)


def _mask(name: str, words: Sequence[Vocabulary]) -> pl.Expr:
    """The words of a list, as one text, as bits: ``2 ** place`` for each; 0 for an empty list, null for none."""
    marked = SEPARATOR_IN_LISTS + pl.col(name) + SEPARATOR_IN_LISTS
    bits = (
        marked.str.contains(f"{SEPARATOR_IN_LISTS}{word.value}{SEPARATOR_IN_LISTS}", literal=True).cast(pl.Int32)
        * 2**place
        for place, word in enumerate(words)
    )
    return pl.sum_horizontal(bits, ignore_nulls=False)


def bit_of(word: Vocabulary) -> int:
    """The bit of a word in the mask of a list of such words."""
    return int(2 ** list(type(word)).index(word))


def rank_of(word: Vocabulary) -> int:
    """The place of a word in its declared order."""
    return list(type(word)).index(word)
