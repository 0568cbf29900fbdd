"""The life of an alert, read from its steps: raised, acknowledged, resolved by itself or by a person.

Pure: the steps and the findings of a look in, the new steps out. One alert per rule and subject, however often a rule
fires; an alert that is over and fires again is raised anew under its id.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from alerts.finding import Finding
from schemas.alerts import STANDING, AlertEvent, AlertRule, AlertState, AlertStep, Evidence, Severity

STATE_AFTER = {
    AlertStep.RAISED: AlertState.RAISED,
    AlertStep.ACKNOWLEDGED: AlertState.ACKNOWLEDGED,
    AlertStep.RESOLVED: AlertState.RESOLVED,
}


@dataclass(frozen=True, kw_only=True)
class Alert:
    """An alert as it stands.

    Attributes:
        rule: the rule.
        subject: what it is about.
        severity: how soon somebody has to look.
        state: where it stands.
        says: what was found when it was raised last.
        evidence: what that rests on.
        mark: that in short.
        raised_at: when it was raised last.
        times_raised: how often it was raised in its whole life.
        acknowledged_by: who took it since.
        note: what was said last by a person.
        resolved_at: when it was over; None while it stands.
        resolved_by: who said so; None: by itself.
    """

    rule: AlertRule
    subject: str
    severity: Severity
    state: AlertState
    says: str
    evidence: Evidence
    mark: str
    raised_at: datetime
    times_raised: int
    acknowledged_by: str | None
    note: str | None
    resolved_at: datetime | None
    resolved_by: str | None

    @property
    def alert_id(self) -> str:
        """Its id: rule and subject."""
        return f"{self.rule.value}:{self.subject}"

    @property
    def stands(self) -> bool:
        """Whether it is not over."""
        return self.state in STANDING

    def to_dict(self) -> dict[str, Any]:
        """The alert as ``alerts --json`` prints it."""
        return {
            "alert_id": self.alert_id,
            "rule": self.rule.value,
            "subject": self.subject,
            "severity": self.severity.value,
            "state": self.state.value,
            "says": self.says,
            "raised_at": self.raised_at,
            "times_raised": self.times_raised,
            "acknowledged_by": self.acknowledged_by,
            "note": self.note,
            "resolved_at": self.resolved_at,
            "resolved_by": self.resolved_by,
            "evidence": dict(self.evidence),
        }


def alerts_of(events: Iterable[AlertEvent]) -> dict[str, Alert]:
    """Every alert as it stands after its steps, by id, in the order in which they were first raised."""
    lives: dict[str, list[AlertEvent]] = {}
    for event in events:
        lives.setdefault(event.alert_id, []).append(event)
    return {alert_id: _as_it_stands(steps) for alert_id, steps in lives.items()}


def steps_after_a_look(alerts: Mapping[str, Alert], found: Sequence[Finding], *, at: datetime) -> list[AlertEvent]:
    """What a look changes: alerts to raise and alerts that are over by themselves. The same look again changes nothing.

    What a person resolved is raised again only by other evidence (its mark). What stands is raised anew when it became
    more severe, so that somebody hears of it who had not to.
    """
    steps = []
    for finding in found:
        known = alerts.get(finding.alert_id)
        was_dealt_with = known is not None and known.resolved_by is not None and known.mark == finding.mark
        is_worse = known is not None and known.stands and _rank(finding.severity) < _rank(known.severity)
        if known is None or is_worse or (not known.stands and not was_dealt_with):
            steps.append(step_of(finding, AlertStep.RAISED, at=at))
    holds = {finding.alert_id for finding in found}
    over = [alert for alert in alerts.values() if alert.stands and alert.alert_id not in holds]
    return steps + [step_of(alert, AlertStep.RESOLVED, at=at) for alert in over]


def step_of(
    about: Finding | Alert, step: AlertStep, *, at: datetime, by: str | None = None, note: str | None = None
) -> AlertEvent:
    """A step of the alert that a finding raises or that is known, by a person or by itself."""
    return AlertEvent(
        rule=about.rule,
        subject=about.subject,
        step=step,
        severity=about.severity,
        says=about.says,
        evidence=about.evidence,
        mark=about.mark,
        by=by,
        note=note,
        at=at,
    )


def _rank(severity: Severity) -> int:
    return list(Severity).index(severity)


def _as_it_stands(steps: Sequence[AlertEvent]) -> Alert:
    last_raised = max(place for place, step in enumerate(steps) if step.step is AlertStep.RAISED)
    raised, since = steps[last_raised], steps[last_raised + 1 :]
    taken = [step for step in since if step.step is AlertStep.ACKNOWLEDGED]
    over = [step for step in since if step.step is AlertStep.RESOLVED]
    notes = [step.note for step in since if step.note]
    return Alert(
        rule=raised.rule,
        subject=raised.subject,
        severity=raised.severity,
        state=STATE_AFTER[steps[-1].step],
        says=raised.says,
        evidence=raised.evidence,
        mark=raised.mark,
        raised_at=raised.at,
        times_raised=sum(step.step is AlertStep.RAISED for step in steps),
        acknowledged_by=taken[-1].by if taken else None,
        note=notes[-1] if notes else None,
        resolved_at=over[-1].at if over else None,
        resolved_by=over[-1].by if over else None,
    )
