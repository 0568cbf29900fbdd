"""Extracts for the tests: a good row of each source, files made of rows, and the way through reading and checking."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from producers.catalogue import producer_of
from producers.check import check
from producers.control import Totals
from producers.extract import Extract
from producers.pseudonyms import ChainKey
from schemas.catalogue import source_named
from schemas.wire.events import encode

KEY = ChainKey.of("a key for the tests, long enough for any")
SKN = "SYN-0451"

POLICE = {
    "mutatie": "aangeleverd",
    "registratienummer": "PL0900-2014000123",
    "volgnummer_verdachte": "1",
    "skn": SKN,
    "eenheid": "PL0900",
    "team": "TBKK",
    "datum_aanlevering": "05-03-2014",
    "kwalificaties": "bezit|verspreiding",
    "kst": "N",
    "overgedragen_aan": "",
    "tijdstip_mutatie": "2014-03-05T12:00:00+01:00",
}
OM = {
    "mutatie": "ingeschreven",
    "parketnummer": "16/123456-14",
    "skn": SKN,
    "registratienummer_politie": "pl0900 2014000123",
    "volgnummer_verdachte": "",
    "classificatie": "KP",
    "datum_inschrijving": "12-03-2014",
    "afdoening": "",
    "gevoegd_bij": "",
    "tijdstip_mutatie": "2014-03-12T09:00:00Z",
}
HOTLINE = {
    "mutation": "received",
    "report_id": "M-1",
    "hotline": "meldpunt",
    "channel": "website",
    "theme": "online_material",
    "received_on": "2014-03-05",
    "outcome": None,
    "recorded_at": "2014-03-05T12:00:00+01:00",
}
TOTALS = Totals(extract_id="a" * 64, covers_until=date(2015, 1, 31), rows=5, published=4, rejected=1, synthetic=True)
GOOD: dict[str, Mapping[str, str]] = {"police": POLICE, "om": OM}


@dataclass(frozen=True)
class Outcome:
    """What became of a file."""

    extract: Extract
    events: pl.DataFrame
    rejected_frame: pl.DataFrame
    rejected: list[tuple[int, str, str]]
    rules: list[tuple[str, str, int]]
    rows: list[str]
    ids: list[str]


def csv_text(
    rows: Sequence[Mapping[str, str]],
    columns: Sequence[str] = tuple(POLICE),
    *,
    newline: str = "\n",
    quote_all: bool = False,
) -> str:
    text = io.StringIO(newline="")
    needs_quotes = quote_all or any("\r" in cell for row in rows for cell in row.values())  # the writer overlooks it
    writer = csv.writer(
        text, delimiter=";", lineterminator=newline, quoting=csv.QUOTE_ALL if needs_quotes else csv.QUOTE_MINIMAL
    )
    writer.writerow(columns)
    writer.writerows([row.get(name, "") for name in columns] for row in rows)
    return text.getvalue()


def json_text(*rows: Mapping[str, object]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def outcome_of(source_name: str, file: Path, content: str | bytes) -> Outcome:
    """Write a file, read it as an extract, and sort its rows out."""
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    source = source_named(source_name)
    producer = producer_of(source)
    extract = producer.read(file, source)
    checked = check(producer, extract, KEY)
    return Outcome(
        extract=extract,
        events=checked.events,
        rejected_frame=checked.rejected,
        rejected=list(checked.rejected.select("line", "column", "rule").iter_rows()),
        rules=list(checked.rules.select("column", "rule", "rows").iter_rows()),
        rows=checked.rejected["row"].to_list(),
        ids=[(dict(message.headers)["ce_id"] or b"").decode() for message in encode(source, checked.events)],
    )


def outcome_of_row(source_name: str, file: Path, **cells: str) -> Outcome:
    """What becomes of the good row of a source with some cells changed."""
    good = GOOD[source_name]
    return outcome_of(source_name, file, csv_text([{**good, **cells}], tuple(good)))
