"""Which findings are the reason of others: it is sent, its consequences are not, another source's are."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from ketenbalans.alerts.facts import Facts, NewBreaks, PastDue, ReportedFigures, RunningIncident, UnitGap
from ketenbalans.alerts.finding import Finding
from ketenbalans.alerts.life import alerts_of, steps_after_a_look
from ketenbalans.alerts.rules import IS_THE_REASON_OF, findings
from ketenbalans.alerts.rules import _is_the_reason_of as speaks_for
from ketenbalans.nowcast.pace import Pace
from schemas.alert_policy import AlertPolicy
from schemas.alerts import AlertRule, Severity
from schemas.incidents import IncidentKind
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
    frame,
    rows,
    standing_after,
    working_days,
)

BEFORE, NEW = working_days(*HISTORY), working_days(*WINDOW)
IN_THE_BALANCE = {
    AlertRule.UNEXPLAINED,
    AlertRule.GAP_OF_UNIT,
    AlertRule.REPORTED_CHANGED,
    AlertRule.NOWCAST_MISSED,
}
OF_WHAT_CAME = {AlertRule.VOLUME, AlertRule.DRIFT, AlertRule.UNIT_SILENT}

A_BALANCE_THAT_WANTS_SOMEBODY: dict[str, Any] = {
    "balances": [balance(missing=12, delivered=500)],
    "reported": [
        ReportedFigures(
            period=Period.of_year(2014),
            reported_as_of=date(2015, 2, 1),
            reported={"delivered": 507},
            as_of=WINDOW[1],
            now={"delivered": 522},
        )
    ],
    "past_due": [PastDue(year=2014, breaks=4, since=date(2015, 3, 1), open_breaks=4, as_of=WINDOW[1])],
    "gaps_now": {"PL0900": UnitGap(delivered=40, unrecognised=40)},
    "gaps_before": {"PL0900": UnitGap(delivered=200, unrecognised=2)},
    "paces": {Period(date(2015, 6, 1), WINDOW[1]): [Pace("of all suspects open in it", 9, 30.0, 17, -6.0)]},
}
"""All that a reason may speak for, and the breaks that nobody took, for which only a flood speaks."""

ORDINARY = rows(BEFORE + NEW, 2, unit="PL0600") + rows(BEFORE + NEW, 2, unit="PL0900")
HALF_OF_IT = rows(BEFORE, 2, unit="PL0600") + rows(BEFORE, 2, unit="PL0900") + rows(NEW[::3], 2, unit="PL0600")
ALL_OF_ANOTHER_KIND = rows(BEFORE, 3, unit="PL0600") + rows(NEW, 3, unit="PL0600", team="ZEDEN")
ONE_UNIT_STOPPED = rows(BEFORE + NEW, 9, unit="PL0600") + rows(BEFORE, unit="PL0900")
ALL_AT_ONCE = rows(BEFORE, unit="PL0900") + rows(BEFORE, 9, unit="PL0600") + rows(NEW, 20, unit="PL0600", team="ZEDEN")
"""A volume, a drift and a silent unit: one stopped, and much more comes of another one, of another kind."""


def look(source: str, observed: list[dict[str, Any]], **more: Any) -> Facts:
    """A look at a balance that wants somebody, and at one source that came by the month with these rows."""
    return facts(
        **{
            **A_BALANCE_THAT_WANTS_SOMEBODY,
            "received": {source: by_the_month(source)},
            "recent": {source: frame(observed)},
            **more,
        }
    )


def incident(source: str, *, kind: str = "stopped") -> dict[str, Any]:
    since = datetime(2015, 6, 30, tzinfo=UTC)
    stopped = RunningIncident(incident_id=1, subject=source, kind=kind, message="it stands still", since=since)
    return {"incidents": [stopped]}


def another_key(source: str) -> dict[str, Any]:
    return incident(source, kind=str(IncidentKind.CHAIN_KEY_DIFFERS))


def repeated(source: str, *, claims: date = WINDOW[1]) -> dict[str, Any]:
    """The extract until the end of the window came twice; as a rule the second time it claims to cover more."""
    first = extract(source, date(2015, 6, 29) if claims == WINDOW[1] else claims, extract_id="1" * 64)
    return {"received": {source: [extract(source, HISTORY[1]), first, extract(source, claims, extract_id="1" * 64)]}}


def rules_of(found: list[Finding]) -> set[AlertRule]:
    return {one.rule for one in found}


def answer(look: Facts, policy: AlertPolicy) -> list[Finding]:
    """What is found of which no other finding is the reason."""
    return [one for one in findings(look, policy) if not one.held_back_reasons]


def test_where_there_is_no_reason_every_consequence_is_reported() -> None:
    assert rules_of(answer(look(POLICE, ORDINARY), POLICY)) == IN_THE_BALANCE | {AlertRule.PAST_DUE}


REASONS = {
    AlertRule.INCIDENT: (ORDINARY, incident),
    AlertRule.CHAIN_KEY: (ORDINARY, another_key),
    AlertRule.EXTRACT_REPEATED: (ORDINARY, repeated),
    AlertRule.VOLUME: (HALF_OF_IT, lambda _: {}),
    AlertRule.DRIFT: (ALL_OF_ANOTHER_KIND, lambda _: {}),
    AlertRule.UNIT_SILENT: (ONE_UNIT_STOPPED, lambda _: {}),
}


def test_every_entry_is_tried_here() -> None:
    tried_elsewhere = {AlertRule.BREAK_FLOOD, AlertRule.PART_DOWN}  # below, and with the rule about parts
    assert set(REASONS) | tried_elsewhere == set(IS_THE_REASON_OF)
    for reason, spoken_for in IS_THE_REASON_OF.items() - {(AlertRule.PART_DOWN, IS_THE_REASON_OF[AlertRule.PART_DOWN])}:
        assert reason not in spoken_for or reason is AlertRule.VOLUME, "a source speaks for its units"
        assert spoken_for <= IN_THE_BALANCE | OF_WHAT_CAME | {AlertRule.BREAK_FLOOD, AlertRule.PAST_DUE}


def flood_of(cause: str, *, year: int = 2014, open_breaks: int = 201) -> dict[str, Any]:
    return {"new_breaks": [NewBreaks(year=year, cause=cause, found_on=WINDOW[1], breaks=201, open_breaks=open_breaks)]}


FLOOD = flood_of("missing")
IN_THE_WINDOW = {AlertRule.GAP_OF_UNIT}


@pytest.mark.parametrize(
    ("flood", "hidden"),
    [
        (flood_of("missing", year=2015), IN_THE_WINDOW),
        (flood_of("missing"), {AlertRule.UNEXPLAINED, AlertRule.PAST_DUE}),
        (flood_of("missing", open_breaks=3), {AlertRule.UNEXPLAINED}),
        (flood_of("suggested"), {AlertRule.PAST_DUE}),
        (flood_of("other_classification", open_breaks=0), set()),
        (flood_of("other_classification", year=2015, open_breaks=0), IN_THE_WINDOW),
        (flood_of("no_police_delivery", year=2015), set()),
    ],
)
def test_a_flood_hides_nothing_that_is_beside_it(flood: dict[str, Any], hidden: set[AlertRule]) -> None:
    """Twelve are missing and four past due in 2014, and the gap of the unit is that of the spring of 2015."""
    consequences = IN_THE_BALANCE | {AlertRule.PAST_DUE}
    found = rules_of(answer(look(POLICE, ORDINARY, **flood), POLICY))
    assert found & consequences == consequences - hidden
    assert AlertRule.BREAK_FLOOD in found


def test_a_flood_is_the_reason_of_its_year_and_for_what_a_source_is_the_reason_of_too() -> None:
    look_at_both_years = look(POLICE, ORDINARY, **FLOOD)
    another = [balance(missing=12, delivered=500), balance(missing=12, delivered=500, year=2013)]
    found = answer(replace(look_at_both_years, balances=another), POLICY)
    assert [one.alert_id for one in found] == [
        "break_flood:2014/missing/2015-06-30",
        "unexplained:2013",
        "gap_of_unit:PL0900",
        "nowcast_missed:2015-06",
        "reported_figure_changed:2014",
    ]
    assert AlertRule.BREAK_FLOOD not in rules_of(answer(look(POLICE, HALF_OF_IT, **FLOOD), POLICY))


def test_what_a_reason_is_the_reason_of_is_found_and_leads_to_it() -> None:
    found = {one.alert_id: one for one in findings(look(POLICE, HALF_OF_IT), POLICY)}
    assert found["unexplained:2014"].held_back_reasons == (f"volume:{POLICE}", "unit_silent:PL0900")
    assert found["unit_silent:PL0900"].held_back_reasons == (f"volume:{POLICE}",)
    kept = alerts_of(steps_after_a_look({}, list(found.values()), at=datetime(2015, 7, 1, tzinfo=UTC)))
    assert kept["unexplained:2014"].held_back_by == f"volume:{POLICE}"
    assert found["unexplained:2014"].evidence["missing"] == 12


def test_a_reason_is_not_the_reason_of_what_is_more_severe() -> None:
    worse = replace(findings(look(POLICE, HALF_OF_IT), POLICY)[-2], other_severity=Severity.CRITICAL)
    assert worse.rule in IS_THE_REASON_OF[AlertRule.VOLUME]
    (reason,) = (one for one in findings(look(POLICE, HALF_OF_IT), POLICY) if one.rule is AlertRule.VOLUME)
    assert speaks_for(reason, replace(worse, other_severity=Severity.WARNING))
    assert not speaks_for(reason, worse)


@pytest.mark.parametrize(
    ("rule", "cannot_be_judged", "can_be"),
    [
        (AlertRule.GAP_OF_UNIT, {"is_linked": False}, {}),
        (AlertRule.GAP_OF_UNIT, {"as_of": None}, {}),
        (AlertRule.UNEXPLAINED, {"not_balanced": {Period.of_year(2014)}}, {"not_balanced": {Period.of_year(2013)}}),
        (AlertRule.REPORTED_CHANGED, {"not_balanced": {Period.of_year(2014)}}, {}),
    ],
)
def test_what_cannot_be_judged_is_found_as_it_stands(
    rule: AlertRule, cannot_be_judged: dict[str, Any], can_be: dict[str, Any]
) -> None:
    """An extract under another chain key unlinks everything: that is no reason to call a gap resolved."""
    before = [one for one in answer(look(POLICE, ORDINARY), POLICY) if one.rule is rule]
    standing = standing_after(*before)
    (kept,) = findings(facts(standing=standing, **cannot_be_judged), POLICY)
    assert (kept.alert_id, kept.says, kept.mark, kept.amount) == (
        before[0].alert_id,
        before[0].says,
        before[0].mark,
        before[0].amount,
    )
    assert findings(facts(standing=standing, **can_be), POLICY) == []


@pytest.mark.parametrize("source", [POLICE, OM])
@pytest.mark.parametrize("reason", REASONS)
def test_a_reason_at_a_linked_source_is_the_reason_of_the_balance(reason: AlertRule, source: str) -> None:
    observed, brought_about = REASONS[reason]
    found = answer(look(source, observed, **brought_about(source)), POLICY)
    assert reason in rules_of(found)
    assert not rules_of(found) & IN_THE_BALANCE
    assert AlertRule.PAST_DUE in rules_of(found), "nothing speaks for breaks that nobody took"


@pytest.mark.parametrize("reason", [reason for reason in REASONS if reason is not AlertRule.CHAIN_KEY])
def test_a_reason_at_a_source_that_is_not_in_the_balance_is_not_the_reason_of_it(reason: AlertRule) -> None:
    observed, brought_about = REASONS[reason]
    found = answer(look(HOTLINE, observed, **brought_about(HOTLINE)), POLICY)
    assert rules_of(found) >= IN_THE_BALANCE | {reason}


@pytest.mark.parametrize("reason", [AlertRule.INCIDENT, AlertRule.EXTRACT_REPEATED])
def test_what_stops_a_source_is_the_reason_of_what_came_of_it(reason: AlertRule) -> None:
    assert rules_of(answer(look(POLICE, ALL_AT_ONCE), POLICY)) >= OF_WHAT_CAME
    found = answer(look(POLICE, ALL_AT_ONCE, **REASONS[reason][1](POLICE)), POLICY)
    assert rules_of(found) == {reason, AlertRule.PAST_DUE}


@pytest.mark.parametrize("other", [OM, HOTLINE])
@pytest.mark.parametrize("reason", [AlertRule.INCIDENT, AlertRule.EXTRACT_REPEATED])
def test_what_stops_a_source_does_not_report_for_another(reason: AlertRule, other: str) -> None:
    brought_about = REASONS[reason][1](other)
    received = {**brought_about.get("received", {}), POLICE: by_the_month(POLICE)}
    found = answer(look(POLICE, ALL_AT_ONCE, **{**brought_about, "received": received}), POLICY)
    assert rules_of(found) >= OF_WHAT_CAME | {reason}
    assert {one.subject for one in found if one.rule in OF_WHAT_CAME} == {POLICE, f"{POLICE}.team", "PL0900"}


def test_another_chain_key_is_not_the_reason_of_what_came() -> None:
    found = answer(look(POLICE, ALL_AT_ONCE, **another_key(POLICE)), POLICY)
    assert rules_of(found) >= OF_WHAT_CAME | {AlertRule.CHAIN_KEY}


@pytest.mark.parametrize("reason", [AlertRule.VOLUME, AlertRule.DRIFT, AlertRule.UNIT_SILENT])
def test_what_came_is_not_the_reason_of_itself(reason: AlertRule) -> None:
    assert reason in rules_of(answer(look(POLICE, ALL_AT_ONCE), POLICY))


def test_a_source_that_reported_too_little_is_the_reason_of_its_silent_units() -> None:
    found = answer(look(POLICE, HALF_OF_IT), POLICY)
    assert [one.subject for one in found if one.rule in OF_WHAT_CAME] == [POLICE]


def test_a_volume_of_a_unit_is_the_reason_of_the_balance_too() -> None:
    observed = rows(BEFORE + NEW, 20, unit="PL0600") + rows(BEFORE, 2, unit="PL0900") + rows(NEW[::3], 1, unit="PL0900")
    found = answer(look(POLICE, observed), POLICY)
    assert [one.subject for one in found if one.rule is AlertRule.VOLUME] == [f"{POLICE}/PL0900"]
    assert not rules_of(found) & IN_THE_BALANCE


@pytest.mark.parametrize("source", [POLICE, OM])
def test_a_notice_is_the_reason_of_nothing(source: str) -> None:
    harmless = repeated(source, claims=date(2015, 7, 1))
    found = answer(look(source, ALL_AT_ONCE, **harmless), POLICY)
    (notice,) = (one for one in found if one.rule is AlertRule.EXTRACT_REPEATED)
    assert notice.severity is Severity.NOTICE
    assert rules_of(found) >= OF_WHAT_CAME
    in_the_balance = answer(look(source, ORDINARY, **harmless), POLICY)
    assert rules_of(in_the_balance) >= IN_THE_BALANCE


def test_a_balance_that_could_not_be_made_is_the_reason_of_nothing() -> None:
    found = answer(look(POLICE, ORDINARY, **incident("reconciliation")), POLICY)
    assert rules_of(found) == IN_THE_BALANCE | {AlertRule.PAST_DUE, AlertRule.BALANCE}


def test_what_is_left_is_in_the_order_of_the_rules_and_each_is_reported_once() -> None:
    found = answer(look(POLICE, ALL_AT_ONCE), POLICY)
    assert [one.rule for one in found] == [
        AlertRule.VOLUME,
        AlertRule.DRIFT,
        AlertRule.UNIT_SILENT,
        AlertRule.PAST_DUE,
    ]
    assert len({one.alert_id for one in found}) == len(found)
