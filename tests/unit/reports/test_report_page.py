"""The page and what every form says of its data: it needs nothing else, can be read by all, and is named synthetic."""

import json
import re
from dataclasses import replace
from itertools import pairwise

import pytest

from ketenbalans.reports import pdf, sections_bridge
from ketenbalans.reports.document import Document
from ketenbalans.reports.html import render_html
from ketenbalans.reports.pdf import render_pdf
from ketenbalans.reports.plain import render_csv, render_json
from ketenbalans.reports.report import Report
from ketenbalans.reports.spreadsheet import render_ods
from ketenbalans.reports.words import LANGUAGES, words_of
from tests.unit.reports.a_report import (
    SINCE,
    composed,
    empty_report,
    form,
    full_report,
    report_from,
    small_report,
    written,
)
from tests.unit.reports.test_report_readers import Page, lines_of, page_of, sheets_of

NAMES = ("small", "full", "empty")
SYNTHETIC = {"en": "Synthetic data", "nl": "Synthetische gegevens"}
HOSTILE = "<b>\"&'</b>]]>{{ x }}#let"
REAL = {"synthetic": False}
each_page = pytest.mark.parametrize(
    ("name", "language"), [(name, language) for name in NAMES for language in LANGUAGES]
)


@pytest.fixture(scope="module")
def pages() -> dict[tuple[str, str], Page]:
    """Every page, read once."""
    return {(name, of): page_of(form(name, of, "html").decode()) for name in NAMES for of in LANGUAGES}


@each_page
def test_the_page_needs_no_network_and_no_script(pages: dict[tuple[str, str], Page], name: str, language: str) -> None:
    page = pages[name, language]
    assert page.all_of("script", "link", "iframe", "object", "embed", "form", "base") == []
    addresses = [attrs[key] for _, attrs in page.tags for key in ("src", "href", "srcset", "action") if key in attrs]
    assert all(address.startswith(("data:image/svg+xml;base64,", "#")) for address in addresses)
    assert not any(key.startswith("on") or key == "style" for _, attrs in page.tags for key in attrs)
    assert not re.search(r"@import|url\((?!data:)|https?:", page.style)
    assert not any("http-equiv" in attrs for _, attrs in page.all_of("meta"))


@each_page
def test_the_page_has_one_title_headings_in_order_a_language_and_unique_ids(
    pages: dict[tuple[str, str], Page], name: str, language: str
) -> None:
    page = pages[name, language]
    levels = [int(tag[1]) for tag, _ in page.all_of("h1", "h2", "h3", "h4", "h5", "h6")]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert page.all_of("html") == [("html", {"lang": language})]
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(set(ids)) == len(ids)
    asked = [attrs[key].lstrip("#") for _, attrs in page.tags for key in ("href", "aria-labelledby") if key in attrs]
    assert set(asked) == set(ids)
    assert all(page.all_of(landmark) for landmark in ("title", "header", "main", "nav"))


@each_page
def test_every_table_has_a_caption_and_scoped_headings(
    pages: dict[tuple[str, str], Page], name: str, language: str
) -> None:
    for table in pages[name, language].tables:
        assert table.caption
        assert table.scopes == ["col"] * len(table.head) + ["row"] * len(table.rows)
        assert all(len(row) == len(table.head) for row in table.rows)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_picture_says_its_numbers_in_words(pages: dict[tuple[str, str], Page], language: str) -> None:
    drawn = [section.picture for section in written("full", language).sections if section.picture]
    said = [attrs["alt"] for _, attrs in pages["full", language].all_of("img")]
    assert said == [picture.alt for picture in drawn]
    assert len(said) == 7
    for picture in drawn:
        beside_the_marks = " ".join(re.findall(r'<g class="mark-text role-mark[^>]*>(.*?)</g>', picture.svg))
        numbers = re.findall(r">([^<]*\d[^<]*)<", beside_the_marks)
        assert numbers, picture.key
        assert [number for number in numbers if number not in picture.alt] == [], picture.key


def test_the_words_of_a_picture_are_the_numbers_of_its_table(pages: dict[tuple[str, str], Page]) -> None:
    for section in written("full", "en").sections[:2]:
        steps = [row for row in section.tables[0].rows if row[1] and row[0] not in {"Not recognised"}]
        for row in steps:
            amount = row[1]
            assert isinstance(amount, int)
            assert section.picture is not None
            assert f"{abs(amount):,}" in section.picture.alt


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_of_a_picture_write_thousands_as_the_language_does(language: str) -> None:
    without_years = [re.sub(r"\b201[345]\b|PL\d{4}", "", alt) for alt in alts(language)]
    assert [alt for alt in without_years if re.search(r"\d{4}", alt)] == []


def alts(language: str) -> list[str]:
    return [section.picture.alt for section in written("full", language).sections if section.picture]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_shows_the_answer_and_the_four_figures(pages: dict[tuple[str, str], Page], language: str) -> None:
    text = pages["full", language].text
    figures = {"en": ("1,464", "1,410", "54", "3.7%", "9"), "nl": ("1.464", "1.410", "54", "3,7 procent", "9")}[
        language
    ]
    assert all(figure in text for figure in figures)
    assert {"en": "31 January 2015", "nl": "31 januari 2015"}[language] in text


def test_an_unexplained_suspect_asks_to_act_and_none_does_not() -> None:
    assert composed(small_report()).headlines[-1].is_to_act_on
    assert not composed(empty_report()).headlines[-1].is_to_act_on


@pytest.mark.parametrize("language", LANGUAGES)
def test_synthetic_data_is_named_in_every_form(pages: dict[tuple[str, str], Page], language: str) -> None:
    document, name = written("full", language), SYNTHETIC[language]
    page = pages["full", language]
    assert name in page.text
    at_every_page = re.search(r"@page \{(.*?)\n\}", page.style, re.DOTALL)
    assert at_every_page is not None
    assert f'content: "{name}. ' in at_every_page[1]
    assert lines_of(form("full", language, "csv"), language)[1][5].startswith(name)
    for sheet, rows in sheets_of(form("full", language, "ods")).items():
        assert any(name in cell for row in rows[:3] for cell in row), sheet
    given = pdf._written(document)
    assert given["notice"].startswith(name)
    assert given["notice_short"].startswith(f"{name}. ")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_of_every_form_says_that_it_is_not_for_publication(language: str) -> None:
    words = words_of(language)
    restricted = words.say("document.restricted_short")
    for release in (None, "2014-3"):
        document = composed(replace(full_report(balance=REAL), release=release), language)
        assert document.notice_short == restricted
        assert ("2014-3" in document.notice) is (release is not None)
        page = render_html(document)
        assert f'content: "{restricted}"' in page
        assert document.notice in page
        assert document.notice in render_csv(document).decode()
        sheets = sheets_of(render_ods(document)).values()
        assert all(any(restricted in cell for row in rows[:3] for cell in row) for rows in sheets)
        assert pdf._written(document)["notice_short"] == restricted


@pytest.mark.parametrize("language", LANGUAGES)
def test_real_data_is_not_called_synthetic(language: str) -> None:
    report = full_report(balance=REAL)
    document = composed(report, language)
    held = [
        render_html(document),
        render_csv(document).decode(),
        str(sheets_of(render_ods(document))),
        str(pdf._written(document)),
    ]
    assert [text for text in held if re.search("synth", text.replace("notice_short", ""), re.IGNORECASE)] == []


def hostile_report() -> Report:
    odd = small_report().to_json()["balance"]["by_unit"][0] | {"unit": HOSTILE}
    answer = full_report().published[0].to_json() | {"document": HOSTILE}
    return full_report(
        balance={"by_unit": [odd], "code_version": HOSTILE, "policy": {HOSTILE: 1}},
        published=[answer],
        breaks=[{"side": "police", "cause": "missing", "state": "open", "unit": HOSTILE, "age": 0, "breaks": 1}],
    )


@pytest.fixture(scope="module")
def hostile() -> Document:
    """A report whose texts from outside look like markup; of its pictures the one that holds such a text is drawn."""
    document = composed(hostile_report())
    drawn = sections_bridge.units(hostile_report(), words_of("en"))
    sections = (drawn if one.key == "units" else replace(one, picture=None) for one in document.sections)
    return replace(document, sections=tuple(sections))


def test_what_comes_from_outside_is_escaped_on_the_page(hostile: Document) -> None:
    page = page_of(render_html(hostile))
    assert page.all_of("b") == []
    held = [cell for table in page.tables for row in table.rows for cell in row if HOSTILE in cell]
    assert len(held) == 4
    assert any(HOSTILE in attrs["alt"] for _, attrs in page.all_of("img"))


def test_what_comes_from_outside_is_a_text_in_the_other_forms(hostile: Document) -> None:
    assert sum(HOSTILE in cell for rows in sheets_of(render_ods(hostile)).values() for row in rows for cell in row) == 4
    lines = lines_of(render_csv(hostile), "en")
    assert any(line[3] == HOSTILE for line in lines)
    assert {len(line) for line in lines} == {6}
    picture = next(section.picture for section in hostile.sections if section.key == "units")
    assert picture is not None
    assert HOSTILE in picture.alt
    assert render_pdf(hostile).startswith(b"%PDF-")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_period_without_anything_renders_in_every_form(pages: dict[tuple[str, str], Page], language: str) -> None:
    document = written("empty", language)
    assert not any(section.picture for section in document.sections)
    assert render_pdf(document).startswith(b"%PDF-")
    assert "nan" not in render_csv(document).decode().lower()
    said = " ".join([*document.answer, *(text for section in document.sections for text in section.text)])
    for sentence in {
        "en": (
            "No suspect was delivered",
            "as known on an earlier day",
            "nothing to compare",
            "No figure",
            "none is open",
        ),
        "nl": ("geen verschillen", "eerdere peildatum", "niet mogelijk", "geen cijfer", "geen verdachte"),
    }[language]:
        assert sentence in said
    assert report_from(json.loads(render_json(empty_report()))) == empty_report()


def test_a_source_that_has_nothing_loaded_renders() -> None:
    bare = {"source": "hotline_reports", "covers_until": None, "extracts": 0, "rows": 0, "rejected": 0}
    document = composed(small_report(sources=[bare | {"dead_letters": 2, "quality": "failed"}]))
    row = next(table for section in document.sections for table in section.tables if table.key == "sources").rows[0]
    assert row == ("Reports to the hotline", None, 0, 0, 0, 2, "failed")
    assert page_of(render_html(document)).tables
    assert render_csv(composed(small_report(sources=[])))


def test_nothing_changed_is_said_instead_of_a_table_of_nothing() -> None:
    same = {"before": 1464, "after": 1464}
    since = SINCE | {
        "delivered": same | {"came": {}, "left": {}},
        "recognised": same | {"became": {}, "no_longer": {}},
        "cases_delivered": same,
        "moves": [],
    }
    section = next(one for one in composed(full_report(since=since)).sections if one.key == "since")
    assert section.tables == ()
    assert section.text == (
        "Nothing changed since the last report of this period, which was as known on 31 December 2014.",
    )
