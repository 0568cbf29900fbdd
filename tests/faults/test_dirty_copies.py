"""Copies of both servers' folders, taken file by file while a load runs: what was loaded is there, or is reported.

What is promised of such a copy, and what is not, is in docs/faults.md.
"""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import Engine, select

import ketenbalans.broker.reading
import ketenbalans.broker.sending
from ketenbalans.incidents.checks import IngestIncident
from ketenbalans.jobs.loading.resuming import list_incidents, resume_incident
from ketenbalans.jobs.servers.bring_up import make_topics
from ketenbalans.stack.home import Home
from ketenbalans.stack.kafka_broker import Broker
from ketenbalans.stack.postgres import Server
from schemas.sources.extracts import SOURCE as EXTRACTS
from tests.faults.dirty_copy import copy_kafka, copy_postgresql
from tests.faults.extracts import publish, write_extract
from tests.faults.fault_stack import FaultStack, a_home
from tests.faults.lives import wait_until
from tests.integration.by_hand import ingest_by_hand
from tests.integration.warehouse.rows import POLICE
from warehouse.database import snapshot
from warehouse.extracts import loaded_extracts
from warehouse.incidents import KeptIncident
from warehouse.tables.events import event_table

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1800)]

COPIES = 10
SEED = 7
ROWS = 3_000
TRIES = 5
BATCH = 100
"""Of messages that are loaded together: small, so that there are many moments between two transactions."""
LOOKS_EVERY, RESTS_SECONDS = 50, 0.025
"""Rows that the publisher sends before it rests, so that it goes on for as long as the copies take."""


KEEPS_WAL = "ALTER SYSTEM SET wal_keep_size = '2GB'"


@dataclass
class Work:
    """A stack on which extracts are published and loaded.

    Attributes:
        files: the extracts, by the number that is that of all their suspects.
        extract_ids: those of the extracts that were published whole.
    """

    stack: FaultStack
    engine: Engine
    folder: Path
    files: dict[int, Path] = field(default_factory=dict)
    extract_ids: dict[int, str] = field(default_factory=dict)

    def publish_one(self) -> None:
        file = write_extract(self.folder, ROWS)
        number = int(file.name.split("-")[1])
        self.files[number] = file
        self.extract_ids[number] = publish(self.stack, POLICE, file, on_progress=rest).extract_id

    def load_until(self, is_over: Event) -> None:
        while not is_over.is_set():
            _, failed = ingest_by_hand([POLICE, EXTRACTS], engine=self.engine, bootstrap=self.stack.bootstrap)
            assert failed == []

    @contextmanager
    def at_work(self) -> Iterator[Future[None]]:
        """Publish an extract and load it while the block runs; both have to go well."""
        is_over = Event()
        with ThreadPoolExecutor(2) as threads:
            publishing, loading = threads.submit(self.publish_one), threads.submit(self.load_until, is_over)
            try:
                yield publishing
                publishing.result()
            finally:
                is_over.set()
            loading.result()


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Work]:
    monkeypatch.setattr(ketenbalans.broker.reading, "BATCH_MESSAGES", BATCH)
    monkeypatch.setattr(ketenbalans.broker.sending, "LOOK_EVERY", LOOKS_EVERY)
    with a_home() as home:
        stack = FaultStack.start(home)
        make_topics(stack.bootstrap)
        with stack.at_the_server() as server:
            server.execute(KEEPS_WAL)
            server.execute("SELECT pg_reload_conf()")
        yield Work(stack, stack.new_warehouse(), tmp_path)
        stack.hang_up()


def rest(_done: int, _of: int) -> None:
    time.sleep(RESTS_SECONDS)


def rows_of_each(engine: Engine) -> Counter[int]:
    """How many rows of each extract are there, by its number, which is that of all its suspects."""
    table = event_table(POLICE)
    with engine.connect() as connection:
        return Counter(connection.scalars(select(table.c.suspect_number)))


def extracts_loaded(engine: Engine, extract_ids: dict[int, str]) -> set[int]:
    """The numbers of the extracts that count as loaded."""
    with snapshot(engine) as connection:
        loaded = {extract.extract_id for extract in loaded_extracts(connection)}
    return {number for number, extract_id in extract_ids.items() if extract_id in loaded}


def running(engine: Engine) -> list[KeptIncident]:
    return list_incidents(engine, also_over=False)


def wal_position(stack: FaultStack) -> str:
    with stack.at_the_server() as server:
        ((position,),) = server.execute("SELECT pg_current_wal_insert_lsn()::text").fetchall()
    return str(position)


def copy(work: Work, home: Path, chance: random.Random) -> None:
    """Copy both folders at other moments, either of them first."""
    here, there = Home.at(work.stack.home), Home.at(home)
    copies: list[Callable[[], None]] = [
        lambda: copy_postgresql(Server(here).data, Server(there).data),
        lambda: copy_kafka(Broker(here).folder / "data", Broker(there).folder / "data"),
    ]
    chance.shuffle(copies)
    for place, one in enumerate(copies):
        if place:
            time.sleep(chance.uniform(0, 0.5))
        one()


def copy_at_a_random_moment(work: Work, home: Path, chance: random.Random) -> set[int]:
    """Copy while an extract is published and loaded; gives the extracts that were published whole before it."""
    rows = rows_of_each(work.engine).total() + chance.randrange(1, ROWS)
    with work.at_work():
        wait_until(lambda: rows_of_each(work.engine).total() >= rows)
        begun, published = wal_position(work.stack), set(work.extract_ids)
        copy(work, home, chance)
        assert wal_position(work.stack) != begun, "nothing was written meanwhile: the copy is a clean one"
    return published


def start_and_mend(work: Work, home: Path, published: set[int]) -> str:
    """Start servers from a copy, hold what they report as loaded against what is there, and do as the remedy says."""
    stack = FaultStack.started_from(home)
    engine = stack.warehouse(str(work.engine.url.database))
    try:
        _, failed = ingest_by_hand([POLICE, EXTRACTS], engine=engine, bootstrap=stack.bootstrap)
        assert all(isinstance(error, IngestIncident) for error in failed), failed
        rows, incidents = rows_of_each(engine), sorted({str(incident.kind) for incident in running(engine)})
        lacking = {number for number in published | extracts_loaded(engine, work.extract_ids) if rows[number] < ROWS}
        assert not lacking or incidents, f"rows of {lacking} lack, and nobody hears of it"
        mend(work, stack, engine, set(work.files) - published)
    finally:
        stack.hang_up()
    return ", ".join(incidents) or "all was there"


def mend(work: Work, stack: FaultStack, engine: Engine, since: set[int]) -> None:
    """Publish again what came since the copy, resume what stands, load: all is there, once, and nothing stands."""
    for number in since:
        publish(stack, POLICE, work.files[number])
    for _ in range(TRIES):
        for incident in running(engine):
            resume_incident(engine, incident.incident_id, by="desk-1", note="published again")
        _, failed = ingest_by_hand([POLICE, EXTRACTS], engine=engine, bootstrap=stack.bootstrap)
        if not failed:
            break
    assert running(engine) == []
    assert rows_of_each(engine) == Counter(dict.fromkeys(work.files, ROWS))
    assert extracts_loaded(engine, work.extract_ids) == set(work.files)


def test_copies_that_are_taken_while_a_load_runs(work: Work, summary: list[str]) -> None:
    chance = random.Random(SEED)
    outcomes: Counter[str] = Counter()
    for _ in range(COPIES):
        with a_home() as home:
            published = copy_at_a_random_moment(work, home, chance)
            outcomes[start_and_mend(work, home, published)] += 1
    summary.append("\n".join(f"{times} copies: {outcome}" for outcome, times in sorted(outcomes.items())))
