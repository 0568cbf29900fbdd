"""The way to the warehouse: connecting, bringing its tables up to date, and reading from one moment.

Whatever fails on the way says where the warehouse should be and what to do, without the password.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import psycopg
from psycopg.errors import DiskFull, InsufficientPrivilege, UndefinedColumn, UndefinedTable
from sqlalchemy import Column, Connection, Engine, create_engine, event, inspect
from sqlalchemy.engine import URL, ExceptionContext, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from schemas.catalogue import sources
from schemas.declaration import Source
from warehouse.errors import (
    InvalidWarehouseUrl,
    NotBroughtUpToDate,
    NotPrepared,
    WarehouseNotUtf8,
    WarehouseUnreachable,
    described,
    first_line,
    is_gone,
    place_of,
)
from warehouse.libpq import forget_environment
from warehouse.locks import Lock, hold
from warehouse.session import ENCODING, keep_sessions_of
from warehouse.tables.events import event_table

T = TypeVar("T")

CONNECT_WITHIN_SECONDS = 5
SORTS_IN_MEMORY = "128MB"
"""State is sorted by record: a sort that spills to disk costs more than all the rest of the reading."""

COLUMNS, MEMO = "ketenbalans_columns", "ketenbalans_memo"
"""Execution options: of an engine the folder of its columns, of a snapshot what was worked out in it."""

ONE_MOMENT = "REPEATABLE READ"
"""The isolation under which a transaction sees what was committed when it began to read, and nothing later."""

IN_NO_SNAPSHOT = "this connection is in no snapshot: open one with `snapshot(engine)`"

SECRETS = ("password", "sslpassword")
"""What libpq also takes behind the question mark of an address."""

NOT_PREPARED = (InsufficientPrivilege, UndefinedColumn, UndefinedTable)


def connect(url: str, *, columns: Path | None = None) -> Engine:
    """Give an engine for the warehouse; nothing is connected yet.

    Whatever uses the engine raises ``WarehouseUnreachable`` when no connection can be made within five seconds, or
    when the connection breaks, and ``WarehouseNotUtf8`` when the database cannot keep every text. Every connection has
    the settings of ``warehouse.session``, whatever the environment, the role or the database say.

    Args:
        url: ``postgresql://`` or ``postgresql+psycopg://``.
        columns: the folder in which columns of the registers are kept between processes; None: they are not kept.

    Raises:
        InvalidWarehouseUrl: it is neither.
    """
    address = _address_of(url)
    forget_environment()
    engine = create_engine(
        address,
        connect_args={
            "connect_timeout": CONNECT_WITHIN_SECONDS,
            "application_name": "ketenbalans",
            "client_encoding": ENCODING,  # so that what the environment says is not even looked at
            "options": f"-c work_mem={SORTS_IN_MEMORY}",
        },
        hide_parameters=True,  # they hold person tokens, and SQLAlchemy would print them in its errors
        execution_options={COLUMNS: columns},
    )
    keep_sessions_of(engine)
    event.listen(engine, "handle_error", _report_unreachable(address))
    return engine


def without_secrets(url: str) -> str:
    """The address of a warehouse as it may be shown: a password is left out, wherever in the address it stands.

    Raises:
        InvalidWarehouseUrl: it is no address of a PostgreSQL.
    """
    address = _address_of(url)
    shown = address.difference_update_query(name for name in address.query if name in SECRETS)
    return shown.render_as_string(hide_password=True)


def _address_of(url: str) -> URL:
    """The parts of an address; refused when a part of the password may be taken for another part, which is shown."""
    try:
        address = make_url(url)
    except (ArgumentError, ValueError):
        raise InvalidWarehouseUrl from None
    if address.drivername not in ("postgres", "postgresql", "postgresql+psycopg"):
        raise InvalidWarehouseUrl
    if "@" in f"{address.host}{address.database}{address.query}":  # that of a password which is not encoded
        raise InvalidWarehouseUrl
    return address.set(drivername="postgresql+psycopg")


@contextmanager
def snapshot(of: Engine | Connection) -> Iterator[Connection]:
    """Read from one moment: all that is read inside belongs together, whatever is loaded meanwhile.

    Args:
        of: the warehouse; or the connection of a snapshot, whose moment it stays, so that what reads by itself can also
            be a part of something larger.

    Raises:
        ValueError: a connection that is in no snapshot: what is read over it is of several moments.
    """
    if isinstance(of, Connection):
        if of.get_execution_options().get("isolation_level") != ONE_MOMENT or not of.in_transaction():
            raise ValueError(IN_NO_SNAPSHOT)
        yield of
        return
    with of.connect() as plain:
        memo: dict[Hashable, Any] = {}
        connection = plain.execution_options(isolation_level=ONE_MOMENT, postgresql_readonly=True, **{MEMO: memo})
        try:
            with connection.begin():
                yield connection
        finally:
            memo.clear()  # what was worked out of one moment holds for no other


def memo_of(connection: Connection) -> dict[Hashable, Any]:
    """What was worked out in the snapshot of this connection, so that nothing is read or linked twice in it.

    Raises:
        ValueError: the connection is in no snapshot.
    """
    memo = connection.get_execution_options().get(MEMO)
    if memo is None or not connection.in_transaction():
        raise ValueError(IN_NO_SNAPSHOT)
    found: dict[Hashable, Any] = memo
    return found


def once_in(connection: Connection, asked: Hashable, read: Callable[[], T]) -> T:
    """What is read, once in a snapshot; over any other connection each time."""
    memo: dict[Hashable, Any] | None = connection.get_execution_options().get(MEMO)
    if memo is None or not connection.in_transaction():
        return read()
    if asked not in memo:
        memo[asked] = read()
    found: T = memo[asked]
    return found


def columns_folder_of(connection: Connection) -> Path | None:
    """The folder in which columns of this warehouse are kept; None when they are not."""
    folder: Path | None = connection.get_execution_options().get(COLUMNS)
    return folder


def driver_of(connection: Connection) -> psycopg.Connection[Any]:
    """The driver's own connection, inside the transaction of ``connection``: the way to COPY."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection), "the warehouse is spoken to through psycopg"
    return driver


def migrate(
    engine: Engine,
    *,
    event_sources: Iterable[Source] | None = None,
    on_progress: Callable[[str], None] = lambda _what: None,
) -> None:
    """Bring the tables up to date: every migration, then the event table of every declaration that has none yet.

    A field that a declaration gained becomes a column; rows from before it hold null, so it has to be optional.
    Two at once are harmless, and so is doing it again: it changes nothing. What fails leaves the tables as they were.

    Args:
        engine: the warehouse.
        event_sources: the declarations; all that there are when None.
        on_progress: called with what is done to stored rows, before it is done.

    Raises:
        WarehouseUnreachable: there is no connection.
        WarehouseNotUtf8: the database keeps text in another encoding than UTF-8; nothing was made.
        NotPrepared: the role may not change the tables.
        NotBroughtUpToDate: PostgreSQL refused a change, for want of room or because something hangs on a column.
    """
    from alembic import command  # noqa: PLC0415 (0.1 s that only this function needs)
    from alembic.config import Config  # noqa: PLC0415
    from alembic.migration import MigrationContext  # noqa: PLC0415
    from alembic.operations import Operations  # noqa: PLC0415

    tables = [event_table(source) for source in (sources().values() if event_sources is None else event_sources)]
    with engine.connect() as connection, _changes_of(connection), connection.begin():
        hold(connection, Lock.MIGRATION)
        configuration = Config()
        configuration.set_main_option("script_location", "warehouse:migrations")
        configuration.attributes.update(connection=connection, on_progress=on_progress)
        command.upgrade(configuration, "head")
        there = inspect(connection).get_multi_columns()
        operations = Operations(MigrationContext.configure(connection))
        for table in tables:
            if (None, table.name) not in there:
                table.create(connection)
                continue
            columns = {column["name"] for column in there[None, table.name]}
            for column in table.columns:
                if column.name not in columns:
                    operations.add_column(table.name, Column(column.name, column.type, nullable=column.nullable))


@contextmanager
def _changes_of(connection: Connection) -> Iterator[None]:
    """Turn what PostgreSQL says while tables are changed into our own error, which quotes no value."""
    try:
        yield
    except DBAPIError as error:
        if is_gone(connection):
            raise
        place, is_full = place_of(connection), isinstance(error.orig, DiskFull)
        raise NotBroughtUpToDate(place, first_line(error.orig or error), is_full=is_full) from None


def _report_unreachable(address: URL) -> Any:
    place = described(
        address.host or address.query.get("host"), address.port or address.query.get("port"), address.database
    )

    def report(context: ExceptionContext) -> None:
        is_the_driver = isinstance(context.original_exception, psycopg.OperationalError)
        if is_the_driver and (context.connection is None or context.is_disconnect):
            raise WarehouseUnreachable(place, first_line(context.original_exception)) from None
        if isinstance(context.original_exception, NOT_PREPARED):
            raise NotPrepared(place, first_line(context.original_exception)) from None

    return report


def answers(url: str) -> bool:
    """Whether the warehouse can be connected to now, fit for use or not."""
    engine = connect(url)
    try:
        with engine.connect():
            return True
    except WarehouseNotUtf8:
        return True
    except WarehouseUnreachable:
        return False
    finally:
        engine.dispose()
