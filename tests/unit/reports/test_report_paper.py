"""The PDF page by page: each names the subject and the day, and no heading is parted from its table."""

import io

import pytest
from pypdf import PdfReader

from ketenbalans.reports.compose import document_of
from ketenbalans.reports.document import Document, Table
from ketenbalans.reports.pdf import render_pdf
from ketenbalans.reports.words import words_of
from tests.unit.reports.a_report import FULL, UNITS, form, full_report, report_of, written

MANY_UNITS = (*UNITS, *(f"PL{number}00" for number in range(30, 46)))


def bare(text: str) -> str:
    """A text without blanks: a line may end anywhere."""
    return "".join(text.split())


def pages_of(made: bytes) -> list[str]:
    return [bare(page.extract_text()) for page in PdfReader(io.BytesIO(made)).pages]


def with_many_units() -> Document:
    """A report whose tables lie elsewhere on their pages, one of which is longer than may stay on one."""
    other = full_report().to_json()
    fields = {name: other[name] for name in ("since", "revisions", "published", "sources")}
    return document_of(report_of(**FULL, units=MANY_UNITS, **fields), words_of("nl"))


@pytest.fixture(scope="module", params=["en", "nl", "many units"])
def printed(request: pytest.FixtureRequest) -> tuple[Document, list[str]]:
    """A report, and the text of its pages."""
    if request.param == "many units":
        document = with_many_units()
        return document, pages_of(render_pdf(document))
    return written("full", request.param), pages_of(form("full", request.param, "pdf"))


def start_of(table: Table) -> list[str]:
    """The caption of a table, its headings and the heading of its first row."""
    return [table.caption, *(column.label for column in table.columns), str(table.rows[0][0])]


def test_every_page_names_the_subject_the_day_and_that_the_data_is_synthetic(
    printed: tuple[Document, list[str]],
) -> None:
    document, pages = printed
    for number, page in enumerate(pages, start=1):
        assert page.startswith(bare(document.running))
        assert bare(document.notice_short) in page
        assert f"{number}/{len(pages)}" in page


def test_a_heading_stands_on_the_page_of_its_first_table(printed: tuple[Document, list[str]]) -> None:
    document, pages = printed
    for section in document.sections:
        if section.tables:
            (page,) = [page for page in pages[1:] if bare(section.heading + "".join(section.text)) in page]
            behind = page.partition(bare(section.heading + "".join(section.text)))[2]
            assert bare(section.tables[0].caption) in behind, section.key


def test_a_caption_stands_on_the_page_of_its_headings_and_first_row(printed: tuple[Document, list[str]]) -> None:
    document, pages = printed
    tables = [table for section in document.sections for table in section.tables]
    for table in tables:
        assert any(bare("".join(start_of(table))) in page for page in pages[1:]), table.key


def test_the_first_page_lists_every_section(printed: tuple[Document, list[str]]) -> None:
    document, pages = printed
    listed = pages[0].partition(bare(document.labels["contents"]))[2]
    places = [listed.index(bare(section.heading)) for section in document.sections]
    assert places == sorted(places)
