"""The head of a report, in every form: its status, the quality of the data, the next report, and whom to ask."""

import re
from typing import Any

import pytest

from ketenbalans.reports.html import render_html
from ketenbalans.reports.pdf import _written
from ketenbalans.reports.plain import render_csv
from ketenbalans.reports.spreadsheet import render_ods
from ketenbalans.reports.words import LANGUAGES
from tests.unit.reports.a_report import PUBLICATION, composed, full_report, report_of, small_report, written
from tests.unit.reports.test_report_readers import lines_of, page_of, sheets_of

RESTATES = {"as_of": "2015-01-31", "delivered": 1460, "recognised": 1409}


def facts(language: str, balance: dict[str, str] | None = None, **publication: object) -> dict[str, str]:
    report = small_report(publication=PUBLICATION | publication, balance=balance or {})
    return {fact.label: fact.text for fact in composed(report, language).facts}


@pytest.mark.parametrize(
    ("publication", "english", "dutch"),
    [
        (
            {"status": "provisional"},
            "Provisional: figures of 2014 are final as known on 30 January 2015 or later.",
            "Voorlopig: cijfers over 2014 zijn definitief met een peildatum op of na 30 januari 2015.",
        ),
        (
            {"status": "final"},
            "Final: as known on 30 January 2015 or later.",
            "Definitief: de peildatum ligt op of na 30 januari 2015.",
        ),
        (
            {"status": "restated", "restates": RESTATES},
            "Restated: the final report as known on 31 January 2015 gave 1,460 delivered and 1,409 recognised.",
            "Herzien: het definitieve verslag met peildatum 31 januari 2015 vermeldde 1.460 aangeleverd en "
            "1.409 herkend.",
        ),
    ],
)
def test_the_status_is_reported_with_what_it_rests_on(publication: dict[str, Any], english: str, dutch: str) -> None:
    assert [facts(language, **publication)["Status"] for language in LANGUAGES] == [english, dutch]


@pytest.mark.parametrize(
    ("quality", "dutch"),
    [
        ("not_checked", "Nog niet gecontroleerd."),
        ("failed", "Niet in orde: de gegevens voldoen niet aan alle controles."),
        ("passed", None),
    ],
)
def test_the_quality_of_the_data_is_in_the_head_unless_it_passed(quality: str, dutch: str | None) -> None:
    assert facts("nl", {"quality": quality}).get("Kwaliteit van de gegevens") == dutch


def test_the_next_report_and_the_contact_are_reported_and_a_contact_that_is_not_set_is_left_out() -> None:
    assert facts("nl")["Volgend verslag"] == "6 maart 2015, over 2015 met peildatum 28 februari 2015."
    assert facts("en")["Next report"] == "6 March 2015, on 2015 as known on 28 February 2015."
    assert "Contact" not in facts("nl")
    assert facts("nl", contact="Informatiepunt, cijfers@om.example")["Contact"] == "Informatiepunt, cijfers@om.example"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_form_has_the_whole_head(language: str) -> None:
    document = composed(small_report(publication=PUBLICATION | {"contact": "the desk <b>"}), language)
    page = page_of(render_html(document))
    sheet = next(iter(sheets_of(render_ods(document)).values()))
    lines = [line[3:6:2] for line in lines_of(render_csv(document), language)]
    shown = _written(document)["facts"]
    for fact in document.facts:
        assert fact.label in page.text
        assert fact.text in page.text
        assert [fact.label, fact.text] in sheet
        assert [fact.label, fact.text] in lines
        assert {"label": fact.label, "text": fact.text} in shown
    for sentence in (document.title, document.subtitle, *document.answer):
        assert sentence in page.text
        assert [sentence] in sheet
        assert sentence in [line[1] for line in lines]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_of_paper_names_the_subject_the_period_and_the_day(language: str) -> None:
    running = written("full", language).running
    subject = {"en": "child sexual abuse material", "nl": "kinderpornografie en kindersekstoerisme"}[language]
    day = {"en": "31 January 2015", "nl": "31 januari 2015"}[language]
    assert all(part in running for part in (subject, "2014", day))
    style = page_of(render_html(written("full", language))).style
    at_every_page = re.search(r"@page \{(.*?)\n\}", style, re.DOTALL)
    assert at_every_page is not None
    assert f'content: "{running}"' in at_every_page[1]


@pytest.mark.parametrize(
    ("causes", "recognised", "dutch"),
    [
        ({}, 0, "In deze periode is geen verdachte aangeleverd."),
        ({}, 1, "De politie leverde 1 verdachte aan. Het OM herkent alle aangeleverde verdachten."),
        (
            {"missing": 1},
            3,
            "De politie leverde 4 verdachten aan. Het OM herkent er 3; 1 verdachte (25,0 procent) wordt niet herkend. "
            "Van de niet-herkende verdachten is voor geen de oorzaak bekend; 1 verdachte is onverklaard.",
        ),
        (
            {"joined": 2},
            2,
            "De politie leverde 4 verdachten aan. Het OM herkent er 2; 2 verdachten (50,0 procent) worden niet "
            "herkend. Voor alle niet-herkende verdachten is de oorzaak bekend.",
        ),
    ],
)
def test_the_answer_agrees_with_its_numbers(causes: dict[str, Any], recognised: int, dutch: str) -> None:
    report = report_of(causes=causes, om_only={}, recognised=recognised, registered_earlier=0)
    assert composed(report, "nl").answer[0] == dutch


def test_the_explained_and_the_unexplained_are_those_not_recognised() -> None:
    answer = composed(full_report(), "nl").answer[0]
    not_recognised, explained, unexplained = (
        int(re.findall(pattern, answer)[0])
        for pattern in (r"(\d+) verdachten \(", r"voor (\d+) de oorzaak", r"(\d+) verdachten zijn onverklaard")
    )
    assert not_recognised == explained + unexplained == 54
