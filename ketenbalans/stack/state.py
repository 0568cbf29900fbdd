"""What of a stack runs, what was stopped, and what ended by itself or does not answer."""

from collections.abc import Mapping
from pathlib import Path

from ketenbalans.stack import processes
from ketenbalans.stack.airflow_components import AIRFLOW, Airflow
from ketenbalans.stack.airflow_sign_in import SignIn, sign_in_of
from ketenbalans.stack.asking import Ask, silent_parts, yes_or
from ketenbalans.stack.home import Addresses, Home
from ketenbalans.stack.kafka_broker import KAFKA, Broker
from ketenbalans.stack.postgres import WAREHOUSE, Server
from ketenbalans.stack.starting import port_of
from ketenbalans.stack.watchdog import WATCHDOG


def status(home: Path, *, within_seconds: float) -> dict[str, dict[str, str | None]]:
    """Say of each service whether it is ``running``, ``stopped`` or ``failing``, and where it is.

    ``failing`` is what lives and does not answer in time, and what was started and has ended without being stopped;
    only ``down`` makes a service ``stopped``. A locked Kafka has the last day of its certificate. Of Airflow ``ailing``
    names the components that fail; its ``user`` and ``password`` are None when it asks for none, or is stopped. The
    watchdog is there when one was started.

    Args:
        home: the folder of the stack.
        within_seconds: how long a service that lives may take to answer; all are asked side by side.
    """
    place = Home.at(home)
    known = place.addresses()
    asks = {name: ask for name, ask in _asks(place, known).items() if _is_alive(place, name)}
    silent = silent_parts(asks, within_seconds=within_seconds, asks_again=True)
    states = {name: _state(place, name, silent) for name in (KAFKA, WAREHOUSE, AIRFLOW)}
    signs_in = None if states[AIRFLOW] == "stopped" else airflow_sign_in(place.path)
    unhealthy = Airflow(place).missing() or silent.get(AIRFLOW, [])
    if unhealthy == [AIRFLOW]:  # its API, which knows about the others, said nothing in time
        unhealthy = ["api-server"]
    states_and_places: dict[str, dict[str, str | None]] = {
        KAFKA: {"state": states[KAFKA], "bootstrap": known.kafka_bootstrap if known else None},
        WAREHOUSE: {"state": states[WAREHOUSE], "url": known.warehouse_url if known else None},
        AIRFLOW: {
            "state": states[AIRFLOW],
            "ailing": ", ".join(unhealthy) if states[AIRFLOW] == "failing" else None,
            "url": known.airflow_url if known else None,
            "user": None if signs_in is None else signs_in.user,
            "password": None if signs_in is None else signs_in.password,
        },
    }
    if (keys := Broker(place).keys).are_there:
        end = keys.certificate_ends_at()
        states_and_places[KAFKA]["certificate_holds_until"] = None if end is None else end.date().isoformat()
    if processes.was_left(place, WATCHDOG):
        states_and_places[WATCHDOG] = {"state": "failing" if processes.living(place, WATCHDOG) is None else "running"}
    return states_and_places


def ask_parts(home: Path, *, within_seconds: float) -> dict[str, list[str]]:
    """Ask every service that was started and not stopped; give by service what of it does not answer, or nothing."""
    place = Home.at(home)
    asks = {name: ask for name, ask in _asks(place, place.addresses()).items() if not was_stopped(home, name)}
    silent = silent_parts(asks, within_seconds=within_seconds)
    return {name: silent.get(name, []) for name in asks}


def unhealthy_of_airflow(home: Path) -> list[str]:
    """Name the components of the stack's Airflow that are not healthy; nothing when all of them are."""
    place = Home.at(home)
    return _asks(place, place.addresses())[AIRFLOW]()


def was_stopped(home: Path, name: str) -> bool:
    """Say whether a service was never started, or stopped by ``down``; one that ended by itself was not."""
    place = Home.at(home)
    names = Airflow(place).notes if name == AIRFLOW else [name]
    return not processes.was_left(place, *names)


def is_changing(home: Path) -> bool:
    """Say whether an ``up`` or ``down`` is at work: what does not answer meanwhile is on its way."""
    return Home.at(home).is_locked()


def airflow_sign_in(home: Path) -> SignIn | None:
    """Give the user of the stack's own Airflow; None when it asks for no password, or there is none.

    Raises:
        SecretUnusable: the file with the password is empty or cannot be read.
    """
    place = Home.at(home)
    known = place.addresses()
    return None if known is None or known.airflow_url is None or known.airflow_is_open else sign_in_of(place)


def _asks(place: Home, known: Addresses | None) -> dict[str, Ask]:
    """How to ask each service whether it answers."""
    broker, server, components = Broker(place), Server(place), Airflow(place)
    kafka_port = port_of(known.kafka_bootstrap) if known else 0
    airflow_port = port_of(known.airflow_url) if known and known.airflow_url else 0
    return {
        KAFKA: yes_or(KAFKA, lambda: broker.answers(kafka_port)),
        WAREHOUSE: yes_or(WAREHOUSE, server.answers),
        AIRFLOW: lambda: components.unhealthy(airflow_port, beating_since=server.began()),
    }


def _is_alive(place: Home, name: str) -> bool:
    if name == AIRFLOW:
        return not Airflow(place).missing()
    return Server(place).is_alive() if name == WAREHOUSE else Broker(place).pid() is not None


def _state(place: Home, name: str, silent: Mapping[str, list[str]]) -> str:
    if _is_alive(place, name):
        return "failing" if name in silent else "running"
    is_left = not was_stopped(place.path, name) or (name == AIRFLOW and bool(processes.marked(place, AIRFLOW)))
    return "failing" if is_left else "stopped"
