"""What holds for the life of alerts, whatever is found and whatever persons say."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from alerts.facts import RunningIncident
from alerts.finding import Finding
from alerts.life import Alert, alerts_of, step_of, steps_after_a_look
from alerts.rules import findings
from schemas.alerts import AlertEvent, AlertRule, AlertState, AlertStep, Severity
from tests.unit.alerts.looks import POLICE, POLICY, extract, facts

BEGAN = datetime(2015, 6, 1, 8, tzinfo=UTC)
SUBJECTS = [
    (AlertRule.VOLUME, "police_deliveries"),
    (AlertRule.DRIFT, "police_deliveries"),
    (AlertRule.VOLUME, "PL0900"),
]
looks = st.dictionaries(st.sampled_from(SUBJECTS), st.sampled_from("ab"))
"""What a look finds: of some rules and subjects, with one mark or another."""


def finding(rule: AlertRule, subject: str, mark: str, severity: Severity = Severity.WARNING) -> Finding:
    return Finding(rule=rule, subject=subject, severity=severity, says=f"{subject} {mark}", mark=mark)


class Desk:
    """A desk that keeps every step and looks once an hour."""

    def __init__(self) -> None:
        self.events: list[AlertEvent] = []
        self.now = BEGAN

    @property
    def alerts(self) -> dict[str, Alert]:
        return alerts_of(self.events)

    def look(self, *found: Finding) -> list[AlertEvent]:
        self.now += timedelta(hours=1)
        steps = steps_after_a_look(self.alerts, found, at=self.now)
        self.events.extend(steps)
        return steps

    def say(self, alert_id: str, step: AlertStep, note: str = "looked") -> None:
        self.now += timedelta(minutes=1)
        self.events.append(step_of(self.alerts[alert_id], step, by="desk-1", note=note, at=self.now))


class LooksAndPersons(RuleBasedStateMachine):
    """Looks and persons in any order, beside what a reader of the promises would expect."""

    def __init__(self) -> None:
        super().__init__()
        self.desk = Desk()
        self.standing: dict[str, str] = {}
        self.dealt_with: dict[str, str] = {}
        self.taken: set[str] = set()

    @rule(found=looks)
    def look(self, found: dict[tuple[AlertRule, str], str]) -> None:
        holds = [finding(rule, subject, mark) for (rule, subject), mark in found.items()]
        steps = self.desk.look(*holds)
        again = {one.alert_id: one.mark for one in holds}
        raised = {
            alert_id: mark
            for alert_id, mark in again.items()
            if alert_id not in self.standing and self.dealt_with.get(alert_id) != mark
        }
        over = self.standing.keys() - again.keys()
        told = {(step.alert_id, step.step, step.by) for step in steps}
        expected = {(alert_id, AlertStep.RAISED, None) for alert_id in raised}
        assert told == expected | {(alert_id, AlertStep.RESOLVED, None) for alert_id in over}
        assert self.desk.look(*holds) == [], "the same look again gives no step"
        self.standing = {alert_id: mark for alert_id, mark in self.standing.items() if alert_id in again} | raised
        self.dealt_with = {alert_id: mark for alert_id, mark in self.dealt_with.items() if alert_id not in raised}
        self.taken &= self.standing.keys()

    @rule(data=st.data(), step=st.sampled_from([AlertStep.ACKNOWLEDGED, AlertStep.RESOLVED]))
    def a_person_speaks(self, data: st.DataObject, step: AlertStep) -> None:
        if not self.standing:
            return
        alert_id = data.draw(st.sampled_from(sorted(self.standing)))
        self.desk.say(alert_id, step)
        if step is AlertStep.RESOLVED:
            self.dealt_with[alert_id] = self.standing.pop(alert_id)
            self.taken.discard(alert_id)
        else:
            self.taken.add(alert_id)

    @invariant()
    def raised_minus_resolved_is_0_or_1(self) -> None:
        for alert_id, steps in _by_alert(self.desk.events).items():
            raised_and_over = [step.step for step in steps if step.step is not AlertStep.ACKNOWLEDGED]
            assert raised_and_over[::2] == [AlertStep.RAISED] * len(raised_and_over[::2]), alert_id
            assert raised_and_over[1::2] == [AlertStep.RESOLVED] * len(raised_and_over[1::2]), alert_id

    @invariant()
    def what_stands_is_what_was_expected(self) -> None:
        alerts = self.desk.alerts
        assert {alert_id for alert_id, alert in alerts.items() if alert.stands} == self.standing.keys()
        assert all(alerts[alert_id].mark == mark for alert_id, mark in self.standing.items())
        acknowledged = {one for one, alert in alerts.items() if alert.state is AlertState.ACKNOWLEDGED}
        assert acknowledged == self.taken

    @invariant()
    def an_alert_counts_its_own_life(self) -> None:
        times = Counter(event.alert_id for event in self.desk.events if event.step is AlertStep.RAISED)
        for alert_id, alert in self.desk.alerts.items():
            assert alert.times_raised == times[alert_id]
            assert (alert.resolved_at is None) == alert.stands
            assert alert.resolved_at is None or alert.resolved_at >= alert.raised_at


def _by_alert(events: list[AlertEvent]) -> dict[str, list[AlertEvent]]:
    lives: dict[str, list[AlertEvent]] = {}
    for event in events:
        lives.setdefault(event.alert_id, []).append(event)
    return lives


TestLooksAndPersons = LooksAndPersons.TestCase
TestLooksAndPersons.settings = settings(max_examples=25, stateful_step_count=15, deadline=None)


def test_of_one_rule_and_subject_one_alert_stands_however_often_it_fires() -> None:
    desk = Desk()
    for mark in "abcabc":
        desk.look(finding(AlertRule.VOLUME, POLICE, mark))
    assert [event.step for event in desk.events] == [AlertStep.RAISED]
    assert desk.alerts[f"volume:{POLICE}"].times_raised == 1


def test_it_is_over_by_itself_when_the_finding_is_gone_and_raised_anew_when_it_is_back() -> None:
    desk = Desk()
    desk.look(finding(AlertRule.VOLUME, POLICE, "a"))
    (over,) = desk.look()
    assert (over.step, over.by, over.note, over.at) == (AlertStep.RESOLVED, None, None, desk.now)
    (again,) = desk.look(finding(AlertRule.VOLUME, POLICE, "a"))
    assert (again.step, desk.alerts[again.alert_id].times_raised) == (AlertStep.RAISED, 2)


def test_what_a_person_resolved_comes_back_only_with_another_mark() -> None:
    desk = Desk()
    desk.look(finding(AlertRule.DEAD_LETTERS, POLICE, "7"))
    desk.say(f"dead_letters:{POLICE}", AlertStep.RESOLVED, "the sender was told")
    assert desk.look(finding(AlertRule.DEAD_LETTERS, POLICE, "7")) == []
    assert desk.look() == []
    assert desk.look(finding(AlertRule.DEAD_LETTERS, POLICE, "7")) == []
    (again,) = desk.look(finding(AlertRule.DEAD_LETTERS, POLICE, "8"))
    assert (again.step, again.mark) == (AlertStep.RAISED, "8")
    alert = desk.alerts[again.alert_id]
    assert (alert.note, alert.resolved_by, alert.acknowledged_by) == (None, None, None), "a new life, with no past"


def test_an_acknowledged_alert_stays_until_the_finding_is_gone() -> None:
    desk = Desk()
    desk.look(finding(AlertRule.PAST_DUE, "2014", "3"))
    desk.say("break_past_due:2014", AlertStep.ACKNOWLEDGED, "with the team")
    for mark in "34":
        assert desk.look(finding(AlertRule.PAST_DUE, "2014", mark)) == []
    taken = desk.alerts["break_past_due:2014"]
    assert (taken.state, taken.acknowledged_by, taken.note) == (AlertState.ACKNOWLEDGED, "desk-1", "with the team")
    (over,) = desk.look()
    assert (over.step, over.by) == (AlertStep.RESOLVED, None)


def test_an_alert_says_what_its_finding_said_and_keeps_its_order() -> None:
    desk = Desk()
    desk.look(finding(AlertRule.VOLUME, POLICE, "a"), finding(AlertRule.CHAIN_KEY, POLICE, "b", Severity.CRITICAL))
    desk.look()
    desk.look(finding(AlertRule.CHAIN_KEY, POLICE, "c", Severity.CRITICAL))
    assert list(desk.alerts) == [f"volume:{POLICE}", f"chain_key:{POLICE}"], "as they were first raised"
    alert = desk.alerts[f"chain_key:{POLICE}"]
    shown = alert.to_dict()
    assert (shown["alert_id"], shown["severity"], shown["says"]) == (alert.alert_id, "critical", f"{POLICE} c")
    assert shown["raised_at"] == desk.now


def test_two_findings_of_one_rule_and_subject_raise_one_alert() -> None:
    incidents = [
        RunningIncident(incident_id=number, subject=POLICE, kind=kind, message=f"{kind} of {POLICE}", since=BEGAN)
        for number, kind in enumerate(["topic_recreated", "offsets_lost"], start=1)
    ]
    desk = Desk()
    desk.look(*findings(facts(incidents=incidents), POLICY))
    assert [event.step for event in desk.events] == [AlertStep.RAISED]


def test_an_alert_that_became_worse_is_raised_anew_and_once() -> None:
    """A harmless repetition is a notice; the same bytes that claim a later day are a warning that somebody hears."""
    desk = Desk()
    first, later = date(2015, 5, 31), date(2015, 6, 30)
    again = [extract(POLICE, first, extract_id="e" * 64), extract(POLICE, first, extract_id="e" * 64)]
    desk.look(*findings(facts(received={POLICE: again}), POLICY))
    claims = [*again, extract(POLICE, later, extract_id="e" * 64)]
    for _ in range(2):
        desk.look(*findings(facts(received={POLICE: claims}), POLICY))
    assert [(event.step, event.severity) for event in desk.events] == [
        (AlertStep.RAISED, Severity.NOTICE),
        (AlertStep.RAISED, Severity.WARNING),
    ]
