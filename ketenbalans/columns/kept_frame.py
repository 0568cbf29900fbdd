"""Frames that were worked out of a snapshot, kept beside the columns for the next who asks just the same.

A look every few minutes asks what the look before it asked, mostly of the same warehouse. A frame is kept with all that
it rests on; whoever asks with another key works it out and keeps that instead. No answer depends on whether it was
kept.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Any

import polars as pl
from sqlalchemy import Connection

from ketenbalans.columns.own_folder import Damaged, NotKept, OwnFolder
from ketenbalans.columns.registers import registers_of
from ketenbalans.columns.sealed import sealed, unsealed
from warehouse.database import columns_folder_of

logger = logging.getLogger("ketenbalans.columns")

FOLDER, MANIFEST = "worked-out", "manifest.json"


def kept_frame(
    connection: Connection, name: str, key: Mapping[str, Any], work_out: Callable[[], pl.DataFrame]
) -> pl.DataFrame:
    """Give a frame, from where it is kept or worked out now and kept.

    Args:
        connection: of the snapshot that is asked.
        name: which frame; one of each name is kept.
        key: all that the frame rests on, the code too, as JSON writes it.
        work_out: makes it.
    """
    root, folder = columns_folder_of(connection), registers_of(connection).folder
    if root is None or folder is None:
        return work_out()
    place = OwnFolder(root, folder / FOLDER / name)
    try:
        manifest = unsealed(place.manifest(MANIFEST) or b"")
        if manifest is not None and manifest["key"] == key:
            return place.read(_file(manifest["digest"]), manifest["digest"])
    except (Damaged, NotKept) as reason:
        logger.warning("%s: %s; it is worked out anew", name, reason)
    frame = work_out()
    try:
        with place.written_alone() as is_ours:
            if is_ours:
                digest = place.write_frame(frame, named=_file)
                place.commit(MANIFEST, sealed({"key": dict(key), "digest": digest}), stays=[_file(digest)])
    except NotKept as reason:
        logger.warning("%s: %s; the next who asks works it out again", name, reason)
    return frame


def _file(digest: str) -> str:
    return f"frame-{digest[:16]}.arrow"
