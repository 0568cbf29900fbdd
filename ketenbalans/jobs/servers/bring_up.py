"""Bring the embedded stack up with its topics and tables, or make those on servers of your own."""

import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from ketenbalans.jobs.servers.addresses import kafka_bootstrap, warehouse_url
from ketenbalans.project import PROJECT_FOLDER
from ketenbalans.settings import Settings
from ketenbalans.stack.airflow_launcher import TASK_IMPORTS
from ketenbalans.stack.embedded import Addresses, Ports, up
from ketenbalans.stack.postgres import WAREHOUSE
from schemas.catalogue import sources
from warehouse.database import connect, migrate

NOT_WHO_RUNS_UP = {"KETENBALANS_AIRFLOW_USER": "", "KETENBALANS_AIRFLOW_PASSWORD": ""}
"""Set by a person who signs in on the command line; tasks are nobody, and leave notes as the stack's own user."""


def bring_up(
    settings: Settings,
    *,
    with_airflow: bool,
    is_open: bool,
    people: Mapping[str, str] | None = None,
    on_progress: Callable[[str, str], None],
) -> Addresses:
    """Start what does not run yet, with topics and tables made; harmless when all of it runs.

    Args:
        settings: where the home is, and which ports are asked for.
        with_airflow: False starts Kafka and PostgreSQL only.
        is_open: Airflow asks for no password.
        people: the named users of Airflow with their roles; None: those of before.
        on_progress: called with a part and what happens to it now.

    Raises:
        StackError: a service did not start; the message says which, why and what to do.
    """
    found = up(
        settings.home,
        with_airflow=with_airflow,
        is_open=is_open,
        people=people,
        ports=Ports(kafka=settings.kafka_port, airflow=settings.airflow_port),
        cache=settings.cache_folder,
        dags_folder=PROJECT_FOLDER / "dags",
        environment={
            "KETENBALANS_POLICY": str(settings.policy),
            **NOT_WHO_RUNS_UP,
            TASK_IMPORTS: "ketenbalans.jobs.servers.task_imports",
        },
        watchdog=[sys.executable, "-P", "-m", "ketenbalans.jobs.watching.watchdog", str(settings.home)],
        when_kafka_is_ready=make_topics,
        when_warehouse_is_ready=partial(make_tables, on_progress=partial(on_progress, WAREHOUSE)),
        on_progress=on_progress,
    )
    make_keys(settings.home)
    return found


def prepare(settings: Settings, *, on_progress: Callable[[str], None]) -> None:
    """Make the topics and tables on the servers that the settings name, and the keys; harmless when they are there."""
    make_topics(kafka_bootstrap(settings))
    make_tables(warehouse_url(settings), on_progress=on_progress)
    make_keys(settings.home)


def make_topics(bootstrap: str) -> None:
    """Make the topics that the declarations ask for, and that of audit checkpoints, where they are not there."""
    from ketenbalans.broker.topics import (  # noqa: PLC0415 (who only makes tables needs no Kafka client)
        ensure_checkpoint_topic,
        ensure_topics,
    )

    ensure_topics(bootstrap, list(sources().values()))
    ensure_checkpoint_topic(bootstrap)


def make_tables(url: str, *, on_progress: Callable[[str], None] = lambda _what: None) -> None:
    """Bring the warehouse's tables to what the declarations ask for; what is done to stored rows is reported."""
    engine = connect(url)
    try:
        migrate(engine, on_progress=on_progress)
    finally:
        engine.dispose()


def make_keys(home: Path) -> None:
    """Make the key that signs audit checkpoints and the one that rounds releases, where the home has none.

    Raises:
        SecretUnusable: there is one that is none.
        NotWritten: the home cannot be written.
    """
    from ketenbalans.jobs.audit.keys import signing_key  # noqa: PLC0415 (cryptography, which only up and prepare need)
    from ketenbalans.jobs.release.keys import release_key  # noqa: PLC0415 (likewise)

    signing_key(home)
    release_key(home)
