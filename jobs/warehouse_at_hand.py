"""The warehouse as a command uses it: an engine that is closed at the end, with its tables made."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine

from jobs.servers import warehouse_url
from jobs.settings import Settings
from warehouse.database import connect, migrate


@contextmanager
def warehouse_at_hand(settings: Settings) -> Iterator[Engine]:
    """Give an engine for the warehouse. On a server of your own its tables are made first; ``up`` made the others.

    Raises:
        ServiceNotRunning: there is no warehouse to use.
        WarehouseUnreachable: it does not answer.
    """
    engine = connect(warehouse_url(settings))
    try:
        if settings.warehouse_url is not None:
            migrate(engine)
        yield engine
    finally:
        engine.dispose()
