"""Frames that were worked out of a snapshot, kept beside the columns for the next who asks just the same.

A look every few minutes asks what the look before it asked, mostly of the same warehouse. A frame is kept with all that
it rests on; whoever asks with another key works it out and keeps that instead. Rows of a source grow by load, so those
that are kept are read no more, and what came since is added. No answer depends on whether it was kept.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Any

import polars as pl
from sqlalchemy import Connection

from ketenbalans.columns.own_folder import Damaged, NotKept, OwnFolder
from ketenbalans.columns.registers import registers_of
from ketenbalans.columns.sealed import sealed, unsealed
from schemas.declaration import Source
from warehouse.database import columns_folder_of
from warehouse.loaded_rows import loads_numbered, newest_loads

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
    place = _place_of(connection, name)
    if place is None:
        return work_out()
    manifest = _manifest(place, name, key)
    kept = None if manifest is None else _read(place, name, manifest)
    if kept is not None:
        return kept
    frame = work_out()
    _keep(place, name, {"key": dict(key)}, frame)
    return frame


def grown_frame(
    connection: Connection,
    name: str,
    key: Mapping[str, Any],
    source: Source,
    rows_after: Callable[[int], pl.DataFrame],
) -> pl.DataFrame:
    """Give the rows of a source, those that are kept and those of the loads since; in no order.

    Args:
        connection: of the snapshot that is asked.
        name: which rows; those of one key are kept of each name.
        key: all that they rest on but the loads, the code too, as JSON writes it.
        source: whose loads.
        rows_after: reads those of the loads after a number; 0: of all.
    """
    place, newest = _place_of(connection, name), newest_loads(connection, source, at_most=1)
    if place is None or not newest:
        return rows_after(0)
    loaded = vars(newest[0])
    manifest = _manifest(place, name, key)
    kept = None if manifest is None else _read(place, name, manifest)
    if kept is None or manifest is None:
        frame = rows_after(0)
    elif manifest["load"] == loaded:
        return kept
    else:
        number = manifest["load"]["load_number"]
        is_before = [vars(mark) for mark in loads_numbered(connection, source, [number])] == [manifest["load"]]
        frame = pl.concat([kept, rows_after(number)]) if is_before else rows_after(0)
    _keep(place, name, {"key": dict(key), "load": loaded}, frame)
    return frame


def _place_of(connection: Connection, name: str) -> OwnFolder | None:
    """Where the frames of a name are kept; None where nothing is."""
    root, folder = columns_folder_of(connection), registers_of(connection).folder
    return None if root is None or folder is None else OwnFolder(root, folder / FOLDER / name)


def _manifest(place: OwnFolder, name: str, key: Mapping[str, Any]) -> dict[str, Any] | None:
    """What was written of the frame that is kept, when it has this key."""
    try:
        manifest = unsealed(place.manifest(MANIFEST) or b"")
    except NotKept as reason:
        logger.warning("%s: %s; it is worked out anew", name, reason)
        return None
    return manifest if manifest is not None and manifest["key"] == key else None


def _read(place: OwnFolder, name: str, manifest: Mapping[str, Any]) -> pl.DataFrame | None:
    try:
        return place.read(_file(manifest["digest"]), manifest["digest"])
    except Damaged as reason:
        logger.warning("%s: %s; it is worked out anew", name, reason)
        return None


def _keep(place: OwnFolder, name: str, rests_on: Mapping[str, Any], frame: pl.DataFrame) -> None:
    try:
        with place.written_alone() as is_ours:
            if is_ours:
                digest = place.write_frame(frame, named=_file)
                place.commit(MANIFEST, sealed({**rests_on, "digest": digest}), stays=[_file(digest)])
    except NotKept as reason:
        logger.warning("%s: %s; the next who asks works it out again", name, reason)


def _file(digest: str) -> str:
    return f"frame-{digest[:16]}.arrow"
