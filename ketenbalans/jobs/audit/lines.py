"""Files of which each line is a JSON object, and to which lines are only added."""

import errno
import json
import os
from collections.abc import Iterator
from pathlib import Path

from ketenbalans.stack.private_files import private_files
from ketenbalans.whole_files import NotWritten
from schemas.json_object import JsonObject


class NoJsonLine(ValueError):
    """A line of a file is no JSON object; the message names file and line."""


def add_line(file: Path, line: bytes) -> None:
    """Add a line that is on the disk when this returns; nobody but the owner may read a file that is made.

    Raises:
        NotWritten: it cannot be.
    """
    try:
        with private_files():
            file.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(file, os.O_CREAT | os.O_APPEND | os.O_RDWR, 0o600)
        with os.fdopen(descriptor, "r+b", buffering=0) as kept:
            size = kept.seek(0, os.SEEK_END)
            try:
                if kept.write(line + b"\n") != len(line) + 1:
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            except OSError:
                kept.truncate(size)  # half a line would make the whole file one that cannot be read
                raise
            os.fsync(kept.fileno())
    except OSError as error:
        raise NotWritten(file, error) from None


def lines_of(file: Path) -> Iterator[tuple[int, JsonObject]]:
    """Every line with its number, from 1; empty ones are passed over, and a file that is not there has none.

    Raises:
        NoJsonLine: one is no JSON object, or the file cannot be read.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return
    except (OSError, UnicodeDecodeError) as error:
        message = f"{file} cannot be read ({type(error).__name__}); name a file of checkpoints"
        raise NoJsonLine(message) from None
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            found = json.loads(line)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            message = f"{file}, line {number} is no JSON object; take the file from where it is kept unchanged"
            raise NoJsonLine(message)
        yield number, found
