"""Extracts of the hotlines: JSON Lines with the names of the event, dates ISO."""

from producers.json_extract import read_json_lines
from producers.mapping import DateForm, Producer
from schemas.sources.hotline_reports import SOURCE

PRODUCER = Producer(source=SOURCE, read=read_json_lines, dates=DateForm.ISO)
