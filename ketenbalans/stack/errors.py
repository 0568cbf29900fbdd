"""What can go wrong with the embedded stack. Every message says where, what and what to do next.

StackError
├── FolderRefused        a folder cannot be the home or the cache
├── SecretUnusable       a file of the home that should hold a secret holds none
├── KafkaIsOpen          a Kafka that was made open was asked to be locked
├── PortTaken            another program listens where a service should
├── DownloadFailed       a jar could not be fetched, or is not the jar that was listed
├── ServiceDidNotStart   a service ended or stayed silent while it started
│   └── ServiceEnded     it ended
├── ServiceDidNotStop    a process outlived even SIGKILL
├── AnotherUpRuns        another `up` or `down` works on the same home
└── Interrupted          a signal ended `up`; what it had started is stopped again
"""

from pathlib import Path

LINES_OF_THE_LOG_SHOWN = 12


class StackError(Exception):
    """The embedded stack could not do what was asked."""


class FolderRefused(StackError):
    """A folder cannot be the home of a stack, or its cache; nothing was made."""


class SecretUnusable(StackError):
    """A file that should hold a secret of the home is empty or cannot be read."""

    def __init__(self, file: Path, *, what_is_wrong: str) -> None:
        super().__init__(
            f"{file} {what_is_wrong}; put it back from a backup, or delete it and a new one is made (with a new chain "
            "key the same persons get other tokens)"
        )


class KafkaIsOpen(StackError):
    """The Kafka of a home was made to let everybody in, and is asked to be locked."""

    def __init__(self, home: Path) -> None:
        super().__init__(
            f"the Kafka of {home} was made open, and a home keeps its mode; give --secure with another home "
            "(KETENBALANS_HOME) and publish the extracts there, or leave --secure out"
        )


class PortTaken(StackError):
    """Another program listens on a port that a service is set to use."""

    def __init__(self, port: int, service: str, setting: str) -> None:
        super().__init__(
            f"port {port} ({service}) is in use by another program; stop it or set {setting} (0: a free one)"
        )


class DownloadFailed(StackError):
    """A jar of Kafka could not be fetched, or its sha-256 is not the listed one."""


class ServiceDidNotStart(StackError):
    """A service ended, or did not answer in time, while it started."""

    def __init__(self, service: str, what_happened: str, log: Path) -> None:
        self.service = service
        super().__init__(f"{service} {what_happened}; last lines of its log {log}:\n{last_lines(log)}")


class ServiceEnded(ServiceDidNotStart):
    """A service ended while it started."""

    def __init__(self, service: str, log: Path) -> None:
        super().__init__(service, "ended while it started", log)


class ServiceDidNotStop(StackError):
    """A process of the stack lives on although it was killed."""


class AnotherUpRuns(StackError):
    """Another process starts or stops the stack of the same home."""


class Interrupted(StackError):
    """A signal ended ``up``."""


def last_lines(log: Path) -> str:
    """Give the end of a log, indented, or say that there is none."""
    try:
        with log.open("rb") as stream:
            stream.seek(max(0, log.stat().st_size - 16_384))
            lines = stream.read().decode(errors="replace").splitlines()
    except OSError:
        lines = []
    return "\n".join(f"  {line}" for line in lines[-LINES_OF_THE_LOG_SHOWN:]) or "  (empty)"
