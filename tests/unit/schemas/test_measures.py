"""Every measure of the register is declared, once, and every declaration is of the register."""

from collections import Counter
from datetime import date

import pytest

from ketenbalans.figures.measure import AGREED, OTHER_FIGURES, REGISTERS
from ketenbalans.figures.measures import ALL, MEASURES, Derivation
from ketenbalans.figures.series import SERIES, UNBROKEN
from ketenbalans.jobs.figures.counted import COUNTED
from ketenbalans.jobs.figures.published import published_figures
from schemas.catalogue import sources
from schemas.vocabulary import Basis, DeliveredMeasure


def test_register_and_declarations_name_the_same_measures() -> None:
    assert {figure.measure for figure in published_figures()} == set(MEASURES)
    assert Counter(measure.name for measure in ALL).most_common(1)[0][1] == 1


def test_a_figure_has_the_unit_of_its_measure_and_lies_on_days_on_which_that_is_valid() -> None:
    for figure in published_figures():
        measure = MEASURES[figure.measure]
        assert figure.unit is measure.unit, figure.figure_id
        first, last = measure.valid.first or date.min, measure.valid.last or date.max
        assert first <= figure.period.start <= figure.period.end <= last, figure.figure_id


def test_a_measure_is_valid_on_the_days_of_its_segments_and_on_no_other() -> None:
    for measure in ALL:
        segments = [one for chain in SERIES for one in chain.segments if measure.name in one.measures]
        if segments:
            firsts, lasts = {one.first for one in segments}, {one.last for one in segments}
            assert measure.valid.first == (None if None in firsts else min(filter(None, firsts))), measure.name
            assert measure.valid.last == (None if None in lasts else max(filter(None, lasts))), measure.name


def test_every_measure_is_in_a_series_or_is_listed_as_one_without_a_break() -> None:
    in_a_series = {measure for chain in SERIES for measure in chain.measures}
    assert in_a_series | set(UNBROKEN) == set(MEASURES)
    assert not in_a_series & set(UNBROKEN)
    of_the_police_since_2019 = {"finished_with_identification", "investigations_running_at_year_end", "indigo_cases"}
    for name in of_the_police_since_2019:
        assert MEASURES[name].valid.first == date(2019, 1, 1)


def test_what_cannot_be_derived_says_why_and_what_can_says_how() -> None:
    for measure in ALL:
        made = [measure.derivation_of(category) is not None for category in measure.categories]
        assert all(made) == (not measure.why_not), measure.name
        assert any(made) == (measure.derived is not None), measure.name
        assert set(measure.derived_for) <= set(measure.categories), measure.name
        assert bool(measure.qualities) == (measure.derived is Derivation.SHARE_OF_CASES), measure.name


def test_only_what_was_agreed_on_is_not_derived() -> None:
    kept = {figure.measure for figure in published_figures() if MEASURES[figure.measure].why_not}
    assert kept == {"target_growth_vs_2010", "target_interventions", "target_investigations"}
    assert all(MEASURES[name].why_not == AGREED for name in kept)
    for figure in published_figures():
        if MEASURES[figure.measure].derivation_of(figure.category) is None:
            assert figure.is_target, figure.figure_id


def test_every_figure_is_of_a_category_and_a_basis_that_its_measure_declares() -> None:
    for figure in published_figures():
        measure = MEASURES[figure.measure]
        assert figure.category in measure.categories, figure.figure_id
        assert measure.basis_of(figure.basis) in Basis, figure.figure_id


def test_the_measures_that_are_delivered_are_those_that_the_source_can_name() -> None:
    delivered = {measure.name for measure in ALL if measure.derived is Derivation.DELIVERED}
    assert delivered == {word.value for word in DeliveredMeasure}
    assert not {measure.name for measure in ALL if measure.bases} - delivered


def test_what_is_counted_is_counted_in_a_declared_source_and_can_be_counted() -> None:
    for derivation in Derivation:
        assert set(derivation.sources) <= set(sources()), derivation
        assert bool(derivation.sources) == (derivation.counted_from != OTHER_FIGURES), derivation
        of_a_source_of_its_own = bool(derivation.sources) and derivation.sources != REGISTERS
        assert derivation in COUNTED or not of_a_source_of_its_own, derivation


def test_a_text_of_no_basis_is_none() -> None:
    with pytest.raises(KeyError):
        MEASURES["victims_identified"].basis_of("by somebody")
    assert MEASURES["reports_received"].basis_of("by somebody") is Basis.ONLY
