"""Where the two registers are linked: in this process, or on Spark where one machine is too small (ADR 0013)."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection

from ketenbalans.columns.parquet import write_state
from ketenbalans.columns.registers import registers_of
from ketenbalans.jobs.balancing.spark_session import spark_session

Engine = Literal["polars", "spark"]


@contextmanager
def state_on(engine: Engine, connection: Connection, *, as_of: date, home: Path) -> Iterator[tuple[Any, Any]]:
    """Give the deliveries and the registrations known on a day, on an engine, for as long as they are needed.

    Args:
        engine: ``polars`` reads them into memory; ``spark`` writes them to Parquet and reads that.
        connection: of the snapshot whose view is wanted; it is needed at the beginning only.
        as_of: the day whose knowledge is used.
        home: the folder under which Spark keeps what it needs meanwhile.

    Raises:
        SparkNotInstalled: the extra is not there.
    """
    if engine == "polars":
        yield registers_of(connection).state(as_of=as_of)
        return
    (home / "spark").mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="state-", dir=home / "spark"))
    try:
        written = write_state(registers_of(connection), folder, as_of=as_of)
        with spark_session(home / "spark") as session:
            yield tuple(session.read.parquet(str(part)) for part in written)
    finally:
        shutil.rmtree(folder)
