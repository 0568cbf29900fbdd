"""The registers of a made world in their own words: state as the warehouse reads it, and what the peers are given."""

from collections.abc import Iterable, Mapping

import polars as pl

from bench.worlds import BenchWorld
from schemas.coded_state import NO_LONGER_STANDING, OTHER_STANDING, case_number, dossier_number, unit_code
from schemas.linked_columns import DELIVERY_COLUMNS, REGISTRATION_COLUMNS, Column, read_of
from warehouse.state import DELIVERIES, REGISTRATIONS


def in_words(world: BenchWorld) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Give both states with dossier numbers, case numbers and person tokens as text, in the order of the world."""
    deliveries = world.deliveries.select(
        dossier_number(pl.col("dossier")).alias("dossier_number"),
        "suspect_number",
        token("person").alias("person_token"),
        unit_code(pl.col("unit")).alias("unit"),
        pl.col("team").cast(pl.String),
        "delivered_on",
        pl.col("transferred_to").cast(pl.String),
        "transferred_on",
        pl.when("is_withdrawn").then(pl.lit("withdrawn")).otherwise(pl.lit("delivered")).alias("mutation"),
    )
    has_ended, is_other = pl.col("round") == NO_LONGER_STANDING, pl.col("round") == OTHER_STANDING
    number = dossier_number(pl.col("reported_dossier"))
    registrations = world.registrations.select(
        case_number(pl.col("case")).alias("case_number"),
        token("registered_person").alias("person_token"),
        number.alias("dossier_number"),
        pl.coalesce(pl.col("typed_otherwise").cast(pl.String), number).alias("dossier_number_as_reported"),
        pl.col("reported_suspect_number").alias("suspect_number"),
        pl.when(is_other).then(pl.lit("OVERIG")).otherwise(pl.lit("KP")).alias("classification"),
        "registered_on",
        pl.when("is_joined")
        .then(pl.lit("joined"))
        .when(has_ended)
        .then(pl.lit("lapsed"))
        .otherwise(pl.lit("registered"))
        .alias("mutation"),
    )
    return _filled_up(deliveries, DELIVERY_COLUMNS, DELIVERIES), _filled_up(
        registrations, REGISTRATION_COLUMNS, REGISTRATIONS
    )


def _filled_up(frame: pl.DataFrame, columns: Iterable[Column], kinds: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """Add what linking reads and no world makes, with nothing in it; a frame without parties is the police's."""
    lacking = [name for name in read_of(columns) if name not in frame.columns and name != "party"]
    return frame.with_columns(pl.lit(None, kinds[name]).alias(name) for name in lacking)


def token(person: str) -> pl.Expr:
    """64 digits for a person, as random as a token; null stays null."""
    pieces = [(pl.col(person).hash(seed=piece) % 10**16).cast(pl.String).str.zfill(16) for piece in range(4)]
    return pl.when(pl.col(person).is_not_null()).then(pl.concat_str(pieces))
