"""Whether an address of a page names a file, whatever somebody typed."""

from pathlib import Path


def is_there(place: Path) -> bool:
    """Whether there is something at a path; there is not where no file system could have it.

    A name that is too long, or has a NUL in it, is an error to ask for, and would be reported as one of ours.
    """
    try:
        place.stat()
    except (OSError, ValueError):
        return False
    return True
