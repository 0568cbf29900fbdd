"""State as known on a day, written to Parquet for an engine that is not this process: Spark, here or on a cluster."""

from datetime import date
from pathlib import Path

import polars as pl

from ketenbalans.columns.registers import Registers

ROWS_AT_ONCE = 1_000_000
"""Rows of one file: an engine reads the files side by side."""

DELIVERIES_FOLDER, REGISTRATIONS_FOLDER = "deliveries", "registrations"


def write_state(registers: Registers, folder: Path, *, as_of: date) -> tuple[Path, Path]:
    """Write both states as known on a day and give their folders of Parquet files: deliveries, registrations.

    Args:
        registers: as the snapshot that is wanted sees them.
        folder: a new folder.
        as_of: the day whose knowledge is used.
    """
    written = folder / DELIVERIES_FOLDER, folder / REGISTRATIONS_FOLDER
    for place, state in zip(written, registers.state(as_of=as_of), strict=True):
        place.mkdir(parents=True)
        in_words = state.with_columns(pl.col(pl.Categorical).cast(pl.String))
        parts = list(in_words.iter_slices(ROWS_AT_ONCE)) or [in_words]
        for number, part in enumerate(parts):
            part.write_parquet(place / f"part-{number:05}.parquet")
    return written
