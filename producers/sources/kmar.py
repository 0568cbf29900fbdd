"""Extracts of the KMar's register: CSV; the registration number in any spelling, the rest by its declaration."""

from producers.csv_extract import read_csv
from producers.dossier import dossier_number
from producers.mapping import Producer
from schemas.sources.kmar_deliveries import SOURCE

PRODUCER = Producer(
    source=SOURCE, read=read_csv, special={"dossier_number": dossier_number(such_as="PL27RD-2014000123")}
)
