"""The registers of a made world in their own words: state as the warehouse reads it, with the tokens that peers get."""

import polars as pl

from bench.worlds import BenchWorld, lacking
from schemas.coded_state import (
    DELIVERIES,
    NO_LONGER_STANDING,
    OTHER_STANDING,
    REGISTRATIONS,
    case_number,
    dossier_number,
    unit_code,
)
from schemas.linked_columns import DELIVERY_COLUMNS, read_of

OF_THE_POLICE = pl.DataFrame(schema={name: DELIVERIES[name] for name in read_of(DELIVERY_COLUMNS) if name != "party"})
"""What linking reads of deliveries that say nothing of a party: they are the police's."""


def in_words(world: BenchWorld) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Give both states in words, persons as numbers and as tokens, in the order of the world."""
    deliveries = world.deliveries.select(
        dossier_number(pl.col("dossier")).alias("dossier_number"),
        "suspect_number",
        pl.col("person").alias("person_id"),
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
        pl.col("registered_person").alias("person_id"),
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
    return deliveries.with_columns(lacking(deliveries, OF_THE_POLICE)), registrations.with_columns(
        lacking(registrations, pl.DataFrame(schema=REGISTRATIONS))
    )


def token(person: str) -> pl.Expr:
    """64 digits for a person, as random as a token; null stays null."""
    pieces = [(pl.col(person).hash(seed=piece) % 10**16).cast(pl.String).str.zfill(16) for piece in range(4)]
    return pl.when(pl.col(person).is_not_null()).then(pl.concat_str(pieces))
