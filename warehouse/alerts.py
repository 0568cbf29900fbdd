"""Alerts as they are kept: the steps of their lives, and what was sent of them. Append-only, under one lock.

Sending takes longer than a transaction may: a look claims a channel for a while, and other looks leave it alone.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from sqlalchemy import Connection, RowMapping, delete, exists, func, select
from sqlalchemy.dialects.postgresql import insert

from schemas.alerts import AlertEvent, AlertRule, AlertStep, Severity
from warehouse.locks import Lock, hold
from warehouse.watch_tables import ALERT_CLAIM, ALERT_EVENT, ALERT_NOTICE


def hold_alerts(connection: Connection) -> None:
    """Let nobody else change alerts, or claim a channel, until the transaction ends."""
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
    """Write down that a channel has told these steps; what another look wrote down already stays as it is."""
    if events:
        rows = [{"event_number": event.event_number, "channel": channel} for event in events]
        connection.execute(insert(ALERT_NOTICE).on_conflict_do_nothing(), rows)


def claim_channel(connection: Connection, channel: str, *, claimed_by: str, lasts: timedelta) -> bool:
    """Claim a channel, or renew the claim, by the clock of the warehouse; False while another one's claim lasts."""
    until = func.clock_timestamp() + lasts
    is_free = (ALERT_CLAIM.c.claimed_until < func.clock_timestamp()) | (ALERT_CLAIM.c.claimed_by == claimed_by)
    claimed = (
        insert(ALERT_CLAIM)
        .values(channel=channel, claimed_by=claimed_by, claimed_until=until)
        .on_conflict_do_update(
            index_elements=["channel"], set_={"claimed_by": claimed_by, "claimed_until": until}, where=is_free
        )
        .returning(ALERT_CLAIM.c.channel)
    )
    return connection.execute(claimed).first() is not None


def release_channel(connection: Connection, channel: str, *, claimed_by: str) -> None:
    """End a claim; what another one claimed meanwhile stays claimed."""
    is_ours = (ALERT_CLAIM.c.channel == channel) & (ALERT_CLAIM.c.claimed_by == claimed_by)
    connection.execute(delete(ALERT_CLAIM).where(is_ours))


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
