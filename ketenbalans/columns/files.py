"""The coded rows of one register as files: segments that never change, and a manifest that names those that count.

A file is written under a draft's name, and a segment counts from the moment at which the manifest that names it is
renamed into its place: a process that is killed leaves either the old manifest or the new one. Every byte that is read
is compared with the SHA-256 that the manifest gives, and the manifest with its own.
"""

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import re
import shutil
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import polars as pl

from ketenbalans.columns.segment import RowSegment
from warehouse.loaded_rows import LoadMark

MANIFEST, LOCK, DRAFT = "manifest.json", "lock", ".draft"
ROWS, IDS = "rows", "ids"
A_VERSION = re.compile(r"[0-9a-f]{16}")
OWNER_ONLY, OWNER_ONLY_FOLDER = 0o600, 0o700


class NotKept(Exception):
    """The files cannot be read or written; the message says why, and the warehouse itself still answers."""


class Damaged(Exception):
    """A file is not the one that the manifest names: it is missing, cut short or altered."""


@dataclass(frozen=True)
class KeptSegment:
    """A segment as the manifest names it: its loads, and each of its files with its SHA-256 in hex."""

    first_load: int
    last_load: int
    row_count: int
    files: dict[str, str]

    def name_of(self, what: str) -> str:
        """The name of its file of rows or of ids; no two different files have the same."""
        return f"{self.last_load}-{self.files[what][:16]}.{what}.arrow"


@dataclass(frozen=True)
class Manifest:
    """What counts of a folder.

    Attributes:
        segments: in the order of their loads, without gaps, from load 1.
        marks: some of the loads, the last of each segment among them: by number.
        digest: SHA-256 of all this, by which two manifests are compared.
    """

    segments: tuple[KeptSegment, ...]
    marks: dict[int, LoadMark]
    digest: str = ""

    @property
    def last_load(self) -> int:
        """The last load that the segments hold."""
        return self.segments[-1].last_load

    def to_bytes(self) -> bytes:
        """The manifest as JSON, with its own SHA-256."""
        body = {
            "segments": [asdict(one) for one in self.segments],
            "marks": [asdict(mark) for _, mark in sorted(self.marks.items())],
        }
        return json.dumps({"sha256": _digest_of(body), **body}, indent=1).encode()

    @classmethod
    def of_bytes(cls, content: bytes) -> "Manifest | None":
        """The manifest of its JSON; None when it is none, or not whole."""
        try:
            body = json.loads(content)
            digest = body.pop("sha256")
            if digest != _digest_of(body) or not body["segments"]:
                return None
            marks = [LoadMark(**mark) for mark in body["marks"]]
            segments = tuple(KeptSegment(**one) for one in body["segments"])
        except (ValueError, TypeError, KeyError, AttributeError):
            return None
        return cls(segments, {mark.load_number: mark for mark in marks}, digest)


def _digest_of(body: Mapping[str, object]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class RegisterFolder:
    """The folder of one register's files. It is made when something is written.

    Attributes:
        root: the folder of all columns.
        folder: where these files lie, below it.
    """

    root: Path
    folder: Path

    def manifest(self) -> Manifest | None:
        """What counts; None when nothing was ever written, or what was written is no manifest.

        Raises:
            NotKept: it cannot be read, or the folder is somebody else's.
        """
        try:
            self._check_owner()
            return Manifest.of_bytes((self.folder / MANIFEST).read_bytes())
        except FileNotFoundError:
            return None
        except OSError as error:
            raise NotKept(_reason(error)) from None

    def open(self, kept: KeptSegment, *, with_ids: bool) -> RowSegment:
        """The segment that a manifest names; its ids are seen now too, or only when something ties.

        Raises:
            Damaged: a file is missing, or other bytes than were written.
        """
        if with_ids:
            self._read(kept, IDS)
        rows = self._read(kept, ROWS)
        return RowSegment(kept.first_load, kept.last_load, rows, lambda: self._read(kept, IDS))

    def with_kept_ids(self, segment: RowSegment, kept: KeptSegment) -> RowSegment:
        """A segment that was written, with ids that are read of its file when something ties."""
        return replace(segment, read_ids=lambda: self._read(kept, IDS))

    def _read(self, kept: KeptSegment, what: str) -> pl.DataFrame:
        file = self.folder / kept.name_of(what)
        try:
            content = file.read_bytes()
        except OSError as error:
            message = f"{file.name}: {_reason(error)}"
            raise Damaged(message) from None
        if hashlib.sha256(content).hexdigest() != kept.files[what]:
            message = f"{file.name} holds other bytes than were written"
            raise Damaged(message)
        return pl.read_ipc(content)

    @contextlib.contextmanager
    def written_alone(self) -> Iterator[bool]:
        """Whether nobody else writes here; as long as this lasts nobody does. Nobody waits for it.

        Raises:
            NotKept: the folder cannot be made or written.
        """
        try:
            self._make_folder()
            self._check_owner()
            lock = os.open(self.folder / LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW, OWNER_ONLY)
        except OSError as error:
            raise NotKept(_reason(error)) from None
        try:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True
        finally:
            os.close(lock)

    def write(self, segment: RowSegment) -> KeptSegment:
        """Write the files of a segment. They count when a manifest names them.

        Raises:
            NotKept: there is no room, or the folder cannot be written.
        """
        contents = {ROWS: segment.rows, IDS: segment.read_ids()}
        kept = KeptSegment(
            segment.first_load,
            segment.last_load,
            segment.rows.height,
            {what: self._write_draft(what, frame) for what, frame in contents.items()},
        )
        try:
            for what in contents:
                (self.folder / f"{what}{DRAFT}").replace(self.folder / kept.name_of(what))
        except OSError as error:
            raise NotKept(_reason(error)) from None
        return kept

    def _write_draft(self, what: str, frame: pl.DataFrame) -> str:
        """Write a frame and give the SHA-256 of its file."""
        try:
            with self._draft(what) as draft, open(draft, "wb", closefd=False) as output:
                frame.write_ipc(output)
                output.flush()
                with open(self.folder / f"{what}{DRAFT}", "rb") as written:  # noqa: PTH123 (as hashlib reads it)
                    return hashlib.file_digest(written, "sha256").hexdigest()
        except (OSError, pl.exceptions.PolarsError) as error:
            raise NotKept(_reason(error)) from None

    def commit(self, segments: Sequence[KeptSegment], marks: dict[int, LoadMark]) -> None:
        """Let these segments count from now on, and remove all other files.

        Raises:
            NotKept: the manifest cannot be written; what counted before still does.
        """
        manifest = Manifest(tuple(segments), marks)
        try:
            with self._draft(MANIFEST) as draft, open(draft, "wb", closefd=False) as output:
                output.write(manifest.to_bytes())
            (self.folder / f"{MANIFEST}{DRAFT}").replace(self.folder / MANIFEST)
        except OSError as error:
            raise NotKept(_reason(error)) from None
        stays = {MANIFEST, LOCK, *(one.name_of(what) for one in segments for what in one.files)}
        for file in self.folder.iterdir():
            if file.name not in stays:
                with contextlib.suppress(OSError):  # it is tried again after the next writing
                    file.unlink()
        self._remove_other_versions()

    def _remove_other_versions(self) -> None:
        """Remove what other versions of the columns kept of this warehouse: whoever still runs one makes it anew."""
        ours = self.folder.parent
        for folder in ours.parent.iterdir():
            if folder != ours and A_VERSION.fullmatch(folder.name):
                shutil.rmtree(folder, ignore_errors=True)

    @contextlib.contextmanager
    def _draft(self, name: str) -> Iterator[int]:
        """A new file that only its owner may read."""
        path = self.folder / f"{name}{DRAFT}"
        path.unlink(missing_ok=True)  # of a process that was killed
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, OWNER_ONLY)
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    def _make_folder(self) -> None:
        """Make the folder, and those above it up to the root, for their owner alone."""
        above = [one for one in self.folder.parents if one.is_relative_to(self.root)]
        for folder in (*reversed(above), self.folder):
            folder.mkdir(mode=OWNER_ONLY_FOLDER, parents=folder == self.root, exist_ok=True)

    def _check_owner(self) -> None:
        """Refuse a folder that somebody else may write: what lies there decides answers.

        Raises:
            PermissionError: its owner is another, or others may write in it.
        """
        found = self.folder.stat()
        if found.st_uid != os.geteuid() or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise PermissionError(errno.EPERM, "others than its owner, who is not you or not alone, may write in it")


def _reason(error: Exception) -> str:
    text = error.strerror if isinstance(error, OSError) else None  # Polars' own errors of the system have none
    return text or str(error).partition("\n")[0] or type(error).__name__
