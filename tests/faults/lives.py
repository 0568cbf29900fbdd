"""Lives that may be ended: ingests, producers, readers of columns, each in a process that a test kills by its id.

Run as a program it imports everything once and forks for each life before a thread exists. It reads one JSON object a
line: ``{"ingest": {...}}`` (or ``produce``, ``keep_columns``) starts a life and answers with its process id,
``{"wait": pid}`` answers with how it ended: an exit code of the command line, or minus the signal.
"""

import itertools
import json
import os
import random
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import ketenbalans.broker.reading
from ketenbalans.cli.exit_codes import exit_code_of
from ketenbalans.columns.registers import registers_of
from ketenbalans.jobs.loading.columns_after_load import columns_after_load
from ketenbalans.jobs.loading.ingest import ingest
from ketenbalans.jobs.loading.produce import produce
from schemas.declaration import Source
from schemas.sources.police_deliveries import SOURCE
from tests.integration.warehouse.rows import MOMENT, POLICE, load_rows, police
from warehouse.database import connect, snapshot

CHAIN_KEY = "a key for tests of faults, long enough for any"
NOTHING_YET = "before the first step"


@dataclass(frozen=True)
class Life:
    """One that was started: its id, how far it is, and how it ends."""

    mother: "Mother"
    pid: int
    notes: Path

    @property
    def place(self) -> str:
        """The last step that it finished."""
        return self.notes.read_text(encoding="utf-8").rpartition("\n")[2] or NOTHING_YET

    @property
    def steps(self) -> int:
        """How many steps it finished."""
        return self.notes.read_text(encoding="utf-8").count("\n")

    def ended(self) -> int:
        """Wait for its end: 0 done, more when it failed, less than nothing when it was killed."""
        return int(self.mother.ask({"wait": self.pid}))

    @property
    def said(self) -> str:
        """What it said when it failed."""
        return self.notes.with_suffix(".said").read_text(encoding="utf-8")


@dataclass
class Mother:
    """The program that forks them, as a test speaks to it."""

    program: "subprocess.Popen[str]"
    folder: Path
    born: int = 0

    @classmethod
    @contextmanager
    def at_work(cls, folder: Path) -> Iterator["Mother"]:
        command = [sys.executable, "-m", __name__]
        place = Path(__file__).parents[2]
        with subprocess.Popen(command, cwd=place, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as program:
            yield cls(program, folder)
            assert program.stdin is not None
            program.stdin.close()

    def ask(self, order: dict[str, Any]) -> str:
        assert self.program.stdin is not None
        assert self.program.stdout is not None
        self.program.stdin.write(json.dumps(order) + "\n")
        self.program.stdin.flush()
        return self.program.stdout.readline()

    def ingest(self, source: Source, *, url: str, bootstrap: str, run: str = "run", batch: int = 20) -> Life:
        return self._bear("ingest", topic=source.topic, url=url, bootstrap=bootstrap, run=run, batch=batch)

    def produce(self, source: Source, file: Path, *, bootstrap: str, stays_half_way: bool = False) -> Life:
        """A producer; one that stays half way sends a part of the rows and then waits for its end."""
        return self._bear(
            "produce", topic=source.topic, file=str(file), bootstrap=bootstrap, stays_half_way=stays_half_way
        )

    def keep_columns(self, *, url: str, folder: Path) -> Life:
        """One that loads a little and brings the columns in that folder up to date, over and over."""
        return self._bear("keep_columns", topic="none", url=url, folder=str(folder))

    def _bear(self, verb: str, **how: Any) -> Life:
        self.born += 1
        notes = self.folder / f"life-{self.born}"
        notes.touch()
        return Life(self, int(self.ask({verb: {**how, "notes": str(notes)}})), notes)


def _keep_columns(url: str, folder: Path, on_step: Callable[[str], None]) -> None:
    """Load a few events and read the registers, over and over, until somebody ends it."""
    engine = connect(url, columns=folder)
    chance = random.Random(os.getpid())
    for number in itertools.count():
        moment = MOMENT + timedelta(hours=chance.randrange(48))
        named = [f"{os.getpid()}-{number}-{place}" for place in range(chance.choice([1, 1, 2, 40]))]
        events = [police(one, moment, suspect_number=chance.randrange(1, 400)) for one in named]
        load_rows(engine, POLICE, events, topic_id=f"topic of {os.getpid()}")  # two at once have one each
        on_step("a load")
        if chance.random() < 0.5:
            columns_after_load(engine, POLICE)
            on_step("the columns were kept")
        with snapshot(engine) as connection:
            registers_of(connection).state(as_of=MOMENT.date())
        on_step("the columns were read")


def wait_until(is_so: Callable[[], bool]) -> None:
    """Wait for what a life does; three minutes without it are too long."""
    deadline = time.monotonic() + 180
    while not is_so():
        assert time.monotonic() < deadline, "it does nothing"
        time.sleep(0.001)


def _live(verb: str, how: dict[str, Any]) -> None:
    """Do the work and end with the exit code that the command would have."""
    notes = os.open(how["notes"], os.O_WRONLY | os.O_APPEND)

    def on_step(step: str) -> None:
        os.write(notes, f"\nafter {step}".encode())

    def went_on(done: int, of: int) -> None:
        on_step("all rows" if done == of else "a part of the rows")
        if how["stays_half_way"]:
            signal.pause()

    source = replace(SOURCE, topic=how["topic"])
    try:
        if verb == "keep_columns":
            _keep_columns(how["url"], Path(how["folder"]), on_step)
        if verb == "ingest":
            ketenbalans.broker.reading.BATCH_MESSAGES = how["batch"]
            ingest(source, engine=connect(how["url"]), bootstrap=how["bootstrap"], run=how["run"], on_step=on_step)
        else:
            produce(
                source,
                Path(how["file"]),
                bootstrap=how["bootstrap"],
                chain_key=CHAIN_KEY,
                covers_until=None,
                on_progress=went_on,
            )
    except Exception as error:  # noqa: BLE001 (whatever it is, the test reads how it ended)
        Path(how["notes"]).with_suffix(".said").write_text(traceback.format_exc(), encoding="utf-8")
        code = exit_code_of(error)
        os._exit(99 if code is None else int(code))
    os._exit(0)


def _answer(order: dict[str, Any]) -> int:
    ((verb, how),) = order.items()
    if verb == "wait":
        return os.waitstatus_to_exitcode(os.waitpid(how, 0)[1])
    child = os.fork()
    if not child:
        _live(verb, how)
    return child


if __name__ == "__main__":
    for line in sys.stdin:
        sys.stdout.write(f"{_answer(json.loads(line))}\n")
        sys.stdout.flush()
