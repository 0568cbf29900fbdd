"""Alerts on the terminal."""

from collections.abc import Mapping, Sequence
from typing import Any

from ketenbalans.alerts.life import Alert
from ketenbalans.cli.output import Row, answers, print_rows
from ketenbalans.jobs.watching.alerts import ShownAlert
from schemas.alerts import AlertEvent, AlertStep, Severity
from schemas.people import who_acted
from schemas.period import AMSTERDAM

STYLE = {Severity.CRITICAL: "error", Severity.WARNING: "warning", Severity.NOTICE: None}

FOUND = (AlertStep.RAISED, AlertStep.HELD_BACK, AlertStep.REFRESHED)
"""The steps that a look made: each with what it found then."""


def print_alerts(alerts: Sequence[Alert]) -> None:
    """Print one row per alert, and below it what was found."""
    if not alerts:
        answers.print("no alert stands")
        return
    rows = []
    for alert in alerts:
        state = alert.state.value.replace("_", " ")
        state += f" by {alert.acknowledged_by}" if alert.stands and alert.acknowledged_by else ""
        if alert.stands and alert.held_back_by is not None:
            by = f"by {alert.held_back_by}"
            state = f"{state}, held back {by}" if alert.acknowledged_by else f"held back {by}"
        since = f"{alert.raised_at.astimezone(AMSTERDAM):%Y-%m-%d %H:%M}"
        cells = (alert.alert_id, alert.severity.value, since, state)
        style = "soft" if alert.held_back_by is not None else STYLE[alert.severity]
        rows.append(Row(cells, style=style, below=alert.says))
    print_rows(("alert", "severity", "since", "state"), rows)


def print_tried(tried: Sequence[Mapping[str, Any]]) -> None:
    """Print per channel whether a test message could be sent."""
    for one in tried:
        answers.print(f"{one['channel']:<14}", markup=False, end="")
        if one["error"] is None:
            answers.print("sent")
        else:
            answers.print(f"FAILED: {one['error'].reason}", style="error", markup=False)


def print_alert(shown: ShownAlert) -> None:
    """Print one alert with its evidence, what to do, and its history."""
    alert = shown.alert
    answers.print(alert.alert_id, style="figure", markup=False, end="")
    held_back = f", held back by {alert.held_back_by}" if alert.held_back_by else ""
    answers.print(f"  {alert.severity.value}, {alert.state.value.replace('_', ' ')}{held_back}", markup=False)
    answers.print(alert.says, markup=False)
    answers.print()
    for name, value in alert.evidence.items():
        answers.print(f"  {name.replace('_', ' '):<28}  {value}", markup=False)
    answers.print()
    answers.print(f"Rule        {alert.rule.meaning}", markup=False)
    answers.print(f"What to do  {shown.what_to_do}", markup=False)
    answers.print(f"Runbook     {shown.runbook}", markup=False)
    answers.print()
    held_back_by = None
    for step in shown.history:
        what = _step_in_words(step, held_back_by=held_back_by, newest_sentence=alert.says)
        held_back_by = step.held_back_by
        answers.print(f"  {step.at.astimezone(AMSTERDAM):%Y-%m-%d %H:%M}  {what}", markup=False)


def _step_in_words(step: AlertEvent, *, held_back_by: str | None, newest_sentence: str) -> str:
    """One step of a life: what happened, by whom, and what was found then where that is another thing by now."""
    what = step.step.value.replace("_", " ")
    if step.by:
        return f"{what} by {who_acted(step.by, step.identity)}: {step.note}"
    if step.step is AlertStep.HELD_BACK:
        what += f" by {step.held_back_by}"
    elif step.step is AlertStep.REFRESHED and step.held_back_by != held_back_by:
        what = f"held back by {step.held_back_by}" if step.held_back_by else "held back no longer"
    return f"{what}: {step.says}" if step.step in FOUND and step.says != newest_sentence else what
