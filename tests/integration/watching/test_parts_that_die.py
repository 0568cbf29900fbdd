"""A broker or a warehouse dies or hangs under a running stack: somebody hears of it, once, and when it is back.

The stack is a real one of its own with its watchdog, and a policy that lets a part be away for two seconds, so that the
tests need not wait; without Airflow, since the watchdog is what is left when Airflow dies with its database.
"""

import os
import shutil
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
from aiosmtpd.controller import Controller

from ketenbalans.stack import ports, processes
from ketenbalans.stack.home import Home
from ketenbalans.stack.kafka_broker import Broker
from ketenbalans.stack.postgres import Server
from tests.faults.fault_stack import a_home, kill
from tests.integration.airflow_stack import Mailbox, policy_without_quiet_hours
from tests.integration.command_line import Ended, in_this_process

pytestmark = [pytest.mark.stack, pytest.mark.own_servers, pytest.mark.timeout(300)]

QUICK_SECONDS = 10.0
"""What `status` may take at most on a machine whose processors are all taken; it waits for two seconds of that."""


@dataclass(frozen=True)
class Stack:
    """A stack that mails."""

    home: Home
    environment: dict[str, Any]
    mailbox: Mailbox

    def command(self, *arguments: object) -> Ended:
        """What a command says; it is run here, for a process of its own takes seconds to start on a busy machine."""
        return in_this_process(*arguments, **self.environment)

    def up(self) -> None:
        ended = self.command("up", "--no-airflow")
        assert ended.code == 0, ended.err

    def broker(self) -> psutil.Process:
        pid = Broker(self.home).pid()
        assert pid is not None
        return psutil.Process(pid)

    def postmaster(self) -> psutil.Process:
        (master,) = Server(self.home).postmasters()
        return master

    def subjects(self) -> list[str]:
        """What the mails are about, without how severe that is."""
        with self.mailbox.changed:
            return [str(mail["Subject"]).removeprefix("[Ketenbalans] ") for mail in self.mailbox.mails]

    def wait_for_mails(self, *expected: str) -> None:
        """Wait until exactly these have come since the last time, each by the end of its subject."""
        deadline = time.monotonic() + 180
        while len(self.subjects()) < len(expected) and time.monotonic() < deadline:
            time.sleep(0.1)
        found = self.subjects()
        assert [subject.lower() for subject in found] == list(expected)
        self.mailbox.mails.clear()

    def state_of(self, part: str) -> tuple[int, str]:
        """How `status` ends, and what it says of a part; it hangs on nothing."""
        began = time.monotonic()
        ended = self.command("status", "--json")
        assert time.monotonic() - began < QUICK_SECONDS, "status is quick, also when a part hangs"
        return ended.code, ended.json[part]["state"]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("policy")
    policy = policy_without_quiet_hours(folder)
    text = policy.read_text(encoding="utf-8")
    assert "part_may_be_away_seconds = 30" in text
    policy.write_text(text.replace("part_may_be_away_seconds = 30", "part_may_be_away_seconds = 2"), encoding="utf-8")
    mailbox, port = Mailbox(), ports.choose(0, before=None, service="the mailbox", setting="")
    server = Controller(mailbox, hostname=ports.HOST, port=port)
    server.start()
    try:
        with a_home() as home:
            environment = {
                "KETENBALANS_HOME": str(home),
                "KETENBALANS_KAFKA_PORT": "0",
                "KETENBALANS_CACHE": os.environ.get("KETENBALANS_CACHE", str(home / "cache")),
                "KETENBALANS_POLICY": str(policy),
                "KETENBALANS_SMTP_URL": f"smtp://{ports.HOST}:{port}",
                "KETENBALANS_ALERTS_TO": "desk@example.org",
            }
            one = Stack(Home.at(home), environment, mailbox)
            one.up()
            yield one
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def test_a_broker_that_hangs_raises_an_alert_and_so_is_its_return(stack: Stack) -> None:
    """The process lives and its port takes connections: only a question of Kafka's own says that nobody is there."""
    broker = stack.broker()
    os.kill(broker.pid, signal.SIGSTOP)
    try:
        assert stack.state_of("kafka") == (1, "failing")
        stack.wait_for_mails("critical: part down kafka")
    finally:
        os.kill(broker.pid, signal.SIGCONT)
    stack.wait_for_mails("resolved: part down kafka")
    assert stack.state_of("kafka") == (0, "running")


def test_a_broker_that_was_killed_raises_an_alert_until_up_starts_it(stack: Stack, tmp_path: Path) -> None:
    kill(stack.broker())
    assert stack.state_of("kafka") == (1, "failing")
    stack.wait_for_mails("critical: part down kafka")
    (alert,) = stack.command("alerts", "--json").json
    assert (alert["alert_id"], alert["severity"]) == ("part_down:kafka", "critical")
    assert "Standing still: " in alert["says"]
    assert "police_deliveries" in alert["says"]
    stack.up()
    stack.wait_for_mails("resolved: part down kafka")


def test_a_broker_that_restarts_raises_no_alert(stack: Stack) -> None:
    broker = stack.broker()
    os.kill(broker.pid, signal.SIGSTOP)
    time.sleep(1.5)  # shorter than a part may be away
    os.kill(broker.pid, signal.SIGCONT)
    assert stack.command("alerts", "look").code == 0
    assert stack.subjects() == []


@pytest.mark.parametrize("how", ["killed", "hangs"])
def test_a_warehouse_that_dies_raises_an_alert_once_and_kept_when_it_is_back(stack: Stack, how: str) -> None:
    postmaster = stack.postmaster()
    if how == "killed":
        kill(postmaster)
    else:
        os.kill(postmaster.pid, signal.SIGSTOP)
    try:
        assert stack.state_of("warehouse") == (1, "failing")
        stack.wait_for_mails("critical: part down warehouse")
        ended = stack.command("alerts", "look")
        assert ended.code == 4
        assert "cannot be reached" in ended.err
        assert stack.subjects() == [], "it was said already"
    finally:
        if how == "hangs":
            os.kill(postmaster.pid, signal.SIGCONT)
    stack.up()
    stack.wait_for_mails("resolved: part down warehouse")
    alerts = {alert["alert_id"]: alert for alert in stack.command("alerts", "--all", "--json").json}
    assert alerts["part_down:warehouse"]["state"] == "resolved"
    assert stack.command("alerts", "--json").json == []


def test_a_watchdog_that_died_is_failing_and_up_starts_it(stack: Stack) -> None:
    pid = processes.living(stack.home, "watchdog")
    assert pid is not None
    kill(psutil.Process(pid))
    assert stack.state_of("watchdog") == (1, "failing")
    stack.up()
    assert stack.state_of("watchdog") == (0, "running")


def test_what_down_stopped_is_stopped_and_nobody_is_called(stack: Stack) -> None:
    assert stack.command("down").code == 0
    assert stack.state_of("kafka") == (0, "stopped")
    assert processes.marked(stack.home) == []
    assert stack.command("alerts", "look").code == 4
    assert stack.subjects() == []
