"""Extracts of delivered counts: CSV, all of it by its declaration."""

from producers.csv_extract import read_csv
from producers.mapping import Producer
from schemas.sources.aggregates import SOURCE

PRODUCER = Producer(source=SOURCE, read=read_csv)
