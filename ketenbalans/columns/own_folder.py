"""A folder of files that only their owner reads and writes: whole files or none, and none with other bytes.

Files are named by their BLAKE3, which is worked out over a hundred megabytes in a third of the time of SHA-256.
"""

import contextlib
import errno
import fcntl
import os
import stat
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from blake3 import blake3

LOCK, DRAFT = "lock", ".draft"
OWNER_ONLY, OWNER_ONLY_FOLDER = 0o600, 0o700


class NotKept(Exception):
    """The files cannot be read or written; the message says why, and the warehouse itself still answers."""


class Damaged(Exception):
    """A file is not the one that its manifest names: it is missing, cut short or altered."""


@dataclass(frozen=True)
class OwnFolder:
    """A folder. It is made when something is written.

    Attributes:
        root: the folder of all columns.
        folder: where these files lie, below it.
    """

    root: Path
    folder: Path

    def manifest(self, name: str) -> bytes | None:
        """The manifest of that name as it was written; None when none ever was.

        Raises:
            NotKept: it cannot be read, or the folder is somebody else's.
        """
        try:
            self._check_owner()
            return (self.folder / name).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise NotKept(_reason(error)) from None

    def read(self, name: str, digest: str) -> pl.DataFrame:
        """The frame of a file. Its bytes are read once, so that what is hashed is what is given.

        Raises:
            Damaged: the file is missing, or its BLAKE3 is not the one that is given.
        """
        try:
            content = (self.folder / name).read_bytes()
            if blake3(content).hexdigest() == digest:
                return pl.read_ipc(content)
        except (OSError, pl.exceptions.PolarsError) as error:
            message = f"{name}: {_reason(error)}"
            raise Damaged(message) from None
        message = f"{name} holds other bytes than were written"
        raise Damaged(message)

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

    def write_frame(self, frame: pl.DataFrame, *, named: Callable[[str], str]) -> str:
        """Write a frame to a file and give its BLAKE3, 64 hex digits.

        Args:
            frame: what is written, without compression.
            named: gives the name of the file of its digest.

        Raises:
            NotKept: there is no room, or the folder cannot be written.
        """
        try:
            with self._draft("frame") as draft, open(draft, "wb", closefd=False) as output:
                frame.write_ipc(output, record_batch_size=max(frame.height, 1))
                output.flush()
                digest = blake3().update_mmap(self._draft_of("frame")).hexdigest()
            self._draft_of("frame").replace(self.folder / named(digest))
        except (OSError, pl.exceptions.PolarsError) as error:
            raise NotKept(_reason(error)) from None
        return digest

    def commit(self, name: str, manifest: bytes, *, stays: Collection[str]) -> None:
        """Let a manifest count from now on, and remove all files but it and some others.

        Raises:
            NotKept: it cannot be written; what counted before still does.
        """
        try:
            with self._draft(name) as draft, open(draft, "wb", closefd=False) as output:
                output.write(manifest)
            self._draft_of(name).replace(self.folder / name)
        except OSError as error:
            raise NotKept(_reason(error)) from None
        with contextlib.suppress(OSError):  # it is tried again after the next writing
            for file in list(self.folder.iterdir()):
                if file.name not in {name, LOCK, *stays}:
                    file.unlink()

    def forget(self, name: str) -> None:
        """Let a manifest count no longer: nothing is kept then.

        Raises:
            NotKept: it cannot be removed.
        """
        try:
            (self.folder / name).unlink(missing_ok=True)
        except OSError as error:
            raise NotKept(_reason(error)) from None

    @contextlib.contextmanager
    def _draft(self, name: str) -> Iterator[int]:
        """A new file that only its owner may read."""
        path = self._draft_of(name)
        path.unlink(missing_ok=True)  # of a process of that number that was killed
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, OWNER_ONLY)
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    def _draft_of(self, name: str) -> Path:
        """Of this process alone: another one may write in a folder that was removed and made anew meanwhile."""
        return self.folder / f"{name}.{os.getpid()}{DRAFT}"

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
    strerror = error.strerror if isinstance(error, OSError) else None
    return strerror or (str(error) or type(error).__name__).splitlines()[0]  # that of Polars has its words alone
