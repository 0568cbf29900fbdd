"""The reject file: every row that was not published, beside the extract that it came from.

It holds the rows as they stand in the extract, so it is as personal as the extract: only its owner may read it.
"""

import csv
import os
from pathlib import Path

import polars as pl

from producers.errors import RejectFileNotWritten
from producers.extract import REJECTIONS

OWNER_ONLY = 0o600


def reject_file_of(extract: Path) -> Path:
    """Where the rejected rows of an extract are kept: ``police-2015-01-31.rejected.csv``."""
    return extract.with_name(f"{extract.stem}.rejected.csv")


def keep_rejects(extract: Path, rejected: pl.DataFrame) -> Path | None:
    """Write the rejected rows beside the extract, whole or not at all; without any, remove what an earlier run left.

    Args:
        extract: the file that they came from.
        rejected: one row per rejected row, ``REJECTIONS``.

    Returns:
        The reject file, or None when nothing was rejected.

    Raises:
        RejectFileNotWritten: the folder does not allow it.
    """
    file = reject_file_of(extract)
    reason = None
    try:
        if rejected.is_empty():
            file.unlink(missing_ok=True)
            return None
        _write(file, rejected)
    except OSError as error:
        reason = error.strerror or type(error).__name__
    if reason is not None:
        raise RejectFileNotWritten(file, reason)
    return file


def _write(file: Path, rejected: pl.DataFrame) -> None:
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNER_ONLY)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as output:
            writer = csv.writer(output, delimiter=";", lineterminator="\n")
            writer.writerow(REJECTIONS)
            writer.writerows(rejected.select(REJECTIONS.keys()).iter_rows())
            output.flush()
            os.fsync(descriptor)
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)
