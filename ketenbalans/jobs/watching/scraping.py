"""Everything that is measured, as it is now, for who scrapes it."""

from datetime import UTC, datetime

from ketenbalans.jobs.loading.lags import lags
from ketenbalans.jobs.servers.warehouse import warehouse_from
from ketenbalans.jobs.watching.facts import read_facts
from ketenbalans.jobs.watching.metrics import gauges_of
from ketenbalans.settings import Settings
from ketenbalans.telemetry.metrics import Metric
from ketenbalans.telemetry.openmetrics import openmetrics
from schemas.period import AMSTERDAM
from warehouse.database import snapshot
from warehouse.loads import events_loaded


def scraped(settings: Settings) -> bytes:
    """What is measured, in OpenMetrics; of a source whose topic cannot be read the lag is left out.

    Raises:
        ServiceNotRunning: there is no warehouse.
        WarehouseUnreachable: it does not answer.
    """
    now = datetime.now(UTC)
    with warehouse_from(settings) as engine:
        with snapshot(engine) as connection:
            facts = read_facts(
                connection,
                today=now.astimezone(AMSTERDAM).date(),
                policy=settings.read_policy(),
                alert_policy=settings.read_alert_policy(),
            )
            loaded = events_loaded(connection)
        waiting = lags(engine, settings)
    numbers = gauges_of(facts, now=now)
    numbers |= {Metric.LOADED.of(name): loaded.get(name, 0) for name in facts.sources}
    numbers |= {Metric.LAG.of(name): lag for name, lag in waiting.items()}
    return openmetrics(numbers)
