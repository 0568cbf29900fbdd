"""After a load: the columns beside the warehouse, so that the next question finds them.

They are a copy, made of what was committed. Whatever hinders it changes nothing of what was loaded, and the next
question makes what is missing.
"""

import logging

from sqlalchemy import Engine

from ketenbalans.columns.registers import registers_of
from schemas.catalogue import linked_sources
from schemas.declaration import Source
from warehouse.database import snapshot

logger = logging.getLogger("ketenbalans.columns")


def columns_after_load(engine: Engine, source: Source) -> None:
    """Bring the columns of a linked register up to what is loaded. Raises nothing: what hinders it is logged.

    Args:
        engine: the warehouse; where it keeps no columns nothing happens.
        source: whose events were loaded; nothing happens for one that is not linked.
    """
    if source not in linked_sources():
        return
    try:
        with snapshot(engine) as connection:
            registers_of(connection).keep_up_to_date(source)
    except Exception as error:  # noqa: BLE001 (what was loaded is loaded, and stays what this load is judged by)
        logger.warning(
            "the columns of %s are not up to date (%s); the next question makes them", source.name, type(error).__name__
        )
