"""The bytes of an extract, read a block at a time and more than once: every reading gives what the first one gave.

The first reading says what the extract is: its id is the SHA-256 of all bytes. What SHA-256 says after each block is
kept, so that in a later reading no byte of a block is given that was not there at first.
"""

import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from producers.errors import ExtractChanged, UnreadableExtract

BLOCK_BYTES = 4 * 1024 * 1024
"""What is read at a time: some 40,000 rows, enough for columns to be quick, and little memory whatever the file."""

BYTE_ORDER_MARK = "\ufeff".encode()
END_OF_FILE = b"\x1a"
"""What DOS, and exports that still speak to it, put at the end of a file (Ctrl-Z). It says nothing."""


@dataclass(frozen=True)
class TextPiece:
    """Whole lines of a text: the number of the first (the first of the file is 1) and all of them as they stand.

    Each ends in a line feed, except the last one of a file that does not end in one.
    """

    first_line: int
    text: str = field(repr=False)


class Content:
    """An open file; made by ``opened``.

    Attributes:
        file: where it stands, for messages.
    """

    def __init__(self, file: Path, stream: BinaryIO, *, block_bytes: int) -> None:
        self.file = file
        self._stream = stream
        self._block_bytes = block_bytes
        self._digests: list[bytes] = []

    @property
    def extract_id(self) -> str:
        """SHA-256 of all bytes, 64 hex; there is none before the first reading has come to the end."""
        return self._digests[-1].hex()

    def blocks(self) -> Iterator[bytes]:
        """All bytes, from the start.

        Raises:
            UnreadableExtract: they cannot be read.
            ExtractChanged: a block is not what it was in the first reading that came to the end, or can no longer be
                read.
        """
        before, digests, digest = self._digests, list[bytes](), hashlib.sha256()
        while True:
            block = self._read(from_the_start=not digests)
            digest.update(block)
            digests.append(digest.digest())
            if before and digests[-1:] != before[len(digests) - 1 : len(digests)]:
                raise ExtractChanged(self.file)
            if not block:
                break
            yield block
        self._digests = digests

    def pieces(self) -> Iterator[TextPiece]:
        """The text in pieces of whole lines, without a byte order mark and without the end-of-file signs of DOS.

        Raises:
            UnreadableExtract: it cannot be read, or is not UTF-8.
            ExtractChanged: it is no longer what it was in the first reading.
        """
        first_line = 1
        for number, lines in enumerate(self._whole_lines()):
            text = _decoded(lines.removeprefix(BYTE_ORDER_MARK) if number == 0 else lines)
            if isinstance(text, int):
                line = first_line + text
                raise UnreadableExtract(
                    self.file, f"line {line} is not UTF-8", "Export it again as UTF-8 and publish that file"
                )
            if text:
                yield TextPiece(first_line, text)
            first_line += text.count("\n")

    def _whole_lines(self) -> Iterator[bytes]:
        begun: list[bytes] = []
        for block in self.blocks():
            end = block.rfind(b"\n") + 1
            if end:
                yield b"".join([*begun, block[:end]])
                begun = []
            begun.append(block[end:])
        yield b"".join(begun).rstrip(END_OF_FILE)

    def _read(self, *, from_the_start: bool) -> bytes:
        try:
            if from_the_start:
                self._stream.seek(0)
            return self._stream.read(self._block_bytes)
        except OSError as error:
            reason = error.strerror or type(error).__name__
        if self._digests:
            raise ExtractChanged(self.file, f"can no longer be read ({reason})")
        raise unreadable(self.file, reason)


def _decoded(lines: bytes) -> str | int:
    """The text, or the number of lines before the first byte that is no UTF-8."""
    try:
        return lines.decode("utf-8")
    except UnicodeDecodeError as error:  # carries all that is read along, so nobody may get it
        return lines.count(b"\n", 0, error.start)


def unreadable(file: Path, reason: str) -> UnreadableExtract:
    """The error of a file that the system does not let us read."""
    problem = f"it cannot be opened ({reason})"
    return UnreadableExtract(file, problem, "Check its name and whether you may read it")


@contextmanager
def opened(file: Path, *, block_bytes: int = BLOCK_BYTES) -> Iterator[Content]:
    """The content of a file for as long as the ``with`` lasts; what is no ordinary file, such as a pipe, is kept.

    Args:
        file: the extract.
        block_bytes: how much is read at a time; whatever it is, the same rows come out.

    Raises:
        UnreadableExtract: it cannot be opened.
    """
    stream: BinaryIO | None = None
    problem = None
    try:
        stream = file.open("rb")
        if not stream.seekable():
            with stream:
                stream = io.BytesIO(stream.read())
    except OSError as error:
        problem = error.strerror or type(error).__name__
    if stream is None or problem is not None:
        raise unreadable(file, problem or "it is no file")
    with stream:
        yield Content(file, stream, block_bytes=block_bytes)
