"""One report in every form and language has the numbers of its JSON: each number of each table is read back and held.

What a table has to hold is worked out here from the JSON alone; the forms are read as their readers read them.
"""

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from functools import cache
from typing import Any

import odfdo
import pytest
from pypdf import PdfReader

from ketenbalans.reports.document import CellKind, Document, Table
from ketenbalans.reports.plain import render_json
from ketenbalans.reports.report import AGES, TO_ACT
from ketenbalans.reports.words import LANGUAGES
from schemas.causes import Cause, OmOnlyCause
from tests.unit.reports.a_report import form, full_report, written
from tests.unit.reports.test_report_readers import SIGNS, page_of

Numbers = list[list[Decimal | None]]

THOUSANDS = {"en": ",", "nl": "."}
DECIMALS = {"en": ".", "nl": ","}
SHOWN_STATES = ("open", "acknowledged", "waiting", "explained")


def read_number(text: str, language: str) -> Decimal | None:
    """A number as a reader of the language reads it; None where there is none."""
    bare = text.replace("\u2212", "-").removeprefix("+")
    if bare == "":
        return None
    whole = rf"\d{{1,3}}(?:{re.escape(THOUSANDS[language])}\d{{3}})*|\d+"
    assert re.fullmatch(rf"-?(?:{whole})(?:{re.escape(DECIMALS[language])}\d+)?", bare), text
    return Decimal(bare.replace(THOUSANDS[language], "").replace(DECIMALS[language], "."))


def percent(part: int, whole: int) -> Decimal | None:
    return (Decimal(100 * part) / whole).quantize(Decimal("0.1"), ROUND_HALF_UP) if whole else None


def expected_of(answer: Mapping[str, Any]) -> dict[str, list[list[Any]]]:
    """Per table the numbers of its rows, from the JSON of a report."""
    return {
        **dict(_of_the_balance(answer["balance"], answer["breaks"])),
        **dict(_of_the_breaks(answer["breaks"])),
        **dict(_over_time(answer)),
        **dict(_of_the_basis(answer)),
    }


def _of_the_balance(balance: Mapping[str, Any], breaks: list[dict[str, Any]]) -> Iterator[tuple[str, list[list[Any]]]]:
    gap = balance["gap"]
    yield (
        "causes",
        [
            [balance["delivered"], None],
            *([balance["causes"][cause], percent(balance["causes"][cause], gap)] for cause in Cause),
            [gap, percent(gap, gap)],
            [balance["recognised"], None],
        ],
    )
    only = [[balance["om_only"][cause]] for cause in OmOnlyCause]
    yield "om_count", [[balance["recognised"]], [-balance["registered_earlier"]], *only, [balance["om_count"]]]
    yield (
        "units",
        [
            [
                *(unit[name] for name in ("delivered", "recognised", "gap")),
                counted(breaks, side="police", unit=unit["unit"], state=TO_ACT),
                unit["cases_delivered"],
                percent(unit["gap"], unit["delivered"]),
            ]
            for unit in balance["by_unit"]
        ],
    )
    parties = [each for party in balance["other_parties"] for each in (*party["by_unit"], party)]
    figures = ("delivered", "recognised", "gap", "cases_delivered")
    yield "other_parties", [[each[name] for name in figures] for each in parties]


def _of_the_breaks(breaks: list[dict[str, Any]]) -> Iterator[tuple[str, list[list[Any]]]]:
    by_age = [
        [counted(breaks, side=side, state=TO_ACT, age=age) for side in ("police", "om")] for age in range(len(AGES))
    ]
    yield "ages", [[*row, sum(row)] for row in by_age]
    by_state = [
        [counted(breaks, side=side, cause=cause.value, state=state) for state in SHOWN_STATES]
        for side, causes in (("police", Cause), ("om", OmOnlyCause))
        for cause in causes
    ]
    yield "states", [row for row in by_state if any(row)]


def _over_time(answer: Mapping[str, Any]) -> Iterator[tuple[str, list[list[Any]]]]:
    since = answer["since"]
    figures = [since[name] for name in ("delivered", "recognised", "cases_delivered")]
    counts = [answer["may_come"]["counts"][name] for name in ("delivered", "registered", "recognised")]
    yield "may_come", [[one["known"], one["median"], *one["intervals"]["95"]] for one in counts]
    past = answer["may_come"]["past"]
    yield "past_forecasts", [[one["known"], one["expected"], *one["ends"], one["came"]] for one in past]
    yield "since", [[one["before"], one["after"], one["after"] - one["before"]] for one in figures]
    ways = (
        ("delivered", "came", 1),
        ("delivered", "left", -1),
        ("recognised", "became", 1),
        ("recognised", "no_longer", -1),
    )
    yield "since_reasons", [[sign * n] for figure, way, sign in ways for n in since[figure][way].values()]
    yield "since_moves", [[move["suspects"]] for move in since["moves"]]
    days = sorted({row["as_of"] for row in answer["revisions"]})
    for measure in ("delivered", "recognised"):
        figure = {
            (row["period"], row["as_of"]): row["figure"] for row in answer["revisions"] if row["measure"] == measure
        }
        yield f"triangle_{measure}", [[figure[year, day] for day in days] for year in ("2013", "2014")]
        yield f"triangle_{measure}_2015", [[figure["2015", day] if day >= "2015" else None for day in days]]
    moved = [row for row in answer["revisions"] if (row["period"], row["as_of"] > "2014-12-31") == ("2014", True)]
    reasons = [(row, reason) for row in moved for reason in ("recorded_late", "withdrawn")]
    yield (
        "steps",
        [[row["more"].get(why, 0), -row["less"].get(why, 0)] for row, why in reasons if row["more"] | row["less"]],
    )


def _of_the_basis(answer: Mapping[str, Any]) -> Iterator[tuple[str, list[list[Any]]]]:
    for key, is_share in (("published", False), ("published_shares", True)):
        rows = [row for row in answer["published"] if row["is_share"] is is_share]
        both = [(Decimal(row["published"]), Decimal(row["here"])) for row in rows]
        yield key, [[there, here, here - there] for there, here in both]
    yield (
        "sources",
        [[one[name] for name in ("extracts", "rows", "rejected", "dead_letters")] for one in answer["sources"]],
    )
    quality = answer["link_quality"]
    looked_up = [
        (one, one["links"], "false_links", "other") for one in (*quality["rules"], quality["all"]) if one["links"]
    ]
    unlinked = (quality["unlinked"], quality["unlinked"]["suspects"], "missed_links", "same")
    yield "link_quality", [rate_row(*one) for one in (*looked_up, unlinked)]
    yield "links", [[answer["balance"]["links"][rule]] for rule in "123456"]
    yield "rests_on", [[]] * 12


def rate_row(one: Mapping[str, Any], number: int, rate: str, wrong: str) -> list[Decimal | int | None]:
    """Counts, then the rate in percent and its ends, which are rounded outwards; no rate where none is known."""
    judged = one["same"] + one["other"] + one["unsure"]
    ends = [
        (100 * Decimal(str(one[rate][end]))).quantize(Decimal("0.1"), how)
        for end, how in (("low", ROUND_FLOOR), ("high", ROUND_CEILING))
    ]
    found = one[rate]["rate"]
    share = None if found is None else (100 * Decimal(str(found))).quantize(Decimal("0.1"), ROUND_HALF_UP)
    return [number, judged, one["unsure"], one[wrong], share, *ends]


def counted(breaks: list[dict[str, Any]], **wanted: Any) -> int:
    return sum(
        row["breaks"]
        for row in breaks
        if all(row[name] in value if isinstance(value, tuple) else row[name] == value for name, value in wanted.items())
    )


def tables_of(document: Document) -> list[Table]:
    return [table for section in document.sections for table in section.tables]


def places_of(table: Table) -> list[int]:
    """The columns that hold numbers."""
    return [place for place, column in enumerate(table.columns) if column.kind is not CellKind.TEXT]


def in_the_page(language: str) -> dict[str, Numbers]:
    """Per table the numbers that the page shows."""
    tables = tables_of(written("full", language))
    shown = page_of(form("full", language, "html").decode()).tables
    return {
        table.key: [[read_number(row[place], language) for place in places_of(table)] for row in found.rows]
        for table, found in zip(tables, shown, strict=True)
    }


def in_the_csv(language: str) -> dict[str, Numbers]:
    """Per table the numbers of the CSV, put together again from its lines."""
    text = form("full", language, "csv").decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(text), delimiter=SIGNS[language]))
    cells = {(table, int(line), column): value for _, table, line, _, column, value in lines[1:] if table}
    return {
        table.key: [
            [read_number(cells[table.name, line, table.columns[place].label], language) for place in places_of(table)]
            for line in range(1, len(table.rows) + 1)
        ]
        for table in tables_of(written("full", language))
    }


def in_the_workbook(language: str) -> dict[str, Numbers]:
    """Per table the numbers of its sheet: what a cell holds, so it needs no language."""
    book = odfdo.Document(io.BytesIO(form("full", language, "ods")))
    found = {}
    for table in tables_of(written("full", language)):
        sheet = book.body.get_table(name=table.name)
        assert sheet is not None, table.name
        rows = sheet.get_values()[3:]
        found[table.key] = [[_held(row, place) for place in places_of(table)] for row in rows]
    return found


def _held(row: list[Any], place: int) -> Decimal | None:
    value = row[place] if place < len(row) else None  # cells at the end of a row that hold nothing are not kept
    assert not isinstance(value, str), value
    return None if value is None else Decimal(str(value))


def in_the_pdf(language: str) -> dict[str, Numbers]:
    """Per table the numbers of the PDF: behind its caption and headings its cells follow each other."""
    text = _text_of_the_pdf(language)
    found, begin = {}, 0
    for table in tables_of(written("full", language)):
        for words in (table.caption, *(column.label for column in table.columns)):
            begin = text.index(_bare(words), begin) + len(_bare(words))
        rows: Numbers = []
        for row in table.rows:
            numbers: list[Decimal | None] = []
            for value, column in zip(row, table.columns, strict=True):
                if column.kind is CellKind.TEXT:
                    assert text.startswith(_bare(str(value or "")), begin), (table.key, value)
                    begin += len(_bare(str(value or "")))
                elif value is None:
                    numbers.append(None)
                else:
                    shown = _number_at(text, begin, value, language)
                    numbers.append(read_number(shown, language))
                    begin += len(shown)
            rows.append(numbers)
        found[table.key] = rows
    return found


def _number_at(text: str, begin: int, value: Any, language: str) -> str:
    """The number that begins there, as long as this one is: the next cell may follow without a blank."""
    size = len(f"{abs(value):,}") + (text[begin] in "+\u2212")
    return text[begin : begin + size]


@cache
def _text_of_the_pdf(language: str) -> str:
    return "".join(_bare(page.extract_text()) for page in PdfReader(io.BytesIO(form("full", language, "pdf"))).pages)


def _bare(text: str) -> str:
    return "".join(text.split())


FORMS: dict[str, Callable[[str], dict[str, Numbers]]] = {
    "html": in_the_page,
    "csv": in_the_csv,
    "ods": in_the_workbook,
    "pdf": in_the_pdf,
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", FORMS)
def test_every_number_of_every_table_is_that_of_the_json(kind: str, language: str) -> None:
    expected = expected_of(json.loads(render_json(full_report())))
    found = FORMS[kind](language)
    assert set(found) == set(expected)
    for key, numbers in found.items():
        assert numbers == expected[key], key


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_report_that_is_compared_has_every_table_and_all_kinds_of_numbers(language: str) -> None:
    tables = tables_of(written("full", language))
    assert len(tables) == 22
    numbers = [value for table in tables for row in table.rows for value in row if not isinstance(value, str)]
    assert any(value is not None and value >= 1000 for value in numbers)
    assert any(value is not None and value < 0 for value in numbers)
    assert any(isinstance(value, Decimal) for value in numbers)


@pytest.mark.parametrize(
    ("text", "language", "number"),
    [("1.464", "nl", "1464"), ("1,464", "en", "1464"), ("\u22120,1", "nl", "-0.1"), ("+1.234,5", "nl", "1234.5")],
)
def test_a_number_is_read_as_the_language_writes_it(text: str, language: str, number: str) -> None:
    assert read_number(text, language) == Decimal(number)


@pytest.mark.parametrize(("text", "language"), [("1,46", "en"), ("7.9", "nl"), ("7,9 %", "nl"), ("none", "en")])
def test_a_number_of_another_language_is_none(text: str, language: str) -> None:
    with pytest.raises(AssertionError):
        read_number(text, language)
