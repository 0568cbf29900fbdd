"""Airflow as four processes started directly: api-server, scheduler, dag-processor, triggerer.

State lives in ``HOME/airflow`` and in a database of its own in the stack's PostgreSQL.
"""

import http.client
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from typing import Any

from ketenbalans.stack import processes
from ketenbalans.stack.airflow_launcher import COMPONENTS
from ketenbalans.stack.airflow_sign_in import write_passwords
from ketenbalans.stack.errors import ServiceEnded
from ketenbalans.stack.home import Home
from ketenbalans.stack.launching import Launcher, launchers
from ketenbalans.stack.ports import HOST
from ketenbalans.stack.postgres import Server
from ketenbalans.stack.startup import Startup
from ketenbalans.whole_files import write_whole

AIRFLOW = "airflow"
READY_WITHIN_SECONDS = 120.0
ANSWERS_WITHIN_SECONDS = 10.0
# The scheduler hangs on SIGTERM in a quarter of its stops; a kill loses nothing.
STOPS_WITHIN_SECONDS = 6.0
HEARTBEATS = {
    "scheduler": "latest_scheduler_heartbeat",
    "triggerer": "latest_triggerer_heartbeat",
    "dag_processor": "latest_dag_processor_heartbeat",
}


@dataclass(frozen=True)
class Airflow:
    """The components of one home."""

    home: Home

    @property
    def notes(self) -> list[str]:
        """The names under which the components are noted in the run folder."""
        return [f"airflow-{name}" for name in COMPONENTS]

    def missing(self) -> list[str]:
        """Name the components that do not live."""
        return [name for name in COMPONENTS if processes.living(self.home, f"airflow-{name}") is None]

    def has_one_older_than(self, moment: datetime) -> bool:
        """Say whether a component lives that was started before a moment."""
        pids = (processes.living(self.home, f"airflow-{name}") for name in COMPONENTS)
        began = (processes.began(pid) for pid in pids if pid is not None)
        return any(one is not None and one < moment for one in began)

    def start(
        self,
        startup: Startup,
        *,
        port: int,
        environment: Mapping[str, str],
        server: Server,
        until_it_may: Callable[[], None],
    ) -> None:
        """Start the components that are missing and wait until all four are healthy.

        ``until_it_may`` returns when PostgreSQL answers; importing Airflow goes on meanwhile.

        Raises:
            ServiceEnded: a component ended; with the end of its log.
            ServiceDidNotStart: a component stayed silent.
        """
        self._stop_orphans()
        names = self.missing()
        (self.home.path / AIRFLOW).mkdir(exist_ok=True)
        write_passwords(self.home)
        startup.say(AIRFLOW, "loading")
        startup.undo_by(lambda: self._stop_these(names))
        environment = processes.child_environment(self.home, AIRFLOW, environment)
        began = datetime.now(UTC)
        with launchers(startup, names, environment) as started:
            until_it_may()
            self._migrate(startup, started[-1], server)
            startup.check_cancelled()
            startup.say(AIRFLOW, f"starting {', '.join(names)}")
            for launcher in started:
                launcher.start()
            for launcher in started:
                launcher.finish()
        self._wait_until_healthy(startup, port, names, began)

    def is_healthy(self, port: int, *, beating_since: datetime | None) -> bool:
        """Say whether all components live, the API answers, and all report a heartbeat since a moment."""
        return not self.unhealthy(port, beating_since=beating_since)

    def unhealthy(self, port: int, *, beating_since: datetime | None) -> list[str]:
        """Name the components that are not healthy, by themselves or because their database is not.

        An API that does not answer says nothing about the others, which then count as not healthy too.
        """
        since = dict.fromkeys(HEARTBEATS, beating_since) if beating_since else {}
        return self.missing() or self._unhealthy(port, since)

    def stop(self) -> bool:
        """Stop all components and their tasks side by side; say whether there were any."""
        found = processes.marked(self.home, AIRFLOW)
        processes.stop(found, grace_seconds=STOPS_WITHIN_SECONDS)
        processes.stop(processes.marked(self.home, AIRFLOW), grace_seconds=0.0)  # what those started while they ended
        for name in COMPONENTS:
            processes.forget(self.home, f"airflow-{name}")
        return bool(found)

    def _stop_these(self, names: list[str]) -> None:
        """Stop some components, and whatever starts them, and leave the others."""
        for _ in range(2):  # a launcher that was about to fork may have done so meanwhile
            self._stop_orphans(names)
        for name in names:
            processes.forget(self.home, f"airflow-{name}")

    def _wait_until_healthy(self, startup: Startup, port: int, names: list[str], began: datetime) -> None:
        silent = list(COMPONENTS)
        since = {name.replace("-", "_"): began for name in names}

        def all_are_healthy() -> bool:
            unhealthy = self._unhealthy(port, since)
            if unhealthy != silent:
                silent[:] = unhealthy
                startup.say(
                    AIRFLOW, f"waiting for {', '.join(unhealthy)}" if unhealthy else "all components are healthy"
                )
            return not unhealthy

        def all_live() -> bool:
            if dead := self.missing():
                raise ServiceEnded(f"Airflow's {dead[0]}", self.home.log(f"airflow-{dead[0]}"))
            return True

        startup.wait_until(
            AIRFLOW,
            "Airflow",
            all_are_healthy,
            lives=all_live,
            within_seconds=READY_WITHIN_SECONDS,
            log=self.home.log("airflow-api-server"),
        )

    def _migrate(self, startup: Startup, launcher: Launcher, server: Server) -> None:
        """Bring Airflow's tables up to date, unless this version of Airflow left them as they are now."""
        stamp = self.home.path / AIRFLOW / "migrated"
        version = metadata.version("apache-airflow-core")
        before = server.airflow_schema()
        if before and stamp.exists() and stamp.read_text(encoding="utf-8") == f"{version} {before}\n":
            return
        startup.say(AIRFLOW, "making its tables")
        launcher.migrate()
        write_whole(stamp, f"{version} {server.airflow_schema()}\n".encode())

    def _stop_orphans(self, unwanted: Sequence[str] = ()) -> None:
        """Stop what a killed start or a dead component left: everything that no living, wanted component leads."""
        wanted = [name for name in COMPONENTS if name not in unwanted]
        leaders = {processes.living(self.home, f"airflow-{name}") for name in wanted}
        found = processes.marked(self.home, AIRFLOW)
        orphans = [process for process in found if processes.session_of(process) not in leaders]
        processes.stop(orphans, grace_seconds=2.0)

    def _unhealthy(self, port: int, beating_since: Mapping[str, datetime]) -> list[str]:
        """Name the components that the API does not call healthy; all of them when it does not answer."""
        health = _health(port)
        if health is None:
            return list(COMPONENTS)
        unhealthy = [] if health["metadatabase"]["status"] == "healthy" else ["its database"]
        for name, beat in HEARTBEATS.items():
            report = health.get(name) or {}
            if report.get("status") != "healthy" or _is_older(report.get(beat), beating_since.get(name)):
                unhealthy.append(name.replace("_", "-"))
        return unhealthy


def _is_older(heartbeat: str | None, since: datetime | None) -> bool:
    """A component that was killed a moment ago still looks healthy: only a beat of the new one counts."""
    return since is not None and (heartbeat is None or datetime.fromisoformat(heartbeat) < since)


def _health(port: int) -> dict[str, Any] | None:
    connection = http.client.HTTPConnection(HOST, port, timeout=ANSWERS_WITHIN_SECONDS)
    try:
        connection.request("GET", "/api/v2/monitor/health")
        response = connection.getresponse()
        answer = json.loads(response.read())
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()
    return answer if response.status == 200 and "metadatabase" in answer else None
