"""Every measure of the register is declared, once, and every declaration is of the register."""

from collections import Counter

from jobs.published import published_figures
from schemas.measures import ALL, MEASURES, Derivation
from schemas.vocabulary import Qualification


def test_register_and_declarations_name_the_same_measures() -> None:
    assert {figure.measure for figure in published_figures()} == set(MEASURES)
    assert Counter(measure.name for measure in ALL).most_common(1)[0][1] == 1


def test_a_figure_has_the_unit_and_a_year_of_its_measure() -> None:
    for figure in published_figures():
        measure = MEASURES[figure.measure]
        assert figure.unit is measure.unit, figure.figure_id
        first, last = measure.years
        assert first <= figure.period.start.year <= last, figure.figure_id


def test_what_cannot_be_derived_says_why_and_what_can_says_how() -> None:
    for measure in ALL:
        assert (measure.derived is None) == bool(measure.why_not), measure.name
        if measure.derived is Derivation.SHARE_OF_CASES:
            assert measure.key in [quality.value for quality in Qualification]
