"""Where the stack keeps what: one folder, its addresses, its secrets, and the lock that lets one `up` or `down` in."""

import base64
import fcntl
import json
import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from stack.errors import AnotherUpRuns

ANOTHER_MAY_TAKE_SECONDS = 120.0


@dataclass(frozen=True)
class Addresses:
    """Where the servers of a stack are reached; ``airflow_url`` is None when it was started without Airflow."""

    kafka_bootstrap: str
    warehouse_url: str
    airflow_url: str | None


@dataclass(frozen=True)
class Home:
    """The folders of one stack. The path is absolute and without links, so it names one stack only."""

    path: Path

    @classmethod
    def at(cls, path: Path) -> "Home":
        """Name the home at a path; nothing is made."""
        return cls(path.expanduser().resolve())

    def make(self) -> None:
        """Make the folders that every service needs."""
        for folder in (self.path, self.logs, self.run):
            folder.mkdir(parents=True, exist_ok=True)

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
        write_whole(self.path / "stack.json", text + "\n")

    def secret(self, name: str, *, random_bytes: int) -> str:
        """Give a secret of this home, made on the first call and kept with mode 0600 (base64, for URLs)."""
        file = self.path / name
        try:
            return file.read_text(encoding="ascii").strip()
        except FileNotFoundError:
            self.path.mkdir(parents=True, exist_ok=True)
        value = base64.urlsafe_b64encode(secrets.token_bytes(random_bytes)).decode()
        draft = file.with_name(f"{name}.{os.getpid()}.{secrets.token_hex(4)}")
        draft.touch(mode=0o600)
        draft.write_text(value + "\n", encoding="ascii")
        try:
            os.link(draft, file)  # fails when another process was first: then its secret holds
        except FileExistsError:
            return file.read_text(encoding="ascii").strip()
        finally:
            draft.unlink()
        return value

    @contextmanager
    def lock(self, *, when_busy: Callable[[str], None]) -> Iterator[None]:
        """Let one process at a time start or stop this stack.

        Args:
            when_busy: told once, when another one is at work and this one waits.

        Raises:
            AnotherUpRuns: the other one took longer than a start ever should.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        with (self.path / "stack.lock").open("a+", encoding="ascii") as file:
            self._wait_for(file.fileno(), when_busy)
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            yield

    def _wait_for(self, descriptor: int, when_busy: Callable[[str], None]) -> None:
        deadline: float | None = None
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                holder = (self.path / "stack.lock").read_text(encoding="ascii") or "unknown"
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


def write_whole(file: Path, text: str) -> None:
    """Replace a file in one step."""
    draft = file.with_name(f"{file.name}.{os.getpid()}.new")
    draft.write_text(text, encoding="utf-8")
    draft.replace(file)
