"""Send what a channel has not sent yet: each message once, whoever looks at the same time and wherever one is ended.

No lock and no transaction is held while a channel sends. One transaction claims the channel for a while and reads the
next message; it is sent; the next transaction writes down that it was, and reads on. Ended in between, at most that one
message is sent again, when the claim is over.
"""

import logging
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Self

from sqlalchemy import Connection, Engine

from ketenbalans.alerts.channels import ANSWERS_WITHIN_SECONDS, AlertChannel, ChannelFailed, Log
from ketenbalans.alerts.life import Alert, alerts_of
from ketenbalans.alerts.quiet import send_at
from schemas.alert_policy import AlertPolicy
from schemas.alerts import AlertEvent, AlertStep
from warehouse.alerts import (
    claim_channel,
    hold_alerts,
    keep_sent,
    known_after,
    read_alert_events,
    release_channel,
    sent_event_numbers,
    unsent_alert_events,
)
from warehouse.database import snapshot

NEWS = (AlertStep.RAISED, AlertStep.RESOLVED)
"""What is worth a message; who took an alert is in the list."""

NO_NEWS_AFTER = timedelta(days=7)
"""What is older is sent by no message: a channel that was away so long is sent what stands, as a new one does."""

CLAIMED_FOR = timedelta(seconds=3 * ANSWERS_WITHIN_SECONDS)
"""How long a claim holds unless it is renewed, which each message does: longer than sending one takes."""

logger = logging.getLogger("ketenbalans.alerts")


def send_what_is_due(
    engine: Engine, channel: AlertChannel, alert_policy: AlertPolicy, *, now: datetime
) -> ChannelFailed | None:
    """Send by a channel, message after message, what it has not sent and what is due.

    While another look has claimed the channel nothing is done: that look sends it all.

    Args:
        engine: the warehouse.
        channel: by which.
        alert_policy: has the quiet hours.
        now: the moment of the look.

    Returns:
        How the channel failed; what it did not send is sent at a later look. None: it did not.
    """
    claimed_by = str(uuid.uuid4())
    sent: list[AlertEvent] = []
    failure: ChannelFailed | None = None
    while True:
        with engine.begin() as connection:
            hold_alerts(connection)
            keep_sent(connection, sent, channel.name)
            if not claim_channel(connection, channel.name, claimed_by=claimed_by, lasts=CLAIMED_FOR):
                return failure
            together = [] if failure else _next_message(connection, channel, alert_policy, now=now)
            if not together:
                release_channel(connection, channel.name, claimed_by=claimed_by)
                return failure
        failure = failure_of(channel.name, partial(channel.send, together))
        was_sent = failure is None or failure.somebody_was_reached  # who received it does not receive it at every look
        sent = together if was_sent else []


def failure_of(channel: str, send: Callable[[], None], *, is_logged: bool = True) -> ChannelFailed | None:
    """Let a channel send, and give how it failed. Whatever it raises is its own, so the next channel gets its turn."""
    try:
        send()
    except ChannelFailed as failed:
        failure = failed
    except Exception as error:  # noqa: BLE001 (a defect of one channel silences no other; its text may hold a secret)
        failure = ChannelFailed(channel, type(error).__name__)
    else:
        return None
    if is_logged:
        logger.warning("%s", failure)
    return failure


def messages_that_wait(
    engine: Engine, channel: AlertChannel, alert_policy: AlertPolicy, *, now: datetime
) -> dict[str, datetime]:
    """Until when each alert waits to be sent by a channel, by its id: in quiet hours, or for the next digest."""
    with snapshot(engine) as connection:
        news, _ = _news(connection, channel, now=now, after=None)
    if isinstance(channel, Log):
        return {}
    due = {event.alert_id: send_at(event, alert_policy.quiet) for event in news}
    return {alert_id: at for alert_id, at in due.items() if at > now}


def _next_message(
    connection: Connection, channel: AlertChannel, alert_policy: AlertPolicy, *, now: datetime
) -> list[AlertEvent]:
    """The steps of a channel's next message; steps that are no news any more are written down as sent."""
    news, no_news = _news(connection, channel, now=now, after=known_after(connection, channel.name))
    keep_sent(connection, no_news, channel.name)
    return _sent_together(news, channel, alert_policy, now=now)


def _news(
    connection: Connection, channel: AlertChannel, *, now: datetime, after: int | None
) -> tuple[list[AlertEvent], list[AlertEvent]]:
    """What a channel has to send, now or later, and what it has not sent and never will.

    What raised an alert that stands is sent with its newest numbers, and not while another alert is its reason. What is
    over is sent to whom it was sent, or is sent now, that it was raised: not by a channel that knows it of the past
    (``after``: the last step before the channel was known), nor after a week.
    """
    unsent = unsent_alert_events(connection, channel.name, steps=NEWS)
    if not unsent:
        return [], []
    steps = read_alert_events(connection)
    alerts, raises = alerts_of(steps), _Raises.of(steps)
    sent = sent_event_numbers(connection, channel.name, {raises.of_step[_number(one)] for one in unsent})
    news: dict[int, AlertEvent] = {}
    no_news = []
    for event in unsent:
        alert, number = alerts[event.alert_id], _number(event)
        raised = raises.of_step[number]
        is_recent = now - event.at < NO_NEWS_AFTER and number > (after or 0)
        if event.step is AlertStep.RESOLVED:
            is_news = is_recent and (raised in sent or raised in news)
        elif alert.stands and alert.raised_number == number:
            if alert.held_back_by is not None:
                continue  # sent when it has no standing reason any more
            is_news = True
        else:
            is_news = is_recent and number not in raises.reported_by_others
        if is_news:
            news[number] = _with_newest_numbers(event, alert) if alert.raised_number == number else event
        else:
            no_news.append(event)
    return list(news.values()), no_news


@dataclass(frozen=True)
class _Raises:
    """What raised alerts: per step the number of the last one before it, and those that need no message of their own.

    Attributes:
        of_step: per step the number of the step that raised its alert last, its own when it is one; 0: none did.
        reported_by_others: those after which an alert became worse and was raised anew, or was over while another alert
            spoke for it.
    """

    of_step: Mapping[int, int]
    reported_by_others: Collection[int]

    @classmethod
    def of(cls, steps: Sequence[AlertEvent]) -> Self:
        """Read them from every step."""
        last: dict[str, int] = {}
        of_step, reported_by_others = {}, set()
        for step in steps:
            number, before = _number(step), last.get(step.alert_id, 0)
            if step.step is AlertStep.RAISED:
                last[step.alert_id] = number
            of_step[number] = last.get(step.alert_id, 0)
            if step.step is AlertStep.RAISED or (step.step is AlertStep.RESOLVED and step.held_back_by is not None):
                reported_by_others.add(before)
            if step.step is AlertStep.RESOLVED:
                last.pop(step.alert_id, None)
        return cls(of_step, reported_by_others)


def _with_newest_numbers(event: AlertEvent, alert: Alert) -> AlertEvent:
    return replace(event, says=alert.says, evidence=alert.evidence, period=alert.period, amount=alert.amount)


def _number(event: AlertEvent) -> int:
    assert event.event_number is not None, "a step that is kept has a number"
    return event.event_number


def _sent_together(
    news: Sequence[AlertEvent], channel: AlertChannel, alert_policy: AlertPolicy, *, now: datetime
) -> list[AlertEvent]:
    """The steps of the next message: one that is sent at once by itself, else all that waited for the morning."""
    if isinstance(channel, Log):
        return list(news[:1])
    due = [(event, send_at(event, alert_policy.quiet)) for event in news]
    at_once = [event for event, at in due if at <= event.at]
    waited = [event for event, at in due if event.at < at <= now]
    return at_once[:1] or waited
