"""How good the links are stands in a report when persons judged some, and a report without judgements is as it was."""

import pytest

from ketenbalans.reports.report import Report
from ketenbalans.reports.words import LANGUAGES
from tests.unit.reports.a_report import LINK_QUALITY, composed, full_report, quality_from, small_report


def without_judgements() -> Report:
    return small_report()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_report_without_judgements_says_nothing_of_them(language: str) -> None:
    document = composed(without_judgements(), language)
    assert "linkage" not in {section.key for section in document.sections}
    assert "link_quality" not in without_judgements().to_json()


@pytest.mark.parametrize("language", LANGUAGES)
def test_judgements_add_one_section_and_change_no_other(language: str) -> None:
    judged = composed(small_report(link_quality=LINK_QUALITY), language)
    added = [section for section in judged.sections if section.key == "linkage"]
    assert len(added) == 1
    rest = tuple(section for section in judged.sections if section.key != "linkage")
    assert rest == composed(without_judgements(), language).sections
    (table,) = added[0].tables
    assert [row[1] for row in table.rows] == [1390, 12, 1402, 54]  # a rule without links is left out
    assert table.strong == {2}


def test_a_rate_that_is_not_known_is_empty_and_its_limits_are_not() -> None:
    half = {**LINK_QUALITY, "rules": [LINK_QUALITY["rules"][0], LINK_QUALITY["rules"][1] | {"same": 0, "other": 0}]}
    (table,) = composed(small_report(link_quality=half)).sections[-2].tables
    rule_2, in_all = table.rows[1], table.rows[2]
    assert [str(cell) for cell in rule_2[5:]] == ["None", "0.0", "100.0"]
    assert in_all[5] is None
    assert [str(cell) for cell in in_all[6:]] == ["0.0", "6.4"]


def test_its_json_is_that_of_the_command_line() -> None:
    assert full_report().to_json()["link_quality"] == quality_from(LINK_QUALITY).to_json()
