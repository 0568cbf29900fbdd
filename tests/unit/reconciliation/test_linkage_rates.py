"""What holds for every rate: its interval contains it, mirrors when the words are swapped, and covers the truth.

Coverage is worked out, not simulated: the chance of every outcome is known, so the chance that an interval misses is.
"""

from fractions import Fraction
from itertools import product
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from ketenbalans.reconciliation.linkage.rates import (
    NOTHING_KNOWN,
    LinkVerdicts,
    Rate,
    false_links,
    false_links_in_all,
    missed_links,
    rate_of,
    rounded_outwards,
)

TRUE_RATES = sorted({Fraction(part, 60) for part in range(61)} | {Fraction(1, 1000), Fraction(1, 200)})

counts = st.integers(0, 300)
verdicts = st.builds(LinkVerdicts, same=counts, other=counts, unsure=counts)
parts = st.lists(st.tuples(st.integers(0, 10**6), verdicts), max_size=6)


def mirrored(found: LinkVerdicts) -> LinkVerdicts:
    return LinkVerdicts(same=found.other, other=found.same, unsure=found.unsure)


def misses(rate: Rate, true_rate: Fraction) -> bool:
    return not rate.low - 1e-12 <= true_rate <= rate.high + 1e-12


def chance(found: int, of: int, true_rate: Fraction) -> Fraction:
    return comb(of, found) * true_rate**found * (1 - true_rate) ** (of - found)


def contains_its_rate(rate: Rate) -> bool:
    return 0 <= rate.low <= (rate.low if rate.rate is None else rate.rate) <= rate.high <= 1


@given(verdicts)
def test_an_interval_contains_its_rate_and_mirrors_when_the_words_are_swapped(found: LinkVerdicts) -> None:
    false, swapped = false_links(found), false_links(mirrored(found))
    assert contains_its_rate(false)
    assert missed_links(found) == swapped
    assert (swapped.low, swapped.high) == pytest.approx((1 - false.high, 1 - false.low))
    if false.rate is not None:
        assert swapped.rate == 1 - false.rate


@given(verdicts, counts)
def test_unsure_judgements_change_no_rate(found: LinkVerdicts, more: int) -> None:
    assert false_links(found) == false_links(found + LinkVerdicts(unsure=more))
    assert missed_links(found) == missed_links(found + LinkVerdicts(unsure=more))


@pytest.mark.parametrize("decided", [1, 2, 7, 30, 100])
def test_an_interval_is_that_of_clopper_and_pearson(decided: int) -> None:
    for found in range(decided + 1):
        exact = binomtest(found, decided).proportion_ci(0.95, method="exact")
        rate = rate_of(found, decided)
        assert (rate.low, rate.high) == pytest.approx((exact.low, exact.high), abs=1e-12)


@pytest.mark.parametrize("decided", [1, 2, 5, 12, 25])
def test_an_interval_misses_any_true_rate_in_at_most_one_of_twenty(decided: int) -> None:
    intervals = [rate_of(found, decided) for found in range(decided + 1)]
    for true_rate in TRUE_RATES:
        missed = sum(chance(found, decided, true_rate) for found, one in enumerate(intervals) if misses(one, true_rate))
        assert missed <= Fraction(1, 20)


@pytest.mark.parametrize(("links", "drawn"), [(10, 3), (20, 12), (40, 10)])
def test_nor_where_they_are_drawn_from_few_and_none_twice(links: int, drawn: int) -> None:
    intervals = [rate_of(found, drawn) for found in range(drawn + 1)]
    for false in range(links + 1):
        missed = sum(
            Fraction(comb(false, found) * comb(links - false, drawn - found), comb(links, drawn))
            for found, one in enumerate(intervals)
            if misses(one, Fraction(false, links))
        )
        assert missed <= Fraction(1, 20)


@pytest.mark.parametrize(("links", "drawn"), [((70, 30), (8, 5)), ((990, 10), (12, 3))])
def test_a_weighted_interval_misses_any_true_rates_in_at_most_one_of_twenty(
    links: tuple[int, int], drawn: tuple[int, int]
) -> None:
    outcomes = [
        (found, false_links_in_all([
            (weight, LinkVerdicts(other=of_it, same=size - of_it))
            for weight, size, of_it in zip(links, drawn, found, strict=True)
        ]))
        for found in product(*(range(size + 1) for size in drawn))
    ]  # fmt: skip
    for true_rates in product(TRUE_RATES[::4], repeat=2):
        true_rate = sum(weight * rate for weight, rate in zip(links, true_rates, strict=True)) / Fraction(sum(links))
        chances = [
            [chance(found, size, rate) for found in range(size + 1)]
            for size, rate in zip(drawn, true_rates, strict=True)
        ]
        missed = sum(chances[0][one] * chances[1][two] for (one, two), rate in outcomes if misses(rate, true_rate))
        assert missed <= Fraction(1, 20)


@given(parts)
def test_a_weighted_rate_is_known_when_every_rule_is(of_rules: list[tuple[int, LinkVerdicts]]) -> None:
    rate = false_links_in_all(of_rules)
    assert contains_its_rate(rate)
    with_links = [(links, found) for links, found in of_rules if links]
    if all(found.decided for _, found in with_links) and with_links:
        total = sum(links for links, _ in with_links)
        assert rate.rate == sum(Fraction(links * found.other, total * found.decided) for links, found in with_links)
    else:
        assert rate.rate is None


@given(verdicts, st.integers(1, 1000))
def test_a_rule_alone_is_all_and_one_without_links_weighs_nothing(found: LinkVerdicts, links: int) -> None:
    alone, beside = (
        false_links_in_all([(links, found)]),
        false_links_in_all([(links, found), (0, LinkVerdicts(other=9))]),
    )
    assert alone == beside
    own = false_links(found)
    assert alone.rate == own.rate
    assert (alone.low, alone.high) == pytest.approx((own.low, own.high))


def test_what_nobody_judged_may_be_anything() -> None:
    assert false_links(LinkVerdicts(unsure=3)) == NOTHING_KNOWN
    assert false_links_in_all([]) == NOTHING_KNOWN
    half_known = false_links_in_all([(50, LinkVerdicts(same=1000)), (50, LinkVerdicts())])
    assert half_known.rate is None
    assert half_known.low == 0
    assert half_known.high == pytest.approx(0.5 + 0.5 * false_links(LinkVerdicts(same=1000)).high)


@given(verdicts, st.integers(1, 6))
def test_rounding_keeps_what_lies_in_an_interval(found: LinkVerdicts, decimals: int) -> None:
    rate = false_links(found)
    low, high = rounded_outwards(rate, decimals)
    close = 10.0 ** -(decimals + 6)
    assert 0 <= low <= rate.low + close
    assert rate.high - close <= high <= 1
    assert rate.low - low < 10**-decimals + close
    assert high - rate.high < 10**-decimals + close
