"""A stack whose servers may be killed: a folder of its own, restarted on the same addresses."""

import itertools
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import psutil
import psycopg
from sqlalchemy import Engine
from sqlalchemy.engine import make_url

from ketenbalans.stack import embedded, processes
from ketenbalans.stack.home import Addresses, Home
from ketenbalans.stack.kafka_broker import Broker
from ketenbalans.stack.postgres import Server
from schemas.declaration import Source
from tests.integration.guardian import guarded
from tests.integration.topics import administration
from tests.integration.warehouse.rows import POLICE
from warehouse.database import connect, migrate

REPOSITORY = Path(__file__).parents[2]
TEMPLATE = "warehouse_of_faults"
_NUMBERS = itertools.count(1)


@dataclass(frozen=True)
class FaultStack:
    """Kafka and PostgreSQL in one home, and the warehouses that were made there."""

    home: Path
    addresses: Addresses
    engines: list[Engine] = field(default_factory=list)

    @classmethod
    def start(cls, home: Path) -> "FaultStack":
        stack = cls(home, _up(home))
        with stack.at_the_server() as server:
            server.execute(f"CREATE DATABASE {TEMPLATE}")
        template = connect(stack.url(TEMPLATE))
        migrate(template)
        template.dispose()
        return stack

    @classmethod
    def started_from(cls, home: Path) -> "FaultStack":
        """A stack of a home that has its data already."""
        return cls(home, _up(home))

    @property
    def bootstrap(self) -> str:
        return self.addresses.kafka_bootstrap

    @property
    def broker(self) -> psutil.Process:
        pid = Broker(Home.at(self.home)).pid()
        assert pid is not None, "no broker lives"
        return psutil.Process(pid)

    @property
    def postmaster(self) -> psutil.Process:
        (master,) = Server(Home.at(self.home)).postmasters()
        return master

    def again(self) -> None:
        """Start what was killed, as `ketenbalans up` does; whoever knew the addresses still does."""
        server = Server(Home.at(self.home))
        deadline = time.monotonic() + 180  # on a busy machine it replays its log for more than a minute
        while server.is_alive() and not server.answers():  # after the death of one backend it starts itself anew
            assert time.monotonic() < deadline, "PostgreSQL does not come back by itself"
            time.sleep(0.05)
        assert _up(self.home) == self.addresses

    def url(self, database: str) -> str:
        return make_url(self.addresses.warehouse_url).set(database=database).render_as_string(hide_password=False)

    @contextmanager
    def at_the_server(self) -> Iterator["psycopg.Connection[Any]"]:
        """A connection that belongs to nobody's warehouse."""
        address = self.url("postgres").replace("+psycopg", "")
        with psycopg.connect(address, autocommit=True, application_name="faults") as connection:
            yield connection

    def new_warehouse(self, *, tablespace: str | None = None) -> Engine:
        """A warehouse with all its tables and nothing in them."""
        name = f"faults_{next(_NUMBERS)}"
        where = f" TABLESPACE {tablespace}" if tablespace else ""
        with self.at_the_server() as server:
            server.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}{where}")
        self.engines.append(connect(self.url(name)))
        return self.engines[-1]

    def warehouse(self, database: str) -> Engine:
        """One that is there."""
        self.engines.append(connect(self.url(database)))
        return self.engines[-1]

    def hang_up(self) -> None:
        """Close every connection that a test has left."""
        for engine in self.engines:
            engine.dispose()

    def backends_of(self, engine: Engine) -> list[int]:
        """The processes of PostgreSQL that serve somebody's work on this warehouse."""
        asked = "SELECT pid FROM pg_stat_activity WHERE datname = %s AND backend_type = 'client backend'"
        with self.at_the_server() as server:
            return [row[0] for row in server.execute(asked, [engine.url.database])]

    def new_source(self, **topic_settings: str) -> Source:
        """The police source on a topic of four partitions that nobody else knows."""
        source = replace(POLICE, topic=f"police.deliveries.faults-{next(_NUMBERS)}")
        settings = {"retention.ms": "-1", **topic_settings}
        with administration(self.bootstrap) as admin:
            admin.create_topics({source.topic: {"num_partitions": 4, "configs": settings}}, wait_for_metadata=True)
        return source


@contextmanager
def a_home() -> Iterator[Path]:
    """A folder for a stack that goes when the stack is down.

    Not below pytest's own folder, which every session of pytest closes to other users when it starts: a PostgreSQL that
    runs as another user would fall over it, and these tests run for minutes.
    """
    home = Path(tempfile.mkdtemp(prefix="ketenbalans-faults-"))
    with guarded(home):
        try:
            yield home
        finally:
            processes.stop(processes.marked(Home.at(home)), grace_seconds=0.0)  # what they keep goes with the folder
            embedded.down(home)
            shutil.rmtree(home, ignore_errors=True)


def kill(process: psutil.Process) -> None:
    """End a process that this session started, at once, and wait until it is gone."""
    process.kill()
    left = processes.still_living([process], within_seconds=10)
    assert not left


def _up(home: Path) -> Addresses:
    return embedded.up(
        home,
        with_airflow=False,
        ports=embedded.Ports(kafka=0, airflow=0),
        cache=Path(os.environ.get("KETENBALANS_CACHE", REPOSITORY / ".ketenbalans" / "cache")),
        dags_folder=REPOSITORY / "dags",
        environment={},
        when_kafka_is_ready=lambda _: None,
        when_warehouse_is_ready=lambda _: None,
        on_progress=lambda _service, _what: None,
    )
