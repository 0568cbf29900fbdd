"""Keep what stops a source or a balance where the alerts find it, and take it off when it goes on again."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine

from warehouse.incidents import end_incidents, keep_incident


@contextmanager
def incident_kept(engine: Engine, subject: str, kind: type[Exception]) -> Iterator[None]:
    """Keep an error of that kind as a running incident and raise it on; when there is none, end what ran.

    The incident is written in a transaction of its own: what failed has been undone.
    """
    try:
        yield
    except kind as error:
        with engine.begin() as connection:
            keep_incident(connection, subject=subject, kind=type(error).__name__, message=_first_sentences(error))
        raise
    with engine.begin() as connection:
        end_incidents(connection, subject=subject, kinds=_names(kind))


def _names(kind: type[Exception]) -> list[str]:
    return [kind.__name__, *(name for below in kind.__subclasses__() for name in _names(below))]


def _first_sentences(error: Exception) -> str:
    """What an alert tells of an error: its text up to the numbers that a balance prints after a colon and brace."""
    return str(error).partition(": {")[0]
