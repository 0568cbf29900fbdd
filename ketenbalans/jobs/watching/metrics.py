"""What a look saw, as the numbers that are measured (``telemetry.metrics``)."""

from collections import Counter
from datetime import datetime

from ketenbalans.alerts.facts import Facts
from ketenbalans.telemetry.metrics import Metric
from schemas.alerts import NO_BALANCE, Severity
from schemas.causes import Cause


def gauges_of(facts: Facts, *, now: datetime) -> dict[str, float]:
    """How things stand, by name.

    Args:
        facts: what a look read.
        now: the moment of the look, which the ages are counted to.
    """
    stopped = Counter(one.subject for one in facts.incidents)
    gauges: dict[str, float] = {Metric.INCIDENTS.of(name): stopped[name] for name in (*facts.sources, NO_BALANCE)}
    raised = Counter(one.severity for one in facts.standing.values() if one.was_raised)
    gauges |= {Metric.ALERTS.of(severity.value): raised[severity] for severity in Severity}
    for name in facts.sources:
        waiting = facts.dead_letters.get(name)
        gauges[Metric.DEAD_LETTERS.of(name)] = waiting.messages if waiting else 0
        if received := facts.received.get(name):
            covered = max(extract.covers_until for extract in received)
            gauges[Metric.COVERED_DAYS_AGO.of(name)] = (facts.today - covered).days
            newest = max(extract.recorded_at for extract in received)
            gauges[Metric.RECEIVED_HOURS_AGO.of(name)] = round((now - newest).total_seconds() / 3600, 2)
    for balance in facts.balances:
        year = balance.period.start.year
        since = facts.open_since.get(year)
        gauges[Metric.GAP.of(year)] = balance.gap
        gauges[Metric.INCOMPLETE.of(year)] = balance.period in facts.incomplete
        gauges[Metric.BALANCE_BEHIND.of(year)] = balance.period in facts.behind
        gauges[Metric.BALANCE_DAYS_AGO.of(year)] = (facts.today - balance.as_of).days
        gauges[Metric.UNEXPLAINED.of(year)] = balance.causes[Cause.MISSING.value]
        gauges[Metric.OLDEST_BREAK_DAYS.of(year)] = (facts.as_of - since).days if since and facts.as_of else 0
    return gauges
