"""Extracts of customs: CSV, everything by the declaration."""

from producers.csv_extract import read_csv
from producers.mapping import Producer
from schemas.sources.customs_deliveries import SOURCE

PRODUCER = Producer(source=SOURCE, read=read_csv)
