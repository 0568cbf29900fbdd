"""The warehouse as a verb uses it: with its tables, on a server of your own too."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from ketenbalans.settings import Settings


@contextmanager
def warehouse_with_tables(settings: "Settings") -> Iterator["Engine"]:
    """Give an engine for a warehouse that has its tables.

    Raises:
        ServiceNotRunning: there is no warehouse to use.
        WarehouseUnreachable: it does not answer.
    """
    from ketenbalans.jobs.servers.bring_up import make_tables
    from ketenbalans.jobs.servers.warehouse import warehouse_from

    if settings.warehouse_url is not None:
        make_tables(settings.warehouse_url.get_secret_value())
    with warehouse_from(settings) as engine:
        yield engine
