"""What is measured, and sending it to a StatsD server over UDP, where the setting ``KETENBALANS_STATSD`` names one.

Names are ``ketenbalans.<metric>.<source, year or severity>``: counts, days and years, and nothing of a person. UDP
does not say whether anybody listens, and no job waits for it or fails by it.
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
    """What is measured, and of what: a source, a year, or alerts of a severity.

    Attributes:
        label: what a subject is: ``source``, ``year`` or ``severity``.
        meaning: one sentence.
        is_counter: whether it counts on, and is no state.
    """

    label: str
    meaning: str
    is_counter: bool

    def __new__(cls, value: str, label: str, meaning: str, is_counter: bool = False) -> Self:  # noqa: FBT001, FBT002 (a member is a tuple)
        """Make a member of its texts; it compares and serialises as ``value``."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        member.meaning = meaning
        member.is_counter = is_counter
        return member

    LAG = "lag", "source", "Offsets of the topic of a source that are not loaded yet."
    LOADED = "loaded", "source", "Events of a source that were loaded.", True
    DEAD_LETTERS = "dead_letters", "source", "Dead letters of a source that wait for a person."
    INCIDENTS = "incidents", "source", "Incidents that stop a source, or the balance (reconciliation)."
    COVERED_DAYS_AGO = "covered_days_ago", "source", "Days since the last day that a loaded extract speaks of."
    RECEIVED_HOURS_AGO = "received_hours_ago", "source", "Hours since the newest extract of a source was made."
    GAP = "gap", "year", "Delivered suspects of a year that the OM does not recognise."
    UNEXPLAINED = "unexplained", "year", "Suspects of the gap of a year that have no cause but missing."
    INCOMPLETE = "incomplete", "year", "1 where not all is known that belongs to the newest balance."
    BALANCE_BEHIND = (
        "balance_behind",
        "year",
        "1 where the newest balance rests on less than is loaded.",
    )
    BALANCE_DAYS_AGO = "balance_days_ago", "year", "Days since the as-of date of the newest balance of a year."
    OLDEST_BREAK_DAYS = (
        "oldest_break_days",
        "year",
        "The age in days of the oldest break that is not resolved.",
    )
    ALERTS = "alerts", "severity", "Alerts that stand and were raised, by how soon somebody has to look."

    def of(self, subject: str | int) -> str:
        """The name of this metric for one subject, without the prefix that all names have."""
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
