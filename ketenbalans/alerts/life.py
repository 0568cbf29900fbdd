"""The life of an alert, read from its steps: raised, held back, refreshed, and resolved by itself or by a person.

Pure: the steps and the findings of a look in, the new steps out. One alert per rule and subject, however often a rule
fires; an alert that is over and fires again is raised anew under its id.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import Any

from ketenbalans.alerts.finding import Finding
from schemas.alerts import STANDING, AlertEvent, AlertRule, AlertState, AlertStep, Evidence, Severity
from schemas.people import Identity
from schemas.period import Period


@dataclass(frozen=True, kw_only=True)
class Alert:
    """An alert as it stands.

    Attributes:
        rule: the rule.
        subject: what it is about.
        severity: how soon somebody has to look.
        state: where it stands.
        says: what the last look found.
        evidence: what that rests on.
        mark: that in short.
        period: the days that it is about; None: it is about now.
        amount: how much of it there is; None: it has no more and no less.
        held_back_by: the id of the alert that is its reason; None: none does.
        raised_at: when it was raised last; of one that was held back from the start, when that was.
        raised_number: the step that raised it last (``AlertEvent.event_number``); None: it never was, or is not kept.
        raised_severity: how severe it was then; None: it never was.
        amount_known: its amount when it was last reported or taken; what is more is news.
        says_since: since when it says what it says.
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
    period: Period | None
    amount: float | None
    held_back_by: str | None
    raised_at: datetime
    raised_number: int | None
    raised_severity: Severity | None
    amount_known: float | None
    says_since: datetime
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

    @property
    def was_raised(self) -> bool:
        """Whether it was raised since it stands; what was held back from the start was not."""
        return self.raised_severity is not None

    def to_dict(self) -> dict[str, Any]:
        """The alert as ``alerts --json`` prints it."""
        return {
            "alert_id": self.alert_id,
            "rule": self.rule.value,
            "subject": self.subject,
            "severity": self.severity.value,
            "state": self.state.value,
            "held_back_by": self.held_back_by,
            "period": None if self.period is None else [self.period.start, self.period.end],
            "says": self.says,
            "says_since": self.says_since,
            "raised_at": self.raised_at,
            "times_raised": self.times_raised,
            "acknowledged_by": self.acknowledged_by,
            "note": self.note,
            "resolved_at": self.resolved_at,
            "resolved_by": self.resolved_by,
            "evidence": dict(self.evidence),
        }


def alerts_of(events: Iterable[AlertEvent]) -> dict[str, Alert]:
    """Every alert as it stands after its steps, by id, in the order in which they were first found."""
    lives: dict[str, list[AlertEvent]] = {}
    for event in events:
        lives.setdefault(event.alert_id, []).append(event)
    return {alert_id: _as_it_stands(steps) for alert_id, steps in lives.items()}


def most_severe_first(alerts: Iterable[Alert]) -> list[Alert]:
    """The order of every list: what stands, by severity, what is held back last; then what was raised last first."""
    return sorted(
        alerts,
        key=lambda one: (
            not one.stands,
            severity_rank(one.severity),
            one.held_back_by is not None,
            -one.raised_at.timestamp(),
            one.alert_id,
        ),
    )


def steps_after_a_look(alerts: Mapping[str, Alert], found: Sequence[Finding], *, at: datetime) -> list[AlertEvent]:
    """What a look changes. The same look again changes nothing.

    A finding whose reason stands too (``Finding.held_back_reasons``) is held back: it is kept with its numbers, and it
    is not raised. What stands is raised anew when it became more severe than it was reported, or when its reason is
    over and it became worse meanwhile; otherwise other numbers are a refresh. What a person resolved comes back only
    with other evidence (its mark). An alert is over by itself when its rule no longer holds, and never while it does.
    """
    kept = [finding for finding in found if not _was_dealt_with(alerts.get(finding.alert_id), finding)]
    reason_of = _reasons(kept)
    steps = []
    for finding in kept:
        held_back_by = reason_of[finding.alert_id]
        step = _next_step(alerts.get(finding.alert_id), finding, held_back_by)
        if step is not None:
            steps.append(step_of(finding, step, at=at, held_back_by=held_back_by))
    holds = {finding.alert_id for finding in found}
    over = [alert for alert in alerts.values() if alert.stands and alert.alert_id not in holds]
    return steps + [step_of(alert, AlertStep.RESOLVED, at=at) for alert in over]


def step_of(  # noqa: PLR0913 (each is named at the call)
    about: Finding | Alert,
    step: AlertStep,
    *,
    at: datetime,
    by: str | None = None,
    identity: Identity | None = None,
    note: str | None = None,
    held_back_by: str | None = None,
) -> AlertEvent:
    """A step of the alert that a finding raises or that is known, by a person or by itself.

    ``held_back_by`` is asked of a finding; an alert that is known stays held back as it was.
    """
    return AlertEvent(
        rule=about.rule,
        subject=about.subject,
        step=step,
        severity=about.severity,
        says=about.says,
        evidence=about.evidence,
        mark=about.mark,
        period=about.period,
        amount=about.amount,
        held_back_by=about.held_back_by if isinstance(about, Alert) else held_back_by,
        by=by,
        identity=identity,
        note=note,
        at=at,
    )


def severity_rank(severity: Severity) -> int:
    """0 for the most severe."""
    return list(Severity).index(severity)


def _was_dealt_with(known: Alert | None, finding: Finding) -> bool:
    """Whether a person ended the alert of a finding, and there is no other evidence since."""
    return known is not None and known.resolved_by is not None and known.mark == finding.mark


def _reasons(found: Sequence[Finding]) -> dict[str, str | None]:
    """Per finding the alert that is its reason: of several one that has no reason itself, the true reason.

    An alert that a person ended is the reason of nothing, so ``found`` leaves it out.
    """
    holds = {finding.alert_id for finding in found}
    reasons = {one.alert_id: [reason for reason in one.held_back_reasons if reason in holds] for one in found}
    return {
        alert_id: next(
            (one for one in standing_reasons if not reasons[one]), standing_reasons[0] if standing_reasons else None
        )
        for alert_id, standing_reasons in reasons.items()
    }


def _next_step(known: Alert | None, finding: Finding, held_back_by: str | None) -> AlertStep | None:
    """What happens to the alert of a finding that a person has not dealt with; None: nothing."""
    if known is None or not known.stands:
        return AlertStep.RAISED if held_back_by is None else AlertStep.HELD_BACK
    if held_back_by is not None and known.held_back_by is None:
        return AlertStep.HELD_BACK
    if held_back_by is None and _is_news(known, finding):
        return AlertStep.RAISED
    is_other = (known.severity, known.says, dict(known.evidence), known.mark, known.period, known.amount) != (
        finding.severity,
        finding.says,
        dict(finding.evidence),
        finding.mark,
        finding.period,
        finding.amount,
    )
    return AlertStep.REFRESHED if is_other or held_back_by != known.held_back_by else None


def _is_news(known: Alert, finding: Finding) -> bool:
    """Whether somebody has to be notified of an alert that stands already, and that has no standing reason now."""
    if known.raised_severity is None or severity_rank(finding.severity) < severity_rank(known.raised_severity):
        return True
    if known.held_back_by is None or finding.amount is None or known.amount_known is None:
        return False
    return finding.amount > known.amount_known


def _as_it_stands(steps: Sequence[AlertEvent]) -> Alert:
    newest, earlier = steps[-1], list(takewhile(lambda step: step.step is not AlertStep.RESOLVED, steps[-2::-1]))
    life = [*earlier[::-1], newest]  # what was resolved before and began anew is another life under the same id
    raises = [place for place, step in enumerate(life) if step.step is AlertStep.RAISED]
    raised, since = (life[raises[-1]], life[raises[-1] + 1 :]) if raises else (life[0], life[1:])
    taken = [step for step in since if step.step is AlertStep.ACKNOWLEDGED]
    over = newest if newest.step is AlertStep.RESOLVED else None
    notes = [step.note for step in since if step.note]
    known = next(
        (one for one in reversed(life) if one.step is AlertStep.ACKNOWLEDGED or one.held_back_by is None), None
    )
    return Alert(
        rule=newest.rule,
        subject=newest.subject,
        severity=newest.severity,
        state=_state(newest, is_taken=bool(taken)),
        says=newest.says,
        evidence=newest.evidence,
        mark=newest.mark,
        period=newest.period,
        amount=newest.amount,
        held_back_by=newest.held_back_by,
        raised_at=raised.at,
        raised_number=raised.event_number if raises else None,
        raised_severity=raised.severity if raises else None,
        amount_known=known.amount if known else None,
        says_since=list(takewhile(lambda step: step.says == newest.says, life[::-1]))[-1].at,
        times_raised=sum(step.step is AlertStep.RAISED for step in steps),
        acknowledged_by=taken[-1].by if taken else None,
        note=notes[-1] if notes else None,
        resolved_at=over.at if over else None,
        resolved_by=over.by if over else None,
    )


def _state(newest: AlertEvent, *, is_taken: bool) -> AlertState:
    if newest.step is AlertStep.RESOLVED:
        return AlertState.RESOLVED
    if is_taken:
        return AlertState.ACKNOWLEDGED
    return AlertState.RAISED if newest.held_back_by is None else AlertState.HELD_BACK
