"""What leaves the house holds no count of few, nor two counts that differ by few; what is kept stays exact."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ketenbalans.alerts.facts import NewBreaks, PastDue, ReportedFigures, UnitGap
from ketenbalans.alerts.finding import Finding
from ketenbalans.alerts.life import alerts_of, step_of
from ketenbalans.alerts.message import Places, message_of
from ketenbalans.alerts.rules_balance import gaps_of_units, reported_figures, unexplained
from ketenbalans.alerts.rules_breaks import floods, past_due
from ketenbalans.alerts.rules_drift import drifts
from ketenbalans.alerts.rules_signoff import superseded_figures, void_signatures
from ketenbalans.alerts.rules_volumes import volumes
from ketenbalans.alerts.small_counts import NOT_OF_PERSONS, without_small_counts
from schemas.alerts import AlertEvent, AlertRule, AlertStep
from schemas.period import Period
from schemas.signoff import SignoffState
from tests.unit.alerts.looks import HISTORY, POLICE, POLICY, WINDOW, balance, facts, facts_with, rows, working_days
from tests.unit.signoff.a_signoff import signoff

NOW = datetime(2015, 6, 30, 12, tzinfo=UTC)

THRESHOLD = 5
FEW = re.compile(r"(?<![\w.,:/%-])[1-4](?![\w/:%-]|[.,]\d)")
NO_COUNT = re.compile(r"up to \d+ would be|allowed \d+|days \d+|load \d+|figures moved \d+|\d+ days|\d+ working days")
FIGURES = st.integers(0, 40)


def for_outside(finding: Finding, step: AlertStep = AlertStep.RAISED) -> AlertEvent:
    return without_small_counts(step_of(finding, step, at=NOW), threshold=THRESHOLD)


def text_of(event: AlertEvent) -> str:
    """The mail up to its remedy, which names commands and no count."""
    return message_of(event, Places()).text.split("What to do:")[0]


def assert_nothing_small(finding: Finding) -> None:
    for step in (AlertStep.RAISED, AlertStep.RESOLVED):
        event = for_outside(finding, step)
        assert FEW.findall(NO_COUNT.sub("", text_of(event))) == []
        shown = [
            value for name, value in event.evidence.items() if isinstance(value, int) and name not in NOT_OF_PERSONS
        ]
        assert [value for value in shown if 0 < value < THRESHOLD] == []
        assert [(one, other) for one in shown for other in shown if 0 < one - other < THRESHOLD] == []


@given(st.integers(3, 12), st.integers(0, 700))
@settings(max_examples=60, deadline=None)
def test_what_is_missing(missing: int, delivered: int) -> None:
    for found in unexplained(facts(balances=[balance(missing=missing, delivered=missing + 4 + delivered)]), POLICY):
        assert_nothing_small(found)


@given(st.lists(st.tuples(FIGURES, FIGURES), min_size=3, max_size=3))
@settings(max_examples=80, deadline=None)
def test_figures_that_moved(figures: list[tuple[int, int]]) -> None:
    names = ("delivered", "recognised", "gap")
    one = ReportedFigures(
        period=Period.of_year(2014),
        reported_as_of=date(2015, 1, 31),
        reported=dict(zip(names, (before for before, _ in figures), strict=True)),
        as_of=date(2015, 6, 30),
        now=dict(zip(names, (after for _, after in figures), strict=True)),
    )
    for found in reported_figures(facts(reported=[one]), POLICY):
        assert_nothing_small(found)


def due(breaks: int, open_breaks: int) -> PastDue:
    return PastDue(year=2014, breaks=breaks, since=date(2015, 3, 1), open_breaks=open_breaks, as_of=date(2015, 6, 30))


@given(FIGURES, FIGURES)
@settings(max_examples=60, deadline=None)
def test_breaks(breaks: int, others: int) -> None:
    late = due(breaks, breaks + others)
    flood = NewBreaks(
        year=2014, cause="missing", found_on=date(2015, 6, 30), breaks=201 + others, open_breaks=201 + others - breaks
    )
    for found in (*past_due(facts(past_due=[late]), POLICY), *floods(facts(new_breaks=[flood]), POLICY)):
        assert_nothing_small(found)


@given(st.integers(5, 40), st.integers(0, 40))
@settings(max_examples=60, deadline=None)
def test_gaps_of_units(unrecognised: int, recognised: int) -> None:
    now = {"PL0900": UnitGap(delivered=unrecognised + recognised, unrecognised=unrecognised)}
    before = {"PL0900": UnitGap(delivered=1000, unrecognised=3)}
    for found in gaps_of_units(facts(gaps_now=now, gaps_before=before), POLICY):
        assert_nothing_small(found)


def drifted_and_fallen() -> Iterator[Finding]:
    ordinary = rows(working_days(*HISTORY), 2, team="TBKK")
    yield from volumes(facts_with([*ordinary, *rows(working_days(*WINDOW)[:3])]), POLICY)
    changed = [*rows(working_days(*WINDOW), 2, team="TBKM"), *rows(working_days(*WINDOW)[:2])]
    yield from drifts(facts_with([*ordinary, *changed]), POLICY)


def test_volumes_and_shares() -> None:
    found = list(drifted_and_fallen())
    assert {one.rule for one in found} >= {AlertRule.VOLUME, AlertRule.DRIFT}
    for one in found:
        assert_nothing_small(one)
        assert "chance" not in for_outside(one).evidence, "with what is usual it gives the count away"


@pytest.mark.parametrize("state", [SignoffState.VOID, SignoffState.SUPERSEDED])
def test_signatures(state: SignoffState) -> None:
    look = facts(signoffs=[signoff(state)])
    (found,) = (*void_signatures(look, POLICY), *superseded_figures(look, POLICY))
    assert "causes.missing 3 is now 7" in found.says
    assert_nothing_small(found)
    assert "causes.missing fewer than 5 is now 7" in for_outside(found).says


def test_a_count_of_few_and_one_that_is_nearly_another_are_words() -> None:
    (found,) = unexplained(facts(balances=[balance(missing=3, delivered=560)]), POLICY)
    outside = for_outside(found)
    assert outside.says.startswith("fewer than 5 of the 560 suspects delivered in 2014 are missing at the OM")
    assert "up to 2 would be allowed" in outside.says
    assert outside.evidence["missing"] == "fewer than 5"
    assert (outside.evidence["delivered"], outside.evidence["gap"]) == (560, 7)
    reported = ReportedFigures(
        period=Period.of_year(2014),
        reported_as_of=date(2015, 1, 31),
        reported={"recognised": 516},
        as_of=date(2015, 6, 30),
        now={"recognised": 519},
    )
    (moved,) = reported_figures(facts(reported=[reported]), POLICY)
    assert "recognised 516 is now just over 516" in for_outside(moved).says
    (late,) = past_due(facts(past_due=[due(5, 7)]), POLICY)
    assert "within 30 days: nearly 7 of 7," in for_outside(late).says
    (late,) = past_due(facts(past_due=[due(2, 5)]), POLICY)
    assert "within 30 days: fewer than 5 of 5," in for_outside(late).says


def test_figures_of_a_letter_do_not_leave_the_house() -> None:
    says = "kst-1: delivered of 2012 was published as 507 and comes out as 509 (2 suspects were recorded later)"
    letter = Finding(rule=AlertRule.PUBLISHED_DIFFERS, subject="published", says=says, mark="1")
    assert for_outside(letter).says == AlertRule.PUBLISHED_DIFFERS.record.meaning
    suite = Finding(
        rule=AlertRule.QUALITY, subject=POLICE, says="in_set (team): 3 rows; unique (id): 12 rows", mark="1"
    )
    assert for_outside(suite).says == "in_set (team): fewer than 5 rows; unique (id): 12 rows"


def test_what_counts_no_record_and_what_is_not_small_stays() -> None:
    letters = Finding(
        rule=AlertRule.DEAD_LETTERS, subject=POLICE, says="2 messages wait", evidence={"messages": 2}, mark="1"
    )
    assert for_outside(letters) == step_of(letters, AlertStep.RAISED, at=NOW)
    now, before = {"PL0900": UnitGap(delivered=60, unrecognised=20)}, {"PL0900": UnitGap(delivered=900, unrecognised=9)}
    (found,) = gaps_of_units(facts(gaps_now=now, gaps_before=before), POLICY)
    assert for_outside(found) == step_of(found, AlertStep.RAISED, at=NOW)


def test_an_alert_is_guarded_as_its_step_is() -> None:
    (found,) = unexplained(facts(balances=[balance(missing=3, delivered=560)]), POLICY)
    event = step_of(found, AlertStep.RAISED, at=NOW)
    (alert,) = alerts_of([event]).values()
    guarded = without_small_counts(alert, threshold=THRESHOLD)
    assert (guarded.says, guarded.evidence) == (for_outside(found).says, for_outside(found).evidence)
    assert alert.says == found.says, "what is kept is exact"
