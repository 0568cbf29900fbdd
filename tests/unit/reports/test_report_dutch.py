"""The Dutch of a report: the words of the field, and no English, no file, no table and no setting in it."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from ketenbalans.reports.document import Document
from ketenbalans.reports.plain import render_csv
from ketenbalans.reports.release_document import release_document
from ketenbalans.reports.spreadsheet import render_ods
from ketenbalans.reports.words import LANGUAGES, words_of
from schemas.breaks import BreakState, BreakStep
from schemas.catalogue import sources
from schemas.causes import Cause, OmOnlyCause
from schemas.policy import Policy
from schemas.report_status import ReportStatus
from schemas.revisions import Movement, RevisionReason
from tests.unit.reports.a_release import all_kinds_of_releases
from tests.unit.reports.a_report import FINGERPRINT, composed, full_report, written
from tests.unit.reports.test_report_readers import lines_of, sheets_of
from tests.unit.reports.test_report_words import all_kinds_of_reports

ENGLISH = """
the and with from not by break breaks gap suspect suspects delivered recognised missing unit units share known rows
checked passed failed dead letter letters policy commit code source sources input day days waiting acknowledged
explained resolved provisional final restated police cases row value section table quality figure published here
difference before now more less came left changed reason
"""
"""Words that are no Dutch, and that the project has in its tables, settings and English reports."""

IDENTIFIER = re.compile(r"\b\w*_\w*\b|\b[\w-]+\.(?:md|toml|py|csv|json|html)\b|docs/|--\w+")
SHOWN_WORDS = (Cause, OmOnlyCause, BreakState, BreakStep, Movement, RevisionReason, ReportStatus)


def texts(document: Document) -> Iterator[str]:
    """All that a reader of the page, the PDF, the workbook or the CSV reads."""
    yield from (document.title, document.running, document.subtitle, document.notice, document.notice_short)
    yield from (*document.answer, *document.labels.values())
    yield from (text for fact in document.facts for text in (fact.label, fact.text))
    yield from (one.label for one in document.headlines)
    for section in document.sections:
        yield from (section.heading, *section.text)
        if section.picture:
            yield from (section.picture.title, section.picture.alt)
        for table in section.tables:
            yield from (table.name, table.caption, *(column.label for column in table.columns))
            yield from (cell for row in table.rows for cell in row if isinstance(cell, str))


def foreign_in(text: str) -> list[str]:
    bare = text.replace(FINGERPRINT, "")
    return [
        *(word for word in re.findall(r"[a-z]+", bare.lower()) if word in ENGLISH.split()),
        *IDENTIFIER.findall(bare),
    ]


def test_no_dutch_report_holds_an_english_word_or_the_name_of_a_file_or_setting() -> None:
    for report in all_kinds_of_reports():
        for text in texts(composed(report, "nl")):
            assert foreign_in(text) == [], text
    for release in all_kinds_of_releases():
        for text in texts(release_document(release, words_of("nl"))):
            assert foreign_in(text) == [], text


def test_no_dutch_file_holds_one() -> None:
    document = written("full", "nl")
    cells = [cell for line in lines_of(render_csv(document), "nl") for cell in line]
    sheets = sheets_of(render_ods(document))
    cells += [cell for name, rows in sheets.items() for cell in (name, *(cell for row in rows for cell in row))]
    assert [cell for cell in cells if foreign_in(cell)] == []


@pytest.mark.parametrize("text", ["geen break", "docs/regels", "transit_allowance_days", "policy.toml", "the"])
def test_a_foreign_word_would_be_found(text: str) -> None:
    assert foreign_in(text)


@pytest.mark.parametrize("words", SHOWN_WORDS)
def test_every_word_that_is_shown_has_a_dutch_one_of_its_own(
    words: type[Cause]
    | type[OmOnlyCause]
    | type[BreakState]
    | type[BreakStep]
    | type[Movement]
    | type[RevisionReason]
    | type[ReportStatus],
) -> None:
    assert len({member.word for member in words}) == len(words)
    assert not any(foreign_in(member.word) or member.word.startswith("opgepakt") for member in words)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_source_and_every_number_of_the_policy_has_a_name_in_words(language: str) -> None:
    words = words_of(language)
    assert {name for name, source in sources().items() if source.command and not words.has(f"source.{name}")} == set()
    assert {name for name in Policy.__annotations__ if not words.has(f"policy.{name}_is")} == set()
    parties = {source.party for source in sources().values()} - {None, "police"}
    assert {party for party in parties if not words.has(f"party.{party}")} == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_kp_and_kst_are_explained_once_and_where_they_are_first_used(language: str) -> None:
    answer = list(texts(written("full", language)))
    office = {"en": "public prosecution service (OM)", "nl": "Openbaar Ministerie (OM)"}[language]
    for short, explained in (("KP", "(KP)"), ("KST", "(KST)"), ("OM", office)):
        assert sum(text.count(explained) for text in answer) == 1
        first = next(text for text in answer if re.search(rf"\b{short}\b", text))
        assert explained in first


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_title_names_the_subject_both_parties_and_the_period(language: str) -> None:
    parts = {
        "en": ("child sexual abuse material", "police", "public prosecution service", "2014"),
        "nl": ("kinderpornografie en kindersekstoerisme", "politie", "Openbaar Ministerie", "2014"),
    }[language]
    assert all(part in written("full", language).title for part in parts)


@pytest.mark.parametrize("language", LANGUAGES)
def test_shares_come_with_a_word_on_rounding_and_name_their_unit(language: str) -> None:
    document = written("full", language)
    assert (
        words_of(language).say("bridge.rounding") in next(one for one in document.sections if one.key == "bridge").text
    )
    labels = {column.label for section in document.sections for table in section.tables for column in table.columns}
    points = {"en": "Difference (percentage points)", "nl": "Verschil (procentpunten)"}[language]
    assert points in labels
    shares = [label for label in labels if "%" in label]
    assert len(shares) == 7


@pytest.mark.parametrize(
    ("name", "english", "dutch"),
    [
        ("kst-31015-112", "Parliamentary paper 31 015, no. 112", "Kamerstuk 31 015, nr. 112"),
        ("kst-31015-193-annex", "Parliamentary paper 31 015, no. 193, annex", "Kamerstuk 31 015, nr. 193, bijlage"),
        ("another letter", "another letter", "another letter"),
    ],
)
def test_a_document_of_parliament_is_cited_as_one(name: str, english: str, dutch: str) -> None:
    assert [words_of(language).document(name) for language in LANGUAGES] == [english, dutch]


def unit_names(language: str, period: tuple[str, str]) -> list[Any]:
    report = full_report(balance={"period": list(period)})
    table = next(one for one in composed(report, language).sections if one.key == "units").tables[0]
    return [row[0] for row in table.rows]


@pytest.mark.parametrize("language", LANGUAGES)
def test_units_are_named_with_their_codes_and_a_code_without_a_name_stays_one(language: str) -> None:
    assert unit_names(language, ("2014-01-01", "2014-12-31")) == [
        "Noord-Nederland (PL0100)",
        "Oost-Nederland (PL0600)",
        "Midden-Nederland (PL0900)",
    ]
    assert unit_names(language, ("2012-01-01", "2012-12-31")) == ["PL0100", "PL0600", "PL0900"]


def test_a_party_and_a_source_without_a_name_keep_their_own() -> None:
    words = words_of("nl")
    assert words.party("customs") == "customs"
    assert words.source("customs_deliveries") == "customs deliveries"
    assert words.party("kmar") == "Koninklijke Marechaussee"


def test_a_number_of_the_policy_without_a_name_keeps_its_own() -> None:
    document = composed(full_report(balance={"policy": {"of_later": 7, "transit_allowance_days": 60}}), "nl")
    table = next(one for one in document.sections if one.key == "method").tables[-1]
    assert table.rows[-3:-1] == (("Wachttijd voor een inschrijving", "60 dagen na de aanlevering"), ("of_later", "7"))
