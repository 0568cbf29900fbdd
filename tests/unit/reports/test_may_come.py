"""What may still come stands in a report when it can be said, and a report that says nothing of it is as it was."""

from dataclasses import replace
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketenbalans.reports import pictures
from ketenbalans.reports.document import Section
from ketenbalans.reports.pictures import RangeRow
from ketenbalans.reports.report import Report
from ketenbalans.reports.sections_may_come import may_come
from ketenbalans.reports.words import LANGUAGES, words_of
from tests.unit.reports.a_report import MAY_COME, NO_SVG, composed, may_come_from, small_report


def expecting(**other: Any) -> Report:
    return small_report(may_come=MAY_COME | other)


def section_of(report: Report, language: str = "en") -> Section:
    (found,) = [section for section in composed(report, language).sections if section.key == "may_come"]
    return found


@st.composite
def numbers(draw: st.DrawFn) -> dict[str, Any]:
    """A count in any order: what is known may lie above or below its interval."""
    ends = sorted(draw(st.lists(st.integers(0, 3000), min_size=7, max_size=7)))
    intervals = {"50": [ends[2], ends[4]], "80": [ends[1], ends[5]], "95": [ends[0], ends[6]]}
    return {"known": draw(st.integers(0, 3000)), "median": ends[3], "intervals": intervals}


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_adds_its_sections_and_changes_no_other(language: str) -> None:
    document = composed(expecting(), language)
    rest = tuple(section for section in document.sections if section.key not in ("may_come", "past_forecasts"))
    assert rest == composed(small_report(), language).sections
    assert len(document.sections) == len(rest) + 2
    without = composed(expecting(past=[]), language)
    assert [section for section in document.sections if section.key != "past_forecasts"] == list(without.sections)


@pytest.mark.parametrize(
    ("language", "held"), [("en", "2 lay between the ends"), ("nl", "lagen er 2 tussen de grenzen")]
)
def test_how_forecasts_turned_out_is_counted_and_shown_by_month(language: str, held: str) -> None:
    (found,) = [one for one in composed(expecting(), language).sections if one.key == "past_forecasts"]
    assert held in found.text[0]
    assert found.picture is not None
    assert found.picture.alt.count(";") == len(MAY_COME["past"]) - 1
    assert [row[1:] for row in found.tables[0].rows] == [
        (one["known"], one["expected"], *one["ends"], one["came"]) for one in MAY_COME["past"]
    ]


def test_a_report_that_says_nothing_of_it_has_no_word_of_it_in_its_json() -> None:
    said, unsaid = expecting().to_json(), small_report().to_json()
    assert said.pop("may_come") == MAY_COME
    assert said == unsaid


@given(counts=st.fixed_dictionaries(dict.fromkeys(("delivered", "registered", "recognised"), numbers())))
def test_every_mark_lies_on_the_axis_and_the_axis_says_where_it_begins(counts: dict[str, Any]) -> None:
    report, words = expecting(counts=counts), words_of("en")
    expected = report.may_come
    assert expected is not None
    with patch.object(pictures, "ranges", return_value=NO_SVG) as drawing:
        made = may_come(expected, words, period=report.period, as_of=report.as_of)
    rows: list[RangeRow] = drawing.call_args.args[0]
    asked = drawing.call_args.kwargs
    drawn = [number for row in rows for number in row.numbers]
    assert 0 <= asked["begins_at"] <= min(drawn)
    assert asked["axis"] == words.say("bridge.axis", start=asked["begins_at"])
    assert [row.aim for row in rows] == [MAY_COME["target"]["suspects"], None, None]
    table = [list(row[1:]) for row in made.tables[0].rows]
    assert table == [[row.known, row.expected, *row.ends] for row in rows], "the table says what the picture says"


@pytest.mark.parametrize(
    ("chance", "said"),
    [
        (0, "less than 1%"),
        (9, "less than 1%"),
        (10, "about 1%"),
        (625, "about 63%"),
        (990, "about 99%"),
        (991, "more than 99%"),
    ],
)
def test_a_chance_is_never_said_to_be_none_or_certain(chance: int, said: str) -> None:
    target = section_of(expecting(target={"suspects": 1468, "chance": chance})).text[1]
    assert f"1,468 suspects delivered. The chance that it is met when all has come is {said}" in target


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_a_target_none_is_shown(language: str) -> None:
    with_one, without = section_of(expecting(), language), section_of(expecting(target=None), language)
    assert (with_one.text[0], with_one.text[-1]) == without.text


def test_inside_the_period_it_says_until_which_day_of_delivery() -> None:
    assert "delivered until 31 October 2014" in section_of(expecting(delivered_until="2014-10-31", target=None)).text[0]


def test_the_picture_has_a_diamond_only_where_there_is_a_target() -> None:
    words, expected = words_of("nl"), may_come_from(MAY_COME)
    asked: dict[str, Any] = {"period": small_report().period, "as_of": small_report().as_of}
    with_one, without = (may_come(one, words, **asked).picture for one in (expected, replace(expected, target=None)))
    assert with_one is not None
    assert without is not None
    assert "doelstelling" in with_one.svg
    assert "doelstelling" not in without.svg
    assert "1.467 (1.463\N{EN DASH}1.474)" in with_one.svg
