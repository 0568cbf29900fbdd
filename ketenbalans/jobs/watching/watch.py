"""Look at what is stored, raise and resolve alerts, and send them. Started by the DAG ``watch`` and by the command."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial

from sqlalchemy import Engine

from ketenbalans.alerts.channels import AlertChannel, Alertmanager, ChannelFailed
from ketenbalans.alerts.facts import Facts, SilentPart
from ketenbalans.alerts.life import Alert, alerts_of, most_severe_first, steps_after_a_look
from ketenbalans.alerts.rules import findings
from ketenbalans.alerts.rules_parts import KAFKA
from ketenbalans.jobs.servers.warehouse import warehouse_from
from ketenbalans.jobs.watching.alert_channels import channels_of
from ketenbalans.jobs.watching.alert_sending import failure_of, messages_that_wait, send_what_is_due
from ketenbalans.jobs.watching.facts import read_facts
from ketenbalans.jobs.watching.metrics import gauges_of
from ketenbalans.jobs.watching.parts import parts_that_are_down, remember_what_is_down
from ketenbalans.jobs.watching.warehouse_down import check_that_the_warehouse_answers, keep_that_the_warehouse_was_down
from ketenbalans.settings import Settings
from ketenbalans.telemetry.metrics import Metric, send_metrics
from schemas.alert_policy import AlertPolicy
from schemas.alerts import AlertEvent, AlertStep
from schemas.period import AMSTERDAM
from schemas.policy import Policy
from warehouse.alerts import hold_alerts, keep_alert_events, known_after, last_event_number, read_alert_events
from warehouse.database import snapshot


@dataclass(frozen=True, kw_only=True)
class WatchResult:
    """What a look saw and did.

    Attributes:
        facts: what was read.
        steps: what became of alerts by it: raised, held back, refreshed, resolved.
        standing: every alert that is not over, the most severe first.
        failures: the channels that could not say.
        waiting: per channel until when the message of an alert, by its id, is held back by quiet hours.
    """

    facts: Facts
    steps: tuple[AlertEvent, ...]
    standing: tuple[Alert, ...]
    failures: tuple[ChannelFailed, ...]
    waiting: Mapping[str, Mapping[str, datetime]] = field(default_factory=dict)

    @property
    def counts(self) -> dict[str, int]:
        """How many alerts this look raised and resolved, how many stand, and how many of these are held back."""
        raised, resolved = (
            sum(step.step is kind for step in self.steps) for kind in (AlertStep.RAISED, AlertStep.RESOLVED)
        )
        held_back = sum(alert.held_back_by is not None for alert in self.standing)
        return {"raised": raised, "resolved": resolved, "standing": len(self.standing), "held_back": held_back}

    @property
    def raised(self) -> list[str]:
        """The ids of the alerts that this look raised."""
        return [step.alert_id for step in self.steps if step.step is AlertStep.RAISED]

    @property
    def freshness(self) -> dict[str, str]:
        """Per source how far it is, in words."""
        return {name: _how_fresh(self.facts, name) for name in self.facts.sources}

    def waits_until(self, alert_id: str) -> datetime | None:
        """When the first message of an alert comes that is held back; None: none is."""
        return min((of[alert_id] for of in self.waiting.values() if alert_id in of), default=None)

    def raise_for_channels(self) -> None:
        """Raise when a channel could not say; the alerts themselves are kept."""
        if self.failures:
            raise self.failures[0]


def watch_and_send(settings: Settings) -> WatchResult:
    """Look once, as the settings say."""
    channels, alertmanager = channels_of(settings)
    alert_policy = settings.read_alert_policy()
    silent = parts_that_are_down(settings, alert_policy)
    now = datetime.now(UTC)
    check_that_the_warehouse_answers(settings, silent, channels=channels, alertmanager=alertmanager)
    with warehouse_from(settings) as engine:
        keep_that_the_warehouse_was_down(engine, settings)
        look = watch(
            engine,
            policy=settings.read_policy(),
            alert_policy=alert_policy,
            now=now,
            channels=channels,
            alertmanager=alertmanager,
            silent_parts=silent,
        )
        remember_what_is_down(settings, silent)
        if settings.statsd is not None:
            behind = {Metric.LAG.of(name): lag for name, lag in _lags(engine, settings, silent).items()}
            send_metrics(settings.statsd, {**gauges_of(look.facts, now=now), **behind}, {})
    return look


def watch(  # noqa: PLR0913 (what is looked at, by which numbers, when, and who is notified)
    engine: Engine,
    *,
    policy: Policy,
    alert_policy: AlertPolicy,
    now: datetime,
    channels: Sequence[AlertChannel],
    alertmanager: Alertmanager | None = None,
    silent_parts: Sequence[SilentPart] = (),
) -> WatchResult:
    """Look once: raise what holds, renew the numbers of what stands, resolve what no longer holds, send what is due.

    The same look again changes nothing. A channel that fails fails alone, and sends at the next look; of two looks at
    the same time one sends, and no lock is held meanwhile. What another look or a person said of an alert after our
    facts were read stands: they may have known more, and the next look says what is left to say.

    Args:
        engine: the warehouse.
        policy: of the reconciliation.
        alert_policy: of the alerts.
        now: the moment of the look.
        channels: who is notified.
        alertmanager: sent everything that stands, at every look.
        silent_parts: the parts that are down (``jobs.watching.parts``).
    """
    today = now.astimezone(AMSTERDAM).date()
    with snapshot(engine) as connection:
        facts = read_facts(connection, today=today, policy=policy, alert_policy=alert_policy)
        read_until = last_event_number(connection)
    facts = replace(facts, silent_parts=silent_parts)
    found = findings(facts, alert_policy)
    with engine.begin() as connection:
        hold_alerts(connection)
        for channel in channels:
            known_after(connection, channel.name)  # one that is new hears of this look, and of what stands before it
        events = read_alert_events(connection)
        overtaken = {event.alert_id for event in events if (event.event_number or 0) > read_until}
        after = steps_after_a_look(alerts_of(events), found, at=now)
        steps = [step for step in after if step.alert_id not in overtaken]
        keep_alert_events(connection, steps)
    failures = [send_what_is_due(engine, channel, alert_policy, now=now) for channel in channels]
    with snapshot(engine) as connection:
        alerts = list(alerts_of(read_alert_events(connection)).values())
    if alertmanager is not None:
        failures.append(failure_of(alertmanager.name, partial(alertmanager.send_all, alerts, now=now)))
    waiting = {channel.name: messages_that_wait(engine, channel, alert_policy, now=now) for channel in channels}
    return WatchResult(
        facts=facts,
        steps=tuple(steps),
        standing=tuple(most_severe_first(alert for alert in alerts if alert.stands)),
        failures=tuple(failure for failure in failures if failure is not None),
        waiting={name: alerts_waiting for name, alerts_waiting in waiting.items() if alerts_waiting},
    )


def _lags(engine: Engine, settings: Settings, silent: Sequence[SilentPart]) -> dict[str, int]:
    """How many messages wait on each topic; nothing while Kafka is down, where each topic would be waited for."""
    from ketenbalans.jobs.loading.lags import lags  # noqa: PLC0415 (a Kafka client, which only metrics need)

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
