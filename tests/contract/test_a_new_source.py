"""A source is its schema module and its producer; everything else follows from the declaration (ADR 0002).

Proven with a source that exists only here, in the two modules of ``new_source``. What needs PostgreSQL and Kafka stands
in ``tests/integration/warehouse/test_a_new_source.py``.
"""

import csv
import hmac
import io
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.dialects import postgresql
from typer.testing import CliRunner

import ketenbalans.jobs.loading.produce
from ketenbalans.broker.sending import Receipt
from ketenbalans.cli.main import app
from ketenbalans.quality.suite import expectations
from producers.catalogue import all_producers, producer_of
from producers.check import NO_INVISIBLE_SIGN
from producers.pseudonyms import ChainKey
from schemas.catalogue import UnknownSource, source_named, source_to_produce, sources
from schemas.contracts.dictionary import data_dictionary
from schemas.declaration import INVISIBLE_SIGN, Kind, Source
from schemas.gate import breaches
from schemas.wire.events import Message, decode, encode
from schemas.wire.extract_rows import ExtractRows, rows_key
from tests.contract.joined import IN_A_PROCESS_OF_ITS_OWN, NEW_SOURCE, new_source
from tests.contract.valid_events import frame_of, rows_of
from tests.unit.producers.extracts import Outcome, outcome_of_file
from warehouse.tables.events import event_table

REPOSITORY = Path(__file__).parents[2]
SECRET = "a key for the tests, long enough for any"
KEY = ChainKey.of(SECRET)

COLUMNS = ["mutatie", "dossier", "volgnummer", "skn", "brigade", "datum", "grens", "bewapend", "overgedragen_aan"]
COLUMNS += ["tijdstip"]
GOOD = "overgedragen;DN14-000123;2;SYN-0451;Schiphol;05-03-2014;luchthaven|weg;J;PL0900;2014-03-05T12:00:00+01:00"
BAD = "overgedragen;DN14-12;0;SYN-0452;Schiphol;31-02-2014;luchthaven|maan;ja;;2014-03-05T12:00:00"


@pytest.fixture(scope="module", name="customs")
def _customs() -> Iterator[Source]:
    with new_source() as source:
        yield source
    assert source.name not in sources(), "the source was left behind for the tests that follow"


def extract_of(*rows: str) -> str:
    return "\n".join([";".join(COLUMNS), *rows, ""])


def checked(source: Source, text: str) -> Outcome:
    with TemporaryDirectory() as folder:
        file = Path(folder, "customs-2014-12-31.csv")
        file.write_text(text, encoding="utf-8", newline="")
        return outcome_of_file(producer_of(source), file, key=KEY)


def token_of(number: str) -> str:
    return hmac.new(SECRET.encode(), number.encode(), "sha256").hexdigest()


def test_a_row_becomes_an_event(customs: Source) -> None:
    found = checked(customs, extract_of(GOOD))
    assert found.extract.rejected.is_empty()
    (message,) = encode(customs, found.events)
    headers = dict(message.headers)
    assert (message.key, headers["ce_type"]) == (b"DN14-000123", b"nl.keten.customs.delivery.v1")
    assert (headers["ce_source"], headers["ce_time"]) == (b"/ketenbalans/customs_deliveries", b"2014-03-05T11:00:00Z")
    assert json.loads(message.value or b"") == {
        "mutation": "handed_over",
        "file_number": "DN14-000123",
        "suspect_number": 2,
        "person_token": token_of("SYN-0451"),
        "brigade": "Schiphol",
        "delivered_on": "2014-03-05",
        "crossings": ["air", "road"],
        "armed": True,
        "handed_to": "PL0900",
        "recorded_at": "2014-03-05T11:00:00Z",
    }


def test_every_breach_is_reported_in_the_words_of_the_extract(customs: Source) -> None:
    found = checked(customs, extract_of(GOOD, BAD))
    assert found.events.height == 1
    ((line, columns, rules, row),) = found.extract.rejected.iter_rows()
    assert (line, row) == (3, BAD)
    broken = columns.split("|")
    assert broken == [column for column in COLUMNS if column not in ("mutatie", "skn", "brigade")]
    assert "matches ^DN[0-9]{2}-[0-9]{6}$" in rules
    assert "one of luchthaven, zeehaven, weg" in rules
    assert "is filled when mutatie is overgedragen" in rules
    assert "SYN-" not in rules


@pytest.mark.parametrize(
    ("column", "visible", "hidden"), [("skn", "SYN-0451", "SYN-\u200b0451"), ("brigade", "Schiphol", "Schip\u00adhol")]
)
def test_its_keys_and_numbers_hold_no_sign_that_nobody_sees(
    customs: Source, column: str, visible: str, hidden: str
) -> None:
    found = checked(customs, extract_of(GOOD, GOOD.replace(visible, hidden)))
    assert [(line, *found_there) for line, *found_there, _ in found.extract.rejected.iter_rows()] == [
        (3, column, NO_INVISIBLE_SIGN)
    ]


def cells_of(source: Source, row: dict[str, Any], number: str) -> list[str]:
    """An event as the row of an extract: the way back, written apart from the way there."""
    cells = []
    for field in source.fields:
        value = row[field.name]
        words = {str(word): word.word for word in field.words or ()}
        if value is None:
            cells.append("")
        elif field.is_personal:
            cells.append(number)
        elif field.kind is Kind.WORDS:
            cells.append("|".join(words[word] for word in value))
        elif field.kind is Kind.BOOLEAN:
            cells.append("J" if value else "N")
        elif field.kind is Kind.DATE:
            cells.append(f"{value:%d-%m-}{value.year:04}")
        elif field.kind is Kind.TIMESTAMP:
            cells.append(value.isoformat())
        else:
            cells.append(words.get(value, str(value)))
    return cells


@given(data=st.data(), quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
@settings(max_examples=20)
def test_extract_events_messages_and_back(customs: Source, data: st.DataObject, quoting: Literal[0, 1]) -> None:
    drawn = data.draw(st.lists(rows_of(customs), max_size=10))
    hides_a_sign = pl.Series([row["brigade"] for row in drawn], dtype=pl.String).str.contains(INVISIBLE_SIGN)
    rows = [row for row, hides in zip(drawn, hides_a_sign, strict=True) if not hides]  # an extract may hold none
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\n", quoting=quoting)
    writer.writerow(COLUMNS)
    for place, row in enumerate(rows):
        row["crossings"] = row["crossings"] or None  # a cell cannot distinguish an empty list from nothing
        row["person_token"] = row["person_token"] and token_of(f"SYN-{place}")
        writer.writerow(cells_of(customs, row, f"SYN-{place}"))
    found = checked(customs, text.getvalue())
    assert found.extract.rejected.rows() == []
    assert found.events.equals(frame_of(customs, rows))
    assert breaches(customs, found.events).is_empty()
    read = decode(customs, list(encode(customs, found.events)))
    assert read.refusals == []
    assert read.events.drop("event_source", "event_id").equals(found.events)


@pytest.mark.parametrize(
    ("change", "refused"),
    [
        ({"armed": "J"}, ("schema", "armed", "is true or false")),
        ({"file_number": None}, ("schema", "file_number", "is a text")),
        ({"crossings": ["moon"]}, ("schema", "crossings", "is one of air, sea, road")),
        ({"handed_to": None}, ("schema", "handed_to", "is filled when the mutation is handed_over")),
        ({"file_number": "DN14-000124"}, ("key", "file_number", "the message key is the record's partition key")),
    ],
)
def test_what_a_foreign_producer_breaks_is_refused(
    customs: Source, change: dict[str, Any], refused: tuple[str, str, str]
) -> None:
    (message,) = encode(customs, checked(customs, extract_of(GOOD)).events)
    broken = Message(message.key, json.dumps({**json.loads(message.value or b""), **change}).encode(), message.headers)
    (refusal,) = decode(customs, [broken]).refusals
    assert (refusal.reason, refusal.column, refusal.rule) == refused


def test_the_table_follows(customs: Source) -> None:
    table = event_table(customs)
    assert table.name == "customs_deliveries"
    assert [column.name for column in table.primary_key] == ["event_source", "event_id"]
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it without types
    assert {column.name: (column.type.compile(dialect), column.nullable) for column in table.columns} == {
        "event_source": ('TEXT COLLATE "C"', False),
        "event_id": ('TEXT COLLATE "C"', False),
        "mutation": ('TEXT COLLATE "C"', False),
        "file_number": ('TEXT COLLATE "C"', False),
        "suspect_number": ("INTEGER", False),
        "person_id": ("BIGINT", True),
        "brigade": ('TEXT COLLATE "C"', False),
        "delivered_on": ("DATE", False),
        "crossings": ("TEXT[]", True),
        "armed": ("BOOLEAN", True),
        "handed_to": ('TEXT COLLATE "C"', True),
        "recorded_at": ("TIMESTAMP WITH TIME ZONE", False),
        "ingested_at": ("TIMESTAMP WITH TIME ZONE", False),
        "load_number": ("INTEGER", False),
    }
    by_load, newest = sorted(table.indexes, key=lambda index: str(index.name))
    assert [column.name for column in by_load.columns] == ["load_number"]
    assert [str(expression) for expression in newest.expressions] == [
        "customs_deliveries.file_number",
        "customs_deliveries.suspect_number",
        "recorded_at DESC",
    ]


def test_the_suite_follows(customs: Source) -> None:
    found_there = {(one.column, one.rule) for one in expectations(customs)}
    assert found_there >= {
        ("event_source, event_id", "is one event, stored once"),
        ("file_number", "matches ^DN[0-9]{2}-[0-9]{6}$"),
        ("file_number", "is filled"),
        ("mutation", "is one of delivered, handed_over, withdrawn"),
        ("crossings", "is one of air, sea, road"),
        ("suspect_number", "is a whole number of 1 or more"),
        ("handed_to", "is filled when the mutation is handed_over"),
        ("delivered_on", "tells of no day more than a day after the row was recorded"),
    }
    assert ("handed_to", "is filled") not in found_there
    assert any(column == "file_number, suspect_number, recorded_at, mutation" for column, _ in found_there)


def test_the_topics_and_the_page_follow(customs: Source) -> None:
    assert (customs.topic, customs.dead_letter_topic) == ("customs.deliveries", "customs.deliveries.dlq")
    assert customs.topic_settings == {"retention.ms": "-1", "cleanup.policy": "delete"}
    page = data_dictionary()["customs_deliveries.md"]
    assert "# customs_deliveries" in page
    assert "| `dossier` | `file_number` | text, matches `^DN[0-9]{2}-[0-9]{6}$` | no | number of the file |" in page
    assert "| `luchthaven` | `air` | At an airport. |" in page


def test_the_catalogues_know_it(customs: Source) -> None:
    assert sources()["customs_deliveries"] is source_named("customs") is source_to_produce("customs") is customs
    assert all_producers()["customs_deliveries"].source is customs
    with pytest.raises(UnknownSource, match="customs"):
        source_to_produce("kustwacht")


class RecordingPublisher:
    """A publisher that keeps what it is given."""

    def __init__(self) -> None:
        self.events: list[tuple[Source, Any]] = []
        self.rows: list[ExtractRows] = []
        self.control: list[dict[str, Any]] = []

    def publish_parts(self, source: Source, parts: Any, _on_progress: Any, *, rows: int) -> Receipt:
        for events, of_extract in parts:
            self.events.append((source, events))
            self.rows.append(of_extract)
        return Receipt("the-topics-id", {0: rows})

    def publish_control(self, record: Any, *, rows: int) -> None:
        self.control += record.to_dicts()


def test_produce_publishes_its_extracts(customs: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publisher, topics = RecordingPublisher(), []
    monkeypatch.setattr(ketenbalans.jobs.loading.produce, "publisher", lambda _bootstrap: nullcontext(publisher))
    monkeypatch.setattr(
        ketenbalans.jobs.loading.produce, "ensure_topics", lambda _bootstrap, wanted: topics.extend(wanted)
    )
    monkeypatch.setenv("KETENBALANS_KAFKA_BOOTSTRAP", "nobody:9092")
    monkeypatch.setenv("KETENBALANS_CHAIN_KEY", SECRET)
    file = tmp_path / "customs-2014-12-31.csv"
    file.write_text(extract_of(GOOD, BAD), encoding="utf-8")
    ended = CliRunner().invoke(app, ["produce", "customs", str(file), "--json"])
    assert ended.exit_code == 3, ended.output
    (found_there,) = json.loads(ended.stdout)
    assert (found_there["source"], found_there["rows"], found_there["published"], found_there["rejected"]) == (
        "customs_deliveries",
        2,
        1,
        1,
    )
    assert [source.name for source in topics] == ["customs_deliveries", "extracts"]
    ((source, events),) = publisher.events
    assert (source, events["file_number"].to_list()) == (customs, ["DN14-000123"])
    (record,) = publisher.control
    key = rows_key(record["extract_id"], record["chain_key_check"])
    assert [(rows.key, rows.numbers.to_list()) for rows in publisher.rows] == [(key, [1])]
    assert (record["source"], record["covers_until"]) == ("customs_deliveries", date(2014, 12, 31))
    assert record["synthetic"] is True


READ_THE_DAGS = """
import json
from airflow.dag_processing.dagbag import DagBag
bag = DagBag({folder!r})
waits = {{}}
for name, dag in bag.dags.items():
    condition = getattr(dag.timetable, "asset_condition", None)
    awaited = getattr(condition, "objects", [condition])
    waits[name] = sorted(asset.name for asset in awaited if hasattr(asset, "name"))
print(json.dumps([bag.import_errors, waits]))
"""


def test_airflow_finds_its_ingest_dag() -> None:
    code = IN_A_PROCESS_OF_ITS_OWN + READ_THE_DAGS.format(folder=str(REPOSITORY / "dags"))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr[-3000:]
    errors, waits = json.loads(done.stdout.strip().splitlines()[-1])
    assert errors == {}
    assert waits["ingest_customs_deliveries"] == ["topic:customs.deliveries"]
    assert "warehouse:customs_deliveries" in waits["quality"]


def test_two_modules_are_all_that_was_added() -> None:
    added = sorted(str(file.relative_to(NEW_SOURCE)) for file in NEW_SOURCE.rglob("*.py"))
    assert added == ["producers/customs.py", "schemas/customs_deliveries.py"]
