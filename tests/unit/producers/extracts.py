"""Extracts for the tests: a good row of each source, files made of rows, and the way through reading and checking."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import polars as pl

from producers.catalogue import producer_of
from producers.content import BLOCK_BYTES, opened
from producers.control import Totals
from producers.mapping import Producer
from producers.pseudonyms import ChainKey
from producers.two_readings import Checked, checked, good_rows
from schemas.catalogue import source_named
from schemas.frame_types import frame_types
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

    extract: Checked
    events: pl.DataFrame = field(repr=False)
    numbers: list[int]
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


def outcome_of(
    source_name: str, file: Path, content: str | bytes, *, key: ChainKey = KEY, block_bytes: int = BLOCK_BYTES
) -> Outcome:
    """Write a file, read it as an extract, and sort its rows out."""
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return outcome_of_file(producer_of(source_named(source_name)), file, key=key, block_bytes=block_bytes)


def outcome_of_file(producer: Producer, file: Path, *, key: ChainKey = KEY, block_bytes: int = BLOCK_BYTES) -> Outcome:
    """Read a file as an extract, and sort its rows out."""
    with opened(file, block_bytes=block_bytes) as opened_file:
        extract = checked(producer, opened_file)
        parts = list(good_rows(producer, opened_file, key, extract.rejected))
    events = pl.concat([frame_of_none(producer), *(events for events, _ in parts)])
    return Outcome(
        extract=extract,
        events=events,
        numbers=[number for _, rows in parts for number in rows],
        rejected=list(extract.rejected.select("line", "column", "rule").iter_rows()),
        rules=list(extract.rules.select("column", "rule", "rows").iter_rows()),
        rows=extract.rejected["row"].to_list(),
        ids=[(dict(message.headers)["ce_id"] or b"").decode() for message in encode(producer.source, events)],
    )


def frame_of_none(producer: Producer) -> pl.DataFrame:
    return pl.DataFrame(schema=frame_types(producer.source))


def outcome_of_row(source_name: str, file: Path, **cells: str) -> Outcome:
    """What becomes of the good row of a source with some cells changed."""
    good = GOOD[source_name]
    return outcome_of(source_name, file, csv_text([{**good, **cells}], tuple(good)))
