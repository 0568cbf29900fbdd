"""An alert in words: one line for whoever glances, everything else for whoever acts."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.message import Places, digest_of, message_of
from alerts.runbook import PAGE, REMEDY, place_in_the_runbook, remedy_of
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


def event(rule: AlertRule = AlertRule.VOLUME, step: AlertStep = AlertStep.RAISED, **changed) -> AlertEvent:
    as_a_rule = {
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
def test_a_headline_is_one_line(told: list[AlertEvent], where: Places) -> None:
    for said in (digest_of(told, where), message_of(told[0], where)):
        assert len(said.headline.splitlines()) == 1
        assert said.headline.startswith("[Ketenbalans] ")
        assert said.text.endswith("\n")


@LAWS
@given(st.lists(events, min_size=2, max_size=6), places)
def test_a_digest_holds_every_step_in_order(told: list[AlertEvent], where: Places) -> None:
    text, place = digest_of(told, where).text, 0
    for one in told:
        alone = message_of(one, where)
        block = f"{alone.headline.removeprefix('[Ketenbalans] ')}\n{alone.text.rstrip()}"
        found = text.find(block, place)
        assert found >= place
        place = found + len(block)
    raised = sum(one.step is AlertStep.RAISED for one in told)
    assert digest_of(told, where).headline == f"[Ketenbalans] digest: {raised} raised, {len(told) - raised} resolved"


@LAWS
@given(events, places)
def test_a_digest_of_one_step_is_its_message(one: AlertEvent, where: Places) -> None:
    assert digest_of([one], where) == message_of(one, where)


@LAWS
@given(events, places)
def test_what_was_raised_is_told_with_its_evidence_its_remedy_and_where_to_read_on(
    one: AlertEvent, where: Places
) -> None:
    text = message_of(one, where).text
    assert escape_control_signs(one.says) in text
    if one.step is AlertStep.RESOLVED:
        return
    assert remedy_of(one.rule, one.subject) in text
    assert place_in_the_runbook(one.rule) in text
    assert one.alert_id in text
    assert all(escape_control_signs(str(value)) in text for value in one.evidence.values())
    assert (where.docs is None) == ("https://docs.example" not in text)
    assert (where.airflow is None) == ("Airflow:" not in text)


def test_a_message_names_severity_rule_and_subject_in_its_headline() -> None:
    said = message_of(event(AlertRule.CHAIN_KEY, severity=Severity.CRITICAL), Places())
    assert said.headline == "[Ketenbalans] critical: chain key police_deliveries"


def test_a_message_can_be_acted_upon() -> None:
    said = message_of(event(), Places(airflow="http://airflow.example", docs="https://docs.example/keten"))
    assert said.text.splitlines() == [
        "police_deliveries brought 12 rows.",
        "",
        "Evidence: counted 12, usual 198.0.",
        f"What to do: {REMEDY[AlertRule.VOLUME]}",
        "",
        "Take it:  ketenbalans alerts acknowledge volume:police_deliveries --note '...'",
        "Runbook:  https://docs.example/keten/docs/runbooks/alerts.md#volume",
        "Airflow:  http://airflow.example/dags/watch",
    ]


def test_what_is_over_says_since_when_and_who_said_so() -> None:
    by_itself = message_of(event(step=AlertStep.RESOLVED), Places())
    assert by_itself.headline == "[Ketenbalans] resolved: volume police_deliveries"
    assert "2015-06-30 08:05 (by itself" in by_itself.text
    by_hand = message_of(event(step=AlertStep.RESOLVED, by="desk-1", note="the whole one came"), Places())
    assert "(desk-1: the whole one came)" in by_hand.text


def test_every_rule_has_a_remedy_that_is_a_sentence() -> None:
    assert set(REMEDY) == set(AlertRule)
    for remedy in REMEDY.values():
        assert len(remedy.splitlines()) == 1
        assert remedy.endswith(".")


@pytest.mark.parametrize("rule", AlertRule)
def test_the_runbook_has_one_heading_per_rule_where_its_place_says(rule: AlertRule) -> None:
    page, _, anchor = place_in_the_runbook(rule).partition("#")
    assert page == PAGE
    headings = re.findall(r"^### (.+?)\s*$", (PROJECT / page).read_text(encoding="utf-8"), re.MULTILINE)
    assert anchor == rule.value.replace("_", "-")
    assert headings.count(anchor) == 1


def test_the_runbook_speaks_of_no_rule_that_there_is_not() -> None:
    headings = re.findall(r"^### (.+?)\s*$", (PROJECT / PAGE).read_text(encoding="utf-8"), re.MULTILINE)
    assert set(headings) == {place_in_the_runbook(rule).partition("#")[2] for rule in AlertRule}
