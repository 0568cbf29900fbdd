"""An alert in words: one line for whoever glances, everything else for whoever acts."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ketenbalans.alerts.message import Places, digest_of, message_of
from ketenbalans.alerts.runbook import BALANCE_PAGE, PAGE, place_in_the_runbook, remedy_of, runbook_of
from ketenbalans.jobs.pages.navigation import PAGES
from schemas.alerts import AlertEvent, AlertRule, AlertStep, Severity
from schemas.control_signs import escape_control_signs

PROJECT = Path(__file__).parents[3]
LAWS = settings(max_examples=50, deadline=None)
AT = datetime(2015, 6, 30, 6, 5, tzinfo=UTC)
TOLD_STEPS = [AlertStep.RAISED, AlertStep.RESOLVED]

numbers = st.dictionaries(st.sampled_from(["counted", "usual", "covers_until"]), st.integers() | st.text(max_size=9))
events = st.builds(
    AlertEvent,
    rule=st.sampled_from(AlertRule),
    subject=st.sampled_from(["police_deliveries", "om_registrations.classification", "PL0900", "2014"]),
    step=st.sampled_from(TOLD_STEPS),
    severity=st.sampled_from(Severity),
    says=st.text(max_size=40) | st.just("one\nand\r\nanother"),
    evidence=numbers,
    mark=st.text(max_size=5),
    by=st.none() | st.just("desk-1"),
    note=st.none() | st.text(max_size=9),
    at=st.just(AT),
    event_number=st.integers(1, 999),
)
places = st.builds(
    Places,
    airflow=st.none() | st.just("http://airflow.example"),
    docs=st.none() | st.just("https://docs.example/keten"),
)


def event(rule: AlertRule = AlertRule.VOLUME, step: AlertStep = AlertStep.RAISED, **changed: Any) -> AlertEvent:
    as_a_rule: dict[str, Any] = {
        "subject": "police_deliveries",
        "severity": Severity.WARNING,
        "says": "police_deliveries brought 12 rows",
        "evidence": {"counted": 12, "usual": 198.0},
        "mark": "2015-06-30",
        "at": AT,
        "event_number": 1,
    }
    return AlertEvent(rule=rule, step=step, **(as_a_rule | changed))


@LAWS
@given(st.lists(events, min_size=1, max_size=6), places)
def test_a_headline_is_one_line(answer: list[AlertEvent], where: Places) -> None:
    for said in (digest_of(answer, where), message_of(answer[0], where)):
        assert len(said.headline.splitlines()) == 1
        assert said.headline.startswith("[Ketenbalans] ")
        assert said.text.endswith("\n")


@LAWS
@given(st.lists(events, min_size=2, max_size=6), places)
def test_a_digest_holds_every_step_the_most_severe_first_and_what_is_over_last(
    answer: list[AlertEvent], where: Places
) -> None:
    said = digest_of(answer, where)
    order = {severity: place for place, severity in enumerate(Severity)}
    over = len(order)
    ordered = sorted(answer, key=lambda one: over if one.step is AlertStep.RESOLVED else order[one.severity])
    place = 0
    for one in ordered:
        alone = message_of(one, where)
        block = f"{alone.headline.removeprefix('[Ketenbalans] ')}\n{alone.text.rstrip()}"
        found = said.text.find(block, place)
        assert found >= place
        place = found + len(block)
    raised = [one for one in answer if one.step is AlertStep.RAISED]
    numbers = {word: int(number) for number, word in re.findall(r"(\d+) (\w+)", said.headline)}
    assert sum(numbers.values()) == len(answer)
    assert numbers.get("resolved", 0) == len(answer) - len(raised)
    assert numbers.get("critical", 0) == sum(one.severity is Severity.CRITICAL for one in raised)


@LAWS
@given(events, places)
def test_a_digest_of_one_step_is_its_message(one: AlertEvent, where: Places) -> None:
    assert digest_of([one], where) == message_of(one, where)


@LAWS
@given(events, places)
def test_what_was_raised_is_reported_with_its_evidence_its_remedy_and_where_to_read_on(
    one: AlertEvent, where: Places
) -> None:
    text = message_of(one, where).text
    assert escape_control_signs(one.says) in text
    if one.step is AlertStep.RESOLVED:
        return
    assert remedy_of(one.rule, one.subject) in text
    assert runbook_of(one.rule, where.docs) in text
    assert one.alert_id in text
    assert all(escape_control_signs(str(value)) in text for value in one.evidence.values())
    assert (where.docs is None) == ("https://docs.example" not in text)
    assert (where.airflow is None) == ("Balance:" not in text)


def test_whatever_is_reported_leads_to_the_page_where_everything_stands() -> None:
    airflow = Places(airflow="http://airflow.example/")
    for step in TOLD_STEPS:
        assert "Balance:  http://airflow.example/ketenbalans/" in message_of(event(step=step), airflow).text
    assert BALANCE_PAGE.strip("/") == PAGES.strip("/"), "as the plugin of Airflow serves it"


def test_the_runbook_is_named_by_its_section_when_it_has_no_address() -> None:
    assert (
        "Runbook:  docs/runbooks/alerts.md, section break-past-due"
        in message_of(event(AlertRule.PAST_DUE), Places()).text
    )


def test_a_notice_looks_unlike_what_somebody_has_to_act_on() -> None:
    said = {severity: message_of(event(severity=severity), Places()) for severity in Severity}
    notice, warning = said[Severity.NOTICE], said[Severity.WARNING]
    assert notice.headline == "[Ketenbalans] notice, no figure is wrong: volume police_deliveries"
    assert warning.headline == "[Ketenbalans] warning: volume police_deliveries"
    assert len({one.sign for one in said.values()}) == len({one.importance for one in said.values()}) == len(Severity)
    assert "acknowledge" in warning.text
    assert "acknowledge" not in notice.text


def test_commands_in_a_remedy_can_be_typed_as_they_stand() -> None:
    flood = remedy_of(AlertRule.BREAK_FLOOD, "2014/missing/2015-01-31")
    assert "`ketenbalans breaks --period 2014 --cause missing`" in flood
    assert "`ketenbalans alerts resolve break_flood:2014/missing/2015-01-31 --note '...'`" in flood
    assert "`ketenbalans breaks --period 2014 --cause missing`" in remedy_of(AlertRule.UNEXPLAINED, "2014/kmar")


@pytest.mark.parametrize("rule", AlertRule)
def test_a_remedy_leads_to_the_list_and_not_to_the_work_list(rule: AlertRule) -> None:
    """The work list leaves out what is explained, of which a gap may consist."""
    for command in re.findall(r"`ketenbalans breaks ([^`]*)`", remedy_of(rule, "PL0900")):
        assert command.startswith("list ") or {"--period", "--as-of", "--state"} & set(command.split()), command


def test_a_message_names_severity_rule_and_subject_in_its_headline() -> None:
    said = message_of(event(AlertRule.CHAIN_KEY, severity=Severity.CRITICAL), Places())
    assert said.headline == "[Ketenbalans] CRITICAL: chain key police_deliveries"


def test_a_message_can_be_acted_upon() -> None:
    said = message_of(event(), Places(airflow="http://airflow.example", docs="https://docs.example/keten"))
    assert said.text.splitlines() == [
        "police_deliveries brought 12 rows.",
        "",
        "Evidence: counted 12, usual 198.0.",
        f"What to do: {remedy_of(AlertRule.VOLUME, 'police_deliveries')}",
        "",
        "Take it:  ketenbalans alerts acknowledge volume:police_deliveries --note '...'",
        "Runbook:  https://docs.example/keten/docs/runbooks/alerts.md#volume",
        "Balance:  http://airflow.example/ketenbalans/",
    ]


def test_what_is_over_says_since_when_and_who_said_so() -> None:
    by_itself = message_of(event(step=AlertStep.RESOLVED), Places())
    assert by_itself.headline == "[Ketenbalans] resolved: volume police_deliveries"
    assert "2015-06-30 08:05 (by itself" in by_itself.text
    by_hand = message_of(event(step=AlertStep.RESOLVED, by="desk-1", note="the whole one came"), Places())
    assert "(desk-1: the whole one came)" in by_hand.text


def test_every_rule_has_a_remedy_that_is_a_sentence() -> None:
    for rule in AlertRule:
        assert len(rule.record.remedy.splitlines()) == 1
        assert rule.record.remedy.endswith(".")


@pytest.mark.parametrize("rule", AlertRule)
def test_the_runbook_has_one_heading_per_rule_where_its_place_says(rule: AlertRule) -> None:
    page, _, anchor = place_in_the_runbook(rule).partition("#")
    assert page == PAGE
    headings = re.findall(r"^### (.+?)\s*$", (PROJECT / page).read_text(encoding="utf-8"), re.MULTILINE)
    assert anchor == rule.value.replace("_", "-")
    assert headings.count(anchor) == 1


def test_the_runbook_describes_no_rule_that_there_is_not() -> None:
    headings = re.findall(r"^### (.+?)\s*$", (PROJECT / PAGE).read_text(encoding="utf-8"), re.MULTILINE)
    assert set(headings) == {place_in_the_runbook(rule).partition("#")[2] for rule in AlertRule}
