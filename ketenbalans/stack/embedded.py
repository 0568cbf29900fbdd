"""The embedded stack as a whole: up, down, status.

Kafka, PostgreSQL and Airflow start side by side, are found again by marks in their environment, and outlive the process
that started them. One home is one stack; everything it keeps is below that folder. Only 127.0.0.1 and a unix socket
are listened on.
"""

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from pathlib import Path

from ketenbalans.stack import kafka_broker, processes
from ketenbalans.stack.airflow_components import AIRFLOW, Airflow
from ketenbalans.stack.airflow_sign_in import SignIn, keep_people
from ketenbalans.stack.airflow_sign_in import unprinted_sign_ins as sign_ins_to_print
from ketenbalans.stack.home import LOCK, Addresses, Home, usable_path
from ketenbalans.stack.kafka_broker import KAFKA, Broker
from ketenbalans.stack.kafka_keys import KafkaKeys, Login
from ketenbalans.stack.postgres import WAREHOUSE, Server
from ketenbalans.stack.private_files import private_files
from ketenbalans.stack.starting import Hooks, Ports, Starting
from ketenbalans.stack.startup import Startup
from ketenbalans.stack.state import airflow_sign_in, ask_parts, is_changing, status, unhealthy_of_airflow, was_stopped
from ketenbalans.stack.watchdog import WATCHDOG, WatchdogProcess

__all__ = [
    "Addresses",
    "Ports",
    "SignIn",
    "addresses",
    "unhealthy_of_airflow",
    "airflow_sign_in",
    "ask_parts",
    "chain_key",
    "down",
    "is_changing",
    "kafka_keys",
    "kafka_login",
    "memory_pss",
    "status",
    "unprinted_sign_ins",
    "up",
    "was_stopped",
]


def up(  # noqa: PLR0913 - one call says all; each is named
    home: Path,
    *,
    with_airflow: bool,
    is_open: bool = False,
    people: Mapping[str, str] | None = None,
    is_secure: bool = False,
    kafka_users: Collection[str] = (),
    ports: Ports,
    cache: Path,
    dags_folder: Path,
    environment: Mapping[str, str],
    watchdog: Sequence[str] | None = None,
    when_kafka_is_ready: Callable[[str], None],
    when_warehouse_is_ready: Callable[[str], None],
    on_progress: Callable[[str, str], None],
) -> Addresses:
    """Start what does not run yet and return when everything answers; services outlive the caller.

    Started again it does nothing, or starts what is missing. A failure or a signal stops what this call had started.
    The home and all that is in it are closed to other users of the machine.

    Args:
        home: the folder of this stack.
        with_airflow: False starts Kafka and PostgreSQL only; an Airflow that runs is left alone.
        is_open: let everybody who reaches Airflow in as its admin; an Airflow that asks otherwise is started anew.
        people: the named users of Airflow with their roles, instead of those before; an Airflow that lets others in
            is started anew, and everybody is signed out. None: those before.
        is_secure: lock a Kafka that never ran: it lets in whom it knows, over TLS. One that is locked stays so.
        kafka_users: who gets a password for a Kafka that is locked.
        ports: where to listen; a service that runs keeps its port.
        cache: where the jars are kept, shared by any number of homes.
        dags_folder: Airflow's DAGs.
        environment: variables for Airflow's components and tasks and the watchdog; the addresses of the servers are
            added.
        watchdog: the command that sees whether the services go on answering; it is started last. None: there is none.
        when_kafka_is_ready: called with the bootstrap address, also when Kafka ran already.
        when_warehouse_is_ready: called with the URL of the database, also when PostgreSQL ran already.
        on_progress: called in the caller's thread with a service and what happens to it now.

    Raises:
        StackError: see ``stack.errors``. An exception of a callback is passed on.
    """
    place, jars = Home.at(home), usable_path(cache, "KETENBALANS_CACHE")
    place.make()
    hooks = Hooks(when_kafka_is_ready, when_warehouse_is_ready, on_progress)
    with private_files(), place.lock(when_busy=partial(on_progress, "stack")):
        if people is not None:
            keep_people(place, people)
        work = Starting(Startup(place), hooks, with_airflow=with_airflow, is_open=is_open)
        work.lock_kafka(kafka_users, is_asked=is_secure)
        found = work.choose_addresses(ports)
        tasks: list[Callable[[], None]] = [partial(work.kafka, jars), work.warehouse]
        if with_airflow:
            tasks.append(partial(work.airflow, dags_folder, environment))
        work.startup.side_by_side(tasks, on_progress)
        work.confirm()
        if watchdog is not None:
            WatchdogProcess(place).start(work.startup, watchdog, {**environment, **work.variables()})
    return found


def down(home: Path) -> list[str]:
    """Stop everything that runs for this home and name it; afterwards no process is left, whatever an ``up`` left."""
    place = Home.at(home)
    if not (place.path / LOCK).exists():
        return []
    stopped: list[str] = []
    with place.lock(when_busy=lambda _: None):
        WatchdogProcess(place).stop()  # first: it would report what is meant to stop
        if Airflow(place).stop():
            stopped.append(AIRFLOW)
        parts: dict[str, Callable[[], bool]] = {KAFKA: Broker(place).stop, WAREHOUSE: Server(place).stop}
        stopped += _stop_side_by_side(parts)
        processes.stop(processes.marked(place), grace_seconds=0.0)
    return stopped


def _stop_side_by_side(parts: Mapping[str, Callable[[], bool]]) -> list[str]:
    stopped: list[str] = []
    failures: list[Exception] = []

    def stop(name: str, part: Callable[[], bool]) -> None:
        try:
            if part():
                stopped.append(name)
        except Exception as error:  # noqa: BLE001 - raised below, when the others have stopped
            failures.append(error)

    threads = [threading.Thread(target=stop, args=item) for item in parts.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return sorted(stopped)


def addresses(home: Path) -> Addresses | None:
    """Give the addresses of the last ``up``; None when there was none. They say nothing about what runs."""
    return Home.at(home).addresses()


def unprinted_sign_ins(home: Path) -> list[SignIn]:
    """Give the named users of Airflow whose passwords nobody was shown yet, once.

    Raises:
        SecretUnusable: the file with the passwords holds something else.
    """
    return sign_ins_to_print(Home.at(home))


def kafka_login(home: Path, user: str) -> Login | None:
    """Give what a user connects to the stack's Kafka with; None when it is not locked."""
    keys = Broker(Home.at(home)).keys
    return keys.login(user) if keys.are_there else None


def kafka_keys(home: Path) -> KafkaKeys | None:
    """Give what the stack's Kafka and its users prove themselves with; None when it is not locked."""
    keys = Broker(Home.at(home)).keys
    return keys if keys.are_there else None


def memory_pss(home: Path) -> dict[str, int]:
    """Give the memory of each service in bytes, shared pages divided among those that share them (PSS)."""
    place = Home.at(home)
    return {
        KAFKA: kafka_broker.memory_bytes(place),
        WAREHOUSE: Server(place).memory_bytes(),
        AIRFLOW: processes.pss_bytes(processes.marked(place, AIRFLOW)),
        WATCHDOG: processes.pss_bytes(processes.marked(place, WATCHDOG)),
    }


def chain_key(home: Path) -> str:
    """Give the stack's own chain key: random, made on the first call, kept in the home with mode 0600."""
    return Home.at(home).secret("chain-key", random_bytes=32)
