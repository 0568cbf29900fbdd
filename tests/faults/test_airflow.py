"""Airflow's own processes, or its database, die while extracts are published: the DAGs still load all of it once."""

import os
import random
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
from sqlalchemy import Engine

from ketenbalans.stack import embedded
from ketenbalans.stack.errors import last_lines
from tests.faults.extracts import write_extract
from tests.faults.fault_stack import FaultStack, a_home, kill
from tests.faults.tables import Tables, tables_of
from tests.integration.airflow_stack import FIRST
from tests.integration.command_line import CommandLine, in_this_process
from warehouse.database import connect, migrate

pytestmark = pytest.mark.faults


@pytest.fixture
def home() -> Iterator[Path]:
    with a_home() as folder:
        yield folder


@pytest.fixture
def ketenbalans(home: Path) -> CommandLine:
    command = CommandLine(
        {
            "KETENBALANS_HOME": str(home),
            "KETENBALANS_KAFKA_PORT": "0",
            "KETENBALANS_AIRFLOW_PORT": "0",
            "KETENBALANS_CACHE": os.environ["KETENBALANS_CACHE"],
        }
    )
    up(command)
    return command


def up(command: CommandLine) -> None:
    ended = command("up")
    assert ended.code == 0, ended.err


def component(home: Path, name: str) -> psutil.Process:
    return psutil.Process(int((home / "run" / f"airflow-{name}.pid").read_text().split()[0]))


def task_at_work(stack: FaultStack, dag: str) -> psutil.Process:
    """Wait for the process that runs a task of this DAG; its parent is the worker of the executor."""
    asked = "SELECT pid FROM task_instance WHERE dag_id = %s AND state = 'running' AND pid IS NOT NULL"
    deadline = time.monotonic() + 240
    with psycopg.connect(stack.url("airflow").replace("+psycopg", ""), autocommit=True) as airflow:
        while not (row := airflow.execute(asked, [dag]).fetchone()):
            assert time.monotonic() < deadline, f"no task of {dag} runs"
            time.sleep(0.005)
    return psutil.Process(row[0])


def totals(tables: Tables) -> dict[str, dict[str, int]]:
    """What all runs have done, by source."""
    summed: dict[str, dict[str, int]] = {}
    for row in map(dict, tables.rows["ingest_run"]):
        of_source = summed.setdefault(
            row["source"], dict.fromkeys(("read", "inserted", "duplicates", "dead_letters"), 0)
        )
        for name in of_source:
            of_source[name] += int(row[name])
    return {source: of_source for source, of_source in summed.items() if of_source["read"]}


@pytest.fixture
def stack(home: Path, ketenbalans: CommandLine) -> FaultStack:
    found = embedded.addresses(home)
    assert found is not None
    return FaultStack(home, found)


@pytest.fixture
def undisturbed(stack: FaultStack) -> Iterator[Engine]:
    """A warehouse that no DAG knows."""
    with stack.at_the_server() as server:
        server.execute("CREATE DATABASE undisturbed")
    engine = connect(stack.url("undisturbed"))
    migrate(engine)
    yield engine
    engine.dispose()


KILLS_OF_THE_POSTMASTER = 20


@pytest.mark.timeout(1800)
def test_the_postmaster_is_killed_under_airflow_twenty_times(
    ketenbalans: CommandLine, home: Path, stack: FaultStack, undisturbed: Engine, tmp_path: Path
) -> None:
    moments = random.Random(20141231)
    for _ in range(KILLS_OF_THE_POSTMASTER):
        assert ketenbalans("produce", "police", write_extract(tmp_path, 200)).code == 0
        time.sleep(moments.uniform(0.0, 4.0))
        kill(stack.postmaster)
        time.sleep(moments.choice([0.0, 0.5, 3.0, 8.0]))  # some of Airflow has ended by itself, or nothing yet
        up(ketenbalans)
        answer = ketenbalans("status", "--within", "30")
        assert answer.code == 0, (answer.err, last_lines(home / "logs" / "airflow-api-server.log"))
    assert ketenbalans("produce", "police", write_extract(tmp_path, 200)).code == 0
    loaded_as_without_the_fault(
        stack, undisturbed, within_seconds=420
    )  # tasks that died wait for their heartbeat to be missed


def loaded_as_without_the_fault(stack: FaultStack, undisturbed: Engine, *, within_seconds: float) -> None:
    """Wait until the DAGs have loaded what an ingest that nobody disturbs loads, once and in full."""
    undisturbed.dispose()  # a connection that it kept may have died with a postmaster
    ended = in_this_process("ingest", engine=undisturbed, KETENBALANS_KAFKA_BOOTSTRAP=stack.bootstrap)
    assert ended.code == 0, ended.err
    expected = tables_of(undisturbed)
    by_airflow = connect(stack.addresses.warehouse_url)
    deadline = time.monotonic() + within_seconds
    while totals(found := tables_of(by_airflow)) != totals(expected):
        assert time.monotonic() < deadline, (totals(found), totals(expected))
        time.sleep(1)
    by_airflow.dispose()
    runs: dict[str, list[Any]] = {"ingest_run": []}
    assert replace(found, rows=found.rows | runs) == replace(expected, rows=expected.rows | runs)


@pytest.mark.timeout(900)
def test_a_worker_the_scheduler_and_the_triggerer_are_killed(
    ketenbalans: CommandLine, home: Path, stack: FaultStack, undisturbed: Engine, tmp_path: Path
) -> None:
    assert ketenbalans("scenario", "2014", "--out", tmp_path).code == 0

    assert ketenbalans("produce", "police", tmp_path / f"police-{FIRST}.csv").code == 0
    task = task_at_work(stack, "ingest_police_deliveries")
    worker = task.parent()
    assert worker is not None
    assert worker.parent() == component(home, "scheduler")
    kill(worker)
    with suppress(psutil.NoSuchProcess):
        kill(task)

    kill(component(home, "scheduler"))
    assert ketenbalans("produce", "om", tmp_path / f"om-{FIRST}.csv").code == 0
    up(ketenbalans)
    kill(component(home, "triggerer"))
    assert ketenbalans("produce", "hotline", tmp_path / f"hotline-{FIRST}.jsonl").code == 0
    up(ketenbalans)

    balance = ketenbalans("balance", "--period", "2014", "--as-of", FIRST, "--wait", "160", "--json")
    assert balance.code == 0, balance.err
    assert (balance.json["delivered"], balance.json["recognised"]) == (560, 516)

    loaded_as_without_the_fault(stack, undisturbed, within_seconds=120)  # the hotline is not in the balance
