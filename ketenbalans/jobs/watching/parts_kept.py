"""What is remembered of the parts outside the warehouse, which may be the one that is away: one small file in the home.

Several looks at a time may read and write it, so it is read and written under a lock that lasts as long as that.
"""

import fcntl
import json
import logging
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from ketenbalans.stack.private_files import private_files
from ketenbalans.whole_files import NotWritten, write_whole

FILE, LOCK, SENDING = "parts.json", "parts.lock", "parts.sending"
ASKED_ANEW_AFTER = timedelta(minutes=1)
"""Silent now and silent longer ago than this, with nobody asking in between, is no proof of silence in between."""

logger = logging.getLogger("ketenbalans.parts")


@dataclass(frozen=True, kw_only=True)
class PartKept:
    """What is remembered of one part.

    Attributes:
        answered_at: when it answered last; None: not that we know.
        silent_from: when it was first asked without an answer since; None: it answers.
        asked_at: when it was asked last.
        is_down: whether the last look said that it is down.
        raised_at: when the alert began that the warehouse could not keep; None: there is none.
        heard_by: the channels that were sent that alert.
        says: what it says.
        down_since: since when it says so.
    """

    answered_at: datetime | None = None
    silent_from: datetime | None = None
    asked_at: datetime | None = None
    is_down: bool = False
    raised_at: datetime | None = None
    heard_by: tuple[str, ...] = ()
    says: str = ""
    down_since: datetime | None = None

    @property
    def since(self) -> datetime | None:
        """Since when it is silent: its last answer, or the first question without an answer; None: it answers."""
        return None if self.silent_from is None else self.answered_at or self.silent_from

    def is_silent_for(self, long: timedelta, *, at: datetime) -> bool:
        """Whether it has been asked without an answer for at least so long."""
        return self.silent_from is not None and at - self.silent_from >= long

    def asked(self, *, answers: bool, at: datetime) -> "PartKept":
        """What is remembered after it was asked."""
        if answers:
            return replace(self, answered_at=at, silent_from=None, asked_at=at)
        goes_on = self.silent_from is not None and self.asked_at is not None
        is_proven = goes_on and (self.is_down or at - self.asked_at < ASKED_ANEW_AFTER)  # type: ignore[operator]
        return replace(self, silent_from=self.silent_from if is_proven else at, asked_at=at)


@dataclass
class PartsKept:
    """What is remembered of every part, by name; changed in place."""

    parts: dict[str, PartKept] = field(default_factory=dict)

    def of(self, name: str) -> PartKept:
        """What is remembered of a part; nothing of one that was never asked."""
        return self.parts.get(name, PartKept())

    def note(self, silent: Mapping[str, bool], *, at: datetime) -> None:
        """Note for each part that was asked whether it was silent."""
        for name, is_silent in silent.items():
            self.parts[name] = self.of(name).asked(answers=not is_silent, at=at)

    def note_change(self) -> None:
        """Note that parts are started or stopped on purpose: silence from before that proves nothing after it."""
        for name, part in self.parts.items():
            self.parts[name] = part if part.is_down else replace(part, silent_from=None)

    def note_down(self, names: Collection[str]) -> None:
        """Note which parts a look said to be down, and that all others are not."""
        for name in {*self.parts, *names}:
            self.parts[name] = replace(self.of(name), is_down=name in names)


@contextmanager
def parts_kept(home: Path) -> Iterator[PartsKept]:
    """What is remembered, to read and to change; it is written at the end, for its owner only, whole or not at all.

    Where the home can't be written nothing is remembered: the log says so, and who is sent a message is sent it again.
    """
    with private_files():
        try:
            home.mkdir(parents=True, exist_ok=True)
            lock = (home / LOCK).open("ab")
        except OSError as error:
            logger.warning("nothing can be remembered in %s (%s)", home, error.strerror)
            yield _read(home / FILE)
            return
        with lock:
            fcntl.flock(lock.fileno(), fcntl.LOCK_EX)
            kept = _read(home / FILE)
            before = dict(kept.parts)
            yield kept
            if kept.parts != before:
                _write(home / FILE, kept)


@contextmanager
def sending_alone(home: Path) -> Iterator[bool]:
    """Whether we are the one who sends, until the block ends; who is not waits for nobody."""
    try:
        with private_files():
            lock = (home / SENDING).open("ab")
    except OSError:
        yield True
        return
    with lock:
        try:
            fcntl.flock(lock.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def _read(file: Path) -> PartsKept:
    """What the file says; of one that is not there, or is damaged, nothing."""
    with suppress(OSError, ValueError, TypeError, AttributeError):
        found = json.loads(file.read_text(encoding="utf-8"))
        return PartsKept({name: _part_of(one) for name, one in found.items()})
    return PartsKept()


def _part_of(one: Mapping[str, object]) -> PartKept:
    moments = {
        name: None if one.get(name) is None else datetime.fromisoformat(str(one[name]))
        for name in ("answered_at", "silent_from", "asked_at", "raised_at", "down_since")
    }
    heard_by = one.get("heard_by") or ()
    assert isinstance(heard_by, (list, tuple))
    says = str(one.get("says") or "")
    return PartKept(is_down=bool(one.get("is_down")), heard_by=tuple(map(str, heard_by)), says=says, **moments)


def _write(file: Path, kept: PartsKept) -> None:
    text = json.dumps({name: asdict(part) for name, part in kept.parts.items()}, default=datetime.isoformat, indent=1)
    try:
        write_whole(file, text.encode())
    except NotWritten as error:
        logger.warning("%s", error)
