"""Write files that appear whole under their final names, or not at all; and see beforehand whether they can.

A file is written beside its place, as a hidden draft, and renamed when it is whole. When that fails the draft is
removed, and what stood there before stays.
"""

import errno
import os
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self


class NotWritten(Exception):
    """A file or folder cannot be written; the message names it and the reason, and nothing half is left.

    Attributes:
        reason: why, in a few words.
    """

    def __init__(self, place: Path, reason: OSError | str) -> None:
        self.reason = reason if isinstance(reason, str) else reason.strerror or type(reason).__name__
        super().__init__(f"{place} cannot be written ({self.reason}); make room or name another place, and do it again")


class WholeFiles:
    """Files of one folder that appear together: all of them under their final names, or none.

    ``with WholeFiles(folder) as files: files.add("a.csv", content)``. The folder is made when it is not there.

    Args:
        folder: where they appear.
        for_its_owner_only: nobody else may read them, whatever the umask.
        survives_power_loss: what they hold is on the disk before they have their names.

    Raises:
        NotWritten: one of them could not be written; no draft is left.
    """

    def __init__(self, folder: Path, *, for_its_owner_only: bool = False, survives_power_loss: bool = False) -> None:
        self.folder = folder
        self._mode = 0o600 if for_its_owner_only else 0o666
        self._is_synced = survives_power_loss
        self._drafts: dict[Path, Path] = {}

    def __enter__(self) -> Self:
        """Make the folder."""
        _make(self.folder)
        return self

    def add(self, name: str, content: bytes) -> Path:
        """Write a draft; gives the path at which the file appears when all are written."""
        file = self.folder / name
        draft = self.folder / f".{name[:40]}.{os.getpid()}.{len(self._drafts)}.draft"  # a long name leaves it room
        self._drafts[draft] = file
        try:
            draft.unlink(missing_ok=True)  # of a process of that number that was killed
            with open(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, self._mode), "wb") as output:  # noqa: PTH123 (with a mode of its own)
                output.write(content)
                if self._is_synced:
                    output.flush()
                    os.fsync(output.fileno())
        except OSError as error:
            raise NotWritten(file, error) from None
        return file

    def __exit__(self, failed: type[BaseException] | None, _error: object, _trace: TracebackType | None) -> None:
        """Give every draft its name; when anything failed, remove them."""
        try:
            if failed is None:
                for file in self._drafts.values():
                    if file.is_dir():
                        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(file))
                for draft, file in self._drafts.items():
                    draft.replace(file)
        except OSError as error:
            raise NotWritten(self.folder, error) from None
        finally:
            for draft in self._drafts:
                draft.unlink(missing_ok=True)


def write_whole(file: Path, content: bytes) -> Path:
    """Write one file whole or not at all, and give it. What is no ordinary file, such as a pipe, is written into.

    Raises:
        NotWritten: it could not be written; what stood there before stays.
    """
    target = file.resolve()  # a link stays one
    if target.exists() and not target.is_file():
        try:
            target.write_bytes(content)
        except OSError as error:
            raise NotWritten(file, error) from None
        return file
    with WholeFiles(target.parent) as files:
        files.add(target.name, content)
    return file


def check_folder(folder: Path) -> None:
    """See that files can be made in a folder, or in the nearest above it that is there; nothing is made or left.

    Raises:
        NotWritten: it is a file, or cannot be made or written.
    """
    nearest = folder.absolute()
    try:
        while not nearest.exists():
            nearest = nearest.parent
        if not nearest.is_dir():
            raise NotWritten(folder, "it is no folder" if nearest == folder.absolute() else f"{nearest} is no folder")
        with tempfile.TemporaryFile(dir=nearest):
            pass
    except OSError as error:
        raise NotWritten(folder, error) from None


def check_file(file: Path) -> None:
    """See that a file can be written; its folder has to be there.

    Raises:
        NotWritten: it cannot; the message names the folder where that is the reason.
    """
    target = file.resolve()
    if target.is_dir():
        raise NotWritten(file, "it is a folder")
    if target.exists() and not target.is_file():
        return
    if not target.parent.is_dir():
        raise NotWritten(target.parent, "there is no such folder")
    check_folder(target.parent)


def _make(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise NotWritten(folder, "it is no folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise NotWritten(folder, error) from None
