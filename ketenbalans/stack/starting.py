"""Start the services of one home: which addresses they get, which of them run already, and what is to be started."""

import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from ketenbalans.stack import ports, processes
from ketenbalans.stack.airflow_components import AIRFLOW, Airflow
from ketenbalans.stack.airflow_settings import airflow_environment
from ketenbalans.stack.airflow_sign_in import sign_everybody_out, users_of
from ketenbalans.stack.errors import ServiceDidNotStart, ServiceEnded
from ketenbalans.stack.home import Addresses
from ketenbalans.stack.kafka_broker import KAFKA, Broker
from ketenbalans.stack.kafka_locking import lock_kafka
from ketenbalans.stack.postgres import AIRFLOW_DATABASE, WAREHOUSE, Server
from ketenbalans.stack.postgres_installation import system_user
from ketenbalans.stack.startup import Startup

LOOK_AGAIN_SECONDS = 0.1
MAY_BE_BUSY_SECONDS = 30.0
"""Just started, on a machine whose processors are all taken, Airflow's API was seen to be silent for over ten."""


@dataclass(frozen=True)
class Ports:
    """The ports to listen on; 0 is the one used before, or a free one. Kafka's controller always gets a free one."""

    kafka: int
    airflow: int


@dataclass(frozen=True)
class Hooks:
    """What the caller does as soon as a service is ready, and how it learns what happens."""

    when_kafka_is_ready: Callable[[str], None]
    when_warehouse_is_ready: Callable[[str], None]
    on_progress: Callable[[str, str], None]


class Starting:
    """One start: the services of a home and the addresses they get."""

    def __init__(self, startup: Startup, hooks: Hooks, *, with_airflow: bool, is_open: bool) -> None:
        self.startup = startup
        self.hooks = hooks
        self.with_airflow = with_airflow
        self.is_open = is_open
        self.broker = Broker(startup.home)
        self.server = Server(startup.home)
        self.components = Airflow(startup.home)
        self.kafka_runs = self.broker.pid() is not None
        self.airflow_is_alive = bool(processes.marked(startup.home, AIRFLOW))
        self.warehouse_is_ready = threading.Event()

    def choose_addresses(self, asked: Ports) -> Addresses:
        """Settle where everything is reached, and write it down before anything starts.

        Raises:
            PortTaken: another program has a port that was asked for.
        """
        before = self.startup.home.addresses()
        kafka_before = port_of(before.kafka_bootstrap) if before else None
        airflow_before = port_of(before.airflow_url) if before and before.airflow_url else None
        self.kafka_port = (
            kafka_before
            if self.kafka_runs and kafka_before
            else ports.choose(asked.kafka, before=kafka_before, service="Kafka", setting="KETENBALANS_KAFKA_PORT")
        )
        self.airflow_port = airflow_before
        is_open_now = before is None or before.airflow_is_open
        users_now, users = (before.airflow_users if before else None), users_of(self.startup.home)
        lets_others_in = self.with_airflow and (is_open_now, users_now) != (self.is_open, users)
        if self.airflow_is_alive and (self.kafka_port != kafka_before or not airflow_before or lets_others_in):
            self.components.stop()  # its tasks would look for Kafka where it no longer is, or it lets others in
            self.airflow_is_alive = False
        if self.with_airflow and not self.airflow_is_alive:
            self.airflow_port = ports.choose(
                asked.airflow,
                before=airflow_before,
                service="Airflow",
                setting="KETENBALANS_AIRFLOW_PORT",
                not_these=(self.kafka_port,),
            )
        has_airflow = self.airflow_port and (self.with_airflow or self.airflow_is_alive)
        self.addresses = Addresses(
            kafka_bootstrap=f"{ports.HOST}:{self.kafka_port}",
            warehouse_url=self.server.url(),
            airflow_url=f"http://{ports.HOST}:{self.airflow_port}" if has_airflow else None,
            airflow_is_open=self.is_open if self.with_airflow else self.airflow_is_alive and is_open_now,
            airflow_users=users if self.with_airflow or users_now is None else users_now,
        )
        if before is not None and _lets_in(before) != _lets_in(self.addresses):
            sign_everybody_out(self.startup.home)
        self.startup.home.keep(self.addresses)
        return self.addresses

    def lock_kafka(self, users: Collection[str], *, is_asked: bool) -> None:
        """See that a locked Kafka has its certificates and passwords, and that one that runs has the newest of them.

        Args:
            users: everybody who gets a password.
            is_asked: lock one that never ran; one that is locked is so for good.

        Raises:
            KafkaIsOpen: it ran before, and lets everybody in.
        """
        if lock_kafka(self.startup, self.broker, users, is_asked=is_asked) and self.kafka_runs:
            self.startup.say(KAFKA, "starts again with a new certificate")
            self.broker.stop()
            self.kafka_runs = False

    def kafka(self, cache: Path) -> None:
        """See that Kafka runs."""
        if self.kafka_runs and self._answers_yet(
            lambda: self.broker.answers(self.kafka_port), lambda: self.broker.pid() is not None
        ):
            self.startup.say(KAFKA, "already runs")
        else:
            self._at_most_twice(KAFKA, lambda: self.broker.start(self.startup, port=self.kafka_port, cache=cache))
            self.startup.say(KAFKA, f"ready on {self.addresses.kafka_bootstrap}")
        self.hooks.when_kafka_is_ready(self.addresses.kafka_bootstrap)

    def warehouse(self) -> None:
        """See that PostgreSQL runs and has its databases."""
        self.server.let_in(system_user())
        if self.server.is_alive() and self._answers_yet(self.server.answers, self.server.is_alive):
            self.startup.say(WAREHOUSE, "already runs")
        else:
            self._at_most_twice(WAREHOUSE, lambda: self.server.start(self.startup))
            self.startup.say(WAREHOUSE, "ready")
        self.server.make_databases()
        self.warehouse_is_ready.set()
        self.hooks.when_warehouse_is_ready(self.addresses.warehouse_url)

    def airflow(self, dags_folder: Path, environment: Mapping[str, str]) -> None:
        """See that all of Airflow's components run."""
        assert self.airflow_port is not None
        port = self.airflow_port
        if self.airflow_is_alive and self._airflow_runs_undisturbed(port):
            self.startup.say(AIRFLOW, "already runs")
            return
        home = self.startup.home
        settings = airflow_environment(
            home,
            port=port,
            database_url=self.server.url(AIRFLOW_DATABASE),
            dags_folder=dags_folder,
            is_open=self.is_open,
        )
        variables = {**environment, **settings, **self.variables()}

        def start() -> None:
            self.components.start(
                self.startup,
                port=port,
                environment=variables,
                server=self.server,
                until_it_may=self._wait_for_the_warehouse,
            )

        self._at_most_twice(AIRFLOW, start)
        self.startup.say(AIRFLOW, f"ready on {self.addresses.airflow_url}")

    def variables(self) -> dict[str, str]:
        """What the programs that this stack starts know of where it is."""
        return {
            "KETENBALANS_HOME": str(self.startup.home.path),
            "KETENBALANS_KAFKA_BOOTSTRAP": self.addresses.kafka_bootstrap,
            "KETENBALANS_WAREHOUSE_URL": self.addresses.warehouse_url,
            **self.broker.keys.variables(),
        }

    def confirm(self) -> None:
        """See that each part still answers, now that all of them have started.

        Raises:
            ServiceDidNotStart: one does not; with the end of its log.
        """
        parts: dict[str, Callable[[], list[str]]] = {
            "kafka": lambda: [] if self.broker.answers(self.kafka_port) else ["kafka"],
            "warehouse": lambda: [] if self.server.answers() else ["warehouse"],
        }
        if self.with_airflow:
            parts[AIRFLOW] = self._unhealthy_components
        for part, unhealthy in parts.items():
            if not self._answers_yet(lambda: not unhealthy(), lambda: True):  # noqa: B023 - called at once
                name = (unhealthy() or [part])[0]
                what = "was ready and does not answer any more; `ketenbalans up` starts it again"
                raise ServiceDidNotStart(name, what, self.startup.home.log(name))

    def _unhealthy_components(self) -> list[str]:
        assert self.airflow_port is not None
        return [
            f"airflow-{name}"
            for name in self.components.unhealthy(self.airflow_port, beating_since=self.server.began())
        ]

    def _airflow_runs_undisturbed(self, port: int) -> bool:
        """Say whether Airflow can be left as it is, or with what is missing added; one that cannot is stopped.

        A component that is older than its database has lost it once: it may be about to end because of that, and
        looks healthy until then.
        """
        self._wait_for_the_warehouse()
        database_began = self.server.began()
        if database_began is None or self.components.has_one_older_than(database_began):
            self.startup.say(AIRFLOW, "has lost its database; stopping it first")
            self.components.stop()
            return False
        if self.components.missing():
            return False

        def is_healthy() -> bool:
            return self.components.is_healthy(port, beating_since=database_began)

        if self._answers_yet(is_healthy, lambda: not self.components.missing()):
            return True
        self.startup.say(AIRFLOW, "lives but does not answer; stopping it first")
        self.components.stop()
        return False

    def _wait_for_the_warehouse(self) -> None:
        while not self.warehouse_is_ready.wait(0.05):
            self.startup.check_cancelled()

    def _at_most_twice(self, service: str, start: Callable[[], None]) -> None:
        """Start a service, again if it ends: one that was killed just now may hold its locks for a moment longer."""
        try:
            start()
        except ServiceEnded as ended:
            self.startup.say(service, f"{ended.service} ended; starting it once more")
            if service == AIRFLOW:
                self.components.stop()  # what ended one of them may be about to end the others
            time.sleep(1.0)
            start()

    def _answers_yet(self, answers: Callable[[], bool], lives: Callable[[], bool]) -> bool:
        """Give a service that lives some time: it may be busy, and a restart would do more harm than waiting."""

        def lasts() -> bool:
            self.startup.check_cancelled()
            return lives()

        return answers_in_time(answers, while_lasts=lasts)


def _lets_in(addresses: Addresses) -> tuple[bool, str]:
    """Whom Airflow lets in."""
    return addresses.airflow_is_open, addresses.airflow_users


def answers_in_time(answers: Callable[[], bool], *, while_lasts: Callable[[], bool]) -> bool:
    """Say whether a service answers within the time for which it may be busy; ask no longer than ``while_lasts``."""
    deadline = time.monotonic() + MAY_BE_BUSY_SECONDS
    while not answers():
        if not while_lasts() or time.monotonic() > deadline:
            return False
        time.sleep(LOOK_AGAIN_SECONDS)
    return True


def port_of(address: str) -> int:
    """Give the port at the end of an address."""
    return int(address.rpartition(":")[2])
