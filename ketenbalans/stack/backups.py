"""Backups of the embedded warehouse: a folder with a base and what changed since, each with a manifest that is checked.

Made and put together by PostgreSQL's own programs. A backup folder holds the two databases and the audit checkpoints
of the home; it holds no secret (docs/backup.md).
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from ketenbalans.stack.errors import StackError
from schemas.json_object import JsonObject

NOTE, DATA, MANIFEST = "backup.json", "data", "backup_manifest"
BASE, INCREMENTAL = "base", "incremental"
PIECE_BYTES = 1 << 20


class BackupUnusable(StackError):
    """A backup cannot be restored, or no further one be made after it; the message names the file and the remedy."""


@dataclass(frozen=True, kw_only=True)
class Backup:
    """One backup in a folder.

    Attributes:
        folder: where it is, below the folder of backups.
        number: its place in the order in which they were made, from 1.
        kind: ``base``, or ``incremental``: what changed since the backup before it.
        after: the folder of the backup before it; None of a base.
        system: the number of the server that it is of, which a new warehouse has not.
        began: when it began.
        ended: when it ended: all that was committed until it began is in it, and some of what was committed since.
        checkpoint: how many entries the newest audit checkpoint of the home had signed; None: there was none.
    """

    folder: Path
    number: int
    kind: str
    after: str | None
    system: str
    began: datetime
    ended: datetime
    checkpoint: int | None

    @property
    def data(self) -> Path:
        """What PostgreSQL wrote."""
        return self.folder / DATA

    @property
    def manifest(self) -> Path:
        """What it wrote, file by file."""
        return self.data / MANIFEST

    def to_json(self) -> JsonObject:
        """The backup as its own note has it, and as ``backup list --json`` prints it."""
        return {
            "backup": self.folder.name,
            "number": self.number,
            "kind": self.kind,
            "after": self.after,
            "system": self.system,
            "began": self.began.isoformat(),
            "ended": self.ended.isoformat(),
            "checkpoint": self.checkpoint,
        }

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read the note of a backup.

        Raises:
            BackupUnusable: there is none, or it cannot be read.
        """
        try:
            note: dict[str, Any] = json.loads((folder / NOTE).read_text(encoding="utf-8"))
            return cls(
                folder=folder,
                number=note["number"],
                kind=note["kind"],
                after=note["after"],
                system=note["system"],
                began=datetime.fromisoformat(note["began"]),
                ended=datetime.fromisoformat(note["ended"]),
                checkpoint=note["checkpoint"],
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            message = f"{folder / NOTE} cannot be read ({type(error).__name__}); remove {folder} and make a backup anew"
            raise BackupUnusable(message) from None


def backups_in(folder: Path) -> list[Backup]:
    """Every whole backup in a folder, in the order in which they were made; what was broken off has no note.

    Raises:
        BackupUnusable: a note cannot be read.
    """
    if not folder.is_dir():
        return []
    found = [Backup.read(one) for one in folder.iterdir() if (one / NOTE).exists()]
    return sorted(found, key=lambda one: one.number)


def chain_to(last: Backup, backups: Sequence[Backup]) -> list[Backup]:
    """The base that a backup rests on and all in between, the base first and the backup itself last.

    Raises:
        BackupUnusable: one of them is not there.
    """
    by_name = {one.folder.name: one for one in backups}
    chain = [last]
    while chain[0].after is not None:
        before = by_name.get(chain[0].after)
        if before is None:
            message = (
                f"{last.folder.name} rests on {chain[0].after}, which is not in {last.folder.parent}; put it back, or "
                "restore a backup before it"
            )
            raise BackupUnusable(message)
        chain.insert(0, before)
    return chain


def check(backup: Backup) -> None:
    """Hold every file of a backup against its manifest: sizes and SHA-256, and the manifest against itself.

    Raises:
        BackupUnusable: a file is missing, is another one or is not in the manifest; the message names the first.
    """
    for what_is_wrong in _differences(backup):
        message = (
            f"{backup.folder.name} cannot be restored: {what_is_wrong}; restore a backup before it, and make a new one "
            "with `ketenbalans backup --base`"
        )
        raise BackupUnusable(message)


def _differences(backup: Backup) -> Iterator[str]:
    try:
        text = backup.manifest.read_bytes()
        manifest: dict[str, Any] = json.loads(text)
        files = {one["Path"]: one for one in manifest["Files"]}
        signed, own = manifest["Manifest-Checksum"], text[: text.rindex(b'"Manifest-Checksum"')]
    except (OSError, ValueError, KeyError, TypeError):
        yield f"{backup.manifest} cannot be read"
        return
    if hashlib.sha256(own).hexdigest() != signed:
        yield f"{backup.manifest} was changed"
    log = "pg_wal/"
    there = {
        str(file.relative_to(backup.data)): file
        for file in backup.data.rglob("*")
        if file.is_file() and file != backup.manifest
    }
    for path in sorted(files.keys() - there.keys()):
        yield f"{path} is missing"
    for path in sorted(path for path in there.keys() - files.keys() if not path.startswith(log)):
        yield f"{path} is in no manifest"
    if not any(path.startswith(log) for path in there):
        yield "its write-ahead log is missing"
    for path, one in sorted(files.items()):
        file = there[path]
        if file.stat().st_size != one["Size"]:
            yield f"{path} has {file.stat().st_size} bytes, and had {one['Size']}"
        elif _sha256(file) != one["Checksum"]:
            yield f"{path} was changed"


def _sha256(file: Path) -> str:
    found = hashlib.sha256()
    with file.open("rb") as opened:
        while piece := opened.read(PIECE_BYTES):
            found.update(piece)
    return found.hexdigest()
