"""Bring the embedded stack up with its topics and tables, or make those on servers of your own."""

import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from ketenbalans.broker.access import Kafka, KafkaAccess, Security
from ketenbalans.broker.rights import ADMIN, roles
from ketenbalans.jobs.servers.addresses import warehouse_url
from ketenbalans.jobs.servers.kafka_roles import kafka_for
from ketenbalans.jobs.servers.scrape_token import scrape_token
from ketenbalans.project import PROJECT_FOLDER
from ketenbalans.settings import Settings
from ketenbalans.stack.airflow_launcher import TASK_IMPORTS
from ketenbalans.stack.embedded import Addresses, Ports, kafka_keys, up
from ketenbalans.stack.kafka_keys import BROKER_USER, SUFFIX, Login, read_password
from ketenbalans.stack.postgres import WAREHOUSE
from schemas.catalogue import sources
from warehouse.database import connect, migrate

NOT_WHO_RUNS_UP = {"KETENBALANS_AIRFLOW_USER": "", "KETENBALANS_AIRFLOW_PASSWORD": ""}
"""Set by a person who signs in on the command line; tasks are nobody, and leave notes as the stack's own user."""

NOT_ANOTHER_KAFKA = {
    f"KETENBALANS_KAFKA_{name}": "" for name in ("SECURITY", "USER", "PASSWORD_FILE", "CREDENTIALS", "CA_FILE")
}
"""Set for a Kafka of one's own; tasks use the one that the stack starts, which says itself how it is reached."""


def bring_up(  # noqa: PLR0913 (what `up` was asked)
    settings: Settings,
    *,
    with_airflow: bool,
    is_open: bool,
    people: Mapping[str, str] | None = None,
    is_secure: bool = False,
    on_progress: Callable[[str, str], None],
) -> Addresses:
    """Start what does not run yet, with topics and tables made; harmless when all of it runs.

    Args:
        settings: where the home is, and which ports are asked for.
        with_airflow: False starts Kafka and PostgreSQL only.
        is_open: Airflow asks for no password.
        people: the named users of Airflow with their roles; None: those of before.
        is_secure: lock a Kafka that never ran; one that is locked stays so.
        on_progress: called with a part and what happens to it now.

    Raises:
        StackError: a service did not start; the message says which, why and what to do.
    """
    found = up(
        settings.home,
        with_airflow=with_airflow,
        is_open=is_open,
        people=people,
        is_secure=is_secure,
        kafka_users=[role.user for role in roles().values()],
        ports=Ports(kafka=settings.kafka_port, airflow=settings.airflow_port),
        cache=settings.cache_folder,
        dags_folder=PROJECT_FOLDER / "dags",
        environment={
            "KETENBALANS_POLICY": str(settings.policy),
            **NOT_WHO_RUNS_UP,
            **NOT_ANOTHER_KAFKA,
            TASK_IMPORTS: "ketenbalans.jobs.servers.task_imports",
        },
        watchdog=[sys.executable, "-P", "-m", "ketenbalans.jobs.watching.watchdog", str(settings.home)],
        when_kafka_is_ready=partial(make_topics_and_rights, settings.home),
        when_warehouse_is_ready=partial(make_tables, on_progress=partial(on_progress, WAREHOUSE)),
        on_progress=on_progress,
    )
    make_keys(settings.home)
    return found


def prepare(settings: Settings, *, on_progress: Callable[[str], None]) -> None:
    """Make the topics and tables on the servers that the settings name, and the keys; harmless when they are there."""
    kafka = kafka_for(settings, ADMIN)
    make_topics(kafka)
    if kafka.is_locked:
        from ketenbalans.broker.granting import set_passwords  # noqa: PLC0415 (a Kafka client)

        set_passwords(kafka, passwords_of_your_own(settings))
        give_rights(kafka, on_progress=on_progress)
    make_tables(warehouse_url(settings), on_progress=on_progress)
    make_keys(settings.home)


def make_topics_and_rights(home: Path, bootstrap: str) -> None:
    """Make the topics of the embedded Kafka and, where it is locked, see that it knows every role and its rights.

    A password is what its file in the home holds: one that was replaced counts from now on.
    """
    keys = kafka_keys(home)
    if keys is None:
        make_topics(bootstrap)
        return
    from ketenbalans.broker.granting import set_passwords  # noqa: PLC0415 (a Kafka client)

    users = [role.user for role in roles().values()]
    broker, admin = (_access(bootstrap, keys.login(user)) for user in (BROKER_USER, ADMIN.user))
    set_passwords(broker, {user: keys.login(user).password() for user in users})  # the admin's own among them
    make_topics(admin)
    give_rights(admin)


def _access(bootstrap: str, login: Login) -> KafkaAccess:
    return KafkaAccess(bootstrap, Security.SASL_SSL, login.user, login.password(), login.authority_file)


def give_rights(kafka: KafkaAccess, *, on_progress: Callable[[str], None] = lambda _what: None) -> None:
    """Grant every role what is declared, no more and no less.

    Args:
        kafka: as its admin.
        on_progress: called with what was changed.

    Raises:
        BrokerError: see ``broker.errors``.
    """
    from ketenbalans.broker.granting import grant  # noqa: PLC0415 (a Kafka client)

    granted = grant(kafka, roles().values())
    if not granted.checks_rights:
        on_progress("this Kafka has no authorizer, so whoever signs in may do everything")
    elif granted.added or granted.removed:
        on_progress(f"rights in Kafka: {granted.added} granted, {granted.removed} taken away")


def passwords_of_your_own(settings: Settings) -> Mapping[str, str]:
    """By user, what is in the folder of a password per role; without one the users are made elsewhere."""
    folder = settings.kafka_credentials
    if folder is None:
        return {}
    files = {role.user: folder / f"{role.user}{SUFFIX}" for role in roles().values() if role is not ADMIN}
    return {user: read_password(file) for user, file in files.items() if file.exists()}


def make_topics(bootstrap: Kafka) -> None:
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
    """Make what a home keeps secret, where it has none: the keys of checkpoints and releases, the token to scrape with.

    Raises:
        SecretUnusable: there is one that is none.
        NotWritten: the home cannot be written.
    """
    from ketenbalans.jobs.audit.keys import signing_key  # noqa: PLC0415 (cryptography, which only up and prepare need)
    from ketenbalans.jobs.release.keys import release_key  # noqa: PLC0415 (likewise)

    signing_key(home)
    release_key(home)
    scrape_token(home)
