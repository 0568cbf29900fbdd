"""What holds for the life of alerts, whatever is found and whatever persons say."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from ketenbalans.alerts.facts import RunningIncident
from ketenbalans.alerts.finding import Finding
from ketenbalans.alerts.life import Alert, alerts_of, most_severe_first, step_of, steps_after_a_look
from ketenbalans.alerts.rules import findings
from schemas.alerts import AlertEvent, AlertRule, AlertState, AlertStep, Severity
from tests.unit.alerts.looks import OM, POLICE, POLICY, extract, facts

BEGAN = datetime(2015, 6, 1, 8, tzinfo=UTC)
REASON = f"chain_key:{POLICE}"
SUBJECTS = [
    (AlertRule.CHAIN_KEY, POLICE),
    (AlertRule.UNEXPLAINED, "2014"),
    (AlertRule.GAP_OF_UNIT, "PL0900"),
]
looks = st.dictionaries(st.sampled_from(SUBJECTS), st.tuples(st.sampled_from("ab"), st.integers(1, 3)))
"""What a look finds: of some rules and subjects, with one mark or another and an amount. The first is a reason."""


def finding(
    rule: AlertRule,
    subject: str,
    mark: str,
    severity: Severity = Severity.WARNING,
    *,
    amount: float | None = None,
    reasons: tuple[str, ...] = (),
) -> Finding:
    says = f"{subject} {mark}" if amount is None else f"{subject} {mark} {amount}"
    return Finding(
        rule=rule,
        subject=subject,
        other_severity=severity,
        says=says,
        mark=mark,
        amount=amount,
        held_back_reasons=reasons,
    )


class Desk:
    """A desk that keeps every step and looks once an hour."""

    def __init__(self) -> None:
        self.events: list[AlertEvent] = []
        self.now = BEGAN

    @property
    def alerts(self) -> dict[str, Alert]:
        return alerts_of(self.events)

    def keep(self, *steps: AlertEvent) -> None:
        for step in steps:
            self.events.append(replace(step, event_number=len(self.events) + 1))

    def look(self, *found: Finding) -> list[AlertEvent]:
        self.now += timedelta(hours=1)
        steps = steps_after_a_look(self.alerts, found, at=self.now)
        self.keep(*steps)
        return steps

    def say(self, alert_id: str, step: AlertStep, note: str = "looked") -> None:
        self.now += timedelta(minutes=1)
        self.keep(step_of(self.alerts[alert_id], step, by="desk-1", note=note, at=self.now))


@dataclass
class Told:
    """What a reader knows of an alert that stands."""

    mark: str
    amount: int
    was_raised: bool
    is_held_back: bool
    is_taken: bool = False


class LooksAndPersons(RuleBasedStateMachine):
    """Looks and persons in any order, beside what a reader of the promises would expect."""

    def __init__(self) -> None:
        super().__init__()
        self.desk = Desk()
        self.standing: dict[str, Told] = {}
        self.marks: dict[str, str] = {}
        self.dealt_with: dict[str, str] = {}

    @rule(found=looks)
    def look(self, found: dict[tuple[AlertRule, str], tuple[str, int]]) -> None:
        reasons = {subject: () if subject is SUBJECTS[0] else (REASON,) for subject in SUBJECTS}
        holds = [
            finding(*subject, mark, amount=amount, reasons=reasons[subject])
            for subject, (mark, amount) in found.items()
        ]
        steps = self.desk.look(*holds)
        news = self._expected(holds)
        raised = {step.alert_id for step in steps if step.step is AlertStep.RAISED}
        over = {step.alert_id for step in steps if step.step is AlertStep.RESOLVED}
        assert raised == news
        assert over == self.standing.keys() - {one.alert_id for one in holds}, (
            "over is what holds no more, and no other"
        )
        assert self.desk.look(*holds) == [], "the same look again gives no step"
        self.standing = {alert_id: answer for alert_id, answer in self.standing.items() if alert_id not in over}
        for one in holds:
            if one.alert_id in self.standing:
                alert = self.desk.alerts[one.alert_id]
                assert (alert.says, alert.mark, alert.amount) == (one.says, one.mark, one.amount), (
                    "true when it is read"
                )

    def _expected(self, holds: list[Finding]) -> set[str]:
        """Let the reader hear of a look; gives the alerts that are news."""
        kept = [one for one in holds if self.dealt_with.get(one.alert_id) != one.mark]
        reason_stands = REASON in {one.alert_id for one in kept}
        news = set()
        for one in kept:
            self.dealt_with.pop(one.alert_id, None)
            is_held_back = reason_stands and one.alert_id != REASON
            answer = self.standing.setdefault(one.alert_id, Told(one.mark, 0, was_raised=False, is_held_back=False))
            became_worse = answer.is_held_back and one.amount is not None and one.amount > answer.amount
            if not is_held_back and (not answer.was_raised or became_worse):
                news.add(one.alert_id)
                answer.was_raised, answer.is_taken = True, False
            if not is_held_back:
                answer.amount = int(one.amount or 0)
            answer.is_held_back, answer.mark = is_held_back, one.mark
            self.marks[one.alert_id] = one.mark
        return news

    @rule(data=st.data(), step=st.sampled_from([AlertStep.ACKNOWLEDGED, AlertStep.RESOLVED]))
    def a_person_speaks(self, data: st.DataObject, step: AlertStep) -> None:
        if not self.standing:
            return
        alert_id = data.draw(st.sampled_from(sorted(self.standing)))
        self.desk.say(alert_id, step)
        if step is AlertStep.RESOLVED:
            self.dealt_with[alert_id] = self.standing.pop(alert_id).mark
        else:
            answer = self.standing[alert_id]
            answer.is_taken, answer.amount = True, int(self.desk.alerts[alert_id].amount or 0)

    @invariant()
    def what_stands_is_what_was_expected(self) -> None:
        alerts = self.desk.alerts
        assert {alert_id for alert_id, alert in alerts.items() if alert.stands} == self.standing.keys()
        for alert_id, answer in self.standing.items():
            alert = alerts[alert_id]
            assert (alert.was_raised, alert.held_back_by is not None) == (answer.was_raised, answer.is_held_back)
            free = AlertState.HELD_BACK if answer.is_held_back else AlertState.RAISED
            assert alert.state is (AlertState.ACKNOWLEDGED if answer.is_taken else free)

    @invariant()
    def a_life_begins_with_what_was_found_and_ends_once(self) -> None:
        for alert_id, steps in _by_alert(self.desk.events).items():
            for before, after in pairwise([None, *(step.step for step in steps)]):
                begins = after in (AlertStep.RAISED, AlertStep.HELD_BACK)
                assert begins or before not in (None, AlertStep.RESOLVED), alert_id

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
    assert [event.step for event in desk.events] == [AlertStep.RAISED] + [AlertStep.REFRESHED] * 5
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
    assert desk.look(finding(AlertRule.PAST_DUE, "2014", "3")) == []
    (refreshed,) = desk.look(finding(AlertRule.PAST_DUE, "2014", "4"))
    assert refreshed.step is AlertStep.REFRESHED
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


def unexplained(amount: int, *reasons: str) -> Finding:
    return finding(AlertRule.UNEXPLAINED, "2014", str(amount), amount=amount, reasons=reasons)


def another_key(mark: str = "k") -> Finding:
    return finding(AlertRule.CHAIN_KEY, POLICE, mark, Severity.CRITICAL)


def steps_of(desk: Desk, alert_id: str = "unexplained:2014") -> list[AlertStep]:
    return [event.step for event in desk.events if event.alert_id == alert_id]


def test_what_gets_worse_while_another_alert_is_the_reason_of_it_is_held_back_and_never_resolved() -> None:
    desk = Desk()
    desk.look(unexplained(3))
    desk.look(another_key(), unexplained(3, REASON))
    held = desk.alerts["unexplained:2014"]
    assert (held.state, held.held_back_by, held.stands) == (AlertState.HELD_BACK, REASON, True)
    desk.look(another_key(), unexplained(40, REASON))
    held = desk.alerts["unexplained:2014"]
    assert (held.says, held.amount, held.raised_at) == ("2014 40 40", 40, BEGAN + timedelta(hours=1))
    desk.look(unexplained(40))
    assert steps_of(desk) == [AlertStep.RAISED, AlertStep.HELD_BACK, AlertStep.REFRESHED, AlertStep.RAISED]


def test_what_did_not_get_worse_is_reported_no_second_time() -> None:
    desk = Desk()
    for found in ([unexplained(3)], [another_key(), unexplained(9, REASON)], [unexplained(3)], [unexplained(8)]):
        desk.look(*found)
    assert steps_of(desk) == [AlertStep.RAISED, AlertStep.HELD_BACK, AlertStep.REFRESHED, AlertStep.REFRESHED]
    assert desk.alerts["unexplained:2014"].state is AlertState.RAISED


def test_what_was_never_reported_is_news_once_nothing_is_the_reason_of_it() -> None:
    desk = Desk()
    desk.look(another_key(), unexplained(3, REASON))
    assert not desk.alerts["unexplained:2014"].was_raised
    desk.look(unexplained(3))
    assert steps_of(desk) == [AlertStep.HELD_BACK, AlertStep.RAISED]


def test_a_reason_that_a_person_ended_is_the_reason_of_nothing() -> None:
    desk = Desk()
    desk.look(another_key(), unexplained(3, REASON))
    desk.say(REASON, AlertStep.RESOLVED, "known")
    desk.look(another_key(), unexplained(3, REASON))
    assert desk.alerts["unexplained:2014"].state is AlertState.RAISED


def test_held_back_is_said_with_the_reason_and_not_with_its_consequence() -> None:
    desk = Desk()
    volume = finding(AlertRule.VOLUME, POLICE, "v", reasons=(f"incident:{POLICE}",))
    incident = finding(AlertRule.INCIDENT, POLICE, "i", Severity.CRITICAL)
    desk.look(incident, volume, unexplained(3, volume.alert_id, incident.alert_id))
    assert desk.alerts["unexplained:2014"].held_back_by == incident.alert_id
    assert desk.alerts[volume.alert_id].held_back_by == incident.alert_id


def test_a_severity_that_falls_and_rises_to_what_was_reported_is_no_news() -> None:
    desk = Desk()
    for severity in (Severity.WARNING, Severity.NOTICE, Severity.WARNING, Severity.CRITICAL):
        desk.look(finding(AlertRule.EXTRACT_REPEATED, POLICE, "a", severity))
    refreshed = [AlertStep.REFRESHED] * 2
    assert steps_of(desk, f"extract_repeated:{POLICE}") == [AlertStep.RAISED, *refreshed, AlertStep.RAISED]


def test_every_list_has_the_most_severe_first_and_what_is_held_back_last() -> None:
    desk = Desk()
    desk.look(
        unexplained(3, REASON),
        finding(AlertRule.EXTRACT_REPEATED, OM, "n", Severity.NOTICE),
        finding(AlertRule.QUALITY, OM, "q"),
        another_key(),
        finding(AlertRule.DRIFT, OM, "d"),
    )
    desk.look(
        unexplained(3, REASON),
        finding(AlertRule.EXTRACT_REPEATED, OM, "n", Severity.NOTICE),
        another_key(),
        finding(AlertRule.QUALITY, OM, "q"),
    )
    assert [alert.alert_id for alert in most_severe_first(desk.alerts.values())] == [
        REASON,
        f"quality:{OM}",
        "unexplained:2014",
        f"extract_repeated:{OM}",
        f"drift:{OM}",  # over
    ]
