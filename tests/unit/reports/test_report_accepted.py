"""A break that a person lets stand: in the answer, pictures and tables of a report, and not among what waits."""

import pytest

from ketenbalans.reports.compose import document_of
from ketenbalans.reports.document import Document
from ketenbalans.reports.report import TO_ACT, Report
from ketenbalans.reports.words import LANGUAGES, words_of
from tests.unit.reports.a_report import composed, full_report, with_accepted
from tests.unit.reports.test_report_pictures import asked_of

STATES = {"en": ("accepted", "to deal with"), "nl": ("aanvaard", "nog niet afgehandeld")}


@pytest.fixture(scope="module")
def accepted() -> Report:
    return with_accepted(full_report())


def tables(document: Document) -> dict[str, list[tuple[object, ...]]]:
    found = [table for section in document.sections for table in section.tables]
    return {table.key: [tuple(column.label for column in table.columns), *table.rows] for table in found}


@pytest.mark.parametrize("language", LANGUAGES)
def test_accepted_breaks_are_counted_apart_from_what_has_to_be_dealt_with(accepted: Report, language: str) -> None:
    document = composed(accepted, language)
    breaks = accepted.counted(state="accepted")
    assert breaks
    assert any(sentence.startswith(f"{breaks} ") for sentence in document.answer)
    header, *rows = tables(document)["states"]
    column = header.index(STATES[language][0])
    assert sum(int(str(row[column])) for row in rows) == breaks
    header, *rows = tables(document)["ages"]
    assert sum(int(str(row[-1])) for row in rows) == accepted.counted(state=TO_ACT), "no accepted break waits"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pictures_show_them_in_a_kind_of_their_own_only_where_there_are_some(
    accepted: Report, language: str
) -> None:
    kind = STATES[language][0]
    for report, is_shown in ((accepted, True), (full_report(), False)):
        with asked_of("waterfall") as waterfalls, asked_of("bars") as bars:
            document_of(report, words_of(language))
        for drawn in (waterfalls[0], bars[0]):
            assert (kind in drawn["kinds"]) == is_shown
            segments = [one for step in drawn["steps"] for one in step.segments if one.kind == kind]
            assert sum(one.amount for one in segments) == report.counted(state="accepted", side="police")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_report_without_any_says_nothing_of_them(language: str) -> None:
    document = composed(full_report(), language)
    kind = STATES[language][0]
    assert kind not in " ".join(document.answer)
    assert kind not in tables(document)["states"][0]
