"""The embedded stack as a whole: up, down, status.

Kafka, PostgreSQL and Airflow start side by side, are found again by marks in their environment, and outlive the process
that started them. One home is one stack; everything it keeps is below that folder. Only 127.0.0.1 and a unix socket
are listened on.
"""

import threading
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from stack import kafka_broker, processes
from stack.airflow_components import AIRFLOW, Airflow
from stack.home import Addresses, Home
from stack.kafka_broker import KAFKA, Broker
from stack.postgres import WAREHOUSE, Server
from stack.starting import Hooks, Ports, Starting, port_of
from stack.startup import Startup

__all__ = ["Addresses", "Ports", "addresses", "chain_key", "down", "memory_pss", "status", "up"]


def up(  # noqa: PLR0913 - one call says all; each is named
    home: Path,
    *,
    with_airflow: bool,
    ports: Ports,
    cache: Path,
    dags_folder: Path,
    environment: Mapping[str, str],
    when_kafka_is_ready: Callable[[str], None],
    when_warehouse_is_ready: Callable[[str], None],
    on_progress: Callable[[str, str], None],
) -> Addresses:
    """Start what does not run yet and return when everything answers; services outlive the caller.

    Started again it does nothing, or starts what is missing. A failure or a signal stops what this call had started.

    Args:
        home: the folder of this stack.
        with_airflow: False starts Kafka and PostgreSQL only; an Airflow that runs is left alone.
        ports: where to listen; a service that runs keeps its port.
        cache: where the jars are kept, shared by any number of homes.
        dags_folder: Airflow's DAGs.
        environment: variables for Airflow's components and tasks; the addresses of the servers are added.
        when_kafka_is_ready: called with the bootstrap address, also when Kafka ran already.
        when_warehouse_is_ready: called with the URL of the database, also when PostgreSQL ran already.
        on_progress: called in the caller's thread with a service and what happens to it now.

    Raises:
        StackError: see ``stack.errors``. An exception of a callback is passed on.
    """
    place = Home.at(home)
    place.make()
    hooks = Hooks(when_kafka_is_ready, when_warehouse_is_ready, on_progress)
    with place.lock(when_busy=partial(on_progress, "stack")):
        work = Starting(Startup(place), hooks, with_airflow=with_airflow)
        found = work.choose_addresses(ports)
        tasks: list[Callable[[], None]] = [partial(work.kafka, cache.expanduser().resolve()), work.warehouse]
        if with_airflow:
            tasks.append(partial(work.airflow, dags_folder, environment))
        work.startup.side_by_side(tasks, on_progress)
    return found


def down(home: Path) -> list[str]:
    """Stop everything that runs for this home and name it; afterwards no process is left, whatever an ``up`` left."""
    place = Home.at(home)
    if not place.path.exists():
        return []
    stopped: list[str] = []
    with place.lock(when_busy=lambda _: None):
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


def status(home: Path) -> dict[str, dict[str, str | None]]:
    """Say of each service whether it is ``running``, ``stopped`` or ``failing`` (it lives but does not answer)."""
    place = Home.at(home)
    known = place.addresses()
    server, components = Server(place), Airflow(place)
    kafka_port = port_of(known.kafka_bootstrap) if known else 0
    airflow_port = port_of(known.airflow_url) if known and known.airflow_url else 0

    def airflow_answers() -> bool:
        return not components.missing() and components.is_healthy(airflow_port)

    return {
        KAFKA: {
            "state": _state(Broker(place).pid() is not None, lambda: kafka_broker.answers(kafka_port)),
            "bootstrap": known.kafka_bootstrap if known else None,
        },
        WAREHOUSE: {
            "state": _state(server.is_alive(), server.answers),
            "url": known.warehouse_url if known else None,
        },
        AIRFLOW: {
            "state": _state(bool(processes.marked(place, AIRFLOW)), airflow_answers),
            "url": known.airflow_url if known else None,
        },
    }


def _state(lives: bool, answers: Callable[[], bool]) -> str:  # noqa: FBT001
    if not lives:
        return "stopped"
    return "running" if answers() else "failing"


def addresses(home: Path) -> Addresses | None:
    """Give the addresses of the last ``up``; None when there was none. They say nothing about what runs."""
    return Home.at(home).addresses()


def memory_pss(home: Path) -> dict[str, int]:
    """Give the memory of each service in bytes, shared pages divided among those that share them (PSS)."""
    place = Home.at(home)
    return {
        KAFKA: kafka_broker.memory_bytes(place),
        WAREHOUSE: Server(place).memory_bytes(),
        AIRFLOW: processes.pss_bytes(processes.marked(place, AIRFLOW)),
    }


def chain_key(home: Path) -> str:
    """Give the stack's own chain key: random, made on the first call, kept in the home with mode 0600."""
    return Home.at(home).secret("chain-key", random_bytes=32)
