"""Send what a channel has not sent yet: each message once, whoever looks at the same time and wherever one is ended.

No lock and no transaction is held while a channel sends. One transaction claims the channel for a while and reads the
next message; it is sent; the next transaction writes down that it was, and reads on. Ended in between, at most that one
message is sent again, when the claim is over.
"""

import logging
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection, Engine

from alerts.channels import ANSWERS_WITHIN_SECONDS, Channel, ChannelFailed, Log
from alerts.life import Alert, alerts_of
from alerts.quiet import told_at
from schemas.alert_policy import AlertPolicy
from schemas.alerts import AlertEvent, AlertStep
from warehouse.alerts import (
    claim_channel,
    hold_alerts,
    keep_sent,
    read_alert_events,
    release_channel,
    unsent_alert_events,
)

NEWS = (AlertStep.RAISED, AlertStep.RESOLVED)
"""What is worth a message; who took an alert is in the list."""

NO_NEWS_AFTER = timedelta(days=7)
"""What is older is told by no message: a channel that is new, or was away so long, hears of what stands."""

CLAIMED_FOR = timedelta(seconds=3 * ANSWERS_WITHIN_SECONDS)
"""How long a claim holds unless it is renewed, which each message does: longer than sending one takes."""

logger = logging.getLogger("ketenbalans.alerts")


def send_what_is_due(
    engine: Engine, channel: Channel, alert_policy: AlertPolicy, *, now: datetime
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
        failure = failure_of(channel.name, partial(channel.tell, together))
        was_heard = failure is None or failure.somebody_was_told  # who heard it does not hear it at every look
        sent = together if was_heard else []


def failure_of(channel: str, tell: Callable[[], None]) -> ChannelFailed | None:
    """Let a channel tell, and give how it failed. Whatever it raises is its own, so the next channel gets its turn."""
    try:
        tell()
    except ChannelFailed as failed:
        failure = failed
    except Exception as error:  # noqa: BLE001 (a defect of one channel silences no other; its text may hold a secret)
        failure = ChannelFailed(channel, type(error).__name__)
    else:
        return None
    logger.warning("%s", failure)
    return failure


def _next_message(
    connection: Connection, channel: Channel, alert_policy: AlertPolicy, *, now: datetime
) -> list[AlertEvent]:
    """The steps of a channel's next message; steps that are no news any more are written down as sent."""
    unsent = unsent_alert_events(connection, channel.name)
    alerts = alerts_of(read_alert_events(connection)) if unsent else {}
    news = [event for event in unsent if _is_news(event, alerts[event.alert_id], now=now)]
    keep_sent(connection, [event for event in unsent if event not in news], channel.name)
    return _told_together(news, channel, alert_policy, now=now)


def _is_news(event: AlertEvent, alert: Alert, *, now: datetime) -> bool:
    """Whether a step is worth a message: an old one is when its alert still stands, for a channel that is new."""
    if event.step not in NEWS:
        return False
    is_why_it_stands = alert.stands and event.at == alert.raised_at
    return is_why_it_stands or now - event.at < NO_NEWS_AFTER


def _told_together(
    news: Sequence[AlertEvent], channel: Channel, alert_policy: AlertPolicy, *, now: datetime
) -> list[AlertEvent]:
    """The steps of the next message: one that is told at once by itself, else all that waited for the morning."""
    if isinstance(channel, Log):
        return list(news[:1])
    due = [(event, told_at(event, alert_policy.quiet)) for event in news]
    at_once = [event for event, at in due if at <= event.at]
    waited = [event for event, at in due if event.at < at <= now]
    return at_once[:1] or waited
