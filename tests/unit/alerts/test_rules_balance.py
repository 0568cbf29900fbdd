"""Each rule about the balance: where it fires, and its nearest neighbour where it does not."""

from collections.abc import Callable
from datetime import date
from math import comb
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ketenbalans.alerts.facts import NewBreaks, PastDue, ReportedFigures, UnitGap
from ketenbalans.alerts.rules_balance import CHAIN_WEIGHT, gaps_of_units, reported_figures, unexplained
from ketenbalans.alerts.rules_breaks import floods, past_due
from schemas.alerts import Severity
from schemas.period import Period
from tests.unit.alerts.looks import POLICY, WINDOW, balance, facts, shows_an_identifier, standing_after


@pytest.mark.parametrize(
    ("missing", "delivered", "allowed", "fires"),
    [
        pytest.param(2, 100, 2, False, id="exactly the suspects"),
        pytest.param(3, 100, 2, True, id="one suspect more"),
        pytest.param(5, 1000, 5, False, id="exactly the share"),
        pytest.param(6, 1000, 5, True, id="one more than the share"),
        pytest.param(2, 2, 2, False, id="all of two"),
        pytest.param(3, 599, 2, True, id="just above a share of 2.995"),
        pytest.param(3, 600, 3, False, id="exactly a share of 3"),
    ],
)
def test_so_many_may_be_missing_and_no_more(missing: int, delivered: int, allowed: int, *, fires: bool) -> None:
    look = facts(balances=[balance(missing=missing, delivered=delivered)])
    found = list(unexplained(look, POLICY))
    assert [one.alert_id for one in found] == (["unexplained:2014"] if fires else [])
    for one in found:
        assert (one.severity, one.mark) == (Severity.WARNING, str(missing))
        assert one.evidence == {
            "missing": missing,
            "allowed": allowed,
            "delivered": delivered,
            "recognised": delivered - missing - 4,
            "gap": missing + 4,
            "as_of": "2015-06-30",
            "verdict": "unexplained",
        }


def test_what_is_missing_of_a_balance_that_is_incomplete_says_what_lacks() -> None:
    year = balance(missing=9, delivered=100)
    (found,) = unexplained(facts(balances=[year], incomplete={year.period: "2 dead letters wait"}), POLICY)
    assert found.evidence["verdict"] == "incomplete"
    assert found.says.endswith("the balance is incomplete: 2 dead letters wait")


@given(st.integers(0, 30), st.integers(30, 6000))
@settings(max_examples=80, deadline=None)
def test_what_is_allowed_is_what_is_not_reported(missing: int, delivered: int) -> None:
    found = list(unexplained(facts(balances=[balance(missing=missing, delivered=delivered)]), POLICY))
    assert bool(found) is (missing > 2 and missing * 200 > delivered)


def test_each_year_is_reported_by_itself() -> None:
    years = [
        balance(missing=9, delivered=100, year=2013),
        balance(missing=0, delivered=100),
        balance(missing=7, delivered=9, year=2015),
    ]
    assert [one.subject for one in unexplained(facts(balances=years), POLICY)] == ["2013", "2015"]


@pytest.mark.parametrize(("unrecognised", "fires"), [(4, False), (5, True)])
def test_fewer_suspects_than_this_are_no_gap(unrecognised: int, fires: bool) -> None:  # noqa: FBT001
    before = {"PL0600": UnitGap(delivered=900, unrecognised=9), "PL0900": UnitGap(delivered=100, unrecognised=1)}
    now = {"PL0600": UnitGap(delivered=300, unrecognised=3), "PL0900": UnitGap(delivered=10, unrecognised=unrecognised)}
    found = list(gaps_of_units(facts(gaps_now=now, gaps_before=before), POLICY))
    assert [one.alert_id for one in found] == (["gap_of_unit:PL0900"] if fires else [])
    for one in found:
        assert (one.severity, one.mark) == (Severity.WARNING, "2015-06-30")
        assert one.evidence == {
            "unrecognised": 5,
            "delivered": 10,
            "usual_share": 0.01,
            "days": 90,
            "until": "2015-06-30",
            "chance": pytest.approx(comb(10, 5) * 0.01**5 * 0.99**5, rel=0.5),
        }
        assert "PL0900" in one.says
        assert "1%" in one.says


@pytest.mark.parametrize("unrecognised", range(8, 20))
def test_a_gap_is_reported_only_when_chance_does_not_explain_it(unrecognised: int) -> None:
    """Of 40 deliveries, where a fifth used to be unrecognised everywhere."""
    before = {"PL0900": UnitGap(delivered=200, unrecognised=40)}
    now = {"PL0900": UnitGap(delivered=40, unrecognised=unrecognised)}
    chance = sum(comb(40, part) * 4 ** (40 - part) for part in range(unrecognised, 41)) / 5**40
    found = list(gaps_of_units(facts(gaps_now=now, gaps_before=before), POLICY))
    assert bool(found) is (chance < POLICY.false_alarm_chance)


def test_a_unit_without_a_past_is_held_against_the_whole_chain() -> None:
    before = {"PL0600": UnitGap(delivered=1000, unrecognised=100)}
    now = {"PL0900": UnitGap(delivered=20, unrecognised=15)}
    (found,) = gaps_of_units(facts(gaps_now=now, gaps_before=before), POLICY)
    assert (found.subject, found.evidence["usual_share"]) == ("PL0900", 0.1)


@given(st.integers(1, 400), st.integers(0, 400), st.integers(1, 400), st.integers(0, 400))
@settings(max_examples=60, deadline=None)
def test_what_is_usual_lies_between_a_units_own_share_and_that_of_the_chain(
    delivered: int, unrecognised: int, others: int, theirs: int
) -> None:
    own, other = (
        UnitGap(delivered=delivered, unrecognised=min(delivered, unrecognised)),
        UnitGap(delivered=others, unrecognised=min(others, theirs)),
    )
    now = {"PL0900": UnitGap(delivered=900, unrecognised=900)}
    for found in gaps_of_units(facts(gaps_now=now, gaps_before={"PL0900": own, "PL0600": other}), POLICY):
        own_share = own.unrecognised / own.delivered
        chain_share = (own.unrecognised + other.unrecognised) / (own.delivered + other.delivered)
        low, high = sorted((own_share, chain_share))
        usual = found.evidence["usual_share"]
        assert isinstance(usual, float)
        assert low - 0.001 <= usual <= high + 0.001
        weighed = (own.delivered * own_share + CHAIN_WEIGHT * chain_share) / (own.delivered + CHAIN_WEIGHT)
        assert found.evidence["usual_share"] == pytest.approx(weighed, abs=0.001)


@pytest.mark.parametrize(
    "lacking",
    [
        pytest.param({"as_of": None}, id="no day that both cover"),
        pytest.param({"gaps_before": {}}, id="no year before"),
        pytest.param({"gaps_before": {"PL0900": UnitGap(delivered=0, unrecognised=0)}}, id="nothing delivered before"),
        pytest.param({"gaps_now": {}}, id="nothing delivered now"),
    ],
)
def test_without_a_past_and_a_present_no_gap_is_reported(lacking: dict[str, Any]) -> None:
    whole = {
        "gaps_now": {"PL0900": UnitGap(delivered=40, unrecognised=40)},
        "gaps_before": {"PL0900": UnitGap(delivered=200, unrecognised=2)},
    }
    assert len(list(gaps_of_units(facts(**whole), POLICY))) == 1
    assert list(gaps_of_units(facts(**(whole | lacking)), POLICY)) == []


def reported(**now: int) -> ReportedFigures:
    return ReportedFigures(
        period=Period.of_year(2014),
        reported_as_of=date(2015, 2, 1),
        reported={"delivered": 507, "recognised": 480},
        as_of=date(2015, 6, 30),
        now={"delivered": 507, "recognised": 480, **now},
    )


@pytest.mark.parametrize(("moved", "fires"), [(0, False), (2, False), (-2, False), (3, True), (-3, True)])
def test_a_reported_figure_may_move_by_so_many_suspects(moved: int, fires: bool) -> None:  # noqa: FBT001
    found = list(reported_figures(facts(reported=[reported(recognised=480 + moved)]), POLICY))
    assert [one.alert_id for one in found] == (["reported_figure_changed:2014"] if fires else [])
    for one in found:
        assert one.severity is Severity.WARNING
        assert one.evidence == {
            "reported_as_of": "2015-02-01",
            "as_of": "2015-06-30",
            "recognised_reported": 480,
            "recognised_now": 480 + moved,
        }
        assert f"recognised 480 is now {480 + moved}" in one.says
        assert "delivered" not in one.says


def test_a_reported_figure_that_moves_on_has_another_mark() -> None:
    first, second = (
        next(reported_figures(facts(reported=[reported(delivered=figure)]), POLICY)) for figure in (520, 522)
    )
    assert first.mark != second.mark


@pytest.mark.parametrize(
    ("breaks", "open_breaks", "says"),
    [
        (1, 1, "open breaks of 2014 that nobody took within 30 days: 1, the first one"),
        (4, 9, "open breaks of 2014 that nobody took within 30 days: 4 of 9, the first one"),
    ],
)
def test_breaks_that_nobody_took_are_reported_by_year(breaks: int, open_breaks: int, says: str) -> None:
    """With how many are open in all, which is what the list counts."""
    (found,) = past_due(facts(past_due=[late(breaks, open_breaks)]), POLICY)
    assert (found.alert_id, found.severity) == ("break_past_due:2014", Severity.WARNING)
    assert found.evidence == {
        "breaks": breaks,
        "open_breaks": open_breaks,
        "first_open_since": "2015-03-01",
        "as_of": "2015-06-30",
    }
    assert says in found.says


def late(breaks: int, open_breaks: int) -> PastDue:
    return PastDue(year=2014, breaks=breaks, since=date(2015, 3, 1), open_breaks=open_breaks, as_of=date(2015, 6, 30))


@pytest.mark.parametrize("rule", [unexplained, reported_figures, past_due])
@pytest.mark.parametrize(
    ("behind", "says"),
    [
        ({}, None),
        ({Period.of_year(2014): date(2015, 7, 31)}, "before the balance of 2015-07-31"),
        ({Period.of_year(2014): date(2015, 6, 30)}, "before the balance of what was loaded since"),
        ({Period.of_year(2013): date(2015, 7, 31)}, None),
    ],
)
def test_what_rests_on_an_older_balance_says_that_a_newer_one_is_to_come(
    rule: Callable[..., Any], behind: dict[str, Any], says: str | None
) -> None:
    look = facts(
        balances=[balance(missing=12, delivered=500)],
        reported=[reported(delivered=530, recognised=470)],
        past_due=[late(4, 9)],
        behind=behind,
    )
    (found,) = rule(look, POLICY)
    assert found.period == Period.of_year(2014)
    assert (says or "before the balance") in found.says if says else "before the balance" not in found.says


def flood(breaks: int, cause: str = "missing", found_on: date = date(2015, 1, 31), year: int = 2014) -> NewBreaks:
    return NewBreaks(year=year, cause=cause, found_on=found_on, breaks=breaks, open_breaks=breaks)


def test_a_flood_of_breaks_of_one_cause_in_one_balance_is_one_alert() -> None:
    floods_of = [
        flood(POLICY.flood_breaks),
        flood(POLICY.flood_breaks + 1, "suggested"),
        flood(900, found_on=date(2015, 2, 28)),
        flood(900, year=2013),
    ]
    found = list(floods(facts(new_breaks=floods_of), POLICY))
    assert [one.alert_id for one in found] == [
        "break_flood:2014/suggested/2015-01-31",
        "break_flood:2014/missing/2015-02-28",
        "break_flood:2013/missing/2015-01-31",
    ]
    assert found[0].says.startswith("201 breaks of 2014 with the cause suggested were found at once, by the balance of")
    assert {one.severity for one in found} == {Severity.WARNING}


def test_a_gap_of_days_gone_by_stands_until_those_days_are_ordinary() -> None:
    """Ninety days on, the newest deliveries are ordinary; those that the alert reported are looked at by themselves."""
    before = {"PL0900": UnitGap(delivered=200, unrecognised=2)}
    bad, mended = ({"PL0900": UnitGap(delivered=40, unrecognised=many)} for many in (40, 0))
    look = facts(gaps_now=bad, gaps_before=before)
    (found,) = gaps_of_units(look, POLICY)
    standing = standing_after(found)
    window = found.period
    assert window == Period(date(2015, 4, 2), WINDOW[1])
    later = {"as_of": date(2015, 11, 30), "standing": standing, "gaps_now": mended, "gaps_before": before}
    (still,) = gaps_of_units(facts(**later, gaps_earlier={window: (bad, before)}), POLICY)
    assert (still.alert_id, still.says, still.mark) == (found.alert_id, found.says, found.mark)
    (both,) = gaps_of_units(facts(**later | {"gaps_now": bad}, gaps_earlier={window: (bad, before)}), POLICY)
    assert both.period == Period(date(2015, 9, 2), date(2015, 11, 30))
    assert both.says.endswith("out of band as before: 2015-04-02/2015-06-30")
    assert list(gaps_of_units(facts(**later, gaps_earlier={window: (mended, before)}), POLICY)) == []
    again = facts(
        **later | {"standing": standing_after(both)},
        gaps_earlier={window: (bad, before), both.period: (mended, before)},
    )
    (first,) = gaps_of_units(again, POLICY)
    assert first.period == window, "what was red before the newest red one is not forgotten"


@pytest.mark.parametrize("rule", [unexplained, gaps_of_units, reported_figures, past_due])
def test_where_nothing_is_wrong_nothing_is_found(rule: Callable[..., Any]) -> None:
    look = facts(balances=[balance(missing=0, delivered=500)], reported=[reported()])
    assert list(rule(look, POLICY)) == []


def test_no_finding_about_the_balance_holds_an_identifier() -> None:
    look = facts(
        balances=[balance(missing=12, delivered=500)],
        reported=[reported(delivered=530, recognised=470)],
        past_due=[late(4, 9)],
        gaps_now={"PL0900": UnitGap(delivered=40, unrecognised=40)},
        gaps_before={"PL0900": UnitGap(delivered=200, unrecognised=2)},
    )
    found = [one for rule in (unexplained, gaps_of_units, reported_figures, past_due) for one in rule(look, POLICY)]
    assert len(found) == 4
    assert not any(shows_an_identifier(one) for one in found)
