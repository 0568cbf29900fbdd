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
from stack.airflow_sign_in import SignIn, sign_in_of
from stack.home import LOCK, Addresses, Home, usable_path
from stack.kafka_broker import KAFKA, Broker
from stack.postgres import WAREHOUSE, Server
from stack.private_files import private_files
from stack.starting import Hooks, Ports, Starting, answers_in_time, port_of
from stack.startup import Startup

__all__ = [
    "Addresses",
    "Ports",
    "SignIn",
    "addresses",
    "airflow_sign_in",
    "chain_key",
    "down",
    "memory_pss",
    "status",
    "up",
]


def up(  # noqa: PLR0913 - one call says all; each is named
    home: Path,
    *,
    with_airflow: bool,
    is_open: bool = False,
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
    The home and all that is in it are closed to other users of the machine.

    Args:
        home: the folder of this stack.
        with_airflow: False starts Kafka and PostgreSQL only; an Airflow that runs is left alone.
        is_open: let everybody who reaches Airflow in as its admin; an Airflow that asks otherwise is started anew.
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
    place, jars = Home.at(home), usable_path(cache, "KETENBALANS_CACHE")
    place.make()
    hooks = Hooks(when_kafka_is_ready, when_warehouse_is_ready, on_progress)
    with private_files(), place.lock(when_busy=partial(on_progress, "stack")):
        work = Starting(Startup(place), hooks, with_airflow=with_airflow, is_open=is_open)
        found = work.choose_addresses(ports)
        tasks: list[Callable[[], None]] = [partial(work.kafka, jars), work.warehouse]
        if with_airflow:
            tasks.append(partial(work.airflow, dags_folder, environment))
        work.startup.side_by_side(tasks, on_progress)
        work.confirm()
    return found


def down(home: Path) -> list[str]:
    """Stop everything that runs for this home and name it; afterwards no process is left, whatever an ``up`` left."""
    place = Home.at(home)
    if not (place.path / LOCK).exists():
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
    """Say of each service whether it is ``running``, ``stopped`` or ``failing``, and where it is.

    ``failing`` is what lives and does not answer within half a minute (it may be busy), and what was started and has
    ended without being stopped. Of Airflow ``ailing`` names the components that fail; its ``user`` and ``password``
    are None when it asks for none, or is stopped.
    """
    place = Home.at(home)
    known = place.addresses()
    server = Server(place)
    kafka_port = port_of(known.kafka_bootstrap) if known else 0
    kafka_lives, kafka_answers = Broker(place).pid() is not None, lambda: kafka_broker.answers(kafka_port)
    return {
        KAFKA: {
            "state": _state(place, KAFKA, lives=kafka_lives, answers=kafka_answers),
            "bootstrap": known.kafka_bootstrap if known else None,
        },
        WAREHOUSE: {
            "state": _state(place, WAREHOUSE, lives=server.is_alive(), answers=server.answers),
            "url": known.warehouse_url if known else None,
        },
        AIRFLOW: _status_of_airflow(place, known),
    }


def _status_of_airflow(place: Home, known: Addresses | None) -> dict[str, str | None]:
    components, server = Airflow(place), Server(place)
    port = port_of(known.airflow_url) if known and known.airflow_url else 0

    def ailing() -> list[str]:
        return components.ailing(port, beating_since=server.began())

    if components.missing():
        is_left = bool(processes.marked(place, AIRFLOW)) or processes.was_left(place, *components.notes)
        state = "failing" if is_left else "stopped"
    else:
        state = _state(place, lives=True, answers=lambda: not ailing())
    signs_in = None if state == "stopped" else airflow_sign_in(place.path)
    return {
        "state": state,
        "ailing": ", ".join(ailing()) if state == "failing" else None,
        "url": known.airflow_url if known else None,
        "user": None if signs_in is None else signs_in.user,
        "password": None if signs_in is None else signs_in.password,
    }


def addresses(home: Path) -> Addresses | None:
    """Give the addresses of the last ``up``; None when there was none. They say nothing about what runs."""
    return Home.at(home).addresses()


def _state(place: Home, *names: str, lives: bool, answers: Callable[[], bool]) -> str:
    """The state of a service whose processes have these names."""
    if not lives:
        return "failing" if processes.was_left(place, *names) else "stopped"
    return "running" if answers_in_time(answers, while_lasts=lambda: True) else "failing"


def airflow_sign_in(home: Path) -> SignIn | None:
    """Give the user of the stack's own Airflow; None when it asks for no password, or there is none.

    Raises:
        SecretUnusable: the file with the password is empty or cannot be read.
    """
    place = Home.at(home)
    known = place.addresses()
    return None if known is None or known.airflow_url is None or known.airflow_is_open else sign_in_of(place)


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
