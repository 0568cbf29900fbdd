"""Run every check and every test side by side, on two processors: what ``make test`` does.

Each lane does its parts one after the other, and the lanes run beside each other. What a part says is printed whole at
its end. The marks divide the tests: each is in exactly one part.

A SIGTERM is passed on, and a Ctrl-C reaches every part by itself; either way each part stops the servers that it
started before this program ends.
"""

import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from threading import Event, Lock
from types import FrameType

REPOSITORY = Path(__file__).parents[1]
BIN, ALL = Path(".venv/bin"), Path(".venv-all/bin")
STOPS_WITHIN_SECONDS = 60.0
"""What a part may take to stop its servers before it is killed."""


@dataclass(frozen=True)
class Part:
    """One command with a name."""

    name: str
    command: Sequence[str | Path]


@dataclass(frozen=True)
class Selection:
    """The tests that these marks choose."""

    name: str
    marks: str
    arguments: Sequence[str] = ()
    python: Path = BIN / "python"

    def part(self, folder: Path) -> Part:
        """The part that runs them, with their files in a folder below this one.

        In the folder that pytest shares between its runs each run takes rights away when it starts, and a PostgreSQL
        that runs as another user falls over that.
        """
        options = ["-q", "-p", "no:cacheprovider", f"--basetemp={folder / self.name.replace(' ', '-')}"]
        return Part(self.name, [self.python, "-m", "pytest", *options, "-m", self.marks, *self.arguments])


Lane = Sequence[Part | Selection]
PURE, OWN = "not stack and not spark and not faults", "(faults or own_servers)"
FILE_BY_FILE = ("-n", "2", "--dist", "loadfile")  # what a module prepares is prepared once
TEST_BY_TEST = ("-n", "2", "--dist", "worksteal")
LANES: Sequence[Lane] = (
    (
        Part("format", [BIN / "ruff", "format", "--check", "."]),
        Part("lint", [BIN / "ruff", "check", "."]),
        Part("types", [BIN / "mypy"]),
        Part("imports", [BIN / "lint-imports", "--no-logo"]),
        Selection("unit, golden and contract", f"not laws and {PURE}", FILE_BY_FILE),
        Selection("laws", f"laws and {PURE}", TEST_BY_TEST),
        Selection("rules on Spark", "spark", python=ALL / "python"),
    ),
    (Selection("Kafka and PostgreSQL", f"stack and not airflow and not {OWN}", FILE_BY_FILE),),
    (Selection("Airflow", f"stack and airflow and not {OWN}"),),
    (Selection("servers of their own", f"stack and {OWN}"),),
)


@dataclass
class Run:
    """The lanes at work."""

    folder: Path
    began: float = field(default_factory=time.monotonic)
    living: set["subprocess.Popen[bytes]"] = field(default_factory=set)
    is_over: Event = field(default_factory=Event)
    lock: Lock = field(default_factory=Lock)

    def lanes(self, lanes: Sequence[Lane]) -> int:
        """Do all parts; gives the worst exit code."""
        with ThreadPoolExecutor(len(lanes)) as pool:
            return max(pool.map(self._lane, lanes))

    def end(self, number: int, _frame: FrameType | None) -> None:
        """Start nothing more, and let what runs end by itself."""
        self.is_over.set()
        if number == signal.SIGTERM:  # a Ctrl-C has reached the parts as it reached us
            for process in list(self.living):
                process.terminate()

    def _lane(self, lane: Lane) -> int:
        parts = (one.part(self.folder) if isinstance(one, Selection) else one for one in lane)
        return max([self._part(part) for part in parts if not self.is_over.is_set()], default=0)

    def _part(self, part: Part) -> int:
        began = time.monotonic()
        with TemporaryFile() as said:
            with subprocess.Popen(part.command, cwd=REPOSITORY, stdout=said, stderr=subprocess.STDOUT) as process:
                self.living.add(process)
                code = self._end_of(process)
            self.living.discard(process)
            said.seek(0)
            text = said.read().decode(errors="replace").strip()
        how = "passed" if code == 0 else f"FAILED with {code}"
        with self.lock:
            sys.stdout.write(f"==== {part.name}: {how} in {time.monotonic() - began:.0f} s\n{text}\n\n")
            sys.stdout.flush()
        return abs(code)

    def _end_of(self, process: "subprocess.Popen[bytes]") -> int:
        """Wait for the end of a part, and no longer than it may take when all has to end."""
        while not self.is_over.is_set():
            try:
                return process.wait(0.2)
            except subprocess.TimeoutExpired:
                continue
        try:
            return process.wait(STOPS_WITHIN_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()


def main() -> int:
    """Run all lanes."""
    with TemporaryDirectory(prefix="ketenbalans-tests-", ignore_cleanup_errors=True) as folder:
        run = Run(Path(folder))
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, run.end)
        code = run.lanes(LANES)
    sys.stdout.write(f"all of it in {time.monotonic() - run.began:.0f} s\n")
    return 130 if run.is_over.is_set() else code


if __name__ == "__main__":
    sys.exit(main())
