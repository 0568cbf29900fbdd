"""Alerts on the terminal."""

from collections.abc import Mapping, Sequence
from typing import Any

from alerts.life import Alert
from cli.output import Row, answers, print_rows
from schemas.alerts import Severity
from schemas.period import AMSTERDAM

STYLE = {Severity.CRITICAL: "error", Severity.WARNING: "warning", Severity.NOTICE: "soft"}


def print_alerts(alerts: Sequence[Alert]) -> None:
    """Print one row per alert, and below it what was found."""
    if not alerts:
        answers.print("no alert stands")
        return
    rows = []
    for alert in alerts:
        state = alert.state.value + (f" by {alert.acknowledged_by}" if alert.stands and alert.acknowledged_by else "")
        since = f"{alert.raised_at.astimezone(AMSTERDAM):%Y-%m-%d %H:%M}"
        cells = (alert.alert_id, alert.severity.value, state, since)
        rows.append(Row(cells, style=STYLE[alert.severity], below=alert.says))
    print_rows(("alert", "severity", "state", "since"), rows)


def print_alert(shown: Mapping[str, Any]) -> None:
    """Print one alert with its evidence, what to do, and its history."""
    answers.print(shown["alert_id"], style="figure", markup=False, end="")
    answers.print(f"  {shown['severity']}, {shown['state']}")
    answers.print(shown["says"], markup=False)
    answers.print()
    for name, value in shown["evidence"].items():
        answers.print(f"  {name.replace('_', ' '):<28}  {value}", markup=False)
    answers.print()
    answers.print(f"Rule        {shown['meaning']}", markup=False)
    answers.print(f"What to do  {shown['what_to_do']}", markup=False)
    answers.print(f"Runbook     {shown['runbook']}", markup=False)
    answers.print()
    for step in shown["history"]:
        by = f" by {step['by']}: {step['note']}" if step["by"] else ""
        answers.print(f"  {step['at'].astimezone(AMSTERDAM):%Y-%m-%d %H:%M}  {step['step']}{by}", markup=False)
