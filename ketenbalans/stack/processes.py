"""Start, recognise and stop the processes of a stack.

A process is ours when its environment carries the home, or when a file in the run folder names its id *and* its start:
ids are used again, so an id alone proves nothing.
"""

import os
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil

from ketenbalans.stack.errors import ServiceDidNotStop
from ketenbalans.stack.home import Home
from ketenbalans.whole_files import write_whole

HOME_MARK = "KETENBALANS_STACK"
SERVICE_MARK = "KETENBALANS_STACK_SERVICE"
AFTER_KILL_SECONDS = 5.0
INTERFERING = (
    "AIRFLOW_",
    "PG",
    "CLASSPATH",
    "JAVA_TOOL_OPTIONS",
    "JDK_JAVA_OPTIONS",
    "_JAVA_OPTIONS",
    "LOG4J",
    "PYTHONDONTWRITEBYTECODE",
)
"""How the variables begin that would change what a program of the stack does."""


@dataclass(frozen=True)
class RunAs:
    """The system user a process runs as, when that is not our own."""

    user: int
    group: int


def start_of(pid: int) -> str | None:
    """Give the start of a living process: the boot and the clock ticks since then. None when it is gone or a zombie."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return None
    if fields[0] in "ZX":
        with suppress(ChildProcessError):  # it may be a child of this very process: let it go
            os.waitpid(pid, os.WNOHANG)
        return None
    return f"{boot}:{fields[19]}"


def remember(home: Home, name: str, pid: int) -> None:
    """Write down which process carries this name."""
    note(home.run, name, pid)


def note(run: Path, name: str, pid: int) -> None:
    """Write the note of a process into a run folder."""
    write_whole(run / f"{name}.pid", f"{pid} {start_of(pid)}\n".encode())


def living(home: Home, name: str) -> int | None:
    """Give the id of the process with this name, when it is still the one that was started."""
    try:
        pid, start = (home.run / f"{name}.pid").read_text(encoding="ascii").split()
    except (OSError, ValueError):
        return None
    return int(pid) if start_of(int(pid)) == start else None


def began(pid: int) -> datetime | None:
    """Give when a living process was started; None when it is gone."""
    try:
        return datetime.fromtimestamp(psutil.Process(pid).create_time(), UTC)
    except psutil.Error:
        return None


def was_left(home: Home, *names: str) -> bool:
    """Say whether a process with one of these names was started and nobody stopped it, whether or not it lives."""
    return any((home.run / f"{name}.pid").exists() for name in names)


def forget(home: Home, name: str) -> None:
    """Remove the note about a process that is gone."""
    (home.run / f"{name}.pid").unlink(missing_ok=True)


def child_environment(home: Home, service: str, more: Mapping[str, str]) -> dict[str, str]:
    """Give the environment for a child: ours, the marks, and what is added; without what would change its meaning."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(INTERFERING)}
    return kept | {HOME_MARK: str(home.path), SERVICE_MARK: service} | dict(more)


def spawn(  # noqa: PLR0913 - each is named
    home: Home,
    name: str,
    command: Sequence[str | Path],
    *,
    environment: Mapping[str, str],
    run_as: RunAs | None = None,
    folder: Path = Path("/"),
) -> int:
    """Start a process that outlives us: a session of its own, output to its log, its note in the run folder.

    It works in ``folder``, by default one that nobody will want to unmount.
    """
    with home.new_log(name).open("ab") as log:
        process = subprocess.Popen(  # noqa: S603 - the command is ours
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env=environment,
            start_new_session=True,
            user=run_as.user if run_as else None,
            group=run_as.group if run_as else None,
            extra_groups=[] if run_as else None,
        )
    remember(home, name, process.pid)
    process.returncode = 0  # disowned: it is meant to live on, so its handle must not complain
    return process.pid


def marked(home: Home, service: str | None = None) -> list[psutil.Process]:
    """Find every living process of this stack (of one service) by the marks in its environment; never ourselves.

    A task of Airflow hides its environment from everybody but root. It is known by its session: that of a component.
    """
    our_own = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    found, hidden = [], []
    for process in psutil.process_iter():
        if process.pid in our_own:
            continue
        try:
            entries = Path(f"/proc/{process.pid}/environ").read_bytes().split(b"\0")
        except PermissionError:
            hidden.append(process)
        except OSError:  # gone
            continue
        else:
            is_ours = f"{HOME_MARK}={home.path}".encode() in entries
            if is_ours and (service is None or f"{SERVICE_MARK}={service}".encode() in entries):
                found.append(process)
    sessions = {session_of(process) for process in found} | _noted_sessions(home, service)
    return found + [process for process in hidden if _is_our_user(process) and session_of(process) in sessions]


def session_of(process: psutil.Process) -> int | None:
    """Give the session of a process; None when it is gone."""
    try:
        return os.getsid(process.pid)
    except ProcessLookupError:
        return None


def _noted_sessions(home: Home, service: str | None) -> set[int | None]:
    """Give the sessions of noted processes, also of dead ones, unless a stranger carries the id now."""
    sessions: set[int | None] = set()
    for file in home.run.glob(f"{service or ''}*.pid"):
        with suppress(OSError, ValueError):  # removed meanwhile
            pid, start = file.read_text(encoding="ascii").split()
            if start_of(int(pid)) in {start, None}:
                sessions.add(int(pid))
    return sessions


def _is_our_user(process: psutil.Process) -> bool:
    try:
        return process.uids().real == os.getuid()
    except psutil.NoSuchProcess:
        return False


def stop(processes: Iterable[psutil.Process], *, grace_seconds: float, ask_with: int = signal.SIGTERM) -> None:
    """Ask processes to end, wait, and kill what is left.

    Raises:
        ServiceDidNotStop: one lives on after SIGKILL.
    """
    alive = list(processes)
    for process in alive:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(ask_with)
    alive = still_living(alive, within_seconds=grace_seconds)
    for process in alive:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    if left := still_living(alive, within_seconds=AFTER_KILL_SECONDS):
        message = f"processes {[process.pid for process in left]} live on after SIGKILL; stop them by hand"
        raise ServiceDidNotStop(message)


def still_living(processes: Iterable[psutil.Process], *, within_seconds: float) -> list[psutil.Process]:
    """Wait until processes are gone and give those that are not."""
    deadline = time.monotonic() + within_seconds
    alive = list(processes)
    while alive := [process for process in alive if process.is_running() and start_of(process.pid) is not None]:
        if time.monotonic() > deadline:
            break
        time.sleep(0.02)
    return alive


def pss_bytes(processes: Iterable[psutil.Process]) -> int:
    """Add up the memory of processes; a page that several share is counted once over all of them."""
    total_kib = 0
    for process in processes:
        try:
            lines = Path(f"/proc/{process.pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
        except OSError:
            continue
        total_kib += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total_kib * 1024
