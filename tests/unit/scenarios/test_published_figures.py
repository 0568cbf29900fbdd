"""Every scenario gives the published figures that it can: counted by hand from its own rows, each on its own day."""

from datetime import date, timedelta
from decimal import Decimal
from functools import cache

import pytest

from ketenbalans.figures.published import PublishedFigure
from ketenbalans.jobs.figures.published import published_figures
from ketenbalans.scenarios.registry import SCENARIOS
from ketenbalans.scenarios.sources import AGGREGATES, HOTLINE, INTERVENTIONS, INVESTIGATIONS, OM, POLICE
from tests.unit.scenarios.counted_by_hand import COUNTED, Handed, Question, deliveries_of_aggregate

FIGURES = published_figures()
AGREED_ON = ("target_growth_vs_2010", "target_interventions")
BEGINS_WITHIN = timedelta(days=31)


@cache
def handed(name: str) -> Handed:
    return Handed(SCENARIOS[name])


def day_of_figure(figure: PublishedFigure, covered: date) -> date:
    """Its own day; that of the dated figures of its letter and period; or the last day covered up to the letter."""
    dated = {one.as_of for one in FIGURES
             if (one.document, one.period) == (figure.document, figure.period) and one.as_of}  # fmt: skip
    return figure.as_of or (dated.pop() if len(dated) == 1 else min(covered, figure.document_date))


def is_counted(figure: PublishedFigure) -> bool:
    return figure.measure not in AGREED_ON and not (
        figure.measure == "target_investigations" and figure.category in ("A", "B", "C")
    )


def question_of(name: str, figure: PublishedFigure) -> Question | None:
    """The figure asked of a scenario; None where the scenario does not speak of it."""
    rows, covered = handed(name), SCENARIOS[name].covers[-1]
    question = Question(rows, figure, day_of_figure(figure, covered), FIGURES)
    source, _ = COUNTED[figure.measure]
    if source and not (source in rows.rows and figure.period.end <= question.as_of <= covered):
        return None
    if source == AGGREGATES:
        return question if deliveries_of_aggregate(question) else None
    begins = not source or rows.first_day(source) <= figure.period.start + BEGINS_WITHIN
    return question if begins else None


def asked(name: str) -> dict[str, Question]:
    questions = {figure.figure_id: question_of(name, figure) for figure in FIGURES if is_counted(figure)}
    return {figure_id: question for figure_id, question in questions.items() if question is not None}


def test_the_history_of_all_years_covers_every_figure_but_those_agreed_on() -> None:
    left_out = {figure.figure_id for figure in FIGURES} - set(asked("all"))
    assert {figure.measure for figure in FIGURES if figure.figure_id in left_out} == {
        *AGREED_ON, "target_investigations"
    }  # fmt: skip
    assert all(figure.is_target for figure in FIGURES if figure.figure_id in left_out)


@pytest.mark.parametrize("figure", [f for f in FIGURES if is_counted(f)], ids=lambda figure: figure.figure_id)
def test_it_comes_out_in_the_history_of_all_years(figure: PublishedFigure) -> None:
    question = question_of("all", figure)
    assert question is not None
    ours = COUNTED[figure.measure][1](question)
    assert figure.agrees_with(Decimal(ours)), f"{figure.value} was published, {ours} comes out"


OF_OWN = {
    "2012": {"suspects_delivered_to_om", "cases_delivered_to_om", "growth_vs_2010", "hotline_reports"},
    "2013": {"suspects_delivered_to_om", "cases_delivered_to_om", "growth_vs_2010", "hotline_reports"},
    "2014": {"suspects_delivered_to_om", "suspects_recognisable_at_om", "kst_case_files_to_om"},
    "2015-2018": {"share_cases_production_or_abuse", "interventions_realised", "indigo_trajectories"},
    "2019": {"share_cases_production_or_abuse", "indigo_cases", "investigations_counted", "victims_identified"},
    "hotline-2012-2013": {"hotline_reports", "hotline_reports_still_examined"},
}
"""Some measures that a scenario is there for."""


@pytest.mark.parametrize("name", OF_OWN)
def test_a_scenario_gives_the_figures_that_it_covers(name: str) -> None:
    questions = asked(name)
    assert {question.figure.measure for question in questions.values()} >= OF_OWN[name]
    differing = {
        figure_id: (question.figure.value, ours)
        for figure_id, question in questions.items()
        if not question.figure.agrees_with(Decimal(ours := COUNTED[question.figure.measure][1](question)))
    }
    assert differing == {}


def test_every_day_that_a_figure_rests_on_has_a_set() -> None:
    covered = SCENARIOS["all"].covers
    days = {day_of_figure(figure, covered[-1]) for figure in FIGURES if COUNTED.get(figure.measure, ("",))[0]}
    assert days == set(covered)
    assert handed("all").first_day(POLICE) <= date(2010, 1, 31)


@pytest.mark.parametrize("source", [POLICE, OM, HOTLINE, INTERVENTIONS, INVESTIGATIONS, AGGREGATES])
def test_without_the_rows_of_a_source_a_figure_differs(source: str) -> None:
    """The counter looks at them."""
    whole = handed("all")
    without = Handed(whole.scenario)
    without.rows = {name: [] if name == source else rows for name, rows in whole.rows.items()}
    figure = next(f for f in FIGURES if is_counted(f) and COUNTED[f.measure][0] == source and f.value > 0
                  and f.measure not in ("suspects_recognisable_at_om", "growth_vs_2010"))  # fmt: skip
    asked_of_whole = question_of("all", figure)
    assert asked_of_whole is not None
    question = Question(without, figure, asked_of_whole.as_of, FIGURES)
    with pytest.raises((AssertionError, ArithmeticError, ValueError)):
        assert figure.agrees_with(Decimal(COUNTED[figure.measure][1](question)))
