"""An alert in words: what was found, what it rests on, what to do. Counts, days, units; never a value of a record."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from alerts.life import Alert
from alerts.runbook import place_in_the_runbook, remedy_of
from schemas.alerts import AlertEvent, AlertStep
from schemas.control_signs import escape_control_signs
from schemas.period import AMSTERDAM


@dataclass(frozen=True)
class Message:
    """Something to tell: a headline of one line, and the text."""

    headline: str
    text: str


@dataclass(frozen=True)
class Places:
    """Where somebody can look further: the Airflow UI and the runbooks; None: not known."""

    airflow: str | None = None
    docs: str | None = None


Told = TypeVar("Told", AlertEvent, Alert)


def without_control_signs(one: Told) -> Told:
    """A step or an alert whose texts are on one line each, whatever a source or a person wrote."""
    evidence = {name: _plain(value) for name, value in one.evidence.items()}
    return replace(one, subject=_plain(one.subject), says=_plain(one.says), note=_plain(one.note), evidence=evidence)


def message_of(event: AlertEvent, places: Places) -> Message:
    """One step, told by itself."""
    event = without_control_signs(event)
    return Message(headline=f"[Ketenbalans] {_headline(event)}", text="\n".join(_lines(event, places)) + "\n")


def digest_of(events: Sequence[AlertEvent], places: Places) -> Message:
    """Several steps in one message, in their order; a single one is told by itself."""
    if len(events) == 1:
        return message_of(events[0], places)
    events = [without_control_signs(event) for event in events]
    raised = sum(event.step is AlertStep.RAISED for event in events)
    headline = f"[Ketenbalans] digest: {raised} raised, {len(events) - raised} resolved"
    blocks = ["\n".join([_headline(event), *_lines(event, places)]) for event in events]
    return Message(headline=headline, text="\n\n".join(blocks) + "\n")


def _headline(event: AlertEvent) -> str:
    what = f"{event.rule.value.replace('_', ' ')} {event.subject}"
    if event.step is AlertStep.RESOLVED:
        return f"resolved: {what}"
    return f"{event.severity.value}: {what}"


def _lines(event: AlertEvent, places: Places) -> list[str]:
    if event.step is AlertStep.RESOLVED:
        who = f"{event.by}: {event.note}" if event.by else "by itself, the rule no longer holds"
        return [f"{event.says}.", f"Over since {event.at.astimezone(AMSTERDAM):%Y-%m-%d %H:%M} ({who})."]
    numbers = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in event.evidence.items())
    evidence = f"Evidence: {numbers}." if numbers else ""
    lines = [f"{event.says}.", "", evidence, f"What to do: {remedy_of(event.rule, event.subject)}", ""]
    if event.event_number is not None:  # what the warehouse could not keep cannot be taken there
        lines.append(f"Take it:  ketenbalans alerts acknowledge {event.alert_id} --note '...'")
    runbook = place_in_the_runbook(event.rule)
    lines.append(f"Runbook:  {f'{places.docs}/{runbook}' if places.docs else runbook}")
    if places.airflow:
        lines.append(f"Airflow:  {places.airflow}/dags/watch")
    return lines


Value = TypeVar("Value")


def _plain(value: Value) -> Value:
    return escape_control_signs(value) if isinstance(value, str) else value  # type: ignore[return-value]
