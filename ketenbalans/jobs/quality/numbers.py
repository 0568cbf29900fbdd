"""The numbers of a source that its suite holds against their bands: volume, drift and freshness, without a clock."""

from collections.abc import Iterator
from datetime import date

from sqlalchemy import Connection

from ketenbalans.alerts.facts import Facts
from ketenbalans.alerts.life import alerts_of
from ketenbalans.alerts.measures import WindowMeasure, measures
from ketenbalans.jobs.watching.recent_facts import received_extracts, recent_rows
from ketenbalans.quality.suite import Band
from schemas.alert_policy import AlertPolicy
from schemas.alerts import AlertRule
from schemas.declaration import Source
from schemas.quality import Concern
from warehouse.alerts import read_alert_events

CONCERNS = {AlertRule.VOLUME: Concern.VOLUME, AlertRule.DRIFT: Concern.DRIFT}


def numbers_of(connection: Connection, source: Source, *, covered: dict[str, date], policy: AlertPolicy) -> list[Band]:
    """What was counted over what is stored of a source, each with its band; nothing of one without an extract.

    Args:
        connection: a snapshot: what is read belongs together.
        source: whose numbers.
        covered: the latest day that each source covers.
        policy: the numbers of the alerts, which report when one of these is out of its band.
    """
    if source.command is None or source.name not in covered:
        return []
    received = received_extracts(connection)[source.name]
    standing = [alert for alert in alerts_of(read_alert_events(connection)).values() if alert.stands]
    facts = Facts(
        today=covered[source.name],  # none of the numbers asks for it
        as_of=None,
        sources=(source.name,),
        received={source.name: received},
        recent={source.name: recent_rows(connection, received, standing, alert_policy=policy)},
    )
    return [*_freshness(source.name, covered, policy), *map(_as_band, measures(facts, policy))]


def _freshness(name: str, covered: dict[str, date], policy: AlertPolicy) -> Iterator[Band]:
    """How many days less a source covers than the one that covers most."""
    if len(covered) > 1:
        furthest = max(covered.values())
        yield Band(
            concern=Concern.FRESHNESS,
            subject=name,
            what="days less covered than by the source that covers most",
            counted=(furthest - covered[name]).days,
            highest=policy.may_be_silent_days(name),
        )


def _as_band(measure: WindowMeasure) -> Band:
    period = f"{measure.period.start} to {measure.period.end}"
    return Band(
        concern=CONCERNS[measure.rule],
        subject=measure.subject,
        what=f"{measure.what}, {period}, where {measure.usual:.0f} would be usual",
        counted=measure.counted,
        lowest=measure.lowest,
        highest=measure.highest,
    )
