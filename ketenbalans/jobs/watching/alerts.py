"""Alerts as people ask for them: the list, one with its life, and what a person says of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from ketenbalans.alerts.life import Alert, alerts_of, most_severe_first, step_of
from ketenbalans.alerts.runbook import place_in_the_runbook, remedy_of
from schemas.alerts import AlertEvent, AlertState, AlertStep
from schemas.decisions import checked_note
from schemas.json_object import JsonObject
from schemas.people import Identity, checked_handle
from warehouse.alerts import hold_alerts, keep_alert_events, read_alert_events
from warehouse.database import snapshot
from warehouse.errors import DecisionRefused, none_was_kept

SHOWN_OF_A_STEP = ("step", "severity", "says", "held_back_by", "by", "identity", "note", "at")
"""What of a step of its life is shown with an alert."""


@dataclass(frozen=True, kw_only=True)
class ShownAlert:
    """An alert as it stands, what to do about it, and its life.

    Attributes:
        alert: as it stands.
        what_to_do: the remedy, in words.
        runbook: where the runbook says more, as a place in the project.
        history: every step of its life.
    """

    alert: Alert
    what_to_do: str
    runbook: str
    history: tuple[AlertEvent, ...]

    def to_json(self) -> JsonObject:
        """What ``alerts show --json`` prints."""
        return {
            **self.alert.to_dict(),
            "meaning": self.alert.rule.meaning,
            "what_to_do": self.what_to_do,
            "runbook": self.runbook,
            "history": [{name: getattr(step, name) for name in SHOWN_OF_A_STEP} for step in self.history],
        }


def list_alerts(engine: Engine, *, also_resolved: bool) -> list[Alert]:
    """The alerts that stand, or all there ever were, in the order of every list (``most_severe_first``)."""
    with snapshot(engine) as connection:
        alerts = alerts_of(read_alert_events(connection)).values()
    return most_severe_first(alert for alert in alerts if alert.stands or also_resolved)


def show_alert(engine: Engine, alert_id: str) -> ShownAlert:
    """One alert as it stands, what to do about it, and every step of its life.

    Raises:
        DecisionRefused: there is none of that id; the message names those that stand.
    """
    with snapshot(engine) as connection:
        events = read_alert_events(connection)
    alert = _find(events, alert_id)
    return ShownAlert(
        alert=alert,
        what_to_do=remedy_of(alert.rule, alert.subject),
        runbook=place_in_the_runbook(alert.rule),
        history=tuple(event for event in events if event.alert_id == alert_id),
    )


def record_of_all(  # noqa: PLR0913 (each is named at the call)
    engine: Engine,
    alert_ids: Sequence[str],
    step: AlertStep,
    *,
    by: str,
    note: str,
    at: datetime,
    identity: Identity = Identity.DECLARED,
) -> list[Alert]:
    """Take alerts, or say that they are dealt with: all of them or, when one cannot be, none.

    Raises:
        DecisionRefused: there is none of that id, it is over, or somebody else took it already; of several the
            message has a line for each.
        InvalidHandle: who decides is named by what is none.
        InvalidDecision: the note cannot be kept.
    """
    who, why = checked_handle(by, "who decides"), checked_note(note)
    asked, refused = list(dict.fromkeys(alert_ids)), []
    with engine.begin() as connection:
        hold_alerts(connection)
        events = read_alert_events(connection)
        for alert_id in asked:
            try:
                alert = _to_decide_about(events, alert_id, step, who)
            except DecisionRefused as error:
                refused.append(error)
                continue
            if alert is not None:
                taken = step_of(alert, step, by=who, identity=identity, note=why, at=at)
                keep_alert_events(connection, [taken])
        if refused:
            raise none_was_kept(refused, len(asked))
        kept = alerts_of(read_alert_events(connection))
        return [kept[alert_id] for alert_id in asked]


def _to_decide_about(events: list[AlertEvent], alert_id: str, step: AlertStep, who: str) -> Alert | None:
    """The alert that somebody decides about; None when they said the same already."""
    alert = _find(events, alert_id)
    if not alert.stands:
        message = f"alert {alert_id} is over since {alert.resolved_at:%Y-%m-%d %H:%M}; there is nothing to decide"
        raise DecisionRefused(message)
    if step is AlertStep.ACKNOWLEDGED and alert.state is AlertState.ACKNOWLEDGED:
        if alert.acknowledged_by == who:
            return None
        message = f"{alert.acknowledged_by} took alert {alert_id} already: {alert.note}"
        raise DecisionRefused(message)
    return alert


def _find(events: list[AlertEvent], alert_id: str) -> Alert:
    alerts = alerts_of(events)
    if alert_id in alerts:
        return alerts[alert_id]
    standing = ", ".join(alert.alert_id for alert in alerts.values() if alert.stands)
    message = f"there is no alert {alert_id}; those that stand: {standing or 'none'} (`ketenbalans alerts --all`)"
    raise DecisionRefused(message)
