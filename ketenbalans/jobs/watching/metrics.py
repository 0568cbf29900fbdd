"""What a look saw, as the numbers that a StatsD server is sent."""

from ketenbalans.alerts.facts import Facts
from ketenbalans.telemetry.metrics import Metric
from schemas.causes import Cause


def gauges_of(facts: Facts) -> dict[str, float]:
    """How things stand, by name."""
    gauges: dict[str, float] = {}
    for name in facts.sources:
        waiting = facts.dead_letters.get(name)
        gauges[Metric.DEAD_LETTERS.of(name)] = waiting.messages if waiting else 0
        if received := facts.received.get(name):
            covered = max(extract.covers_until for extract in received)
            gauges[Metric.COVERED_DAYS_AGO.of(name)] = (facts.today - covered).days
    for balance in facts.balances:
        year = balance.period.start.year
        since = facts.open_since.get(year)
        gauges[Metric.GAP.of(year)] = balance.gap
        gauges[Metric.UNEXPLAINED.of(year)] = balance.causes[Cause.MISSING.value]
        gauges[Metric.OLDEST_BREAK_DAYS.of(year)] = (facts.as_of - since).days if since and facts.as_of else 0
    return gauges
