"""What every session with the warehouse relies on, said once and set on every connection.

An environment variable, the role, the database or the server may say otherwise (``PGCLIENTENCODING``, ``ALTER ROLE ...
SET``, ``ALTER DATABASE ... SET``): with another client encoding text is stored wrong for good, with another DateStyle a
day is read as another one. What is set after connecting wins over all of them.
"""

from typing import Any

import psycopg
from sqlalchemy import Engine, NullPool, event

from warehouse.errors import WarehouseNotUtf8, described

ENCODING = "UTF8"

SETTINGS = {
    "client_encoding": ENCODING,
    "datestyle": "ISO, YMD",
    "intervalstyle": "postgres",
    "timezone": "UTC",
    "search_path": "public",
    "standard_conforming_strings": "on",
    "default_transaction_isolation": "read committed",
    "temp_buffers": "32MB",  # a batch on its way stays in memory
}
"""PostgreSQL's settings by name, as the code relies on them."""

_SET = "SELECT " + ", ".join(f"set_config('{name}', '{value}', false)" for name, value in SETTINGS.items())


def begin_session(driver: Any, _record: object = None) -> None:
    """Set what a new connection relies on; SQLAlchemy's event ``connect``, of an engine or a pool.

    Raises:
        WarehouseNotUtf8: the database keeps text in another encoding; the connection is closed.
    """
    assert isinstance(driver, psycopg.Connection), "the warehouse is spoken to through psycopg"
    encoding = driver.info.parameter_status("server_encoding")
    if encoding != ENCODING:
        place = described(driver.info.host, driver.info.port, driver.info.dbname)
        driver.close()
        raise WarehouseNotUtf8(place, encoding or "an encoding that it does not tell")
    driver.execute(_SET)
    driver.commit()  # what is set in a transaction that is undone is undone with it


def keep_sessions_of(engine: Engine) -> None:
    """Let every connection of an engine begin with ``begin_session``, before SQLAlchemy itself asks it anything."""
    event.listen(engine, "connect", begin_session, insert=True)


class UnpooledSessions(NullPool):
    """Connections that are closed after use, for an engine that somebody else makes: they begin the same way."""


event.listen(UnpooledSessions, "connect", begin_session)
