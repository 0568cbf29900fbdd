"""State as known on a day, written to Parquet for an engine that is not this process: Spark, here or on a cluster.

Keys are numbers (``schemas.coded_state``), and so are persons. The rows are read and written a part at a time, so
the registers may be larger than the memory of the machine that writes them.
"""

from collections.abc import Callable, Sequence
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import Connection, Select

from schemas.coded_state import coded_deliveries, coded_registrations
from warehouse.copying import read_frames
from warehouse.state import DELIVERIES, REGISTRATIONS, deliveries_known, registrations_known

BYTES_AT_ONCE = 64 * 1024 * 1024

DELIVERIES_FOLDER, REGISTRATIONS_FOLDER = "deliveries", "registrations"


def write_state(connection: Connection, folder: Path, *, as_of: date) -> tuple[Path, Path]:
    """Write both states as known on a day and give their folders of Parquet files: deliveries, registrations.

    Args:
        connection: inside the transaction whose view is wanted.
        folder: a new folder.
        as_of: the day whose knowledge is used.
    """
    written = (
        (DELIVERIES_FOLDER, deliveries_known(as_of=as_of), DELIVERIES, coded_deliveries),
        (REGISTRATIONS_FOLDER, [registrations_known(as_of=as_of)], REGISTRATIONS, coded_registrations),
    )
    for name, queries, schema, coded in written:
        _write(connection, folder / name, queries, schema, coded)
    return folder / DELIVERIES_FOLDER, folder / REGISTRATIONS_FOLDER


def _write(
    connection: Connection,
    folder: Path,
    queries: Sequence[Select[Any]],
    schema: dict[str, pl.DataType],
    coded: Callable[[pl.DataFrame], pl.DataFrame],
) -> None:
    folder.mkdir(parents=True)
    frames = (read_frames(connection, query, schema, bytes_at_once=BYTES_AT_ONCE) for query in queries)
    for part, frame in enumerate(chain.from_iterable(frames)):
        words = pl.col(pl.Categorical).cast(pl.String)
        coded(frame).with_columns(words).write_parquet(folder / f"part-{part:05}.parquet")
