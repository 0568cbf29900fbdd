"""Alerts as they are kept: the steps of their lives, and what was sent of them. Append-only, under one lock."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, RowMapping, exists, insert, select

from schemas.alerts import AlertEvent, AlertRule, AlertStep, Severity
from warehouse.locks import Lock, hold
from warehouse.watch_tables import ALERT_EVENT, ALERT_NOTICE


def hold_alerts(connection: Connection) -> None:
    """Let nobody else change or send alerts until the transaction ends."""
    hold(connection, Lock.ALERTS)


def read_alert_events(connection: Connection) -> list[AlertEvent]:
    """Every step of every alert, in the order in which they were kept."""
    rows = connection.execute(select(ALERT_EVENT).order_by(ALERT_EVENT.c.event_number)).mappings()
    return [_event(row) for row in rows]


def keep_alert_events(connection: Connection, events: Iterable[AlertEvent]) -> None:
    """Keep new steps, in their order."""
    for event in events:
        row = {
            "alert_id": event.alert_id,
            "rule": event.rule.value,
            "subject": event.subject,
            "step": event.step.value,
            "severity": event.severity.value,
            "evidence": {"says": event.says, "numbers": dict(event.evidence)},
            "mark": event.mark,
            "by": event.by,
            "note": event.note,
            "at": event.at,
        }
        connection.execute(insert(ALERT_EVENT).values(row))


def unsent_alert_events(connection: Connection, channel: str) -> list[AlertEvent]:
    """The steps that a channel has not told yet, in their order."""
    sent = exists(
        select(1).where(ALERT_NOTICE.c.event_number == ALERT_EVENT.c.event_number, ALERT_NOTICE.c.channel == channel)
    )
    rows = connection.execute(select(ALERT_EVENT).where(~sent).order_by(ALERT_EVENT.c.event_number)).mappings()
    return [_event(row) for row in rows]


def keep_sent(connection: Connection, events: Sequence[AlertEvent], channel: str) -> None:
    """Write down that a channel has told these steps."""
    if events:
        rows = [{"event_number": event.event_number, "channel": channel} for event in events]
        connection.execute(insert(ALERT_NOTICE), rows)


def _event(row: RowMapping) -> AlertEvent:
    said = row["evidence"]
    return AlertEvent(
        rule=AlertRule.of(row["rule"]),
        subject=row["subject"],
        step=AlertStep.of(row["step"]),
        severity=Severity.of(row["severity"]),
        says=said["says"],
        evidence=said["numbers"],
        mark=row["mark"],
        by=row["by"],
        note=row["note"],
        at=row["at"],
        event_number=row["event_number"],
    )
