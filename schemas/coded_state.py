"""State with its keys as whole numbers: what the rules compare, join and sort by, at a tenth of the memory.

A dossier number is `PL`, two digits, two capitals or digits and ten digits: as one number (digits, base 36, digits) it
fits 64 bits, keeps its order and can be written out again. So do a police unit (the first six characters) and a case
number (ten digits). A person is a number already where the registers are stored. Column functions over Polars.
"""

from collections.abc import Callable
from typing import TypeAlias

import polars as pl

from schemas.catalogue import POLICE
from schemas.frame_types import stored_types
from schemas.linked_columns import DELIVERY_COLUMNS, REGISTRATION_COLUMNS, Coding, LinkedColumn, read_of
from schemas.numbers import cleaned
from schemas.sources import om_registrations, police_deliveries
from schemas.vocabulary import RECOGNISED_CLASSIFICATIONS, OmMutation, PoliceMutation

Frames: TypeAlias = tuple[pl.DataFrame, pl.DataFrame]

CAPITALS_AND_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
PAIRS = pl.Series([first + second for first in CAPITALS_AND_DIGITS for second in CAPITALS_AND_DIGITS], dtype=pl.String)
UNITS_OF_TWO_DIGITS = len(PAIRS)
NUMBERS_OF_AN_OFFICE = 10**10

RECOGNISABLE, OTHER_STANDING, NO_LONGER_STANDING = 1, 2, 3
"""The three rounds of linking: what makes a suspect recognisable comes first (docs/counting-rules.md, Linking)."""


DELIVERIES: dict[str, pl.DataType] = {
    name: {"party": pl.String(), "transferred_on": pl.Date(), **stored_types(police_deliveries.SOURCE)}[name]
    for name in (*read_of(DELIVERY_COLUMNS), "qualifications")
}
"""Deliveries in the police's own words, as they are coded, with what a case is about."""

REGISTRATIONS: dict[str, pl.DataType] = {
    name: stored_types(om_registrations.SOURCE)[name] for name in read_of(REGISTRATION_COLUMNS)
}
"""Registrations in the OM's own words."""


def coded_state(deliveries: pl.DataFrame, registrations: pl.DataFrame) -> Frames:
    """Give the two states as known on one day with their keys as numbers, each sorted by dossier.

    Args:
        deliveries: one row per delivered suspect, in the columns of ``DELIVERIES``.
        registrations: one row per registration, in the columns of ``REGISTRATIONS``.

    Returns:
        ``coded_deliveries`` and ``coded_registrations``.
    """
    police = coded_deliveries(deliveries).sort("dossier", "suspect_number")
    om = coded_registrations(registrations).sort("reported_dossier", "case")
    return police.with_columns(pl.col("dossier").set_sorted()), om.with_columns(pl.col("reported_dossier").set_sorted())


def coded_deliveries(deliveries: pl.DataFrame) -> pl.DataFrame:
    """Give deliveries with their keys as numbers, row by row.

    Returns:
        ``schemas.linked_columns.DELIVERY_COLUMNS``. ``party`` of a frame without one: the police; ``person`` is null
        where none is known.
    """
    if "party" not in deliveries.columns:
        deliveries = deliveries.with_columns(party=pl.lit(POLICE))
    return deliveries.select(map(coded_column, DELIVERY_COLUMNS))


def coded_registrations(registrations: pl.DataFrame) -> pl.DataFrame:
    """Give registrations with their keys as numbers, row by row.

    Returns:
        ``schemas.linked_columns.REGISTRATION_COLUMNS``. ``reported_dossier`` is null where there is none, or no dossier
        number; ``typed_otherwise`` is what was typed where that is not the normal form of ``reported_dossier``;
        ``round`` is 1 to 3.
    """
    return registrations.select(map(coded_column, REGISTRATION_COLUMNS))


def coded_column(column: LinkedColumn) -> pl.Expr:
    """A column of linking, of what was read for it."""
    return _CODED[column.coding](*map(pl.col, column.read)).alias(column.name)


def _typed_otherwise(as_reported: pl.Expr, normal: pl.Expr) -> pl.Expr:
    return pl.when(as_reported == normal).then(None).otherwise(as_reported).cast(pl.Categorical)


def _round(mutation: pl.Expr, classification: pl.Expr) -> pl.Expr:
    no_longer_standing = [OmMutation.LAPSED.value, OmMutation.JOINED.value]
    recognised = [one.value for one in RECOGNISED_CLASSIFICATIONS]
    return (
        pl.when(mutation.is_in(no_longer_standing))
        .then(pl.lit(NO_LONGER_STANDING, pl.Int8))
        .when(classification.is_in(recognised))
        .then(pl.lit(RECOGNISABLE, pl.Int8))
        .otherwise(pl.lit(OTHER_STANDING, pl.Int8))
    )


def dossier_key(number: pl.Expr) -> pl.Expr:
    """The number of a normalised dossier number; null stays null."""
    return unit_key(number).cast(pl.Int64) * NUMBERS_OF_AN_OFFICE + number.str.slice(7, 10).cast(pl.Int64)


def unit_key(unit: pl.Expr) -> pl.Expr:
    """The number of a unit code, or of the first six characters of a dossier number."""
    pair = unit.str.slice(4, 2).str.to_integer(base=36, dtype=pl.Int32)
    return unit.str.slice(2, 2).cast(pl.Int32) * UNITS_OF_TWO_DIGITS + pair


def case_key(number: pl.Expr) -> pl.Expr:
    """The number of a normalised case number."""
    return number.cast(pl.Int64)


_CODED: dict[Coding, Callable[..., pl.Expr]] = {
    Coding.AS_IT_IS: lambda read: read,
    Coding.CATEGORY: lambda read: read.cast(pl.Categorical),
    Coding.DOSSIER: dossier_key,
    Coding.UNIT: unit_key,
    Coding.CASE: case_key,
    Coding.TYPED_OTHERWISE: _typed_otherwise,
    Coding.ROUND: _round,
    Coding.IS_JOINED: lambda mutation: mutation == OmMutation.JOINED.value,
    Coding.IS_WITHDRAWN: lambda mutation: mutation == PoliceMutation.WITHDRAWN.value,
}


def dossier_number(key: pl.Expr) -> pl.Expr:
    """The normalised dossier number of its number: the inverse of ``dossier_key``."""
    return unit_code(key // NUMBERS_OF_AN_OFFICE) + "-" + zero_filled(key % NUMBERS_OF_AN_OFFICE, 10)


def text_as_typed() -> pl.Expr:
    """The dossier number of a coded registration as the OM typed it, cleaned; null when there is none."""
    return cleaned(pl.coalesce(pl.col("typed_otherwise").cast(pl.String), dossier_number(pl.col("reported_dossier"))))


def unit_code(key: pl.Expr) -> pl.Expr:
    """The unit code of its number: the inverse of ``unit_key``."""
    pair = pl.lit(PAIRS).gather((key % UNITS_OF_TWO_DIGITS).cast(pl.UInt32))
    return "PL" + zero_filled(key // UNITS_OF_TWO_DIGITS, 2) + pair


def case_number(key: pl.Expr) -> pl.Expr:
    """The ten digits of a case number: the inverse of ``case_key``."""
    return zero_filled(key, 10)


def zero_filled(number: pl.Expr, digits: int) -> pl.Expr:
    """A whole number with leading zeros."""
    return number.cast(pl.String).str.zfill(digits)


def unit_codes(keys: list[int]) -> list[str]:
    """The unit codes of a few numbers."""
    return (
        pl.DataFrame({"unit": keys}, schema={"unit": pl.Int32}).select(unit=unit_code(pl.col("unit")))["unit"].to_list()
    )
