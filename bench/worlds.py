"""Both registers with a known truth, in any size up to tens of millions: coded state, and what the balance must say.

What becomes of a delivery follows from its kind, which is drawn by its number: nine in ten are registered under their
dossier and person, the others in every other way that a rule or a cause knows. So the counts by cause and by rule are
known without any rule being run. Deliveries spread over three years; the last but one calendar year is asked.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from schemas.coded_state import NUMBERS_OF_AN_OFFICE, UNITS_OF_TWO_DIGITS, case_number, dossier_number, unit_code
from schemas.period import Period

PERIOD, AS_OF = Period.of_year(2014), date(2015, 1, 31)
FIRST_DAY, DAYS = date(2012, 2, 1), 1096
TRANSIT_ALLOWANCE_DAYS = 60

KINDS = {
    "plain": 876,
    "rule_2": 25,
    "rule_3": 20,
    "rule_4": 25,
    "lapsed": 5,
    "joined": 5,
    "other_classification": 10,
    "withdrawn": 5,
    "transferred": 3,
    "missing": 8,
    "same_person_other_number": 2,
    "same_number_other_person": 2,
    "mistyped": 2,
    "delivered_twice": 3,
    "registered_twice": 3,
    "split_off": 2,
    "other_deliverer": 2,
    "unknown": 2,
}
"""How many of a thousand; the last four are plain deliveries beside which the OM has one registration more."""

PREFIXES = [
    unit * UNITS_OF_TWO_DIGITS + place
    for unit in (1, 6, 9, 11, 13, 15, 17, 20, 21, 23, 26)
    for place in (0, 50, 400, 900)
]
SERIALS = len(PREFIXES) * 3 * 10**6
SCATTER = 1_000_003
"""Coprime with the number of dossier numbers that there are: numbers in a row lie far apart."""

NOBODY_DELIVERS = (99 * UNITS_OF_TWO_DIGITS + 1295) * NUMBERS_OF_AN_OFFICE
MARECHAUSSEE = (27 * UNITS_OF_TWO_DIGITS + 700) * NUMBERS_OF_AN_OFFICE
EXTRA = ("registered_twice", "split_off", "other_deliverer", "unknown")
BACK = 500
"""A delivery that shares a person with another one shares it with the one so many before it, which is plain."""


@dataclass(frozen=True)
class BenchWorld:
    """Two coded states, sorted by dossier, and the balance of ``PERIOD`` as of ``AS_OF`` as far as it is counted."""

    deliveries: pl.DataFrame
    registrations: pl.DataFrame
    truth: dict[str, dict[str, int]]


def bench_world(size: int) -> BenchWorld:
    """Make both registers with so many deliveries; the same every time."""
    told = _told(size)
    police = told.select(
        "dossier",
        pl.col("suspect_number").cast(pl.Int32),
        "person",
        (pl.col("dossier") // NUMBERS_OF_AN_OFFICE // UNITS_OF_TWO_DIGITS * UNITS_OF_TWO_DIGITS)
        .cast(pl.Int32)
        .alias("unit"),
        pl.lit("TBKK", pl.Categorical).alias("team"),
        "delivered_on",
        pl.when(pl.col("kind") == "transferred").then(pl.lit("ZEDEN")).cast(pl.Categorical).alias("transferred_to"),
        pl.when(pl.col("kind") == "transferred").then(pl.col("delivered_on")).alias("transferred_on"),
        (pl.col("kind") == "withdrawn").alias("is_withdrawn"),
    )
    om = _registrations(told)
    return BenchWorld(
        police.sort("dossier", "suspect_number").with_columns(pl.col("dossier").set_sorted()),
        om.sort("reported_dossier", "case").with_columns(pl.col("reported_dossier").set_sorted()),
        _truth(told),
    )


def _told(size: int) -> pl.DataFrame:
    """One row per delivery: its number, kind and days, and whether and when the OM registered it by ``AS_OF``."""
    number = pl.int_range(size, dtype=pl.Int64).alias("number")
    frame = pl.select(number)
    thousandth = pl.col("number") % 1000
    kind, end = pl.lit(list(KINDS)[-1]), sum(KINDS.values())
    assert end == 1000
    for name, share in reversed(KINDS.items()):
        end -= share
        kind = pl.when(thousandth < end + share).then(pl.lit(name)).otherwise(kind) if end + share < 1000 else kind
    kind = kind.cast(pl.Enum(list(KINDS)))
    day = (pl.col("number").hash(seed=11) % DAYS).cast(pl.Int32)
    lag = (pl.col("number").hash(seed=12) % 95).cast(pl.Int32) - 5
    shared = thousandth < 200  # two suspects of one dossier
    first_of_dossier = pl.when(shared).then(pl.col("number") - pl.col("number") % 2).otherwise("number")
    code = first_of_dossier * SCATTER % SERIALS
    prefix = pl.lit(pl.Series(PREFIXES, dtype=pl.Int64)).gather((code // (3 * 10**6)).cast(pl.UInt32))
    year_and_serial = 2012 * 10**6 + code % (3 * 10**6)
    return (
        frame.with_columns(kind=kind, day=day, lag=lag)
        .with_columns(
            is_twice=pl.col("kind") == "delivered_twice",
            dossier=prefix * NUMBERS_OF_AN_OFFICE + year_and_serial,
            suspect_number=pl.when(shared).then(1 + pl.col("number") % 2).otherwise(1),
        )
        .with_columns(
            person=pl.when("is_twice").then(pl.col("number") - BACK).otherwise("number").cast(pl.UInt32),
            day=pl.when("is_twice").then(pl.col("day").shift(BACK) + 3).otherwise("day"),
            lag_of_first=pl.col("lag").shift(BACK),
            day_of_first=pl.col("day").shift(BACK),
        )
        .with_columns(delivered_on=pl.lit(FIRST_DAY) + pl.duration(days=pl.col("day")))
        .with_columns(
            registered_on=pl.when(~pl.col("kind").is_in(["transferred", "missing", "delivered_twice"])).then(
                pl.col("delivered_on") + pl.duration(days=pl.col("lag"))
            )
        )
        .with_columns(registered_on=pl.when(pl.col("registered_on") <= AS_OF).then("registered_on"))
    )


def _registrations(told: pl.DataFrame) -> pl.DataFrame:
    """The registrations of the deliveries, and those that only the OM knows."""
    kind = pl.col("kind")
    null = pl.lit(None)
    beside = told.filter(pl.col("registered_on").is_not_null()).select(
        (pl.col("number") * 10).alias("case"),
        pl.when(kind.is_in(["rule_2", "rule_4", "mistyped"])).then(null)
        .when(kind == "same_number_other_person").then(pl.lit(4_000_000_000) - pl.col("number"))
        .otherwise("person").cast(pl.UInt32).alias("registered_person"),
        pl.when(kind.is_in(["rule_3", "mistyped"])).then(null)
        .when(kind == "same_person_other_number").then(NOBODY_DELIVERS + pl.col("number"))
        .otherwise("dossier").alias("reported_dossier"),
        pl.when(kind == "mistyped").then("dossier").alias("slipped"),
        pl.when(kind == "rule_2").then("suspect_number").cast(pl.Int32).alias("reported_suspect_number"),
        "registered_on",
        pl.when(kind.is_in(["lapsed", "joined"])).then(3).when(kind == "other_classification").then(2).otherwise(1)
        .cast(pl.Int8).alias("round"),
        (kind == "joined").alias("is_joined"),
    )  # fmt: skip
    first = told.select("number", "dossier", "person", "registered_on").rename({"number": "first"})
    extra = (
        told.filter(kind.is_in(EXTRA))
        .with_columns(first=pl.col("number") - BACK)
        .drop("dossier", "person", "registered_on")
    )
    extra = extra.join(first, on="first").filter(pl.col("registered_on").is_not_null())
    only_om = extra.select(
        (pl.col("number") * 10 + 1).alias("case"),
        pl.when(kind == "registered_twice").then("person").otherwise(3_000_000_000 - pl.col("number"))
        .cast(pl.UInt32).alias("registered_person"),
        pl.when(kind == "unknown").then(null).when(kind == "other_deliverer").then(MARECHAUSSEE + pl.col("number"))
        .otherwise("dossier").alias("reported_dossier"),
        pl.lit(None, pl.Int64).alias("slipped"),
        pl.when(kind == "split_off").then(9).cast(pl.Int32).alias("reported_suspect_number"),
        _later(kind).alias("registered_on"),
        pl.lit(1, pl.Int8).alias("round"),
        pl.lit(value=False).alias("is_joined"),
    )  # fmt: skip
    both = pl.concat([beside, only_om.filter(pl.col("registered_on") <= AS_OF)])
    slipped = dossier_number(pl.col("slipped"))
    typed = slipped.str.slice(0, 13) + "X" + slipped.str.slice(13)
    return both.select(
        "case", "registered_person", "reported_dossier", typed.cast(pl.Categorical).alias("typed_otherwise"),
        "reported_suspect_number", "registered_on", "round", "is_joined",
    )  # fmt: skip


def _later(kind: pl.Expr) -> pl.Expr:
    """The second registration of a suspect lies further from the delivery than the first, so the first is linked."""
    return (
        pl.when(kind == "registered_twice")
        .then(pl.col("registered_on") + timedelta(days=40))
        .otherwise("registered_on")
    )


def _truth(told: pl.DataFrame) -> dict[str, dict[str, int]]:
    """The counts of ``PERIOD`` as of ``AS_OF`` that follow from the kinds."""
    kind, registered = pl.col("kind"), pl.col("registered_on").is_not_null()
    late = pl.col("registered_on") > PERIOD.end
    in_transit = (pl.lit(AS_OF) - pl.col("delivered_on")).dt.total_days() <= TRANSIT_ALLOWANCE_DAYS
    suggested = registered & kind.is_in(["same_person_other_number", "same_number_other_person", "mistyped"])
    first_is_there = pl.col("day_of_first") + pl.col("lag_of_first") <= (AS_OF - FIRST_DAY).days
    delivered = told.filter(pl.col("delivered_on").is_between(PERIOD.start, PERIOD.end), kind != "withdrawn")
    cause = (
        pl.when(registered & kind.is_in(["joined", "lapsed", "other_classification"])).then(kind.cast(pl.String))
        .when(kind == "transferred").then(pl.lit("transferred"))
        .when(suggested).then(pl.lit("suggested"))
        .when(registered & ~late).then(pl.lit("recognised"))
        .when(registered & (pl.col("delivered_on") >= date(2014, 12, 1))).then(pl.lit("period_boundary"))
        .when(registered).then(pl.lit("registered_late"))
        .when(in_transit).then(pl.lit("in_transit"))
        .when((kind == "delivered_twice") & first_is_there).then(pl.lit("duplicate_delivery"))
        .otherwise(pl.lit("missing"))
    )  # fmt: skip
    return {
        "causes": _counts(delivered.select(cause.alias("word"))),
        "delivered": {"delivered": delivered.height, "cases": delivered["dossier"].n_unique()},
    }


def _counts(words: pl.DataFrame) -> dict[str, int]:
    return dict(words.group_by("word").len().sort("word").iter_rows())


def as_strings(world: BenchWorld) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The same tables with the registers' own words, for peers that compare tables as they are."""
    token = lambda name: pl.col(name).hash(seed=1).cast(pl.String).str.zfill(64)  # noqa: E731 (two uses)
    police = world.deliveries.select(
        dossier_number(pl.col("dossier")).alias("dossier_number"),
        token("person").alias("person_token"),
        "suspect_number",
        unit_code(pl.col("unit")).alias("unit"),
        "delivered_on",
    )
    om = world.registrations.select(
        dossier_number(pl.col("reported_dossier")).alias("dossier_number"),
        pl.when(pl.col("registered_person").is_not_null()).then(token("registered_person")).alias("person_token"),
        pl.col("reported_suspect_number").alias("suspect_number"),
        case_number(pl.col("case")).alias("case_number"),
        "registered_on",
    )
    return police, om
