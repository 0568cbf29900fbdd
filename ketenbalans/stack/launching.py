"""Give orders to Airflow's launchers: the side of ``stack.airflow_launcher`` that runs in ``up``."""

import select
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from ketenbalans.stack.airflow_launcher import GROUPS
from ketenbalans.stack.errors import ServiceDidNotStart
from ketenbalans.stack.startup import Startup

ANSWERS_WITHIN_SECONDS = 120.0
"""How long a launcher may take to do what it was ordered."""


@dataclass(frozen=True)
class Launcher:
    """A process that imports Airflow and then waits for orders."""

    process: "subprocess.Popen[bytes]"
    startup: Startup

    def migrate(self) -> None:
        """Have Airflow's tables brought up to date.

        Raises:
            ServiceDidNotStart: they could not be.
        """
        self._order("migrate")
        answer = self._answer()
        if answer != b"migrated":
            log = self.startup.home.log("airflow-migrate" if answer else "airflow-launcher")
            title = "Airflow"
            raise ServiceDidNotStart(title, "could not make its tables", log)

    def start(self) -> None:
        """Have the components forked; ``finish`` waits for it."""
        self._order("start")

    def finish(self) -> None:
        """Wait until the components are forked.

        Raises:
            ServiceDidNotStart: they could not be.
        """
        deadline = time.monotonic() + ANSWERS_WITHIN_SECONDS
        while self.process.poll() is None and time.monotonic() < deadline:
            self.startup.check_cancelled()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(0.1)
        if self.process.returncode != 0:
            title = "Airflow"
            raise ServiceDidNotStart(title, "ended while it was loaded", self.startup.home.log("airflow-launcher"))

    def _answer(self) -> bytes:
        """The line that it says; nothing when it ends or takes too long."""
        assert self.process.stdout is not None
        deadline = time.monotonic() + ANSWERS_WITHIN_SECONDS
        while time.monotonic() < deadline:
            self.startup.check_cancelled()
            if select.select([self.process.stdout], [], [], 0.1)[0]:
                return self.process.stdout.readline().strip()
        return b""

    def _order(self, word: str) -> None:
        """Say a word; a launcher that is gone already is noticed by who waits for its answer."""
        assert self.process.stdin is not None
        with suppress(BrokenPipeError):
            self.process.stdin.write(f"{word}\n".encode())
            self.process.stdin.flush()


@contextmanager
def launchers(startup: Startup, names: Sequence[str], environment: Mapping[str, str]) -> Iterator[list[Launcher]]:
    """Start the launchers for some components; none of them outlives the block."""
    started: list[Launcher] = []
    home = startup.home
    log = home.new_log("airflow-launcher")
    for name in ("airflow-migrate", *(f"airflow-{name}" for name in names)):
        home.new_log(name)
    try:
        for group in GROUPS:
            if chosen := [name for name in group if name in names]:
                command = [
                    sys.executable,
                    "-P",
                    "-m",
                    "ketenbalans.stack.airflow_launcher",
                    str(home.run),
                    str(home.logs),
                    *chosen,
                ]
                started.append(Launcher(startup.launch(log, command, environment), startup))
        yield started
    finally:
        for launcher in started:
            _end(launcher.process)


def _end(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is None:
        process.kill()
        process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with suppress(OSError):
                stream.close()
