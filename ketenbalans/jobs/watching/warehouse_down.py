"""Report that the warehouse is away, which can keep no alert; and keep that as an alert when it is back.

Each channel is sent it once. What was sent is remembered in the home (``jobs.watching.parts_kept``); when the
warehouse answers again the alert is kept there with the channels that were sent it, and ends as every alert does.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from sqlalchemy import Engine

from ketenbalans.alerts.channels import AlertChannel, Alertmanager, ChannelFailed
from ketenbalans.alerts.facts import SilentPart
from ketenbalans.alerts.life import alerts_of, step_of
from ketenbalans.alerts.rules_parts import WAREHOUSE, part_down
from ketenbalans.jobs.watching.alert_sending import failure_of
from ketenbalans.jobs.watching.parts_kept import PartKept, parts_kept, sending_alone
from ketenbalans.settings import Settings
from schemas.alerts import AlertEvent, AlertStep
from schemas.catalogue import sources
from schemas.period import AMSTERDAM
from warehouse.alerts import hold_alerts, keep_alert_events, keep_sent, read_alert_events
from warehouse.errors import WarehouseUnreachable


class WarehouseDown(WarehouseUnreachable):
    """The warehouse does not answer, and the channels were sent that instead of it being kept."""

    def __init__(self, part: SilentPart, failures: Sequence[ChannelFailed] | None) -> None:
        super().__init__(part.place, f"no answer since {part.since.astimezone(AMSTERDAM):%Y-%m-%d %H:%M:%S}")
        if failures is None:
            sent_to = "another look sends that to the channels now"
        else:
            sent_to = "; ".join(map(str, failures)) or "every channel that is set has heard of it"
        self.args = (f"{self.args[0]}. No alert can be kept meanwhile: {sent_to}",)


def check_that_the_warehouse_answers(
    settings: Settings,
    down: Sequence[SilentPart],
    *,
    channels: Sequence[AlertChannel],
    alertmanager: Alertmanager | None,
) -> None:
    """Notify everybody when the warehouse is down, and end the look: there is nothing to look at.

    Raises:
        WarehouseDown: it is.
    """
    part = next((one for one in down if one.name == WAREHOUSE), None)
    if part is None:
        return
    failures = send_without_the_warehouse(
        settings, down, channels=channels, alertmanager=alertmanager, now=datetime.now(UTC)
    )
    raise WarehouseDown(part, failures)


def send_without_the_warehouse(
    settings: Settings,
    down: Sequence[SilentPart],
    *,
    channels: Sequence[AlertChannel],
    alertmanager: Alertmanager | None,
    now: datetime,
) -> list[ChannelFailed] | None:
    """Notify each channel once that the warehouse does not answer; gives the channels that failed.

    One that failed is tried at the next look. Alertmanager is sent it at every look, as of any alert. Of looks at the
    same time one sends; the others get None.
    """
    failures: list[ChannelFailed | None] = []
    with sending_alone(settings.home) as alone:
        if not alone:
            return None
        known = _what_is_sent(settings, down, now=now)
        event = _event(known)
        for channel in channels:
            if channel.name in known.heard_by:
                continue
            failure = failure_of(channel.name, partial(channel.send, [event]))
            failures.append(failure)
            if failure is None or failure.somebody_was_reached:
                known = _remember(settings, replace(known, heard_by=(*known.heard_by, channel.name)))
        if alertmanager is not None:
            (alert,) = alerts_of([event]).values()
            failures.append(failure_of(alertmanager.name, partial(alertmanager.send_all, [alert], now=now)))
    return [failure for failure in failures if failure is not None]


def keep_that_the_warehouse_was_down(engine: Engine, settings: Settings) -> None:
    """Keep the alert that could not be kept, once the warehouse answers again: the look that follows resolves it."""
    with parts_kept(settings.home) as kept:
        known = kept.of(WAREHOUSE)
    if known.raised_at is None:
        return
    event = _event(known)
    with engine.begin() as connection:
        hold_alerts(connection)
        if not _is_kept(event, read_alert_events(connection)):  # else another look was first, or we were ended here
            keep_alert_events(connection, [event])
            (numbered,) = (one for one in read_alert_events(connection) if _is_kept(event, [one]))
            for channel in known.heard_by:
                keep_sent(connection, [numbered], channel)
    _remember(settings, replace(known, raised_at=None, heard_by=(), says="", down_since=None))


def _what_is_sent(settings: Settings, down: Sequence[SilentPart], *, now: datetime) -> PartKept:
    """What every channel is sent, now or later: the same words, also from a look that tries again."""
    with parts_kept(settings.home) as kept:
        known = kept.of(WAREHOUSE)
        if known.raised_at is None:
            (part,) = (one for one in down if one.name == WAREHOUSE)
            finding = part_down(part, _sources(), also=[one.name for one in down if one.name != WAREHOUSE])
            known = replace(known, raised_at=now, says=finding.says, down_since=part.since)
            kept.parts[WAREHOUSE] = known
        kept.note_down({WAREHOUSE})
    return known


def _event(known: PartKept) -> AlertEvent:
    assert known.raised_at is not None
    part = SilentPart(name=WAREHOUSE, place="", pieces=(WAREHOUSE,), since=known.down_since or known.raised_at)
    finding = replace(part_down(part, _sources()), says=known.says)
    return step_of(finding, AlertStep.RAISED, at=known.raised_at)


def _is_kept(event: AlertEvent, events: Sequence[AlertEvent]) -> bool:
    return any((one.alert_id, one.step, one.at) == (event.alert_id, event.step, event.at) for one in events)


def _sources() -> list[str]:
    return [name for name, source in sources().items() if source.command is not None]


def _remember(settings: Settings, known: PartKept) -> PartKept:
    """Remember what was sent, beside what another look has asked meanwhile."""
    with parts_kept(settings.home) as kept:
        asked = kept.of(WAREHOUSE)
        kept.parts[WAREHOUSE] = replace(
            asked, raised_at=known.raised_at, heard_by=known.heard_by, says=known.says, down_since=known.down_since
        )
    return known
