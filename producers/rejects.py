"""The reject file: every row that was not published, beside the extract that it came from.

It holds the rows as they stand in the extract, so it is as personal as the extract: only its owner may read it. Each
extract has one of its own, so nothing that another one left is ever written over or removed (ADR 0030).
"""

import csv
import io
from pathlib import Path

import polars as pl

from ketenbalans.whole_files import NotWritten, WholeFiles, check_file
from producers.errors import RejectFileNotWritten
from producers.extract import REJECTIONS

SUFFIX = ".rejected.csv"
"""How every reject file ends."""

DIGITS_OF_THE_ID = 8
"""Hex digits of the extract's id in the name: two extracts with one name, of which one came after the other."""


def reject_file_of(extract: Path, extract_id: str) -> Path:
    """Where the rejected rows of an extract are kept: ``police-2015-01-31.csv.3f2a1b9c.rejected.csv``.

    Args:
        extract: the file.
        extract_id: SHA-256 of it.
    """
    return extract.with_name(f"{extract.name}.{extract_id[:DIGITS_OF_THE_ID]}{SUFFIX}")


def keep_rejects(extract: Path, extract_id: str, rejected: pl.DataFrame) -> Path | None:
    """Write the rejected rows beside the extract, whole or not at all; where they are there already, do nothing.

    Args:
        extract: the file that they came from.
        extract_id: SHA-256 of it.
        rejected: one row per rejected row, ``REJECTIONS``.

    Returns:
        The reject file, or None when nothing was rejected.

    Raises:
        RejectFileNotWritten: the folder does not allow it.
    """
    if rejected.is_empty():
        return None
    file = reject_file_of(extract, extract_id)
    content = _as_csv(rejected)
    try:
        if not _holds(file, content):
            check_file(file)  # its folder is the extract's, and is never made
            with WholeFiles(file.parent, for_its_owner_only=True, survives_power_loss=True) as files:
                files.add(file.name, content)
    except OSError as error:
        reason = error.strerror or type(error).__name__
    except NotWritten as error:
        reason = error.reason
    else:
        return file
    raise RejectFileNotWritten(file, reason)


def _as_csv(rejected: pl.DataFrame) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\n")
    writer.writerow(REJECTIONS)
    writer.writerows(rejected.select(REJECTIONS.keys()).iter_rows())
    return text.getvalue().encode()


def _holds(file: Path, content: bytes) -> bool:
    """Whether an earlier run left exactly this."""
    try:
        return file.read_bytes() == content
    except FileNotFoundError:
        return False
