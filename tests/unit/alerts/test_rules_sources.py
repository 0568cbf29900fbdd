"""Each rule about what sources hand over: a look at which it fires, and its nearest neighbour at which it does not."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from ketenbalans.alerts.facts import FailedSuite, RunningIncident, Waiting
from ketenbalans.alerts.rules_sources import (
    failed_suites,
    repeated_extracts,
    running_incidents,
    silent_sources,
    waiting_dead_letters,
)
from schemas.alerts import AlertRule, Severity
from schemas.incidents import IncidentKind
from schemas.period import Period
from tests.unit.alerts.looks import (
    HOTLINE,
    OM,
    POLICE,
    POLICY,
    extract,
    facts,
    frame,
    rows,
    shows_an_identifier,
    working_days,
)

APRIL, MAY, JUNE = date(2015, 4, 30), date(2015, 5, 31), date(2015, 6, 30)
FIRST, SECOND = "1" * 64, "2" * 64


@pytest.mark.parametrize(("silent_days", "fires"), [(40, False), (41, True)])
def test_a_source_may_be_silent_for_so_many_days_and_no_longer(silent_days: int, fires: bool) -> None:  # noqa: FBT001
    came = JUNE - timedelta(days=silent_days)
    found = list(silent_sources(facts(received={OM: [extract(OM, APRIL, received_on=came)]}), POLICY))
    assert [one.alert_id for one in found] == ([f"source_silent:{OM}"] if fires else [])
    for one in found:
        assert one.severity is Severity.WARNING
        assert one.evidence == {
            "silent_days": 41,
            "may_be_silent_days": 40,
            "last_received_on": "2015-05-20",
            "covers_until": "2015-04-30",
        }


def test_silence_is_counted_from_the_newest_extract_and_in_days_of_amsterdam() -> None:
    late = extract(POLICE, APRIL, received_on=date(2015, 5, 19))
    just_after_midnight = datetime(2015, 5, 20, 22, 30, tzinfo=UTC)  # the 21st in Amsterdam
    received = [late, extract(POLICE, MAY)]
    received[1] = type(late)(**{**vars(received[1]), "recorded_at": just_after_midnight})
    assert list(silent_sources(facts(received={POLICE: received}), POLICY)) == []


def test_a_source_that_never_handed_over_anything_is_not_silent() -> None:
    assert list(silent_sources(facts(), POLICY)) == []
    assert list(silent_sources(facts(received={POLICE: []}), POLICY)) == []


def test_a_source_may_have_an_allowance_of_its_own() -> None:
    lenient = POLICY.model_copy(update={"silent_after_days": 4000, "silent_after_days_of": {OM: 40}})
    received = {HOTLINE: [extract(HOTLINE, date(2014, 1, 31))]}
    assert list(silent_sources(facts(received=received), lenient)) == []
    assert [one.subject for one in silent_sources(facts(received=received), POLICY)] == [HOTLINE]


def test_the_same_bytes_that_claim_a_later_day_are_a_warning() -> None:
    received = {POLICE: [extract(POLICE, MAY, extract_id=FIRST), extract(POLICE, JUNE, extract_id=FIRST)]}
    (found,) = repeated_extracts(facts(received=received), POLICY)
    assert (found.alert_id, found.severity) == (f"extract_repeated:{POLICE}", Severity.WARNING)
    assert found.evidence == {
        "times_received": 2,
        "covered_until_first": "2015-05-31",
        "covers_until_now": "2015-06-30",
        "extract": FIRST[:12],
    }
    assert "2015-05-31" in found.says
    assert "is not there" in found.says


def test_the_same_bytes_for_the_same_day_are_a_notice() -> None:
    again = extract(POLICE, MAY, extract_id=FIRST, received_on=JUNE)
    (found,) = repeated_extracts(facts(received={POLICE: [extract(POLICE, MAY, extract_id=FIRST), again]}), POLICY)
    assert (found.subject, found.severity) == (POLICE, Severity.NOTICE)
    assert "nothing doubled" in found.says


@pytest.mark.parametrize(
    "received",
    [
        pytest.param([extract(POLICE, JUNE, extract_id=FIRST)], id="the only extract"),
        pytest.param(
            [extract(POLICE, MAY, extract_id=FIRST), extract(POLICE, JUNE, extract_id=SECOND)], id="a new one"
        ),
        pytest.param(
            [
                extract(POLICE, APRIL, extract_id=FIRST),
                extract(POLICE, MAY, extract_id=FIRST),
                extract(POLICE, JUNE, extract_id=SECOND),
            ],
            id="a new one after a repeated one",
        ),
    ],
)
def test_where_the_news_of_every_day_has_come_nothing_is_found(received: list[Any]) -> None:
    came = frame(rows(working_days(date(2015, 4, 1), JUNE)))
    assert list(repeated_extracts(facts(received={POLICE: received}, recent={POLICE: came}), POLICY)) == []


def test_a_later_extract_does_not_hide_that_the_news_of_some_days_never_came() -> None:
    """May was claimed by the file of April, and June brings June: May is still not there."""
    received = [
        extract(POLICE, APRIL, extract_id=FIRST),
        extract(POLICE, MAY, extract_id=FIRST),
        extract(POLICE, JUNE, extract_id=SECOND),
    ]
    without_may = working_days(date(2015, 4, 1), APRIL) + working_days(date(2015, 6, 1), JUNE)
    look = facts(received={POLICE: received}, recent={POLICE: frame(rows(without_may))})
    (found,) = repeated_extracts(look, POLICY)
    assert (found.severity, found.period) == (Severity.WARNING, Period(date(2015, 5, 1), MAY))
    assert "what happened after 2015-04-30 is not there" in found.says
    twice = facts(
        received={POLICE: [*received, extract(POLICE, date(2015, 7, 31), extract_id=SECOND)]}, recent=look.recent
    )
    (both,) = repeated_extracts(twice, POLICY)
    assert both.period == Period(date(2015, 7, 1), date(2015, 7, 31))
    assert both.says.endswith("nor is what happened in 2015-05-01/2015-05-31")
    assert both.amount == 2


def test_days_that_another_extract_reported_of_are_not_missing_when_an_old_one_comes_again() -> None:
    received = [
        extract(POLICE, APRIL, extract_id=FIRST),
        extract(POLICE, JUNE, extract_id=SECOND),
        extract(POLICE, JUNE, extract_id=FIRST),
    ]
    (found,) = repeated_extracts(facts(received={POLICE: received}), POLICY)
    assert (found.severity, found.period) == (Severity.NOTICE, None)


def test_two_incidents_of_a_source_are_one_alert_that_shows_both() -> None:
    since = datetime(2015, 6, 29, 4, 30, tzinfo=UTC)
    incidents = [
        RunningIncident(incident_id=4, subject=OM, kind="topic_gone", message="It is gone.", since=since),
        RunningIncident(incident_id=5, subject=OM, kind="covers_less", message="It covers less.", since=since),
    ]
    (found,) = running_incidents(facts(incidents=incidents), POLICY)
    assert (found.says, found.mark, found.amount) == ("It is gone; and: It covers less", "4,5", 2)


def test_the_same_bytes_of_another_source_are_no_repetition() -> None:
    received = {POLICE: [extract(POLICE, MAY, extract_id=FIRST)], OM: [extract(OM, JUNE, extract_id=FIRST)]}
    assert list(repeated_extracts(facts(received=received), POLICY)) == []


def test_a_repeated_extract_that_is_repeated_once_more_has_another_mark() -> None:
    thrice = [extract(POLICE, MAY, extract_id=FIRST, received_on=JUNE - timedelta(days=days)) for days in (20, 10, 1)]
    (second,) = repeated_extracts(facts(received={POLICE: thrice[:2]}), POLICY)
    (third,) = repeated_extracts(facts(received={POLICE: thrice}), POLICY)
    assert second.mark != third.mark
    assert third.evidence["times_received"] == 3


@pytest.mark.parametrize(("messages", "says"), [(1, "1 message waits"), (3, "3 messages wait")])
def test_dead_letters_that_wait_are_reported_by_their_number_and_marked_by_the_newest(messages: int, says: str) -> None:
    dead_letters = {OM: Waiting(messages=messages, newest=71)}
    (found,) = waiting_dead_letters(facts(dead_letters=dead_letters), POLICY)
    assert (found.alert_id, found.severity, found.mark) == (f"dead_letters:{OM}", Severity.WARNING, "71")
    assert found.evidence == {"messages": messages}
    assert says in found.says


def test_an_incident_is_critical_and_names_what_stands_still() -> None:
    since = datetime(2015, 6, 29, 4, 30, tzinfo=UTC)
    subjects = [OM, "reconciliation"]
    incidents = [
        RunningIncident(incident_id=number, subject=subject, kind="stopped", message="it stands still", since=since)
        for number, subject in enumerate(subjects, start=4)
    ]
    of_source, of_balance = running_incidents(facts(incidents=incidents), POLICY)
    assert (of_source.rule, of_source.subject, of_source.mark) == (AlertRule.INCIDENT, OM, "4")
    assert (of_balance.rule, of_balance.subject, of_balance.mark) == (AlertRule.BALANCE, "reconciliation", "5")
    for found in (of_source, of_balance):
        assert (found.severity, found.says) == (Severity.CRITICAL, "it stands still")
        assert found.evidence == {"kind": "stopped", "since": "2015-06-29T04:30:00+00:00"}


def test_an_extract_under_another_chain_key_has_a_rule_of_its_own() -> None:
    since = datetime(2015, 6, 29, 4, 30, tzinfo=UTC)
    kind = str(IncidentKind.CHAIN_KEY_DIFFERS)
    incident = RunningIncident(incident_id=4, subject=OM, kind=kind, message="other", since=since)
    (found,) = running_incidents(facts(incidents=[incident]), POLICY)
    assert (found.alert_id, found.severity) == (f"chain_key:{OM}", Severity.CRITICAL)


def test_a_failed_suite_is_a_warning_that_shows_every_expectation_and_no_value() -> None:
    suite = FailedSuite(result_id=12, findings=("unique (case_number): 2", "not_null (registered_on): 1"))
    (found,) = failed_suites(facts(failed_suites={OM: suite}), POLICY)
    assert (found.alert_id, found.severity, found.mark) == (f"quality:{OM}", Severity.WARNING, "12")
    assert found.evidence == {"expectations_not_met": 2}
    assert all(one in found.says for one in suite.findings)


@pytest.mark.parametrize("rule", [waiting_dead_letters, running_incidents, failed_suites, repeated_extracts])
def test_where_nothing_is_wrong_nothing_is_found(rule: Callable[..., Any]) -> None:
    received = {source: [extract(source, MAY), extract(source, JUNE)] for source in (POLICE, OM, HOTLINE)}
    assert list(rule(facts(received=received), POLICY)) == []


def test_no_finding_about_a_source_holds_an_identifier() -> None:
    received = {
        source: [
            extract(source, APRIL, extract_id=SECOND, received_on=date(2015, 5, 1)),
            extract(source, MAY, extract_id=FIRST, received_on=date(2015, 5, 2)),
            extract(source, JUNE, extract_id=FIRST, received_on=date(2015, 5, 3)),
        ]
        for source in (POLICE, OM)
    }
    look = facts(received=received, dead_letters={OM: Waiting(messages=2, newest=1234)})
    rules = (silent_sources, repeated_extracts, waiting_dead_letters)
    found = [one for rule in rules for one in rule(look, POLICY)]
    assert {one.rule for one in found} == {
        AlertRule.SOURCE_SILENT,
        AlertRule.EXTRACT_REPEATED,
        AlertRule.DEAD_LETTERS,
    }
    assert not any(shows_an_identifier(one, known=(FIRST, SECOND)) for one in found)
