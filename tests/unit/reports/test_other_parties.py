"""What others than the police delivered: a section of its own, in no figure of the police, in every language."""

from typing import Any

import pytest

from ketenbalans.reports.document import Document, Section
from ketenbalans.reports.words import LANGUAGES
from tests.unit.reports.a_report import composed, empty_report, full_report, small_report

HEADINGS = {"en": "Other deliverers", "nl": "Andere aanleveraars"}
TOTALS = {"en": "Total", "nl": "Totaal"}
NAMES = {"en": "Royal Netherlands Marechaussee", "nl": "Koninklijke Marechaussee"}


def bridge(delivered: int, recognised: int, cases: int) -> dict[str, Any]:
    return {
        "delivered": delivered,
        "recognised": recognised,
        "gap": delivered - recognised,
        "cases_delivered": cases,
        "causes": {"missing": delivered - recognised},
    }


def party(name: str, **units: tuple[int, int, int]) -> dict[str, Any]:
    total = bridge(*map(sum, zip((0, 0, 0), *units.values(), strict=True)))
    by_unit = [{"unit": unit, **bridge(*counts)} for unit, counts in units.items()]
    return {"party": name, **total, "by_unit": by_unit}


CUSTOMS, KMAR = party("customs"), party("kmar", PL27RD=(9, 7, 8), PL27SH=(5, 5, 5))


def section(document: Document) -> Section | None:
    return next((one for one in document.sections if one.key == "other_parties"), None)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_party_has_its_units_and_its_total_last(language: str) -> None:
    answer = section(composed(small_report(balance={"other_parties": [KMAR, CUSTOMS]}), language))
    assert answer is not None
    assert answer.heading == HEADINGS[language]
    assert all(answer.text)
    (table,) = answer.tables
    assert len({column.label for column in table.columns}) == 6
    total = TOTALS[language]
    assert list(table.rows) == [
        ("customs", total, 0, 0, 0, 0),
        (NAMES[language], "PL27RD", 9, 7, 2, 8),
        (NAMES[language], "PL27SH", 5, 5, 0, 5),
        (NAMES[language], total, 14, 12, 2, 13),
    ]
    assert table.strong == {0, 3}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("report", [small_report, full_report, empty_report])
def test_nothing_else_of_a_report_knows_of_them(report: Any, language: str) -> None:
    with_them = composed(report(balance={"other_parties": [KMAR]}), language)
    without = composed(report(balance={"other_parties": []}), language)
    assert section(without) is None
    assert [one for one in with_them.sections if one.key != "other_parties"] == list(without.sections)
    assert (with_them.headlines, with_them.answer) == (without.headlines, without.answer)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_balance_that_was_kept_before_there_were_any_has_no_such_section(language: str) -> None:
    assert small_report().balance.other_parties is None
    assert section(composed(small_report(), language)) is None
