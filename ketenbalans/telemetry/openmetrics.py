"""Write what is measured as OpenMetrics, which Prometheus and others scrape."""

from collections.abc import Iterable, Mapping

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.core import Metric as Family
from prometheus_client.openmetrics.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector, CollectorRegistry

from ketenbalans.telemetry.metrics import PREFIX, Metric

CONTENT_TYPE = CONTENT_TYPE_LATEST


def family_name(metric: Metric) -> str:
    """The name of a metric as it is scraped; the samples of a counter end in ``_total``."""
    return f"{PREFIX}_{metric.value}"


def openmetrics(numbers: Mapping[str, float]) -> bytes:
    """Write numbers out, each metric with its meaning, and every one that is declared, also without a number.

    Args:
        numbers: by ``Metric.of``.

    Raises:
        ValueError: a number is of no metric that is declared.
    """
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Numbers(numbers))
    written: bytes = generate_latest(registry)  # type: ignore[no-untyped-call]
    return written


class _Numbers(Collector):
    """The numbers as the library asks for them: one family per metric."""

    def __init__(self, numbers: Mapping[str, float]) -> None:
        self._families = {metric.value: _family(metric) for metric in Metric}
        for name, number in sorted(numbers.items()):
            of, _, subject = name.partition(".")
            if of not in self._families:
                message = f"{name} is of no metric; those are {', '.join(self._families)}"
                raise ValueError(message)
            self._families[of].add_metric([subject], float(number))

    def collect(self) -> Iterable[Family]:
        """Every family, in the order in which they are declared."""
        return self._families.values()


def _family(metric: Metric) -> GaugeMetricFamily | CounterMetricFamily:
    made = CounterMetricFamily if metric.is_counter else GaugeMetricFamily
    return made(family_name(metric), metric.meaning, labels=[metric.label])
