"""Where the two registers are linked: in this process, or on Spark where one machine is too small (ADR 0013)."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection

from ketenbalans.jobs.balancing.spark_session import spark_session
from warehouse.parquet import write_state
from warehouse.state import read_deliveries, read_registrations

Engine = Literal["polars", "spark"]


@contextmanager
def state_on(engine: Engine, connection: Connection, *, as_of: date, home: Path) -> Iterator[tuple[Any, Any]]:
    """Give the deliveries and the registrations known on a day, on an engine, for as long as they are needed.

    Args:
        engine: ``polars`` reads them into memory; ``spark`` writes them to Parquet and reads that.
        connection: inside the transaction whose view is wanted; it is needed at the beginning only.
        as_of: the day whose knowledge is used.
        home: the folder under which Spark keeps what it needs meanwhile.

    Raises:
        SparkNotInstalled: the extra is not there.
    """
    if engine == "polars":
        yield read_deliveries(connection, as_of=as_of), read_registrations(connection, as_of=as_of)
        return
    (home / "spark").mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="state-", dir=home / "spark"))
    try:
        written = write_state(connection, folder, as_of=as_of)
        with spark_session(home / "spark") as session:
            yield tuple(session.read.parquet(str(part)) for part in written)
    finally:
        shutil.rmtree(folder)
