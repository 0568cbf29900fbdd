"""Look at what is stored, raise and resolve alerts, and tell them. Started by the DAG ``watch`` and by the command."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

from sqlalchemy import Engine

from alerts.channels import Alertmanager, Channel, ChannelFailed, Email, Log, Webhook
from alerts.facts import Facts, SilentPart
from alerts.life import Alert, alerts_of, steps_after_a_look
from alerts.message import Places
from alerts.rules import findings
from alerts.rules_parts import KAFKA
from alerts.runbook import remedy_of
from jobs.airflow_notes import PAGES
from jobs.alert_sending import failure_of, send_what_is_due
from jobs.alerts import list_alerts
from jobs.lags import lags
from jobs.metrics import Metric, send_metrics
from jobs.parts import parts_that_are_down, remember_what_is_down
from jobs.settings import Settings, SettingsMissing
from jobs.warehouse_at_hand import warehouse_at_hand
from jobs.warehouse_down import check_that_the_warehouse_answers, keep_that_the_warehouse_was_down
from jobs.watch_facts import read_facts
from jobs.watch_metrics import gauges_of
from schemas.alert_policy import AlertPolicy
from schemas.alerts import AlertEvent, AlertState, AlertStep, Severity
from schemas.period import AMSTERDAM
from schemas.policy import Policy
from stack.embedded import addresses
from warehouse.alerts import (
    hold_alerts,
    keep_alert_events,
    read_alert_events,
)
from warehouse.database import snapshot

FEW = 2
"""So many alerts are told with what to do about each; of more that is on the page."""

logger = logging.getLogger("ketenbalans.alerts")


class AlertsStand(Exception):
    """Alerts stand that nobody took: what a red task means. The message names them."""


@dataclass(frozen=True, kw_only=True)
class Look:
    """What a look saw and did.

    Attributes:
        facts: what was read.
        steps: the alerts that were raised and resolved.
        standing: every alert that is not over.
        failures: the channels that could not tell.
    """

    facts: Facts
    steps: tuple[AlertEvent, ...]
    standing: tuple[Alert, ...]
    failures: tuple[ChannelFailed, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many alerts were raised and resolved by this look, and how many stand."""
        raised = sum(step.step is AlertStep.RAISED for step in self.steps)
        return {"raised": raised, "resolved": len(self.steps) - raised, "standing": len(self.standing)}

    @property
    def freshness(self) -> dict[str, str]:
        """Per source how far it is, in words."""
        return {name: _how_fresh(self.facts, name) for name in self.facts.sources}

    def raise_for_channels(self) -> None:
        """Raise when a channel could not tell; the alerts themselves are kept."""
        if self.failures:
            raise self.failures[0]


def look_and_tell() -> Look:
    """Look once, as the settings say."""
    settings = Settings()
    channels, alertmanager = channels_of(settings)
    alert_policy = settings.read_alert_policy()
    silent = parts_that_are_down(settings, alert_policy)
    check_that_the_warehouse_answers(settings, silent, channels=channels, alertmanager=alertmanager)
    with warehouse_at_hand(settings) as engine:
        keep_that_the_warehouse_was_down(engine, settings)
        look = watch(
            engine,
            policy=settings.read_policy(),
            alert_policy=alert_policy,
            now=datetime.now(UTC),
            channels=channels,
            alertmanager=alertmanager,
            silent_parts=silent,
        )
        remember_what_is_down(settings, silent)
        if settings.statsd is not None:
            behind = {Metric.LAG.of(name): lag for name, lag in _lags(engine, settings, silent).items()}
            send_metrics(settings, {**gauges_of(look.facts), **behind}, {})
    return look


def nothing_wants_somebody(say: Callable[[str], None]) -> int:
    """Say each alert that stands and what to do; gives how many stand that somebody took.

    Raises:
        AlertsStand: one stands that is more than a notice and that nobody took.
    """
    with warehouse_at_hand(Settings()) as engine:
        standing = list_alerts(engine, also_resolved=False)
    untaken = [
        alert for alert in standing if alert.state is AlertState.RAISED and alert.severity is not Severity.NOTICE
    ]
    untaken.sort(key=lambda alert: (list(Severity).index(alert.severity), alert.raised_at))
    if len(untaken) > FEW:
        say(f"**What to do:** take each, `ketenbalans alerts acknowledge ID --note '...'`; [here]({PAGES}/) is more.")
    for alert in untaken:
        remedy = f" **What to do:** {remedy_of(alert.rule, alert.subject)}" if len(untaken) <= FEW else ""
        say(f"**{alert.alert_id}**: {alert.says}.{remedy}")
    if untaken:
        message = (
            f"{len(untaken)} alerts stand that nobody took: {', '.join(alert.alert_id for alert in untaken)}. "
            "Take each: ketenbalans alerts acknowledge ID --note '...'"
        )
        raise AlertsStand(message)
    return sum(alert.state is AlertState.ACKNOWLEDGED for alert in standing)


def watch(  # noqa: PLR0913 (what is looked at, by which numbers, when, and who is told)
    engine: Engine,
    *,
    policy: Policy,
    alert_policy: AlertPolicy,
    now: datetime,
    channels: Sequence[Channel],
    alertmanager: Alertmanager | None = None,
    silent_parts: Sequence[SilentPart] = (),
) -> Look:
    """Look once: raise what holds, resolve what no longer does, and tell what is due.

    The same look again changes nothing. A channel that fails fails alone, and tells at the next look; of two looks at
    the same time one tells, and no lock is held meanwhile.

    Args:
        engine: the warehouse.
        policy: of the reconciliation.
        alert_policy: of the alerts.
        now: the moment of the look.
        channels: who is told.
        alertmanager: told of everything that stands, at every look.
        silent_parts: the parts that are down (``jobs.parts``).
    """
    today = now.astimezone(AMSTERDAM).date()
    with snapshot(engine) as connection:
        facts = read_facts(connection, today=today, policy=policy, alert_policy=alert_policy)
    facts = replace(facts, silent_parts=silent_parts)
    found = findings(facts, alert_policy)
    with engine.begin() as connection:
        hold_alerts(connection)
        steps = steps_after_a_look(alerts_of(read_alert_events(connection)), found, at=now)
        keep_alert_events(connection, steps)
    failures = [send_what_is_due(engine, channel, alert_policy, now=now) for channel in channels]
    with snapshot(engine) as connection:
        alerts = list(alerts_of(read_alert_events(connection)).values())
    if alertmanager is not None:
        failures.append(failure_of(alertmanager.name, partial(alertmanager.tell_all, alerts, now=now)))
    return Look(
        facts=facts,
        steps=tuple(steps),
        standing=tuple(alert for alert in alerts if alert.stands),
        failures=tuple(failure for failure in failures if failure is not None),
    )


def channels_of(settings: Settings) -> tuple[list[Channel], Alertmanager | None]:
    """The channels that the settings name; the log is always one.

    Raises:
        SettingsMissing: a mail server is set and nobody who gets the mail.
    """
    embedded = addresses(settings.home)
    airflow = settings.airflow_url or (embedded.airflow_url if embedded else None)
    places = Places(airflow=airflow, docs=settings.docs_url)
    channels: list[Channel] = [Log(places)]
    if settings.smtp_url is not None:
        if not settings.alerts_to:
            message = "KETENBALANS_SMTP_URL is set and KETENBALANS_ALERTS_TO is not: say who gets the mail"
            raise SettingsMissing(message)
        to = tuple(address.strip() for address in settings.alerts_to.split(","))
        channels.append(Email(settings.smtp_url.get_secret_value(), settings.alerts_from, to, places))
    if settings.webhook_url is not None:
        channels.append(Webhook(settings.webhook_url.get_secret_value(), places))
    url = settings.alertmanager_url
    alertmanager = None if url is None else Alertmanager(url.get_secret_value(), places)
    return channels, alertmanager


def _lags(engine: Engine, settings: Settings, silent: Sequence[SilentPart]) -> dict[str, int]:
    """How many messages wait on each topic; nothing while Kafka is down, where each topic would be waited for."""
    return {} if any(part.name == KAFKA for part in silent) else lags(engine, settings)


def _how_fresh(facts: Facts, source: str) -> str:
    received = facts.received.get(source)
    if not received:
        return "no extract loaded yet"
    covered = max(extract.covers_until for extract in received)
    furthest = max(extract.covers_until for ours in facts.received.values() for extract in ours)
    behind = f", behind: others cover until {furthest}" if covered < furthest else ""
    return (
        f"covers until {covered}{behind}, last extract {received[-1].recorded_at.astimezone(AMSTERDAM):%Y-%m-%d %H:%M}"
    )
