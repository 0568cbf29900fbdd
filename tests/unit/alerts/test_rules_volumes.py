"""Each rule about how much a source says and of what kind: where it fires, and just beside that."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from math import comb, exp, factorial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ketenbalans.alerts.facts import Facts
from ketenbalans.alerts.finding import Finding
from ketenbalans.alerts.history import lies_out_of_reach
from ketenbalans.alerts.rules import findings
from ketenbalans.alerts.rules_drift import drifts
from ketenbalans.alerts.rules_volumes import silent_units, volumes
from schemas.alerts import AlertRule, Severity
from schemas.period import Period
from tests.unit.alerts.looks import (
    HISTORY,
    HOTLINE,
    OM,
    POLICE,
    POLICY,
    WINDOW,
    balance,
    by_the_month,
    extract,
    facts,
    facts_with,
    frame,
    rows,
    shows_an_identifier,
    standing_after,
    working_days,
)

BEFORE, NEW = working_days(*HISTORY), working_days(*WINDOW)
JUNE_30 = WINDOW[1]


def so_many(count: int, **row: Any) -> list[dict[str, Any]]:
    """So many rows, spread over the window."""
    return [one for place in range(count) for one in rows([NEW[place % len(NEW)]], **row)]


@given(st.lists(st.dates(date(2015, 1, 1), date(2015, 12, 31)), max_size=6), st.integers(1, 90))
@settings(max_examples=60, deadline=None)
def test_a_window_is_what_the_newest_extracts_reported_of_and_of_at_least_so_many_days(
    covered: list[date], days: int
) -> None:
    window = facts(received={POLICE: [extract(POLICE, day) for day in covered]}).window(POLICE, days=days)
    if window is None:
        assert not covered or max(covered) - min(covered) < timedelta(days=days)
        return
    assert window.end == max(covered)
    assert (window.end - window.start).days + 1 >= days
    assert window.start - timedelta(days=1) in covered
    assert not any(window.start <= day <= window.end - timedelta(days=days) for day in covered), (
        "no longer than it must"
    )


@pytest.mark.parametrize("new", [0, 1, 7, 8, 9, 22, 35, 40, 41, 42, 60])
def test_a_volume_is_reported_when_chance_does_not_explain_it_and_it_is_large_enough(new: int) -> None:
    usual = len(NEW)  # one a working day before
    few = sum(exp(-usual) * usual**one / factorial(one) for one in range(new + 1))
    many = 1 - sum(exp(-usual) * usual**one / factorial(one) for one in range(new))
    found = list(volumes(facts_with(rows(BEFORE) + so_many(new)), POLICY))
    too_few = few < POLICY.false_alarm_chance and usual / max(new, 1) >= POLICY.volume_factor
    too_many = many < POLICY.false_alarm_chance and new / usual >= POLICY.volume_factor
    assert [one.subject for one in found] == ([POLICE] if too_few or too_many else [])


@pytest.mark.parametrize(
    ("new", "what"),
    [(132, "rows"), (133, None), (198, None), (296, None), (297, "new records")],
)
def test_a_volume_must_be_so_many_times_less_or_more(new: int, what: str | None) -> None:
    found = list(volumes(facts_with(rows(BEFORE, 9) + so_many(new)), POLICY))  # 198 would be usual, a factor of 1.5
    assert [one.alert_id for one in found] == ([] if what is None else [f"volume:{POLICE}"])
    for one in found:
        assert (one.severity, one.mark) == (Severity.WARNING, "2015-06-30")
        chance = one.evidence["chance"]
        assert one.evidence == {
            "counted": new,
            "usual": 198.0,
            "from": "2015-06-01",
            "until": "2015-06-30",
            "chance": chance,
        }
        assert isinstance(chance, float)
        assert 0 < chance < POLICY.false_alarm_chance
        assert f"{new} {what}" in one.says
        assert "198 would be usual" in one.says


def test_a_source_that_mends_its_records_is_no_volume() -> None:
    ordinary = rows(BEFORE, 9) + so_many(198)
    assert list(volumes(facts_with(ordinary + so_many(1000, is_first=False)), POLICY)) == []
    assert [one.subject for one in volumes(facts_with(ordinary + so_many(1000)), POLICY)] == [POLICE]


def test_half_an_extract_is_observed_in_all_that_a_source_shows() -> None:
    """New records alone are too few to show it: 10 where 22 would be usual."""
    before = rows(BEFORE) + rows(BEFORE, 9, is_first=False)
    half = so_many(10) + so_many(90, is_first=False)
    (found,) = volumes(facts_with(before + half), POLICY)
    assert (found.subject, found.evidence["counted"]) == (POLICE, 100)
    assert list(volumes(facts_with(rows(BEFORE) + so_many(10)), POLICY)) == []


def test_a_unit_is_reported_when_its_source_is_as_it_used_to_be() -> None:
    others_before, others_new = rows(BEFORE, 20, unit="PL0600"), so_many(440, unit="PL0600")
    observed = others_before + others_new + rows(BEFORE, 2, unit="PL0900")
    (found,) = volumes(facts_with(observed + so_many(10, unit="PL0900")), POLICY)
    assert found.alert_id == f"volume:{POLICE}/PL0900"
    assert (found.severity, found.evidence["counted"], found.evidence["usual"]) == (Severity.WARNING, 10, 44.0)
    assert list(volumes(facts_with(observed + so_many(30, unit="PL0900")), POLICY)) == []


def test_a_unit_is_no_news_of_its_own_when_its_whole_source_is() -> None:
    observed = [one for unit in ("PL0600", "PL0900") for one in rows(BEFORE, 9, unit=unit) + so_many(20, unit=unit)]
    assert [one.subject for one in volumes(facts_with(observed), POLICY)] == [POLICE]


def test_a_unit_without_anything_or_without_a_past_is_no_volume() -> None:
    others = rows(BEFORE, 20, unit="PL0600") + so_many(440, unit="PL0600")
    assert list(volumes(facts_with(others + rows(BEFORE, 2, unit="PL0900")), POLICY)) == []
    assert list(volumes(facts_with(others + so_many(40, unit="PL0900")), POLICY)) == []


@pytest.mark.parametrize("rule", [volumes, drifts, silent_units])
@pytest.mark.parametrize(("days", "fires"), [(119, False), (120, True)])
def test_with_too_little_history_nothing_is_unusual(rule: Callable[..., Any], days: int, fires: bool) -> None:  # noqa: FBT001
    began = WINDOW[0] - timedelta(days=days)
    before = [began, *working_days(began + timedelta(days=1), HISTORY[1])]
    observed = rows(before, 9, unit="PL0900") + so_many(40, unit="PL0600", team="ZEDEN")
    assert bool(list(rule(facts_with(observed), POLICY))) is fires


def test_what_is_older_than_the_history_says_nothing() -> None:
    long_ago = working_days(date(2014, 1, 1), WINDOW[0] - timedelta(days=POLICY.history_days + 1))
    ordinary = rows(BEFORE, 2) + so_many(44)
    a_year = rows(working_days(WINDOW[0] - timedelta(days=POLICY.history_days), date(2014, 12, 31)), 2)
    assert list(volumes(facts_with(rows(long_ago, 50) + a_year + ordinary), POLICY)) == []


@pytest.mark.parametrize("rule", [volumes, drifts, silent_units])
def test_with_one_extract_or_no_rows_nothing_is_unusual(rule: Callable[..., Any]) -> None:
    observed = rows(BEFORE, 9, unit="PL0900") + so_many(40, unit="PL0600", team="ZEDEN")
    assert list(rule(facts_with(observed), POLICY)) != []
    assert list(rule(facts_with(observed, received={POLICE: [extract(POLICE, JUNE_30)]}), POLICY)) == []
    assert list(rule(facts(received={POLICE: by_the_month(POLICE)}), POLICY)) == []
    assert list(rule(facts_with([]), POLICY)) == []
    assert list(rule(facts_with(observed, sources=(OM,)), POLICY)) == [], (
        "what is no source that hands over is not watched"
    )


@pytest.mark.parametrize(("silent_days", "fires"), [(9, False), (10, True)])
def test_a_unit_is_silent_when_chance_does_not_explain_it(silent_days: int, fires: bool) -> None:  # noqa: FBT001
    """One record a working day: nine without any have a chance of e^-9 = 0.00012, ten of e^-10 = 0.00005."""
    days = (BEFORE + NEW)[:-silent_days]
    others = rows(BEFORE + NEW, 3, unit="PL0600")
    found = list(silent_units(facts_with(others + rows(days, unit="PL0900")), POLICY))
    assert [one.alert_id for one in found] == (["unit_silent:PL0900"] if fires else [])
    for one in found:
        assert (one.severity, one.mark) == (Severity.WARNING, "2015-06-16")
        assert one.evidence == {
            "source": POLICE,
            "last_recorded_on": "2015-06-16",
            "working_days_silent": 10,
            "usual_records": 10.0,
        }


def test_a_unit_that_only_corrects_is_silent_and_a_source_without_units_is_not() -> None:
    observed = rows(BEFORE, unit="PL0900") + so_many(30, unit="PL0900", is_first=False)
    assert [one.subject for one in silent_units(facts_with(observed), POLICY)] == ["PL0900"]
    without = rows(BEFORE, 9, unit=None) + so_many(30, unit=None, is_first=False)
    assert list(silent_units(facts_with(without, HOTLINE), POLICY)) == []


def test_a_unit_that_came_in_the_window_is_not_silent_in_the_time_before_it_came() -> None:
    observed = rows(BEFORE + NEW, 9, unit="PL0600") + rows(NEW, unit="PL0900")
    assert list(silent_units(facts_with(observed), POLICY)) == []


def test_a_unit_that_seldom_shows_anything_is_not_silent() -> None:
    """One record in half a year is no rate of one a working day."""
    observed = rows(BEFORE + NEW, 9, unit="PL0600") + rows(BEFORE[:1], unit="PL0900")
    assert list(silent_units(facts_with(observed), POLICY)) == []


def test_a_unit_that_stays_silent_is_silent_until_it_shows_something_new() -> None:
    """Its year before fades with the time that it is silent, and so does what would be usual."""
    others = rows(BEFORE + NEW, 9, unit="PL0600")
    (silent,) = silent_units(facts_with(others + rows(BEFORE, unit="PL0900")), POLICY)
    standing = standing_after(silent)
    faded = others + rows(BEFORE[-1:], unit="PL0900") + rows(NEW, 2, unit="PL0900", is_first=False)
    for observed in (faded, others):
        assert list(silent_units(facts_with(observed), POLICY)) == []
        (kept,) = findings(facts_with(observed, standing=standing), POLICY)
        assert (kept.alert_id, kept.says, kept.mark) == (silent.alert_id, silent.says, silent.mark)
    assert findings(facts_with(faded + rows(NEW[-1:], unit="PL0900"), standing=standing), POLICY) == []
    wanting = facts_with(others, standing=standing, balances=[balance(missing=12, delivered=500)])
    assert {one.alert_id: one.held_back_reasons for one in findings(wanting, POLICY)} == {
        "unexplained:2014": (),
        silent.alert_id: (),
    }, "what nobody can judge hides nothing"


@pytest.mark.parametrize(("zeden", "fires"), [(129, False), (130, True)])
def test_a_share_has_shifted_when_by_at_least_so_much(zeden: int, fires: bool) -> None:  # noqa: FBT001
    """From 50% to 64.5% is not reported, to 65% is."""
    before = rows(BEFORE, 5, team="TBKK") + rows(BEFORE, 5, team="ZEDEN")
    new = so_many(200 - zeden, team="TBKK") + so_many(zeden, team="ZEDEN")
    found = list(drifts(facts_with(before + new), POLICY))
    assert [one.alert_id for one in found] == ([f"drift:{POLICE}.team"] if fires else [])
    for one in found:
        assert (one.severity, one.mark) == (Severity.WARNING, "2015-06-30")
        assert {one.evidence["value"], one.evidence["records_with_it"]} <= {"TBKK", "ZEDEN", 70, 130}
        assert (one.evidence["records"], one.evidence["usual_share"]) == (200, 0.5)


def test_a_share_has_shifted_by_exactly_so_much_wherever_it_began() -> None:
    before = rows(BEFORE, 2, team="A") + rows(BEFORE, 4, team="B") + rows(BEFORE, 4, team="C")
    new = so_many(140, team="A") + so_many(130, team="B") + so_many(130, team="C")
    (found,) = drifts(facts_with(before + new), POLICY)
    assert (found.evidence["value"], found.evidence["records_with_it"]) == ("A", 140)


@pytest.mark.parametrize(("records", "fires"), [(7, False), (8, True)])
def test_few_records_say_nothing_about_shares(records: int, fires: bool) -> None:  # noqa: FBT001
    new = so_many(records, team="ZEDEN") + so_many(50, team="ZEDEN", is_first=False)
    assert len(list(drifts(facts_with(rows(BEFORE, 9) + new), POLICY))) == int(fires)
    few_before = rows([HISTORY[0]], records) + rows(BEFORE, 5, is_first=False)
    assert bool(list(drifts(facts_with(few_before + so_many(40, team="ZEDEN")), POLICY))) is fires


@pytest.mark.parametrize("zeden", range(20, 31))
def test_a_drift_is_reported_only_when_chance_does_not_explain_it(zeden: int) -> None:
    """Of 30 new records, where half used to be so."""
    before = rows(BEFORE, 5, team="TBKK") + rows(BEFORE, 5, team="ZEDEN")
    chance = sum(comb(30, part) for part in range(zeden, 31)) / 2**30
    found = list(drifts(facts_with(before + so_many(30 - zeden) + so_many(zeden, team="ZEDEN")), POLICY))
    assert bool(found) is (chance < POLICY.false_alarm_chance)


def test_each_column_is_reported_by_the_value_that_moved_most() -> None:
    before = rows(BEFORE, 9, team="TBKK", person_token="filled", delivered_on="in time")
    new = so_many(20, team="TBKK", person_token="missing", delivered_on="in time")
    new += so_many(12, team="ZEDEN", person_token="missing", delivered_on="in time")
    new += so_many(8, team="OTHER", person_token="missing", delivered_on="in time")
    found = {one.subject: one.evidence for one in drifts(facts_with(before + new), POLICY)}
    assert set(found) == {f"{POLICE}.team", f"{POLICE}.person_token"}
    team = found[f"{POLICE}.team"]
    assert (team["value"], team["records_with_it"], team["usual_share"]) == ("TBKK", 20, 1.0)


def test_every_source_is_held_against_its_own_past() -> None:
    ordinary, half = rows(BEFORE, 9) + so_many(198), rows(BEFORE, 9) + so_many(60)
    look = facts_with(ordinary)
    other = facts_with(half, OM)
    both = facts(received={**look.received, **other.received}, recent={**look.recent, **other.recent})
    assert [one.subject for one in volumes(both, POLICY)] == [OM]


def test_no_finding_about_volumes_holds_an_identifier() -> None:
    stopped = rows(BEFORE, 9, unit="PL0900", team="TBKK", classification="KP")
    found = [
        one
        for rule in (volumes, drifts, silent_units)
        for one in rule(facts_with(stopped + so_many(40, unit="PL0600", team="ZEDEN", classification="OVERIG")), POLICY)
    ]
    assert {one.rule for one in found} == {AlertRule.VOLUME, AlertRule.DRIFT, AlertRule.UNIT_SILENT}
    assert not any(shows_an_identifier(one) for one in found)


def test_records_on_a_weekend_before_the_first_working_day_are_no_division_by_zero() -> None:
    observed = rows(BEFORE + NEW, 3, unit="PL0600") + rows([date(2015, 1, 3)], unit="PL0900")
    assert list(silent_units(facts_with(observed), POLICY)) == []


JULY = (date(2015, 7, 1), date(2015, 7, 31))


def a_month_later(observed: list[dict[str, Any]], found: Finding, **more: Any) -> Facts:
    """The look of July, in which one row a working day came as ever."""
    ordinary = rows(working_days(*JULY))
    received = {POLICE: [*by_the_month(POLICE), extract(POLICE, JULY[1])]}
    return facts_with(observed + ordinary, received=received, standing=standing_after(found), **more)


def test_an_ordinary_month_does_not_hide_that_the_rest_of_an_extract_never_came() -> None:
    half = rows(BEFORE) + so_many(2)
    (found,) = volumes(facts_with(half), POLICY)
    (still,) = volumes(a_month_later(half, found), POLICY)
    assert (still.alert_id, still.says, still.mark, still.period) == (
        found.alert_id,
        found.says,
        found.mark,
        found.period,
    )
    assert list(volumes(a_month_later(rows(BEFORE + NEW), found), POLICY)) == []
    nothing_stands = replace(a_month_later(half, found), standing={})
    assert list(volumes(nothing_stands, POLICY)) == [], "what a person ended is not told again by a later month"


def test_a_share_that_moved_stands_until_the_records_of_those_days_are_mended() -> None:
    other = rows(BEFORE) + rows(NEW, team="ZEDEN")
    (found,) = drifts(facts_with(other), POLICY)
    window = Period(*WINDOW)
    as_told, mended = frame(rows(NEW, team="ZEDEN")), frame(rows(NEW))
    (still,) = drifts(a_month_later(other, found, mended={(POLICE, window): as_told}), POLICY)
    assert (still.alert_id, still.says, still.mark) == (found.alert_id, found.says, found.mark)
    assert list(drifts(a_month_later(other, found, mended={(POLICE, window): mended}), POLICY)) == []


def test_days_out_of_reach_are_no_reason_to_call_an_alert_over() -> None:
    (found,) = volumes(facts_with(rows(BEFORE) + so_many(2)), POLICY)
    (alert,) = standing_after(found).values()
    late = frame(rows(working_days(date(2016, 1, 1), date(2016, 12, 30))))
    assert not lies_out_of_reach(alert, facts_with(rows(BEFORE) + so_many(2)), POLICY)
    assert lies_out_of_reach(alert, facts(received={POLICE: by_the_month(POLICE)}, recent={POLICE: late}), POLICY)


def test_a_unit_that_was_reported_stands_beside_its_source() -> None:
    """Units of a source that is out of band as a whole are no news; one that was raised before is not over for that."""
    observed = rows(BEFORE, 9, unit="PL0600") + rows(BEFORE, unit="PL0900") + so_many(40, unit="PL0600") + so_many(1)
    (whole,) = volumes(facts_with(observed), POLICY)
    assert whole.subject == POLICE
    unit = replace(whole, subject=f"{POLICE}/PL0900")
    look = facts_with(observed, standing=standing_after(unit))
    assert [one.subject for one in volumes(look, POLICY)] == [POLICE, f"{POLICE}/PL0900"]
    found = {one.alert_id: one for one in findings(look, POLICY)}
    assert found[f"volume:{POLICE}/PL0900"].held_back_reasons == (f"volume:{POLICE}",)
