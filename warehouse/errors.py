"""What can go wrong with the warehouse. Every message says where, what and what to do next; none holds a value.

WarehouseError
├── WarehouseUnreachable   no connection, or the connection broke
├── WriteFailed            PostgreSQL refused what was written
├── OffsetsMoved           another loader was first; nothing was written
├── LettersTaken           somebody else redrove or discarded a dead letter first; nothing was written
├── AnswerDiffers          one question, one input, one code, two answers
├── InputKeepsChanging     rows were loaded, each time that one moment was to be reported
├── DecisionRefused        it would silently overrule another one, or nothing is there to decide
├── SignoffRefused         figures cannot be prepared, approved or withdrawn so, or by this person
├── WarehouseNotUtf8       the database keeps text in an encoding that has not every sign
├── NotPrepared            tables are missing, or the role may not use them
├── NotBroughtUpToDate     PostgreSQL refused a change of the tables; they are as they were
└── InvalidWarehouseUrl    an address that is not PostgreSQL's
"""

import contextlib
from collections.abc import Iterator, Sequence
from datetime import date

import psycopg
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from schemas.incidents import Incident, IncidentKind


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


class LettersTaken(WarehouseError):
    """A dead letter that was to be dealt with no longer waits; the transaction was undone."""

    def __init__(self) -> None:
        super().__init__(
            "somebody else redrove or discarded one of these dead letters at the same moment; nothing was written: "
            "look again (`ketenbalans deadletters list`), and repeat what is still to be done"
        )


class IdReused(WarehouseError):
    """The id of an event is there already and says something else; the transaction was undone."""

    def __init__(self) -> None:
        super().__init__("an event has the source and id of another event and says something else; nothing was written")


class AnswerDiffers(Incident, WarehouseError):
    """A question has two answers from the same input under the same policy and code; neither may be quoted."""

    incident_kind = IncidentKind.ANSWER_DIFFERS

    def __init__(self, period: str, as_of: date, balance_id: int) -> None:
        super().__init__(
            f"the balance of {period} as of {as_of} came out otherwise than balance {balance_id}, which was made from "
            "the same events under the same policy by the same code; nothing was stored. One of the two is wrong: "
            "compare them before either is used"
        )


class InputKeepsChanging(WarehouseError):
    """What a balance was made from changed before it could be reported, each time that it was tried."""

    def __init__(self, period: str, as_of: date, tries: int) -> None:
        super().__init__(
            f"the balance of {period} as of {as_of} cannot be reported now: {tries} times its input changed between "
            "balancing and reporting, and no file was written. Ask again when the load is done"
        )


class DecisionRefused(WarehouseError):
    """A decision would overrule another one that stands, or is about nothing that is there; nothing was kept."""


class SignoffRefused(WarehouseError):
    """Figures cannot be prepared, approved or withdrawn so, or by this person; nothing was kept."""


def none_was_kept(refused: Sequence[DecisionRefused], asked: int) -> DecisionRefused:
    """Refuse all of several decisions that are kept together or not at all, with a line for each that cannot be.

    Args:
        refused: each refusal; at least one.
        asked: how many decisions there were.
    """
    if asked == 1:
        return refused[0]
    reasons = "\n".join(map(str, refused))
    return DecisionRefused(f"{len(refused)} of {asked} cannot be decided about, so nothing was kept:\n{reasons}")


class NotPrepared(WarehouseError):
    """The warehouse answers, but has not the tables, or its role may not use them."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(
            f"the warehouse at {place} cannot be used as it is ({reason}); make its tables with `ketenbalans prepare`, "
            "under a role that may"
        )


class NotBroughtUpToDate(WarehouseError):
    """The tables could not be brought up to date; they are as they were."""

    def __init__(self, place: str, reason: str, *, is_full: bool) -> None:
        remedy = (
            "make room for its event tables to be written once more beside themselves, and"
            if is_full
            else "mend what it names, or use the release before this one, and"
        )
        super().__init__(
            f"the tables of the warehouse at {place} could not be brought up to date ({reason}); nothing was changed: "
            f"{remedy} try again with `ketenbalans prepare` (of an embedded stack `ketenbalans up`)"
        )


class WarehouseNotUtf8(WarehouseError):
    """The database keeps text in another encoding than UTF-8, so some of it could not be kept, or not as it came."""

    def __init__(self, place: str, encoding: str) -> None:
        super().__init__(
            f"the warehouse at {place} keeps text as {encoding}, in which some text would be lost; nothing was "
            "written. Make a database with CREATE DATABASE ... ENCODING 'UTF8' TEMPLATE template0 and set "
            "KETENBALANS_WAREHOUSE_URL to it"
        )


class InvalidWarehouseUrl(WarehouseError):
    """The address of the warehouse is not one of PostgreSQL."""

    def __init__(self) -> None:
        super().__init__(
            "KETENBALANS_WAREHOUSE_URL is no address of a PostgreSQL database; "
            "write postgresql+psycopg://USER:PASSWORD@HOST:PORT/DATABASE, with %40 for an @ in the password"
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
def errors_without_values(connection: Connection, what: str) -> Iterator[None]:
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
