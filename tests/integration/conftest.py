"""One real Kafka and one real PostgreSQL for the session; a warehouse of its own for each test."""

import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import make_url

from stack import embedded
from warehouse.database import connect, migrate

REPOSITORY = Path(__file__).parents[2]
TEMPLATE = "warehouse_of_tests"

NewWarehouse = Callable[[], Engine]
CopyOf = Callable[[Engine], Engine]


@pytest.fixture(scope="session")
def stack_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of the session's one stack; whoever needs Airflow too starts it there."""
    home = tmp_path_factory.mktemp("stack")
    yield home
    embedded.down(home)


@pytest.fixture(scope="session")
def servers(stack_home: Path) -> embedded.Addresses:
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


@pytest.fixture
def engine(new_warehouse: NewWarehouse) -> Iterator[Engine]:
    """A warehouse with all its tables and nothing in them."""
    fresh = new_warehouse()
    yield fresh
    fresh.dispose()
