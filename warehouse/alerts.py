"""Alerts as they are kept: the steps of their lives, and what was sent of them. Append-only, under one lock.

Sending takes longer than a transaction may: a look claims a channel for a while, and other looks leave it alone.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta

from sqlalchemy import Connection, RowMapping, delete, exists, func, select
from sqlalchemy.dialects.postgresql import insert

from schemas.alerts import AlertEvent, AlertRule, AlertStep, Severity
from schemas.people import Identity
from schemas.period import Period
from warehouse.locks import Lock, hold
from warehouse.tables.watching import ALERT_CHANNEL, ALERT_CLAIM, ALERT_EVENT, ALERT_NOTICE, ALERT_RED

LAST = select(func.coalesce(func.max(ALERT_EVENT.c.event_number), 0))


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
            "evidence": {
                "says": event.says,
                "numbers": dict(event.evidence),
                "period": None if event.period is None else [str(event.period.start), str(event.period.end)],
                "amount": event.amount,
                "held_back_by": event.held_back_by,
            },
            "mark": event.mark,
            "by": event.by,
            "identity": None if event.by is None else (event.identity or Identity.DECLARED).value,
            "note": event.note,
            "at": event.at,
        }
        connection.execute(insert(ALERT_EVENT).values(row))


def unsent_alert_events(connection: Connection, channel: str, *, steps: Collection[AlertStep]) -> list[AlertEvent]:
    """The steps of some kinds that a channel has not sent yet, in their order."""
    sent = exists(
        select(1).where(ALERT_NOTICE.c.event_number == ALERT_EVENT.c.event_number, ALERT_NOTICE.c.channel == channel)
    )
    wanted = ALERT_EVENT.c.step.in_([step.value for step in steps])
    rows = connection.execute(select(ALERT_EVENT).where(~sent, wanted).order_by(ALERT_EVENT.c.event_number)).mappings()
    return [_event(row) for row in rows]


def sent_event_numbers(connection: Connection, channel: str, numbers: Collection[int]) -> set[int]:
    """Of these steps those that a channel has sent."""
    table = ALERT_NOTICE.c
    query = select(table.event_number).where(table.channel == channel, table.event_number.in_(numbers))
    return set(connection.scalars(query)) if numbers else set()


def last_event_number(connection: Connection) -> int:
    """The number of the last step that was kept, 0 when there is none."""
    return int(connection.execute(LAST).scalar_one())


def known_after(connection: Connection, channel: str) -> int:
    """The last step from before a channel was known, 0 when there was none. A channel that is asked for is known."""
    last = LAST.scalar_subquery()
    connection.execute(insert(ALERT_CHANNEL).values(channel=channel, known_after=last).on_conflict_do_nothing())
    asked = select(ALERT_CHANNEL.c.known_after).where(ALERT_CHANNEL.c.channel == channel)
    return int(connection.execute(asked).scalar_one())


def red_in(connection: Connection, raises: Collection[int], *, run: str) -> set[int]:
    """Of steps that raised alerts those that this run of the DAG ``watch`` is red for: no run before it was.

    They are written down as such, so the same run is red for them again, and no later one is.
    """
    if not raises:
        return set()
    rows = [{"event_number": number, "run": run} for number in sorted(raises)]
    connection.execute(insert(ALERT_RED).on_conflict_do_nothing(), rows)
    ours = select(ALERT_RED.c.event_number).where(ALERT_RED.c.run == run, ALERT_RED.c.event_number.in_(raises))
    return set(connection.scalars(ours))


def keep_sent(connection: Connection, events: Sequence[AlertEvent], channel: str) -> None:
    """Write down that a channel has sent these steps; what another look wrote down already stays as it is."""
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
    evidence = row["evidence"]
    return AlertEvent(
        rule=AlertRule.of(row["rule"]),
        subject=row["subject"],
        step=AlertStep.of(row["step"]),
        severity=Severity.of(row["severity"]),
        says=evidence["says"],
        evidence=evidence["numbers"],
        mark=row["mark"],
        period=Period(*map(date.fromisoformat, evidence["period"])) if evidence.get("period") else None,
        amount=evidence.get("amount"),
        held_back_by=evidence.get("held_back_by"),
        by=row["by"],
        identity=None if row["identity"] is None else Identity.of(row["identity"]),
        note=row["note"],
        at=row["at"],
        event_number=row["event_number"],
    )
