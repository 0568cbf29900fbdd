"""Alerts on the terminal: the most severe first, what is held back says by which one, and a life in words."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ketenbalans.alerts.channels import ChannelFailed
from ketenbalans.alerts.life import alerts_of, most_severe_first
from ketenbalans.cli.tables.alerts import print_alert, print_alerts, print_tried
from ketenbalans.jobs.watching.alerts import ShownAlert
from schemas.alerts import AlertEvent, AlertRule, AlertStep, Severity

AT = datetime(2015, 6, 30, 6, 5, tzinfo=UTC)
INCIDENT = "incident:police_deliveries"


def step(rule: AlertRule, kind: AlertStep, severity: Severity, says: str, *, hours: int = 0, **more: Any) -> AlertEvent:
    subject = {AlertRule.UNEXPLAINED: "2014"}.get(rule, "police_deliveries")
    at = AT + timedelta(hours=hours)
    return AlertEvent(rule=rule, subject=subject, step=kind, severity=severity, says=says, mark="m", at=at, **more)


LIFE = [
    step(AlertRule.UNEXPLAINED, AlertStep.RAISED, Severity.WARNING, "3 are missing"),
    step(AlertRule.UNEXPLAINED, AlertStep.HELD_BACK, Severity.WARNING, "3 are missing", hours=1, held_back_by=INCIDENT),
    step(AlertRule.UNEXPLAINED, AlertStep.REFRESHED, Severity.WARNING, "9 are missing", hours=2, held_back_by=INCIDENT),
    step(AlertRule.UNEXPLAINED, AlertStep.REFRESHED, Severity.WARNING, "9 are missing", hours=3),
    step(
        AlertRule.UNEXPLAINED, AlertStep.ACKNOWLEDGED, Severity.WARNING, "9 are missing", hours=4, by="d", note="mine"
    ),
]


def test_the_list_has_the_most_severe_first_and_says_what_is_held_back_and_by_which_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    steps = [
        step(AlertRule.EXTRACT_REPEATED, AlertStep.RAISED, Severity.NOTICE, "nothing doubled", hours=9),
        *LIFE[:3],
        step(AlertRule.INCIDENT, AlertStep.RAISED, Severity.CRITICAL, "it stands still"),
    ]
    print_alerts(most_severe_first(alerts_of(steps).values()))
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert lines == [
        "alert severity since state",
        f"{INCIDENT} critical 2015-06-30 08:05 raised",
        "it stands still",
        f"unexplained:2014 warning 2015-06-30 08:05 held back by {INCIDENT}",
        "9 are missing",
        "extract_repeated:police_deliveries notice 2015-06-30 17:05 raised",
        "nothing doubled",
    ]


def test_a_life_says_what_was_found_then_and_when_it_was_held_back_and_no_longer(
    capsys: pytest.CaptureFixture[str],
) -> None:
    (alert,) = alerts_of(LIFE).values()
    print_alert(ShownAlert(alert=alert, what_to_do="", runbook="", history=tuple(LIFE)))
    assert [line.strip() for line in capsys.readouterr().out.splitlines()[-5:]] == [
        "2015-06-30 08:05  raised: 3 are missing",
        f"2015-06-30 09:05  held back by {INCIDENT}: 3 are missing",
        "2015-06-30 10:05  refreshed",
        "2015-06-30 11:05  held back no longer",
        "2015-06-30 12:05  acknowledged by d: mine",
    ]


def test_each_channel_that_was_tried_says_how_it_went(capsys: pytest.CaptureFixture[str]) -> None:
    failed = ChannelFailed("webhook", "ConnectError")
    print_tried([{"channel": "log", "error": None}, {"channel": "webhook", "error": failed}])
    assert [line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines()] == [
        ["log", "sent"],
        ["webhook", "FAILED: ConnectError"],
    ]
