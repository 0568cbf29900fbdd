"""The laws of the score: nothing is nearer than the truth itself, and it never rewards an end that is moved away."""

from hypothesis import given
from hypothesis import strategies as st

from ketenbalans.nowcast.forecast import Forecast
from ketenbalans.nowcast.score import interval_scores, weighted_interval_score

numbers = st.lists(st.integers(0, 200), min_size=7, max_size=7).map(sorted)


def forecast(ends: list[int]) -> Forecast:
    return Forecast(0, ends[3], {"50": (ends[2], ends[4]), "80": (ends[1], ends[5]), "95": (ends[0], ends[6])}, {})


@given(numbers, st.integers(0, 200))
def test_only_a_forecast_that_is_the_truth_alone_has_no_score(ends: list[int], truth: int) -> None:
    score = weighted_interval_score(forecast(ends), truth)
    assert score >= 0
    assert (score == 0) is (set(ends) == {truth})


@given(st.integers(0, 200), st.integers(0, 200))
def test_of_one_number_it_is_the_distance(number: int, truth: int) -> None:
    assert abs(weighted_interval_score(forecast([number] * 7), truth) - abs(number - truth)) < 1e-9


@given(numbers, st.integers(0, 200), st.integers(1, 50))
def test_a_truth_further_outside_scores_worse(ends: list[int], beyond: int, more: int) -> None:
    near, far = (weighted_interval_score(forecast(ends), ends[6] + beyond + extra) for extra in (0, more))
    assert near < far


def test_it_is_worked_out_as_it_was_published() -> None:
    """By hand: 0.5 x |3 - 2| + (0.5 / 2) x 2 + (0.2 / 2) x 6 + (0.05 / 2) x (1 + 2 / 0.05 x 1), over 3.5."""
    found = interval_scores(2.0, {"50": (2.0, 4.0), "80": (0.0, 6.0), "95": (4.0, 5.0)}, 3.0)
    assert abs(found - (0.5 + 0.5 + 0.6 + 1.025) / 3.5) < 1e-12
