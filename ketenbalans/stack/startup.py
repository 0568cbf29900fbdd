"""One `up` at work: services started side by side, progress reported in order, all undone when it fails."""

import queue
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import psutil

from ketenbalans.stack import processes
from ketenbalans.stack.errors import Interrupted, ServiceDidNotStart, ServiceEnded
from ketenbalans.stack.home import Home
from ketenbalans.stack.processes import RunAs

SAY_AGAIN_SECONDS = 2.0
LOOK_AGAIN_SECONDS = 0.03
THREADS_MAY_END_SECONDS = 5.0
UNDONE_WITHIN_SECONDS = 4.0


@dataclass
class Startup:
    """What the threads of one ``up`` share."""

    home: Home
    messages: "queue.SimpleQueue[tuple[str, str]]" = field(default_factory=queue.SimpleQueue)
    cancelled: threading.Event = field(default_factory=threading.Event)
    started: dict[str, psutil.Process] = field(default_factory=dict)
    undo: list[Callable[[], None]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def say(self, service: str, what_happens_now: str) -> None:
        """Report to the caller what happens now."""
        self.messages.put((service, what_happens_now))

    def spawn(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        environment: Mapping[str, str],
        run_as: RunAs | None = None,
        folder: Path = Path("/"),
    ) -> int:
        """Start a process that this ``up`` stops again should it fail."""
        with self._lock:
            self.check_cancelled()
            pid = processes.spawn(self.home, name, command, environment=environment, run_as=run_as, folder=folder)
            self.started[name] = psutil.Process(pid)
        return pid

    def launch(self, log: Path, command: Sequence[str], environment: Mapping[str, str]) -> "subprocess.Popen[bytes]":
        """Start a process that takes orders on its input and ends with this ``up``."""
        with self._lock, log.open("ab") as output:
            self.check_cancelled()
            return subprocess.Popen(  # noqa: S603 - the command is ours
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=output,
                cwd="/",
                env=environment,
                start_new_session=True,
            )

    def undo_by(self, undo: Callable[[], None]) -> None:
        """Say how to undo what ``spawn`` does not know about."""
        with self._lock:
            self.check_cancelled()
            self.undo.append(undo)

    def check_cancelled(self) -> None:
        """End this thread when the start as a whole has ended.

        Raises:
            Interrupted: it has.
        """
        if self.cancelled.is_set():
            message = "the start was ended"
            raise Interrupted(message)

    def wait_until(  # noqa: PLR0913 - each is named
        self,
        service: str,
        title: str,
        answers: Callable[[], bool],
        *,
        lives: Callable[[], bool],
        within_seconds: float,
        log: Path,
    ) -> None:
        """Wait for a service to answer.

        Raises:
            ServiceDidNotStart: it ended, or stayed silent too long; with the end of its log.
        """
        began = reported_at = time.monotonic()
        while not answers():
            self.check_cancelled()
            now = time.monotonic()
            if not lives():
                raise ServiceEnded(title, log)
            if now - began > within_seconds:
                raise ServiceDidNotStart(title, f"did not become ready within {within_seconds:.0f} s", log)
            if now - reported_at > SAY_AGAIN_SECONDS:
                reported_at = now
                self.say(service, f"waiting for {title} ({now - began:.0f} s)")
            time.sleep(LOOK_AGAIN_SECONDS)

    def side_by_side(self, tasks: Sequence[Callable[[], None]], on_progress: Callable[[str, str], None]) -> None:
        """Run tasks in threads and report their progress from this one; the first failure ends them all.

        Whatever ends this early (a failure, a signal) stops the processes that were started.
        """
        failures: list[BaseException] = []

        def run(task: Callable[[], None]) -> None:
            try:
                task()
            except BaseException as error:  # noqa: BLE001 - carried over to the thread that waits
                failures.append(error)

        threads = [threading.Thread(target=run, args=(task,), daemon=True) for task in tasks]
        try:
            with sigterm_as_interrupt():
                for thread in threads:
                    thread.start()
                while not failures and any(thread.is_alive() for thread in threads):
                    self._drain(on_progress, wait_seconds=0.1)
            if failures:
                raise failures[0]
            self._drain(on_progress, wait_seconds=0.0)
        except BaseException:
            with signals_ignored():
                self._undo(threads)
            raise

    def _drain(self, on_progress: Callable[[str, str], None], *, wait_seconds: float) -> None:
        """Pass on what was said, waiting a moment for it."""
        try:
            on_progress(*self.messages.get(timeout=wait_seconds or None, block=bool(wait_seconds)))
            while True:
                on_progress(*self.messages.get_nowait())
        except queue.Empty:
            return

    def _undo(self, threads: Sequence[threading.Thread]) -> None:
        """Stop what was started. Airflow and Kafka are asked first, and so is PostgreSQL: fast, not smart."""
        with self._lock:
            self.cancelled.set()
        deadline = time.monotonic() + THREADS_MAY_END_SECONDS
        for thread in threads:
            if thread.ident is not None:
                thread.join(max(0.0, deadline - time.monotonic()))
        for undo in self.undo:
            undo()
        family = [child for parent in self.started.values() for child in _children(parent)]
        processes.stop(self.started.values(), grace_seconds=UNDONE_WITHIN_SECONDS, ask_with=signal.SIGINT)
        processes.stop(family, grace_seconds=0.5)
        for name in self.started:
            processes.forget(self.home, name)


def _children(parent: psutil.Process) -> list[psutil.Process]:
    try:
        return parent.children(recursive=True)
    except psutil.NoSuchProcess:
        return []


@contextmanager
def sigterm_as_interrupt() -> Iterator[None]:
    """Let SIGTERM end ``up`` as an exception, so that it cleans up; only the main thread can."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        message = "ended by SIGTERM; what was started is stopped again"
        raise Interrupted(message)

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def signals_ignored() -> Iterator[None]:
    """Let a second Ctrl-C not break the cleaning up after the first."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
