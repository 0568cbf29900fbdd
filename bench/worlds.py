"""Both registers with a known truth, in any size up to tens of millions: coded state, and what the balance must say.

What becomes of a delivery follows from its kind, and its kind from its number: nine in ten are registered under their
dossier and person, the others in every other way that a rule or a cause knows. The day of delivery and the days until
registration follow from the number too. So every count of the balance is known without any rule being run. Deliveries
spread over three years until the as-of date; the last whole calendar year is asked, so that something is in transit.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import polars as pl

from bench.kinds import (
    BACK,
    DAYS_UNTIL_AGAIN,
    EARLIEST_DAYS,
    KINDS,
    POLICY,
    SHARING,
    SPREAD_DAYS,
    THREE_YEARS,
    TURNS,
    Span,
    of_its_kind,
)
from bench.truth import truth_of_the_om, truth_of_the_police
from schemas.catalogue import POLICE
from schemas.coded_state import (
    DELIVERIES,
    NUMBERS_OF_AN_OFFICE,
    REGISTRATIONS,
    UNITS_OF_TWO_DIGITS,
    coded_state,
    dossier_number,
)

UNITS = (1, 6, 9, 11, 13, 15, 17, 20, 21, 23, 26)
PREFIXES = pl.Series([unit * UNITS_OF_TWO_DIGITS + place for unit in UNITS for place in (0, 50, 400, 900)])
NUMBERS_OF_A_YEAR = 10**6
"""A prefix has so many dossier numbers of each year of a span."""

SCATTER = 1_000_003
"""Coprime with all dossier numbers that there are: numbers in a row lie far apart, and none comes twice."""

UNDELIVERED = (99 * UNITS_OF_TWO_DIGITS + 1295) * NUMBERS_OF_AN_OFFICE
MARECHAUSSEE = (int(POLICY.other_deliverers[0].removeprefix("PL")) * UNITS_OF_TWO_DIGITS + 700) * NUMBERS_OF_AN_OFFICE
STRANGERS = 4_000_000_000
"""Persons of whom the police know nothing, counted down."""

NOTHING = coded_state(pl.DataFrame(schema=DELIVERIES), pl.DataFrame(schema=REGISTRATIONS))
"""Both states without a row: what linking reads and no world makes is null."""


@dataclass(frozen=True)
class BenchWorld:
    """Two coded states, sorted by dossier, and what the balance of ``PERIOD`` as of ``AS_OF`` must say of them.

    Attributes:
        deliveries: as ``schemas.coded_state`` gives them.
        registrations: likewise.
        truth: counts under the names of ``BalanceAnswer.to_json``, without units.
    """

    deliveries: pl.DataFrame
    registrations: pl.DataFrame
    truth: dict[str, Any]


def lacking(frame: pl.DataFrame, like: pl.DataFrame) -> list[pl.Expr]:
    """The columns of another frame that a frame lacks, with nothing in them."""
    return [pl.lit(None, kind).alias(name) for name, kind in like.schema.items() if name not in frame.columns]


def bench_world(size: int) -> BenchWorld:
    """Make both registers with so many deliveries; the same every time."""
    registers = registers_of(range(size), THREE_YEARS)
    registered = registrations_of(registers, THREE_YEARS)
    return BenchWorld(
        _deliveries(registers),
        _registrations(registered),
        truth={**truth_of_the_police(registers, THREE_YEARS), **truth_of_the_om(registered, THREE_YEARS)},
    )


def registers_of(numbers: range, span: Span) -> pl.DataFrame:
    """One row per delivery: its kind, keys and days, and when the OM registered it (null: not in the span)."""
    number = pl.col("number")
    is_twice, shares = pl.col("kind") == "delivered_twice", number % 1000 < SHARING
    of_a_prefix, days = span.years * NUMBERS_OF_A_YEAR, span.days
    place = pl.when(shares).then(number - number % 2).otherwise(number) * SCATTER % (len(PREFIXES) * of_a_prefix)
    prefix = pl.lit(PREFIXES).gather((place // of_a_prefix).cast(pl.UInt32))
    first_number = span.first_day.year * NUMBERS_OF_A_YEAR
    day = pl.when(is_twice).then((number - BACK) % days + DAYS_UNTIL_AGAIN).otherwise(number % days)
    registered_on = pl.col("delivered_on") + pl.duration(days=number % SPREAD_DAYS + EARLIEST_DAYS)
    ever = [name for name, kind in KINDS.items() if kind.link_rule]
    return (
        pl.select(number=pl.int_range(numbers.start, numbers.stop, dtype=pl.Int64))
        .with_columns(kind=pl.lit(TURNS).gather((number % 1000).cast(pl.UInt32)))
        .with_columns(
            dossier=prefix * NUMBERS_OF_AN_OFFICE + first_number + place % of_a_prefix,
            suspect_number=pl.when(shares).then(number % 2 + 1).otherwise(1).cast(pl.Int32),
            person=pl.when(is_twice).then(number - BACK).otherwise(number).cast(pl.Int64),
            delivered_on=pl.min_horizontal(pl.lit(span.first_day) + pl.duration(days=day), pl.lit(span.as_of)),
        )
        .with_columns(
            registered_on=pl.when(pl.col("kind").is_in(ever) & (registered_on <= span.as_of)).then(registered_on)
        )
    )


def _deliveries(registers: pl.DataFrame) -> pl.DataFrame:
    office = pl.col("dossier") // NUMBERS_OF_AN_OFFICE
    is_transferred = pl.col("kind") == "transferred"
    police = registers.select(
        pl.lit(POLICE).cast(pl.Categorical).alias("party"),
        "dossier",
        "suspect_number",
        "person",
        (office - office % UNITS_OF_TWO_DIGITS).cast(pl.Int32).alias("unit"),
        pl.lit("TBKK").cast(pl.Categorical).alias("team"),
        "delivered_on",
        pl.when(is_transferred).then(pl.lit("ZEDEN")).cast(pl.Categorical).alias("transferred_to"),
        pl.when(is_transferred).then("delivered_on").alias("transferred_on"),
        (pl.col("kind") == "withdrawn").alias("is_withdrawn"),
    )
    return (
        police.with_columns(lacking(police, NOTHING[0]))
        .sort("dossier", "suspect_number")
        .with_columns(pl.col("dossier").set_sorted())
    )


def registrations_of(registers: pl.DataFrame, span: Span) -> pl.DataFrame:
    """One row per registration that the OM made in the span: of what was delivered, and beside it."""
    return pl.concat([_registered(registers), _registered_beside(registers, span)])


def _registered(registers: pl.DataFrame) -> pl.DataFrame:
    """The registrations of what the police delivered."""
    kind, number = pl.col("kind"), pl.col("number")
    nothing = pl.lit(None)
    return registers.filter(pl.col("registered_on").is_not_null()).select(
        (number * 10).alias("case"),
        pl.when(kind.is_in(["without_token", "with_number_alone", "mistyped"]))
        .then(nothing)
        .when(kind == "as_another_person")
        .then(STRANGERS - number)
        .otherwise("person")
        .cast(pl.Int64)
        .alias("registered_person"),
        pl.when(kind.is_in(["without_number", "mistyped"]))
        .then(nothing)
        .when(kind == "under_another_number")
        .then(UNDELIVERED + number)
        .otherwise("dossier")
        .alias("reported_dossier"),
        pl.when(kind == "mistyped").then("dossier").alias("mistyped_dossier"),
        pl.when(kind == "without_token").then("suspect_number").alias("reported_suspect_number"),
        "registered_on",
        pl.when(kind.is_in(["lapsed", "joined"]))
        .then(3)
        .when(kind == "other_classification")
        .then(2)
        .otherwise(1)
        .cast(pl.Int8)
        .alias("round"),
        (kind == "joined").alias("is_joined"),
        "delivered_on",
        of_its_kind("om_cause").alias("om_cause"),
    )


def _registered_beside(registers: pl.DataFrame, span: Span) -> pl.DataFrame:
    """The registrations that the OM made beside another one: the second of a suspect, and those of others."""
    kind, number = pl.col("kind"), pl.col("number")
    later = pl.col("registered_on") + timedelta(days=40)  # further from the delivery: the first is the one linked
    beside = registers.filter(pl.col("registered_on").is_not_null(), of_its_kind("beside").is_not_null()).select(
        (number * 10 + 1).alias("case"),
        pl.when(kind == "registered_twice")
        .then("person")
        .otherwise(STRANGERS - number)
        .cast(pl.Int64)
        .alias("registered_person"),
        pl.when(kind == "of_nobody")
        .then(None)
        .when(kind == "of_the_marechaussee")
        .then(MARECHAUSSEE + number)
        .otherwise("dossier")
        .alias("reported_dossier"),
        pl.lit(None, pl.Int64).alias("mistyped_dossier"),
        pl.when(kind == "split_off").then(9).cast(pl.Int32).alias("reported_suspect_number"),
        pl.when(kind == "registered_twice").then(later).otherwise("registered_on").alias("registered_on"),
        pl.lit(1, pl.Int8).alias("round"),
        pl.lit(value=False).alias("is_joined"),
        "delivered_on",
        of_its_kind("beside").alias("om_cause"),
    )
    return beside.filter(pl.col("registered_on") <= span.as_of)


def _registrations(registered: pl.DataFrame) -> pl.DataFrame:
    number = dossier_number(pl.col("mistyped_dossier"))
    om = registered.select(
        "case",
        "registered_person",
        "reported_dossier",
        (number.str.slice(0, 13) + "X" + number.str.slice(13)).cast(pl.Categorical).alias("typed_otherwise"),
        "reported_suspect_number",
        "registered_on",
        "round",
        "is_joined",
    )
    return (
        om.with_columns(lacking(om, NOTHING[1]))
        .sort("reported_dossier", "case")
        .with_columns(pl.col("reported_dossier").set_sorted())
    )
