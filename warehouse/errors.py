"""What can go wrong with the warehouse. Every message says where, what and what to do next; none holds a value.

WarehouseError
├── WarehouseUnreachable   no connection, or the connection broke
├── WriteFailed            PostgreSQL refused what was written
└── OffsetsMoved           another loader was first; nothing was written
"""

import contextlib
from collections.abc import Iterator

import psycopg
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError


class WarehouseError(Exception):
    """The warehouse could not do what was asked."""


class WarehouseUnreachable(WarehouseError):
    """The warehouse does not answer, or went away; nothing that was not committed has been kept."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(
            f"the warehouse at {place} cannot be reached ({reason}); start it with `ketenbalans up`, "
            "or set KETENBALANS_WAREHOUSE_URL to a PostgreSQL that runs"
        )


class WriteFailed(WarehouseError):
    """PostgreSQL refused what was written; the transaction was undone."""

    def __init__(self, what: str, reason: str) -> None:
        super().__init__(f"{what} could not be written to the warehouse ({reason}); nothing was kept, so try it again")


class OffsetsMoved(WarehouseError):
    """The stored offsets are no longer those that the batch was read from; the transaction was undone."""

    def __init__(self, topic: str, partition: int) -> None:
        super().__init__(
            f"another loader moved the stored offset of {topic}, partition {partition}; nothing was written: "
            "read again from the stored offsets"
        )


def place_of(connection: Connection) -> str:
    """Where a connection leads, without a password: host, port and database."""
    url = connection.engine.url
    return described(url.host or url.query.get("host"), url.port or url.query.get("port"), url.database)


def described(host: object, port: object, database: str | None) -> str:
    """A place as a message names it."""
    first = host[0] if isinstance(host, tuple) else host
    return f"{first or 'the local socket'}{f':{port}' if port else ''}/{database or ''}"


def first_line(error: BaseException) -> str:
    """What PostgreSQL says in one line. Its DETAIL and CONTEXT lines quote values, so they stay out."""
    diagnosis = getattr(error, "diag", None)
    text = (diagnosis.message_primary if diagnosis is not None else None) or str(error)
    lines = [line for line in text.strip().splitlines() if line] or [type(error).__name__]
    return lines[0].strip()


@contextlib.contextmanager
def told_without_values(connection: Connection, what: str) -> Iterator[None]:
    """Turn what PostgreSQL says while something is written into our own errors, which quote no value.

    Raises:
        WarehouseUnreachable: the connection broke.
        WriteFailed: PostgreSQL refused; ``what`` says what was being written.
    """
    try:
        yield
    except (DBAPIError, psycopg.Error) as error:
        reason = first_line((error.orig if isinstance(error, DBAPIError) else error) or error)
        if is_gone(connection):
            raise WarehouseUnreachable(place_of(connection), reason) from None
        raise WriteFailed(what, reason) from None


def is_gone(connection: Connection) -> bool:
    """Whether a connection broke, rather than that PostgreSQL refused something."""
    if connection.invalidated:
        return True
    driver = connection.connection.driver_connection
    return driver is None or driver.closed
