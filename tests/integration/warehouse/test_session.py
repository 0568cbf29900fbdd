"""What a session with the warehouse relies on holds, whatever the environment, the role or the database say."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.engine import URL

from ketenbalans.jobs.quality.check_quality import check_quality
from ketenbalans.settings import Settings
from tests.integration.command_line import in_this_process
from tests.integration.warehouse.rows import MOMENT, POLICE, load_rows, police
from tests.integration.warehouse.state_by_sql import read_deliveries
from warehouse.database import connect, driver_of, migrate
from warehouse.errors import WarehouseNotUtf8
from warehouse.session import SETTINGS, UnpooledSessions

pytestmark = [
    pytest.mark.stack,
    # Great Expectations imports them; they are gone in Python 3.13, as it is reported.
    pytest.mark.filterwarnings("ignore:module 'sre_(constants|parse)' is deprecated:DeprecationWarning"),
]

FOREIGN = {
    "client_encoding": "LATIN1",
    "datestyle": "German, DMY",
    "intervalstyle": "sql_standard",
    "timezone": "Asia/Tokyo",
    "search_path": "elsewhere",
    "standard_conforming_strings": "off",
    "default_transaction_isolation": "serializable",
}
ENVIRONMENT = {
    "PGCLIENTENCODING": "LATIN1",
    "PGDATESTYLE": "German, DMY",
    "PGTZ": "Asia/Tokyo",
    "PGOPTIONS": "-c search_path=elsewhere -c intervalstyle=sql_standard",
}
WRITTEN = "Eenheid Fryslân € 日本"


@contextmanager
def somebody_elses_settings(engine: Engine, level: str) -> Iterator[URL]:
    """An address under which the role, the database, both, or the environment say something else of everything."""
    role, database = f"role_{uuid.uuid4().hex[:8]}", engine.url.database
    said = {"role": [f"ROLE {role}"], "database": [f"DATABASE {database}"],
            "role in the database": [f"ROLE {role} IN DATABASE {database}"], "environment": []}[level]  # fmt: skip
    server = create_engine(engine.url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"CREATE ROLE {role} LOGIN SUPERUSER"))
        for whose in said:
            for name, value in FOREIGN.items():
                connection.execute(text(f"ALTER {whose} SET {name} TO {quoted(name, value)}"))
        with patch.dict(os.environ, ENVIRONMENT if level == "environment" else {}):
            yield engine.url.set(username=role)
        connection.execute(text(f"ALTER DATABASE {database} RESET ALL"))
    server.dispose()


def quoted(name: str, value: str) -> str:
    return value if name == "datestyle" else f"'{value}'"


def said_by(connection: Connection) -> dict[str, Any]:
    return {name: connection.scalar(text(f"SHOW {name}")) for name in SETTINGS}


@pytest.mark.parametrize("level", ["role", "database", "role in the database", "environment"])
def test_every_session_begins_the_same_and_keeps_what_it_is_given(engine: Engine, level: str, tmp_path: Path) -> None:
    with somebody_elses_settings(engine, level) as address:
        other = connect(address.render_as_string(hide_password=False))
        for _ in range(2):  # a connection of the pool is used again after its transaction was undone
            with other.connect() as connection:
                assert said_by(connection) == SETTINGS
        load_rows(other, POLICE, [police("a", MOMENT, transferred_to=WRITTEN)])
        assert check_quality(POLICE, engine=other, settings=Settings(home=tmp_path)).success
        with other.connect() as connection:
            (delivered,) = read_deliveries(connection, as_of=MOMENT.date())["transferred_to"]
            raw = driver_of(connection).execute("SELECT convert_to(transferred_to, 'UTF8') FROM police_deliveries")
            assert (delivered, raw.fetchall()) == (WRITTEN, [(WRITTEN.encode(),)])
        migrate(other)
        unpooled = create_engine(address, poolclass=UnpooledSessions)  # as Great Expectations makes its own
        with unpooled.connect() as connection:
            assert said_by(connection) == SETTINGS
        unpooled.dispose()
        other.dispose()


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
@pytest.mark.parametrize("spoken", ["as it comes", "SQL_ASCII"])
def test_a_database_that_cannot_hold_every_text_is_refused_with_a_remedy(
    engine: Engine, encoding: str, spoken: str, bootstrap: str, tmp_path: Path
) -> None:
    name = f"not_utf8_{uuid.uuid4().hex[:8]}"
    server = create_engine(engine.url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    locale = "TEMPLATE template0 LOCALE_PROVIDER libc LC_COLLATE 'C' LC_CTYPE 'C'"
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} ENCODING '{encoding}' {locale}"))
        if spoken != "as it comes":
            connection.execute(text(f"ALTER DATABASE {name} SET client_encoding TO '{spoken}'"))
    server.dispose()
    url = engine.url.set(database=name).render_as_string(hide_password=False)
    refused = connect(url)
    for _ in range(2):
        with pytest.raises(WarehouseNotUtf8, match=f"{name} keeps text as {encoding}"):
            migrate(refused)
    refused.dispose()
    for verb in (["prepare"], ["ingest", "police"], ["reconcile", "--period", "2014", "--as-of", "2014-12-31"]):
        ended = in_this_process(
            *verb,
            KETENBALANS_HOME=str(tmp_path),
            KETENBALANS_KAFKA_BOOTSTRAP=bootstrap,
            KETENBALANS_WAREHOUSE_URL=url,
        )
        assert ended.code == 1, ended
        assert ended.err.count("\n") == 1
        assert f"keeps text as {encoding}" in ended.err
        assert "ENCODING 'UTF8'" in ended.err
