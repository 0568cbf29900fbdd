"""Keep what the stack writes from every other user of the machine."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

FOR_ITS_OWNER_ONLY = 0o077
"""The umask under which files are made 0600 and folders 0700."""


@contextmanager
def private_files() -> Iterator[None]:
    """Whatever is made inside, by this process or by one that it starts, is for its owner only."""
    before = os.umask(FOR_ITS_OWNER_ONLY)
    try:
        yield
    finally:
        os.umask(before)


def close_to_others(folder: Path) -> None:
    """Take every right on a folder, and on all that is in it, from group and others.

    What a link leads to is left as it is: it is not in the folder.

    Raises:
        OSError: something in it belongs to another user.
    """
    _close(folder)
    for parent, folders, files in os.walk(folder):
        for name in (*folders, *files):
            with suppress(FileNotFoundError):  # processes of the stack may be at work in it
                _close(Path(parent, name))


def _close(path: Path) -> None:
    found = path.lstat()
    if not stat.S_ISLNK(found.st_mode) and found.st_mode & FOR_ITS_OWNER_ONLY:
        path.chmod(stat.S_IMODE(found.st_mode) & stat.S_IRWXU)
