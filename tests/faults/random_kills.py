"""Kills at random moments, one after the other, while extracts are published and loaded: who died, and where.

Each round starts one piece of work and kills one process: the ingest, a producer, the PostgreSQL process that serves
the ingest, the postmaster, or the broker. Nothing is repaired by hand: what was killed is started again and goes on.
"""

import random
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from sqlalchemy import Engine

from schemas.declaration import Source
from tests.faults.extracts import load, publish, write_extract
from tests.faults.fault_stack import FaultStack, kill
from tests.faults.lives import NOTHING_YET, Life, Mother
from tests.integration.topics import waiting

ROWS = 240
"""Of an extract: a dozen batches of an ingest."""

WAITS_AT_LEAST = 120
KILLED, OUT_OF_REACH = -9, 4
FROM_THE_START_IN = 5
"""One kill in so many falls at any moment from the fork on; the others while it works."""

INGEST, PRODUCER, BACKEND, POSTMASTER, BROKER = "ingest", "producer", "PostgreSQL backend", "postmaster", "broker"


@dataclass
class RandomKills:
    """One history of kills on one topic.

    Attributes:
        seed: of the moments and of who dies; what happens in between is the machine's.
        places: kills by who died and the last step that the work had finished.
        files: the extracts that were published.
    """

    stack: FaultStack
    mother: Mother
    folder: Path
    seed: int
    places: Counter[tuple[str, str]] = field(default_factory=Counter)
    files: list[Path] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.source: Source = self.stack.new_source()
        self.engine: Engine = self.stack.new_warehouse()
        self.publishes_seconds = self.loads_seconds = 0.5

    def happen(self, asked: dict[str, int]) -> None:
        """Kill each as often as asked, in any order, and load what is left."""
        self._measure()
        order = [victim for victim, times in asked.items() for _ in range(times)]
        self.random.shuffle(order)
        for victim in order:
            while not (self._kill_a_producer() if victim == PRODUCER else self._kill_while_it_loads(victim)):
                pass  # the work was done before the moment came: nobody died
        load(self.stack, self.source, self.engine)

    def _measure(self) -> None:
        """How long it takes to publish an extract, and to load it from its first step on."""
        began = time.monotonic()
        self._publish_another()
        self.publishes_seconds = time.monotonic() - began
        life = self._ingest()
        _wait_for_a_step(life)
        began = time.monotonic()
        assert life.ended() == 0, life.said
        self.loads_seconds = time.monotonic() - began

    def _publish_another(self) -> Path:
        self.files.append(write_extract(self.folder, ROWS))
        publish(self.stack, self.source, self.files[-1])
        return self.files[-1]

    def _kill_a_producer(self) -> bool:
        file = write_extract(self.folder, ROWS)
        self.files.append(file)
        life = self.mother.produce(self.source, file, bootstrap=self.stack.bootstrap)
        time.sleep(self.random.uniform(0.0, self.publishes_seconds))
        died = self._die(life, psutil.Process(life.pid), PRODUCER)
        publish(self.stack, self.source, file)  # the person who sees that it died starts it again
        return died

    def _kill_while_it_loads(self, victim: str) -> bool:
        if waiting(self.source, engine=self.engine, bootstrap=self.stack.bootstrap) < WAITS_AT_LEAST:
            self._publish_another()
        self.engine.dispose()
        life = self._ingest()
        if self.random.randrange(FROM_THE_START_IN):
            _wait_for_a_step(life)
            time.sleep(self.random.uniform(0.0, self.loads_seconds))
        else:
            time.sleep(self.random.uniform(0.0, 0.3))
        return self._die(life, self._process(victim, life), victim)

    def _die(self, life: Life, process: psutil.Process | None, victim: str) -> bool:
        """Kill the process, if the work is still being done, and bring back what is missing."""
        if process is None or not psutil.pid_exists(life.pid) or psutil.Process(life.pid).status() == "zombie":
            life.ended()
            return False
        try:
            kill(process)
        except psutil.NoSuchProcess:  # the work was done in this very moment
            life.ended()
            return False
        place = life.place
        if victim in (INGEST, PRODUCER):
            code = life.ended()
            assert code in (0, KILLED), life.said
            if code == 0:
                return False
        else:
            self.stack.again()
            code = life.ended()
            assert code in (0, OUT_OF_REACH), life.said  # it waited until the server was back, or says that it is away
        self.places[victim, place] += 1
        return True

    def _process(self, victim: str, life: Life) -> psutil.Process | None:
        if victim == INGEST:
            return psutil.Process(life.pid)
        if victim == BROKER:
            return self.stack.broker
        if victim == POSTMASTER:
            return self.stack.postmaster
        backends = self.stack.backends_of(self.engine)
        return psutil.Process(backends[0]) if backends else None

    def _ingest(self) -> Life:
        url = self.engine.url.render_as_string(hide_password=False)
        return self.mother.ingest(self.source, url=url, bootstrap=self.stack.bootstrap)


def summary_of(places: Counter[tuple[str, str]], *, lost: int, doubled: int) -> str:
    """The table that `make faults` prints."""
    lines = [f"{'killed':<20} {'last step that was finished':<28} kills"]
    lines += [f"{victim:<20} {place:<28} {times:>5}" for (victim, place), times in sorted(places.items())]
    return "\n".join([*lines, f"{'all':<49} {places.total():>5}", f"lost {lost}, doubled {doubled}"])


def _wait_for_a_step(life: Life) -> None:
    deadline = time.monotonic() + 30
    while life.place == NOTHING_YET and psutil.Process(life.pid).status() != "zombie":
        assert time.monotonic() < deadline, "it does nothing"
        time.sleep(0.002)
