"""Metrics: each number arrives once, under a name that does not change, and nobody waits for anybody."""

import re
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketenbalans.settings import Settings
from ketenbalans.telemetry.errors import TelemetryPlaceInvalid
from ketenbalans.telemetry.metrics import Metric, send_metrics
from schemas.catalogue import sources

NAMES = [metric.of("police_deliveries") for metric in Metric]


class Listener:
    """A UDP socket that reads what was sent to it, line by line, until its own last word."""

    def __init__(self, family: socket.AddressFamily, host: str) -> None:
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        self.socket.settimeout(5)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.socket.bind((host, 0))
        self.address = self.socket.getsockname()[:2]
        shown = f"[{host}]" if ":" in host else host
        self.settings = Settings(statsd=f"{shown}:{self.address[1]}")

    def lines(self) -> list[str]:
        with socket.socket(self.socket.family, socket.SOCK_DGRAM) as own:
            own.sendto(b"the end", self.address)
        said: list[str] = []
        while (datagram := self.socket.recv(65536)) != b"the end":
            said += datagram.decode("ascii").split("\n")
        return said


@pytest.fixture(scope="module")
def statsd() -> Iterator[Listener]:
    listener = Listener(socket.AF_INET, "127.0.0.1")
    with listener.socket:
        yield listener


def test_the_names_are_those_that_dashboards_know() -> None:
    assert {metric.value for metric in Metric} == {
        "lag", "loaded", "dead_letters", "incidents", "covered_days_ago", "received_hours_ago", "gap", "unexplained",
        "incomplete", "balance_behind", "balance_days_ago", "oldest_break_days", "alerts",
    }  # fmt: skip
    assert {metric.label for metric in Metric} == {"source", "year", "severity"}
    assert all(metric.meaning.endswith(".") for metric in Metric)


@given(
    gauges=st.dictionaries(st.sampled_from(NAMES), st.integers(-(10**9), 10**9) | st.floats(0, 1e6)),
    counters=st.dictionaries(st.sampled_from(NAMES), st.integers(0, 10**9)),
)
def test_each_number_arrives_once(statsd: Listener, gauges: dict[str, Any], counters: dict[str, Any]) -> None:
    send_metrics(statsd.settings.statsd, gauges, counters)
    last: dict[str, float] = {}
    counted: dict[str, int] = {}
    for line in statsd.lines():
        parts = re.fullmatch(r"ketenbalans\.([\w.]+):([^|]+)\|([gc])", line)
        assert parts is not None, line
        name, value, kind = parts.groups()
        if kind == "c":
            assert name not in counted
            counted[name] = int(value)
        else:  # a gauge below 0 is set to 0 first: with a sign it is a step, as StatsD has it
            last[name] = last[name] + float(value) if value.startswith("-") else float(value)
    assert last == gauges
    assert counted == counters


def test_what_a_look_says_is_this_to_the_letter(statsd: Listener) -> None:
    gauges = {
        Metric.LAG.of("police_deliveries"): 12,
        Metric.GAP.of(2014): 54,
        Metric.COVERED_DAYS_AGO.of("om_registrations"): 1.5,
    }
    send_metrics(statsd.settings.statsd, gauges, {Metric.LOADED.of("om_registrations"): 480})
    assert statsd.lines() == [
        "ketenbalans.lag.police_deliveries:12|g",
        "ketenbalans.gap.2014:54|g",
        "ketenbalans.covered_days_ago.om_registrations:1.5|g",
        "ketenbalans.loaded.om_registrations:480|c",
    ]  # fmt: skip


def test_every_source_can_be_in_a_name(statsd: Listener) -> None:
    send_metrics(statsd.settings.statsd, {Metric.LAG.of(name): 0 for name in sources()}, {})
    assert statsd.lines() == [f"ketenbalans.lag.{name}:0|g" for name in sources()]


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_what_is_no_number_is_left_out(statsd: Listener, number: float) -> None:
    send_metrics(statsd.settings.statsd, {"gap.2014": number, "gap.2013": 1}, {})
    assert statsd.lines() == ["ketenbalans.gap.2013:1|g"]


def test_ipv6() -> None:
    try:
        listener = Listener(socket.AF_INET6, "::1")
    except OSError:
        pytest.skip("this machine has no IPv6")
    with listener.socket:
        send_metrics(listener.settings.statsd, {"gap.2014": 1}, {})
        assert listener.lines() == ["ketenbalans.gap.2014:1|g"]


@pytest.mark.parametrize("setting", [None, ""])
def test_nothing_set_sends_nothing(setting: str | None) -> None:
    send_metrics(Settings(statsd=setting).statsd, {"not: a name": 1}, {})


@pytest.mark.parametrize("name", ["gap.2014:1|c", "gap 2014", "gap.2014\n", "", "naïef", "a|b", "a@b", "a#b", "a,b"])
@pytest.mark.parametrize("where", ["gauges", "counters"])
def test_a_name_that_would_arrive_as_something_else_is_refused_and_nothing_is_sent(
    statsd: Listener, name: str, where: str
) -> None:
    said: dict[str, dict[str, int]] = {"gauges": {"gap.2013": 1}, "counters": {}}
    said[where][name] = 1
    with pytest.raises(ValueError, match="cannot be in a metric"):
        send_metrics(statsd.settings.statsd, **said)
    assert statsd.lines() == []


@pytest.mark.parametrize(
    "setting",
    ["localhost", "localhost:", ":8125", "localhost:port", "localhost:0", "localhost:65536", "udp://localhost:8125",
     "::1:8125", "[::1]", "a b:8125", "localhost:8125/x", "localhost:٨١٢٥"],
)  # fmt: skip
def test_a_malformed_setting_is_a_clear_error(setting: str) -> None:
    with pytest.raises(TelemetryPlaceInvalid, match=r"KETENBALANS_STATSD.*host:port"):
        send_metrics(Settings(statsd=setting).statsd, {}, {})


def test_nobody_who_listens_is_no_error() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    for _ in range(3):  # the second would hear that the first was refused
        send_metrics(Settings(statsd=f"127.0.0.1:{port}").statsd, {"gap.2014": 1}, {})


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a..b", "x" * 64, "[::ffff:1:2:3:4:5:6:7:8]"])
def test_a_server_that_cannot_be_found_is_a_warning(caplog: pytest.LogCaptureFixture, host: str) -> None:
    send_metrics(Settings(statsd=f"{host}:8125").statsd, {"gap.2014": 1}, {})
    (record,) = [record for record in caplog.records if record.name == "ketenbalans.metrics"]
    assert record.levelname == "WARNING"
    assert "KETENBALANS_STATSD" in record.getMessage()
