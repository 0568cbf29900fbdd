"""Extracts of the OM register: CSV; case numbers in any spelling but no appeals, the police number as it was typed.

A police number that cannot be normalised is no breach: the OM typed it, and what was typed stays beside the null.
"""

import polars as pl

from producers.csv_extract import read_csv
from producers.mapping import FieldMapping, Producer
from schemas.numbers import normalised_case_number, normalised_dossier_number
from schemas.patterns import APPEAL_CASE_NUMBER
from schemas.sources.om_registrations import SOURCE


def case_number(field: str, column: str) -> FieldMapping:
    """A field that is a case number of the first instance, from any of its spellings."""
    return FieldMapping(
        column=column,
        value=normalised_case_number(pl.col(column)),
        rule="is a case number: PP/NNNNNN-YY, PP-NNNNNN-YY or ten digits",
        refused=(
            (
                pl.col(field).str.contains(APPEAL_CASE_NUMBER),
                "is not the number of an appeal (20 to 24): the case would be counted twice",
            ),
        ),
    )


PRODUCER = Producer(
    source=SOURCE,
    read=read_csv,
    special={
        "case_number": case_number("case_number", "parketnummer"),
        "dossier_number": FieldMapping(
            column="registratienummer_politie",
            value=normalised_dossier_number(pl.col("registratienummer_politie")),
            rule=None,
        ),
        "joined_into": case_number("joined_into", "gevoegd_bij"),
    },
)
