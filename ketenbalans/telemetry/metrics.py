"""Send numbers to a StatsD server over UDP, where the setting ``KETENBALANS_STATSD`` names one.

Names are ``ketenbalans.<metric>.<source or year>``: counts, days and years, and nothing of a person. UDP does not say
whether anybody listens, and no job waits for it or fails by it.
"""

import logging
import math
import re
from collections.abc import Mapping
from contextlib import closing
from enum import StrEnum
from typing import Self

from statsd import StatsClient

from ketenbalans.telemetry.errors import TelemetryPlaceInvalid

PREFIX = "ketenbalans"
PLAIN = re.compile(r"[A-Za-z0-9_./-]+")
"""What a name may hold: StatsD gives ``:``, ``|``, ``@`` and ``#`` a meaning of its own."""

ADDRESS = re.compile(r"(?:\[(?P<ipv6>[0-9A-Fa-f:.]+)\]|(?P<host>[A-Za-z0-9_.-]+)):(?P<port>\d{1,5})", re.ASCII)

logger = logging.getLogger("ketenbalans.metrics")


class Metric(StrEnum):
    """What is measured, and of what: a source or a year."""

    meaning: str

    def __new__(cls, value: str, meaning: str) -> Self:
        """Make a member of its two texts; it compares and serialises as ``value``."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        return member

    LAG = "lag", "Of a source: offsets of its topic that are not loaded yet."
    LOADED = "loaded", "Of a source, a counter: events that were loaded."
    DEAD_LETTERS = "dead_letters", "Of a source: dead letters that wait for a person."
    GAP = "gap", "Of a year: delivered suspects that the OM does not recognise."
    UNEXPLAINED = "unexplained", "Of a year: suspects of the gap that have no cause but missing."
    OLDEST_BREAK_DAYS = "oldest_break_days", "Of a year: the age in days of its oldest break that is not resolved."
    COVERED_DAYS_AGO = "covered_days_ago", "Of a source: days since the last day that a loaded extract speaks of."

    def of(self, subject: str | int) -> str:
        """The name of this metric for one source or year, without the prefix that all names have."""
        return f"{self.value}.{subject}"


def send_metrics(server: str | None, gauges: Mapping[str, float], counters: Mapping[str, int]) -> None:
    """Send each number once; with nothing set this does nothing.

    Args:
        server: where to, ``host:port`` (the setting ``statsd``); None or empty: nowhere.
        gauges: what stands now, by ``Metric.of``; what is no number (NaN, infinite) is left out.
        counters: how much was added since the last time, by ``Metric.of``.

    Raises:
        TelemetryPlaceInvalid: that is no ``host:port``.
        ValueError: a name would not reach the server as it is.
    """
    if not server:
        return
    host, port, is_ipv6 = _address_of(server)
    for text in (*gauges, *counters):
        if not PLAIN.fullmatch(text):
            message = f"{text!r} cannot be in a metric: use letters, digits and _ . / -"
            raise ValueError(message)
    try:
        with closing(StatsClient(host, port, prefix=PREFIX, ipv6=is_ipv6)) as client:
            for name, number in gauges.items():
                if math.isfinite(number):
                    client.gauge(name, number)
            for name, added in counters.items():
                client.incr(name, added)
    except (OSError, UnicodeError) as error:
        logger.warning(
            "metrics could not be sent (%s); the job itself is not touched by it. Check KETENBALANS_STATSD",
            type(error).__name__,
        )


def _address_of(setting: str) -> tuple[str, int, bool]:
    found = ADDRESS.fullmatch(setting.strip())
    if found is None or not 0 < int(found["port"]) <= 65535:
        message = f"KETENBALANS_STATSD is {setting!r}: write host:port, for example localhost:8125, or leave it empty"
        raise TelemetryPlaceInvalid(message)
    return found["ipv6"] or found["host"], int(found["port"]), found["ipv6"] is not None
