"""Who signed the figures stands in a report when two persons did, and a report without a signature is as it was."""

from dataclasses import replace

import pytest

from ketenbalans.reports.report import Report
from ketenbalans.reports.words import LANGUAGES
from schemas.signoff import SignoffState
from tests.unit.reports.a_report import composed, small_report
from tests.unit.signoff.a_signoff import signoff


def signed(*states: SignoffState) -> Report:
    return replace(small_report(), signoffs=[signoff(state) for state in states])


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_signature_adds_one_section_and_changes_no_other(language: str) -> None:
    document = composed(signed(SignoffState.APPROVED), language)
    (added,) = [section for section in document.sections if section.key == "signoff"]
    rest = tuple(section for section in document.sections if section.key != "signoff")
    assert rest == composed(small_report(), language).sections
    assert len(added.text) == 1
    (row,) = added.tables[0].rows
    assert (row[0], *row[2:6]) == (signoff(SignoffState.APPROVED).short_id, 100, 97, "anna", "ben")
    assert len(row) == len(added.tables[0].columns)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", [SignoffState.VOID, SignoffState.SUPERSEDED])
def test_that_it_does_not_hold_any_more_is_said(state: SignoffState, language: str) -> None:
    (section,) = [one for one in composed(signed(state), language).sections if one.key == "signoff"]
    assert signoff(state).short_id in section.text[1]
    assert section.tables[0].rows[0][-1] == (state.word if language == "nl" else state.value)


def test_its_json_has_no_signature_where_there_is_none() -> None:
    assert "signoffs" not in small_report().to_json()
    (one,) = signed(SignoffState.VOID).to_json()["signoffs"]
    assert one == signoff(SignoffState.VOID).to_json()
