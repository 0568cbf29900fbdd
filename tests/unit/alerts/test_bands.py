"""How improbable a count is, against sums that anybody can check."""

from datetime import date, timedelta
from fractions import Fraction
from math import comb, exp, factorial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ketenbalans.alerts import bands

LAWS = settings(max_examples=60, deadline=None)
counts = st.integers(0, 30)
expectations = st.floats(0, 25)
days = st.dates(date(2012, 1, 1), date(2027, 12, 31))


def poisson(events: int, expected: float) -> float:
    return exp(-expected) * expected**events / factorial(events)


def binomial(part: int, of: int, share: Fraction) -> Fraction:
    return comb(of, part) * share**part * (1 - share) ** (of - part)


@LAWS
@given(counts, expectations)
def test_so_few_and_so_many_are_the_sums_of_poisson(events: int, expected: float) -> None:
    few = sum(poisson(one, expected) for one in range(events + 1))
    fewer = sum(poisson(one, expected) for one in range(events))
    assert bands.chance_of_so_few(events, expected=expected) == pytest.approx(few, abs=1e-12)
    assert bands.chance_of_so_many(events, expected=expected) == pytest.approx(1 - fewer, abs=1e-12)


@LAWS
@given(st.integers(0, 14), st.integers(0, 14), st.integers(0, 20))
def test_so_large_and_so_small_a_part_are_the_sums_of_the_binomial(one: int, other: int, twentieths: int) -> None:
    part, of, share = min(one, other), max(one, other), Fraction(twentieths, 20)
    large = sum(binomial(place, of, share) for place in range(part, of + 1))
    small = sum(binomial(place, of, share) for place in range(part + 1))
    answer: dict[str, Any] = {"of": of, "share": float(share)}
    assert bands.chance_of_so_large_a_part(part, **answer) == pytest.approx(float(large), abs=1e-12)
    assert bands.chance_of_so_small_a_part(part, **answer) == pytest.approx(float(small), abs=1e-12)


@LAWS
@given(counts, expectations)
def test_more_events_are_less_probable_as_many_and_more_probable_as_few(events: int, expected: float) -> None:
    few, many = bands.chance_of_so_few, bands.chance_of_so_many
    assert few(events, expected=expected) <= few(events + 1, expected=expected) + 1e-15
    assert many(events, expected=expected) >= many(events + 1, expected=expected) - 1e-15
    assert few(events, expected=expected) >= few(events, expected=expected + 1)
    assert many(events, expected=expected) <= many(events, expected=expected + 1)


@LAWS
@given(st.integers(0, 19), st.floats(0, 0.9))
def test_a_larger_part_is_less_probable_and_a_larger_share_makes_it_more_probable(part: int, share: float) -> None:
    large, small = bands.chance_of_so_large_a_part, bands.chance_of_so_small_a_part
    assert large(part, of=20, share=share) >= large(part + 1, of=20, share=share) - 1e-15
    assert small(part, of=20, share=share) <= small(part + 1, of=20, share=share) + 1e-15
    assert large(part, of=20, share=share) <= large(part, of=20, share=share + 0.1) + 1e-15
    assert small(part, of=20, share=share) >= small(part, of=20, share=share + 0.1) - 1e-15


@LAWS
@given(counts, expectations, st.floats(0, 1))
def test_a_chance_lies_between_0_and_1(events: int, expected: float, share: float) -> None:
    answer = [
        bands.chance_of_so_few(events, expected=expected),
        bands.chance_of_so_many(events, expected=expected),
        bands.chance_of_so_large_a_part(events, of=30, share=share),
        bands.chance_of_so_small_a_part(events, of=30, share=share),
    ]
    assert all(0 <= chance <= 1 for chance in answer)


@LAWS
@given(days, st.integers(-3, 60))
def test_working_days_are_counted_one_by_one(first: date, more: int) -> None:
    last = first + timedelta(days=more)
    between = [first + timedelta(days=place) for place in range(more + 1)]
    assert bands.working_days(first, last) == sum(day.weekday() < 5 for day in between)


@LAWS
@given(days, st.integers(0, 60), st.integers(0, 60))
def test_working_days_add_up(first: date, here: int, there: int) -> None:
    middle = first + timedelta(days=here)
    last = middle + timedelta(days=there)
    parts = bands.working_days(first, middle) + bands.working_days(middle + timedelta(days=1), last)
    assert bands.working_days(first, last) == parts
