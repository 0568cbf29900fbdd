"""The numbers behind volume and drift: a number is out of its band just when the rule calls it unusual."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ketenbalans.alerts import bands
from ketenbalans.alerts.measures import measures
from ketenbalans.alerts.rules_drift import drifts
from ketenbalans.alerts.rules_volumes import is_out_of_band, volumes
from schemas.alerts import AlertRule
from tests.unit.alerts.looks import HISTORY, POLICE, POLICY, WINDOW, facts_with, rows, working_days

BEFORE, NEW = working_days(*HISTORY), working_days(*WINDOW)


def so_many(count: int, **row: Any) -> list[dict[str, Any]]:
    return [one for place in range(count) for one in rows([NEW[place % len(NEW)]], **row)]


def out_of_band(observed: list[dict[str, Any]]) -> set[str]:
    found = measures(facts_with(observed), POLICY)
    return {
        f"{one.rule.value}:{one.subject}"
        for one in found
        if (one.lowest is not None and one.counted < one.lowest)
        or (one.highest is not None and one.counted > one.highest)
    }


@given(st.floats(0.01, 400), st.integers(0, 2000))
@settings(max_examples=200, deadline=None)
def test_a_count_lies_in_its_band_unless_it_is_unusual(usual: float, counted: int) -> None:
    def too_few(one: int) -> bool:
        return is_out_of_band(one, usual, POLICY, too_many=False)

    def too_many(one: int) -> bool:
        return is_out_of_band(one, usual, POLICY, too_many=True)

    lowest = bands.lowest_ordinary(too_few, usual=round(usual))
    highest = bands.highest_ordinary(too_many, usual=int(usual), at_most=2**31)
    assert (counted < lowest) == too_few(counted)
    assert (counted > highest) == too_many(counted)


@given(
    st.integers(0, 90), st.integers(0, 90), st.integers(0, 60), st.integers(0, 60), st.sampled_from(["TBKK", "ZEDEN"])
)
@settings(max_examples=60, deadline=None)
def test_what_the_rules_show_of_is_out_of_band(first: int, other: int, mended: int, more: int, team: str) -> None:
    observed = rows(BEFORE, 2, unit="PL0600") + rows(BEFORE, 1, unit="PL0900", team="ZEDEN")
    observed += so_many(first, unit="PL0600", team=team) + so_many(other, unit="PL0900", team="TBKK")
    observed += so_many(mended, unit="PL0900", is_first=False) + so_many(more, unit="PL0600", team="ZEDEN")
    found = out_of_band(observed)
    alerts = {one.alert_id for rule in (volumes, drifts) for one in rule(facts_with(observed), POLICY)}
    assert alerts <= found
    if f"volume:{POLICE}" not in found:
        of_silent_units = {
            f"volume:{POLICE}/{unit}" for unit, new in (("PL0600", first + more), ("PL0900", other)) if not new
        }
        assert found - alerts <= of_silent_units, "what is out of band is told; a unit without any by a rule of its own"


def test_ordinary_numbers_are_reported_too_with_their_band() -> None:
    found = list(measures(facts_with(rows(BEFORE, 2) + so_many(44)), POLICY))
    assert [(one.rule, one.subject, one.counted, round(one.usual)) for one in found] == [
        (AlertRule.VOLUME, POLICE, 44, 44),
        (AlertRule.VOLUME, POLICE, 44, 44),
        (AlertRule.VOLUME, f"{POLICE}/PL0900", 44, 44),
        (AlertRule.DRIFT, f"{POLICE}.team", 44, 44),
    ]
    rows_told, records, unit, _ = found
    assert (rows_told.highest, records.lowest) == (None, None)
    assert (unit.lowest, unit.highest) == (rows_told.lowest, records.highest)
    assert unit.lowest is not None
    assert unit.highest is not None
    assert 0 < unit.lowest < 44 < unit.highest


@pytest.mark.parametrize("observed", [[], rows(NEW, 9), rows(BEFORE[-50:], 9) + so_many(40)])
def test_with_too_little_history_there_is_no_band(observed: list[dict[str, Any]]) -> None:
    assert list(measures(facts_with(observed), POLICY)) == []
