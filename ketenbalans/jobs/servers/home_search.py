"""Where the home is when ``KETENBALANS_HOME`` names none: found upwards like a repository, else the user's own.

In this order: the nearest folder ``.ketenbalans`` from the working directory upwards; inside a checkout of this project
that of the checkout, there or not; else ``ketenbalans`` in the user's state folder. ``up`` makes it (ADR 0037).
"""

import os
from dataclasses import dataclass
from pathlib import Path

NAME = ".ketenbalans"


@dataclass(frozen=True)
class FoundHome:
    """The default home of a working directory.

    Attributes:
        path: the folder; it need not be there.
        because: why it is this one, such as "found upwards from /srv/work".
    """

    path: Path
    because: str


def find_home(*, checkout: Path) -> FoundHome:
    """Give the default home of the working directory; nothing is made.

    A folder that belongs to another user is passed over: what it says would be followed (addresses, secrets), and in
    a shared folder such as ``/tmp`` anybody can make one.

    Args:
        checkout: the folder of this project; inside it the search ends there.
    """
    start = _working_directory()
    if start is None:
        return FoundHome(_state_folder(), "the working directory is gone, so it is in the user's state folder")
    for folder in (start, *start.parents):
        if _is_ours(folder / NAME):
            return FoundHome(folder / NAME, f"found upwards from {start}")
        if folder == checkout:
            because = f"there is no {NAME} yet from {start} up to the checkout, whose home it is"
            return FoundHome(folder / NAME, because)
    because = f"there is no {NAME} of yours from {start} upwards, so it is in the user's state folder"
    return FoundHome(_state_folder(), because)


def _working_directory() -> Path | None:
    try:
        return Path.cwd()
    except FileNotFoundError:  # somebody removed it
        return None


def _is_ours(folder: Path) -> bool:
    try:
        return folder.is_dir() and folder.stat().st_uid == os.geteuid()
    except OSError:
        return False


def _state_folder() -> Path:
    """As the XDG base directory specification says: what is no absolute path is not looked at."""
    named = os.environ.get("XDG_STATE_HOME", "")
    return (Path(named) if named.startswith("/") else Path("~/.local/state")) / "ketenbalans"
