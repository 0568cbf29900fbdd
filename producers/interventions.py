"""Extracts of the interventions: CSV; the registration number in any spelling, or none, the rest by its declaration."""

import polars as pl

from producers.csv_extract import read_csv
from producers.mapping import FieldMapping, Producer
from schemas.interventions import SOURCE
from schemas.numbers import normalised_dossier_number

PRODUCER = Producer(
    source=SOURCE,
    read=read_csv,
    special={
        "dossier_number": FieldMapping(
            column="registratienummer",
            value=normalised_dossier_number(pl.col("registratienummer")),
            rule="is empty or a registration number such as PL0900-2014000123",
        ),
    },
)
