"""The pictures of a report: the steps lead from the first total to the last, and the axis says where it begins."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ketenbalans.reports import pictures
from ketenbalans.reports.document import Section
from ketenbalans.reports.pictures import BarRow, Point
from ketenbalans.reports.report import Report
from ketenbalans.reports.sections_bridge import bridge, om_bridge, units
from ketenbalans.reports.sections_over_time import ages, revisions
from ketenbalans.reports.words import LANGUAGES, words_of
from schemas.causes import Cause, OmOnlyCause
from schemas.police_units import unit_name
from tests.unit.reports.a_report import FULL, NO_SVG, full_report, report_of, written

WATERFALLS = (bridge, om_bridge)
FEWER = settings(max_examples=max(1, settings().max_examples // 4))


@st.composite
def reports(draw: st.DrawFn) -> Report:
    recognised = draw(st.integers(0, 3000))
    counts = st.integers(0, 400)
    return report_of(
        causes={cause.value: draw(counts) for cause in Cause},
        om_only={cause.value: draw(counts) for cause in OmOnlyCause},
        recognised=recognised,
        registered_earlier=draw(st.integers(0, recognised)),
    )


@contextmanager
def asked_of(name: str) -> Iterator[list[dict[str, Any]]]:
    """What a drawing function is asked to draw; nothing is drawn."""
    asked: list[dict[str, Any]] = []

    def remember(steps: Any, **rest: Any) -> str:
        asked.append({"steps": list(steps), **rest})
        return NO_SVG

    with patch.object(pictures, name, remember):
        yield asked


def waterfall_of(section: Any, report: Report, language: str = "en") -> tuple[Section, dict[str, Any] | None]:
    with asked_of("waterfall") as asked:
        made = section(report, words_of(language))
    assert len(asked) == (made.picture is not None)
    return made, asked[0] if asked else None


def levels_of(steps: list[BarRow]) -> list[int]:
    """The level after each step; a total that is not where the steps led is an error."""
    level = steps[0].amount
    levels = [level]
    for step in steps[1:]:
        if step.sign == 0:
            assert step.amount == level
        level += step.sign * step.amount
        levels.append(level)
    return levels


@pytest.mark.parametrize("section", WATERFALLS)
@FEWER
@given(report=reports())
def test_the_steps_lead_from_the_first_total_to_the_last(section: Callable[..., Any], report: Report) -> None:
    _, drawn = waterfall_of(section, report)
    if drawn:
        steps = drawn["steps"]
        assert [step.sign == 0 for step in steps] == [place in (0, len(steps) - 1) for place in range(len(steps))]
        levels_of(steps)


@pytest.mark.parametrize("section", WATERFALLS)
@FEWER
@given(report=reports())
def test_the_axis_begins_below_every_level_and_says_where(section: Callable[..., Any], report: Report) -> None:
    _, drawn = waterfall_of(section, report)
    if drawn:
        assert 0 <= drawn["begins_at"] <= min(levels_of(drawn["steps"]))
        assert drawn["axis"] == words_of("en").say("bridge.axis", start=drawn["begins_at"])


@pytest.mark.parametrize("section", WATERFALLS)
@FEWER
@given(report=reports())
def test_causes_without_suspects_are_in_the_table_only(section: Callable[..., Any], report: Report) -> None:
    made, drawn = waterfall_of(section, report)
    words, counts = words_of("en"), "causes" if section is bridge else "om_only"
    causes: list[Cause | OmOnlyCause] = [*Cause] if section is bridge else [*OmOnlyCause]
    rows = {row[0]: row[1] for row in made.tables[0].rows}
    answer = {words.label(cause): getattr(report.balance, counts)[cause.value] for cause in causes}
    assert answer.items() <= rows.items()
    if drawn:
        labels = [step.label for step in drawn["steps"]]
        assert {label for label in answer if label in labels} == {label for label, amount in answer.items() if amount}
        assert len(set(labels)) == len(labels), "two rows of one name would be drawn as one"


@FEWER
@given(report=reports())
def test_every_bar_of_a_unit_is_as_long_as_its_gap(report: Report) -> None:
    with asked_of("bars") as asked:
        section = units(report, words_of("en"))
    gaps = {
        unit_name(str(unit.unit), on=report.period.start) or str(unit.unit): unit.gap for unit in report.balance.by_unit
    }
    if gaps:
        steps = asked[0]["steps"]
        assert {step.label: step.amount for step in steps} == gaps
        assert [step.amount for step in steps] == sorted(gaps.values(), reverse=True)
    assert (section.picture is None) == (not gaps)


@FEWER
@given(report=reports())
def test_the_bars_by_age_are_all_the_breaks_that_wait_for_a_person(report: Report) -> None:
    with asked_of("bars") as asked:
        section = ages(report, words_of("nl"))
    waiting = report.counted(state=("open", "acknowledged"))
    assert sum(step.amount for step in asked[0]["steps"]) == waiting if asked else waiting == 0
    assert (section.picture is None) == (waiting == 0)


BARS = re.compile(r'aria-label="begin: (-?\d+); row: ([^;]+); end: (-?\d+); kind: [^"]+"[^>]* d="M([\d.]+),')
AXIS = re.compile(r"linear scale with values from ([\d,.]+) to ([\d,.]+)")


def axis_of(svg: str) -> int:
    axis = AXIS.search(svg)
    assert axis is not None
    return int(axis[1].replace(",", ""))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_picture_that_is_drawn_leads_from_delivered_to_recognised(language: str) -> None:
    picture = written("full", language).sections[0].picture
    assert picture is not None
    bars = [(row, int(begin), int(end)) for begin, row, end, _ in BARS.findall(picture.svg)]
    level = {row: end for row, _, end in bars}
    first, *steps, last = dict.fromkeys(row for row, _, _ in bars)
    assert (level[first], level[last]) == (1464, 1410)
    for row, before in zip([*steps, last], [first, *steps], strict=True):
        parts = [(begin, end) for label, begin, end in bars if label == row]
        if row != last:
            assert parts[0][0] == level[before]
            assert all(one[1] == other[0] for one, other in pairwise(parts))
    assert level[steps[-1]] == 1410


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_axis_that_is_drawn_begins_where_it_says(language: str) -> None:
    picture = written("full", language).sections[0].picture
    assert picture is not None
    begin = axis_of(picture.svg)
    assert begin == 1380
    assert words_of(language).say("bridge.axis", start=begin) in picture.svg


def test_the_axis_begins_where_it_says_when_the_steps_are_large() -> None:
    report = report_of(
        causes={"transferred": 100, "period_boundary": 134}, om_only={}, recognised=1230, registered_earlier=0
    )
    picture = bridge(report, words_of("en")).picture
    assert picture is not None
    assert f"the axis begins at {axis_of(picture.svg):,}" in picture.svg


def test_a_waterfall_of_large_steps_begins_at_nothing() -> None:
    _, drawn = waterfall_of(bridge, report_of(**FULL | {"recognised": 10, "registered_earlier": 0}))
    assert drawn is not None
    assert drawn["begins_at"] == 0
    assert drawn["axis"].endswith("begins at 0")


def test_a_picture_needs_nothing_from_elsewhere() -> None:
    for language in LANGUAGES:
        for section in written("full", language).sections:
            if section.picture:
                svg = section.picture.svg.replace("http://www.w3.org/", "")
                assert not re.search(r"https?:|<script|<image|@import|url\((?!#)", svg)


def test_a_published_figure_is_drawn_only_where_its_day_is_known() -> None:
    marks: list[Point] = []

    def remember(_points: object, **rest: Any) -> str:
        marks.extend(rest["marks"])
        return NO_SVG

    with patch.object(pictures, "lines", remember):
        revisions(full_report(), words_of("en"))
    assert [(mark.label, mark.figure) for mark in marks] == [("Jan 2015", 1464)]
