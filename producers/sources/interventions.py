"""Extracts of the interventions: CSV; the registration number in any spelling, or none, the rest by its declaration."""

from producers.csv_extract import read_csv
from producers.dossier import dossier_number
from producers.mapping import Producer
from schemas.sources.interventions import SOURCE

PRODUCER = Producer(
    source=SOURCE,
    read=read_csv,
    special={"dossier_number": dossier_number(such_as="PL0900-2014000123", may_be_empty=True)},
)
