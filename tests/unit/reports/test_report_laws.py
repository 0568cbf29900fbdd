"""What holds of a report in every form: the same bytes each time, no identifiers, and every number of every table."""

import hashlib
import json
import re
import subprocess
import sys
from base64 import b64decode
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from ketenbalans.reports import pdf
from ketenbalans.reports.compose import document_of
from ketenbalans.reports.document import CellKind, Document
from ketenbalans.reports.plain import render_csv, render_json
from ketenbalans.reports.report import Report
from ketenbalans.reports.words import LANGUAGES, words_of
from schemas.catalogue import POLICE
from schemas.period import Period
from tests.unit.reports.a_report import (
    CHECKPOINT,
    FINGERPRINT,
    RENDERED,
    SINCE,
    composed,
    form,
    full_report,
    report_from,
    small_report,
    written,
)
from tests.unit.reports.test_report_readers import HEADERS, lines_of, page_of, sheets_of

IDENTIFIERS = (r"PL\d\d[0-9A-Z]{2}-\d{10}", r"\d{10}", r"[0-9a-fA-F]{64}", r"\d\d[/-]\d{6}-\d\d")
DRAWN = re.compile(r"data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)")
IN_A_SUBPROCESS = "from tests.unit.reports.test_report_laws import digests; import json; print(json.dumps(digests()))"


def digests() -> dict[str, str]:
    """The fingerprint of every form of the full report in Dutch."""
    return {kind: hashlib.sha256(form("full", "nl", kind)).hexdigest() for kind in RENDERED}


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[subprocess.Popen[str]]:
    """Another process that makes the same report; it runs beside the tests before the one that asks for its answer."""
    with subprocess.Popen([sys.executable, "-c", IN_A_SUBPROCESS], stdout=subprocess.PIPE, text=True) as process:
        yield process


def texts(page: str, table: str, book: bytes, document: Document) -> Iterator[tuple[str, str]]:
    """All that a reader, or a program, finds in each form in a language, pictures opened."""
    for place, found in enumerate(DRAWN.findall(page)):
        svg = b64decode(found).decode()
        yield f"picture {place}", " ".join([*re.findall(r">([^<]*)<", svg), *re.findall(r'aria-label="([^"]*)"', svg)])
    yield "html", DRAWN.sub("", page)
    yield "csv", table
    yield "ods", " ".join(cell for rows in sheets_of(book).values() for row in rows for cell in row)
    yield "pdf", json.dumps(pdf._written(document), ensure_ascii=False)


def identifiers_in(text: str) -> list[str]:
    for hash_or_signature in (FINGERPRINT, *(str(CHECKPOINT[name]) for name in ("root", "key_id", "signature"))):
        text = text.replace(hash_or_signature, "")
    return [found for pattern in IDENTIFIERS for found in re.findall(pattern, text)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_equal_reports_give_equal_bytes(elsewhere: subprocess.Popen[str], language: str) -> None:
    again = document_of(full_report(), words_of(language))
    assert again == written("full", language)
    for kind, render in RENDERED.items():
        assert render(again) == form("full", language, kind), kind


def test_the_numbers_of_equal_reports_are_the_same_bytes() -> None:
    assert render_json(full_report()) == render_json(full_report())


def test_reports_that_were_filled_in_another_order_give_the_same_bytes() -> None:
    other = report_from(_filled_backwards(full_report().to_json()))
    assert other == full_report()
    assert render_json(other) == render_json(full_report())
    assert composed(other) == composed(full_report())


def _filled_backwards(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _filled_backwards(held) for name, held in reversed(value.items())}
    return [_filled_backwards(held) for held in value] if isinstance(value, list) else value


def test_json_holds_the_whole_report() -> None:
    for report in (full_report(), small_report()):
        written = json.loads(render_json(report))
        held = {
            field.name for field in fields(Report) if getattr(report, field.name) is not None or field.name == "since"
        }
        assert written.keys() == held  # a report without judgements is what it was before there were any
        missing = Counter(leaves(report)) - Counter(leaves(written))
        assert missing.keys() <= {str(report.period), POLICE}, "which stand there once, or for the whole report"


def leaves(value: object) -> Iterator[object]:
    """Every number, word and day of it, as JSON writes them."""
    if isinstance(value, Mapping):
        for one in value.values():
            yield from leaves(one)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for one in value:
            yield from leaves(one)
    elif is_dataclass(value) and not isinstance(value, Period):
        for field in fields(value):
            yield from leaves(getattr(value, field.name))
    elif value is not None:
        yield str(value) if isinstance(value, date | Period) else value


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["small", "full"])
def test_no_form_holds_an_identifier(name: str, language: str) -> None:
    page, table, book = (form(name, language, kind) for kind in ("html", "csv", "ods"))
    for kind, text in texts(page.decode(), table.decode(), book, written(name, language)):
        assert identifiers_in(text) == [], kind
        assert "PL0600" in text or "picture" in kind


def test_the_numbers_hold_no_identifier() -> None:
    assert identifiers_in(render_json(full_report())) == []


def test_an_identifier_would_be_found() -> None:
    leaking = composed(full_report(balance={"code_version": "PL0900-2014000123"}))
    page, table, book = (RENDERED[kind](leaking) for kind in ("html", "csv", "ods"))
    found = {kind for kind, text in texts(page.decode(), table.decode(), book, leaking) if identifiers_in(text)}
    assert found == {"html", "csv", "ods", "pdf"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["small", "full", "empty"])
def test_every_cell_of_every_table_is_on_the_page(name: str, language: str) -> None:
    document, words = written(name, language), words_of(language)
    page = page_of(form(name, language, "html").decode())
    tables = [table for section in document.sections for table in section.tables]
    assert [table.caption for table in page.tables] == [table.caption for table in tables]
    for shown, table in zip(page.tables, tables, strict=True):
        assert shown.head == [column.label for column in table.columns]
        assert shown.rows == [
            [words.cell(value, column.kind) for value, column in zip(row, table.columns, strict=True)]
            for row in table.rows
        ]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["small", "full", "empty"])
def test_every_cell_of_every_table_is_a_line_of_the_csv(name: str, language: str) -> None:
    document = written(name, language)
    header, *lines = lines_of(form(name, language, "csv"), language)
    assert header == HEADERS[language]
    assert {len(line) for line in lines} == {6}
    head = [line for line in lines if line[1] == ""]
    assert lines[: len(head)] == head
    assert lines[len(head) :] == [
        [section.heading, table.name, str(number), str(row[0]), column.label, in_csv(value, language)]
        for section in document.sections
        for table in section.tables
        for number, row in enumerate(table.rows, start=1)
        for column, value in list(zip(table.columns, row, strict=True))[1:]
    ]
    notice, *others = [line[5] for line in head]
    assert notice == document.notice
    assert others == [document.title, document.subtitle, *(fact.text for fact in document.facts), *document.answer]


def in_csv(value: Any, language: str) -> str:
    """A cell as a spreadsheet of the language reads it."""
    written = "" if value is None else str(value)
    return written.replace(".", ",") if language == "nl" and isinstance(value, Decimal) else written


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["small", "full", "empty"])
def test_every_cell_of_every_table_is_in_the_workbook(name: str, language: str) -> None:
    document = written(name, language)
    sheets = sheets_of(form(name, language, "ods"))
    tables = {table.name: table for section in document.sections for table in section.tables}
    assert list(sheets) == [{"en": "summary", "nl": "samenvatting"}[language], *tables]
    assert all(0 < len(name) <= 31 and not set(name) & set("[]*?:/\\") for name in sheets)
    for key, table in tables.items():
        rows = [[column.label for column in table.columns], *table.rows]
        assert sheets[key] == [
            [table.caption],
            [document.notice_short],
            *([_in_a_cell(v) for v in row] for row in rows),
        ]


def _in_a_cell(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else f"{float(value):g}"


def columns_of(document: Document, *kinds: CellKind) -> Iterator[tuple[str, str, Any]]:
    for section in document.sections:
        for table in section.tables:
            for row in table.rows:
                for column, value in zip(table.columns, row, strict=True):
                    if column.kind in kinds:
                        yield table.key, column.label, value


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_number_of_a_table_is_a_number_and_not_a_text(language: str) -> None:
    numbers = columns_of(written("full", language), CellKind.COUNT, CellKind.SIGNED, CellKind.SHARE, CellKind.POINTS)
    assert [found for found in numbers if isinstance(found[2], str) and found[0] != "published"] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_published_figure_is_a_number_and_not_a_text(language: str) -> None:
    numbers = columns_of(written("full", language), CellKind.COUNT, CellKind.SIGNED, CellKind.SHARE, CellKind.POINTS)
    assert [found for found in numbers if isinstance(found[2], str)] == []


@pytest.mark.parametrize("key", ["steps", "reasons", "moves"])
def test_two_rows_of_a_table_can_be_distinguished_in_the_csv(key: str) -> None:
    both = SINCE | {"recognised": SINCE["recognised"] | {"became": {"recorded_late": 2, "reinstated": 1}}}
    lines = lines_of(render_csv(composed(full_report(since=both))), "en")
    keys = [tuple(line[:5]) for line in lines if line[1] == key]
    assert keys
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_number_of_a_table_is_in_the_pdf(language: str) -> None:
    document, words = written("full", language), words_of(language)
    shown = [table for section in pdf._written(document)["sections"] for table in section["tables"]]
    tables = [table for section in document.sections for table in section.tables]
    assert [[row["cells"] for row in table["rows"]] for table in shown] == [
        [[words.cell(v, c.kind) for v, c in zip(row, table.columns, strict=True)] for row in table.rows]
        for table in tables
    ]
    assert [{n for n, row in enumerate(table["rows"]) if row["strong"]} for table in shown] == [
        set(table.strong) for table in tables
    ]
    assert form("full", language, "pdf").startswith(b"%PDF-")


def test_another_process_gives_the_same_bytes(elsewhere: subprocess.Popen[str]) -> None:
    said, _ = elsewhere.communicate(timeout=60)
    assert json.loads(said) == digests()


def test_no_table_of_years_crosses_the_day_on_which_the_unit_changes() -> None:
    for language in LANGUAGES:
        tables = [table for section in written("full", language).sections for table in section.tables]
        years = [
            {int(str(row[0])) for row in table.rows} for table in tables if table.key.startswith("triangle_delivered")
        ]
        assert years == [{2013, 2014}, {2015}]
