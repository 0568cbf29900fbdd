"""Copies of the data folders of servers that run, file by file, as a person makes them with `cp`.

In the order that makes such a copy usable: first what says from where on a server recovers, last what it recovers with.
A file that vanishes meanwhile is left out, one that grows is taken as far as it was.
"""

import os
import shutil
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

PG_CONTROL = Path("global", "pg_control")
WAL = "pg_wal"
OF_THE_PROCESS = (".lock", "postmaster.pid", "postmaster.opts", ".kafka_cleanshutdown", "pgsql_tmp")
"""Notes of the process that runs, and what it throws away when it starts: in no copy."""


def copy_postgresql(data: Path, to: Path) -> None:
    """Copy the data folder of a PostgreSQL: its control file first, its write-ahead log last.

    The control file names the checkpoint from which the copy recovers. From there on the log has a whole image of every
    page at its first change, so it does not matter that pages are copied at other moments, or torn, as long as all of
    that log is in the copy: no segment may be removed meanwhile (`wal_keep_size`).
    """
    _copy_file(data / PG_CONTROL, to / PG_CONTROL)
    _copy_tree(data, to, leaving_out=lambda path: path in (PG_CONTROL, Path(WAL)))
    _copy_tree(data / WAL, to / WAL)


def copy_kafka(data: Path, to: Path) -> None:
    """Copy the data folder of a broker: first the checkpoints, which say up to where its log need not be looked at."""
    for checkpoint in sorted(data.glob("*checkpoint")):
        _copy_file(checkpoint, to / checkpoint.name)
    _copy_tree(data, to, leaving_out=lambda path: path.name.endswith("checkpoint") and len(path.parts) == 1)


def _nothing(_path: Path) -> bool:
    return False


def _copy_tree(folder: Path, to: Path, *, leaving_out: Callable[[Path], bool] = _nothing) -> None:
    to.mkdir(parents=True, exist_ok=True)
    _same_owner(folder, to)
    for place in _below(folder):
        relative = place.relative_to(folder)
        if any(leaving_out(part) for part in (relative, *relative.parents)) or set(relative.parts) & {*OF_THE_PROCESS}:
            continue
        if place.is_dir():
            (to / relative).mkdir(parents=True, exist_ok=True)
            with suppress(FileNotFoundError):
                _same_owner(place, to / relative)
        elif place.is_file():  # no socket
            _copy_file(place, to / relative)


def _below(folder: Path) -> Iterable[Path]:
    """Everything below a folder, each folder before what is in it, by name: segments of a log in their order."""
    with suppress(FileNotFoundError):
        for place in sorted(folder.iterdir()):
            yield place
            if place.is_dir():
                yield from _below(place)


def _copy_file(file: Path, to: Path) -> None:
    with suppress(FileNotFoundError):
        to.parent.mkdir(parents=True, exist_ok=True)
        _same_owner(file.parent, to.parent)
        shutil.copyfile(file, to)
        _same_owner(file, to)


def _same_owner(of: Path, to: Path) -> None:
    found = of.stat()
    to.chmod(found.st_mode & 0o777)
    if os.geteuid() == 0:
        os.chown(to, found.st_uid, found.st_gid)
