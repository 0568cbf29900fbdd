"""One real Kafka and one real PostgreSQL for the session; a warehouse of its own for each test."""

import itertools
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import make_url

from ketenbalans.settings import Settings
from ketenbalans.stack import embedded, ports
from ketenbalans.stack.errors import Interrupted
from tests.integration.airflow_api import Airflow
from tests.integration.airflow_stack import FIRST, Mailbox, Outlets, policy_without_quiet_hours, publish
from tests.integration.command_line import CommandLine, in_this_process
from tests.integration.guardian import guarded
from tests.integration.handing_over import HandedOver, handed_over_apart
from warehouse.database import connect, migrate

REPOSITORY = Path(__file__).parents[2]
TEMPLATE = "warehouse_of_tests"

NewWarehouse = Callable[[], Engine]
CopyOf = Callable[[Engine], Engine]


@pytest.fixture(scope="session")
def stack_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of the session's one Kafka and PostgreSQL."""
    home = tmp_path_factory.mktemp("stack")
    with guarded(home):
        yield home


@pytest.fixture(scope="session")
def servers(stack_home: Path) -> embedded.Addresses:
    try:
        return embedded.up(
            stack_home,
            with_airflow=False,
            ports=embedded.Ports(kafka=0, airflow=0),
            cache=Path(os.environ.get("KETENBALANS_CACHE", REPOSITORY / ".ketenbalans" / "cache")),
            dags_folder=REPOSITORY / "dags",
            environment={},
            when_kafka_is_ready=lambda _: None,
            when_warehouse_is_ready=lambda _: None,
            on_progress=lambda _service, _what: None,
        )
    except Interrupted as interrupted:  # SIGTERM was meant for the tests
        pytest.exit(str(interrupted))


@pytest.fixture(scope="session")
def extracts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("extracts")


@pytest.fixture(scope="session")
def outlets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outlets]:
    """Where the stack with Airflow says what it has to report."""
    mailbox, port = Mailbox(), ports.choose(0, before=None, service="the mailbox", setting="")
    server = Controller(mailbox, hostname=ports.HOST, port=port)
    server.start()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as statsd:
        statsd.bind((ports.HOST, 0))
        statsd.settimeout(30)
        yield Outlets(mailbox, port, statsd, tmp_path_factory.mktemp("lineage") / "events.jsonl")
    server.stop()


@pytest.fixture(scope="session")
def airflow_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of the session's one stack with Airflow: its warehouse holds what the scenario says, nothing else."""
    home = tmp_path_factory.mktemp("airflow")
    with guarded(home):
        yield home


@pytest.fixture(scope="session")
def ketenbalans(
    airflow_home: Path, extracts: Path, outlets: Outlets, tmp_path_factory: pytest.TempPathFactory
) -> CommandLine:
    """The command line on a stack with Airflow, with the first set published for the DAGs to balance.

    It was started and filled by processes as a person does; what the tests ask of it does not start one each time.
    """
    command = CommandLine(
        {
            "KETENBALANS_HOME": str(airflow_home),
            "KETENBALANS_KAFKA_PORT": "0",
            "KETENBALANS_AIRFLOW_PORT": "0",
            "KETENBALANS_CACHE": str(Settings().cache_folder),
            "KETENBALANS_POLICY": str(policy_without_quiet_hours(tmp_path_factory.mktemp("policy"))),
            "KETENBALANS_SMTP_URL": f"smtp://{ports.HOST}:{outlets.smtp_port}",
            "KETENBALANS_ALERTS_TO": "desk@localhost",
            "KETENBALANS_STATSD": f"{ports.HOST}:{outlets.statsd.getsockname()[1]}",
            "KETENBALANS_LINEAGE": f"file:{outlets.lineage_file}",
            "KETENBALANS_USER": "desk-1",
        }
    )
    started = command("up", "--json")
    assert started.code == 0, started.err
    assert {name: service["state"] for name, service in started.json.items()} == {
        "kafka": "running",
        "warehouse": "running",
        "airflow": "running",
        "watchdog": "running",
    }
    assert command("scenario", "2014", "--out", extracts).code == 0
    publish(command, extracts, FIRST)
    return command.here()


@pytest.fixture(scope="session")
def airflow(ketenbalans: CommandLine) -> Iterator[Airflow]:
    found = Airflow(ketenbalans("status", "--json").json["airflow"])
    yield found
    found.client.close()


@pytest.fixture(scope="session")
def bootstrap(servers: embedded.Addresses) -> str:
    return servers.kafka_bootstrap


@pytest.fixture(scope="session")
def new_warehouse(servers: embedded.Addresses) -> Iterator[NewWarehouse]:
    url = make_url(servers.warehouse_url)
    server = create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {TEMPLATE}"))
    template = connect(url.set(database=TEMPLATE).render_as_string(hide_password=False))
    migrate(template)
    template.dispose()
    numbers = itertools.count(1)
    made: list[Engine] = []

    def make() -> Engine:
        name = f"warehouse_{next(numbers)}"
        with server.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}"))
        made.append(connect(url.set(database=name).render_as_string(hide_password=False)))
        return made[-1]

    yield make
    for engine in made:
        engine.dispose()
    server.dispose()


@pytest.fixture(scope="session")
def copy_of(servers: embedded.Addresses) -> Iterator[CopyOf]:
    """A warehouse with all that another one holds now."""
    url = make_url(servers.warehouse_url)
    server = create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    numbers = itertools.count(1)
    made: list[Engine] = []

    def copy(engine: Engine) -> Engine:
        engine.dispose()  # a database that somebody is connected to cannot be copied
        name = f"copy_{next(numbers)}"
        with server.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {engine.url.database}"))
        made.append(connect(url.set(database=name).render_as_string(hide_password=False)))
        return made[-1]

    yield copy
    for engine in made:
        engine.dispose()
    server.dispose()


@pytest.fixture(scope="session")
def all_years(new_warehouse: NewWarehouse, bootstrap: str, tmp_path_factory: pytest.TempPathFactory) -> HandedOver:
    """The scenario ``all`` as the command line writes it, published to Kafka and loaded from there; only read it."""
    folder = tmp_path_factory.mktemp("all")
    written = in_this_process("scenario", "all", "--out", folder, "--json")
    assert written.code == 0, written.err
    handed = handed_over_apart(folder, new_warehouse(), bootstrap)
    handed.publish(file for file in map(Path, written.json["files"]) if file.stem not in ("truth", "SYNTHETIC"))
    handed.ingest()
    return handed


@pytest.fixture
def engine(new_warehouse: NewWarehouse) -> Iterator[Engine]:
    """A warehouse with all its tables and nothing in them."""
    fresh = new_warehouse()
    yield fresh
    fresh.dispose()
