"""Where the stack keeps what: one folder, its addresses, its secrets, and the lock that lets one `up` or `down` in."""

import base64
import fcntl
import json
import os
import secrets
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from ketenbalans.stack.errors import AnotherUpRuns, FolderRefused, SecretUnusable
from ketenbalans.stack.private_files import close_to_others, private_files
from ketenbalans.whole_files import write_whole

ANOTHER_MAY_TAKE_SECONDS = 120.0
LOCK = "stack.lock"


@dataclass(frozen=True)
class Addresses:
    """Where the servers of a stack are reached, and who is let in to Airflow.

    ``airflow_url`` is None when it was started without Airflow. An address file without ``airflow_is_open`` is older
    than passwords: that Airflow asked for none. ``airflow_users`` are users and roles, as Airflow was started with
    them; an address file without is older than named users.
    """

    kafka_bootstrap: str
    warehouse_url: str
    airflow_url: str | None
    airflow_is_open: bool = True
    airflow_users: str = "admin:admin"


@dataclass(frozen=True)
class Home:
    """The folders of one stack. The path is absolute and without links, so it names one stack only."""

    path: Path

    @classmethod
    def at(cls, path: Path) -> "Home":
        """Name the home at a path; nothing is made.

        Raises:
            FolderRefused: a program of the stack would take the path for another one.
        """
        return cls(usable_path(path, "KETENBALANS_HOME"))

    def make(self) -> None:
        """Make the folders that every service needs, and close the home to everybody but its owner.

        Raises:
            FolderRefused: it belongs to somebody else, is meant for more than a stack, or cannot be made.
        """
        try:
            if self.path.exists():
                self._check_that_it_is_ours()
            with private_files():
                for folder in (self.path, self.logs, self.run):
                    folder.mkdir(parents=True, exist_ok=True)
            close_to_others(self.path)
        except OSError as error:
            message = (
                f"the home {self.path} cannot be made or closed to other users ({error.strerror or error}: "
                f"{error.filename}); choose another folder with KETENBALANS_HOME"
            )
            raise FolderRefused(message) from None

    def _check_that_it_is_ours(self) -> None:
        """Refuse a folder that others use: it is about to be closed to them."""
        found = self.path.stat()
        is_shared = found.st_mode & stat.S_ISVTX or self.path in (Path("/"), Path("~").expanduser().resolve())
        if is_shared or found.st_uid != os.geteuid():
            whose = "is used for more than a stack" if is_shared else "belongs to another user"
            message = (
                f"{self.path} {whose}, and a home is closed to everybody but its owner; choose a folder of its own "
                "with KETENBALANS_HOME"
            )
            raise FolderRefused(message)

    @property
    def logs(self) -> Path:
        """One log file per process."""
        return self.path / "logs"

    @property
    def run(self) -> Path:
        """One file per living process: its id and its start."""
        return self.path / "run"

    def log(self, process: str) -> Path:
        """The log of one process."""
        return self.logs / f"{process}.log"

    def new_log(self, process: str) -> Path:
        """Give the log for a new start of a process; the one before is kept beside it, those before that are not."""
        log = self.log(process)
        if log.exists():
            log.replace(log.with_suffix(".previous.log"))
        log.touch()
        return log

    def addresses(self) -> Addresses | None:
        """Read what the last ``up`` wrote; None when there was none."""
        try:
            return Addresses(**json.loads((self.path / "stack.json").read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def keep(self, addresses: Addresses) -> None:
        """Write the addresses; a reader sees the old ones or the new ones, never half."""
        text = json.dumps(asdict(addresses), indent=2)
        write_whole(self.path / "stack.json", f"{text}\n".encode())

    def secret(self, name: str, *, random_bytes: int) -> str:
        """Give a secret of this home, made on the first call and kept with mode 0600 (base64, for URLs).

        Raises:
            SecretUnusable: its file is empty or cannot be read.
        """
        file = self.path / name
        if not file.exists():
            self._make_secret(file, random_bytes)
        try:
            value = file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise SecretUnusable(file, what_is_wrong=f"cannot be read ({type(error).__name__})") from None
        if not value:
            raise SecretUnusable(file, what_is_wrong="is empty")
        return value

    def _make_secret(self, file: Path, random_bytes: int) -> None:
        """Make a secret, whole or not at all; of two processes the first one's holds."""
        value = base64.urlsafe_b64encode(secrets.token_bytes(random_bytes)).decode()
        with private_files():
            self.path.mkdir(parents=True, exist_ok=True)
            draft = file.with_name(f"{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
            draft.write_text(value + "\n", encoding="ascii")
        try:
            with suppress(FileExistsError):
                os.link(draft, file)
        finally:
            draft.unlink()

    @contextmanager
    def lock(self, *, when_busy: Callable[[str], None]) -> Iterator[None]:
        """Let one process at a time start or stop this stack.

        Args:
            when_busy: called once, when another one is at work and this one waits.

        Raises:
            AnotherUpRuns: the other one took longer than a start ever should.
        """
        with (self.path / LOCK).open("a+", encoding="ascii") as file:
            self._wait_for(file.fileno(), when_busy)
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            yield

    def is_locked(self) -> bool:
        """Say whether somebody starts or stops this stack at this moment."""
        try:
            with (self.path / LOCK).open("rb") as file:
                fcntl.flock(file.fileno(), fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    def _wait_for(self, descriptor: int, when_busy: Callable[[str], None]) -> None:
        deadline: float | None = None
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                holder = (self.path / LOCK).read_text(encoding="ascii") or "unknown"
            else:
                return
            if deadline is None:
                deadline = time.monotonic() + ANOTHER_MAY_TAKE_SECONDS
                when_busy(f"another up or down works here (process {holder}); waiting for it")
            if time.monotonic() > deadline:
                message = (
                    f"another up or down of {self.path} (process {holder}) is still at work after "
                    f"{ANOTHER_MAY_TAKE_SECONDS:.0f} s; wait for it, or stop it and run `ketenbalans down`"
                )
                raise AnotherUpRuns(message)
            time.sleep(0.1)


def usable_path(path: Path, setting: str) -> Path:
    """Give a path absolute and without links, so that two names of one folder are one.

    Raises:
        FolderRefused: it holds something that a program of the stack takes for something else.
    """
    resolved = path.resolve()
    text = str(resolved)
    wrong = [sign for sign in text if sign == "$" or not sign.isprintable()]
    if wrong:  # Airflow fills in what follows a dollar; not printable are control signs and bytes that are no UTF-8
        signs = ", ".join(sorted({f"U+{ord(sign):04X}" for sign in wrong}))
        message = (
            f"{setting} names a folder with a sign that not every program of the stack can take ({signs}): "
            f"{text!a}; choose another folder"
        )
        raise FolderRefused(message)
    return resolved
