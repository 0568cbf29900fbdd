"""The warehouse as a command or a task uses it: an engine that is closed at the end."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine

from ketenbalans.jobs.servers.addresses import warehouse_url
from ketenbalans.settings import Settings
from warehouse.database import connect


@contextmanager
def warehouse_from(settings: Settings) -> Iterator[Engine]:
    """Give an engine for the warehouse, with whatever tables are there (``up`` and ``prepare`` make them).

    Columns of its registers are kept in the home, in the folder ``columns``.

    Raises:
        ServiceNotRunning: there is no warehouse to use.
        WarehouseUnreachable: it does not answer.
    """
    engine = connect(warehouse_url(settings), columns=settings.home / "columns")
    try:
        yield engine
    finally:
        engine.dispose()
