"""Airflow's own processes die while a set is published: the DAGs still load all of it once, and balance it."""

import os
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from sqlalchemy import Engine

from jobs.ingest_runs import ingest_sources
from schemas.catalogue import sources
from stack import embedded
from tests.faults.fault_stack import FaultStack, a_home, kill
from tests.faults.tables import Tables, tables_of
from tests.integration.airflow_stack import FIRST
from tests.integration.command_line import CommandLine
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


def worker_of(home: Path, dag: str) -> psutil.Process:
    """Wait for the process of the executor that runs a task of this DAG."""
    scheduler, deadline = component(home, "scheduler"), time.monotonic() + 90
    while time.monotonic() < deadline:
        for process in scheduler.children(recursive=True):
            try:
                title = " ".join(process.cmdline())
            except psutil.NoSuchProcess:
                continue
            if "LocalExecutor" in title and dag in title:
                return process
        time.sleep(0.01)
    pytest.fail(f"no worker runs a task of {dag}")


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
def undisturbed(home: Path, ketenbalans: CommandLine) -> Iterator[Engine]:
    """A warehouse that no DAG knows."""
    found = embedded.addresses(home)
    assert found is not None
    stack = FaultStack(home, found)
    with stack.at_the_server() as server:
        server.execute("CREATE DATABASE undisturbed")
    engine = connect(stack.url("undisturbed"))
    migrate(engine)
    yield engine
    engine.dispose()


@pytest.mark.timeout(900)
def test_a_worker_the_scheduler_and_the_triggerer_are_killed(
    ketenbalans: CommandLine, home: Path, undisturbed: Engine, tmp_path: Path
) -> None:
    assert ketenbalans("scenario", "2014", "--out", tmp_path).code == 0

    assert ketenbalans("produce", "police", tmp_path / f"police-{FIRST}.csv").code == 0
    worker = worker_of(home, "ingest_police_deliveries")
    its_task = worker.children(recursive=True)
    kill(worker)
    for process in its_task:
        if process.is_running():
            kill(process)

    kill(component(home, "scheduler"))
    assert ketenbalans("produce", "om", tmp_path / f"om-{FIRST}.csv").code == 0
    up(ketenbalans)
    kill(component(home, "triggerer"))
    assert ketenbalans("produce", "hotline", tmp_path / f"hotline-{FIRST}.jsonl").code == 0
    up(ketenbalans)

    balance = ketenbalans("balance", "--period", "2014", "--as-of", FIRST, "--wait", "160", "--json")
    assert balance.code == 0, balance.err
    assert (balance.json["delivered"], balance.json["recognised"]) == (560, 516)

    addresses = embedded.addresses(home)
    assert addresses is not None
    _, incidents = ingest_sources(
        sources().values(), engine=undisturbed, bootstrap=addresses.kafka_bootstrap, accept_recreated_topic=False
    )
    assert not incidents
    expected = tables_of(undisturbed)
    by_airflow = connect(addresses.warehouse_url)
    deadline = time.monotonic() + 120
    while totals(found := tables_of(by_airflow)) != totals(expected):  # the hotline is not in the balance
        assert time.monotonic() < deadline, (totals(found), totals(expected))
        time.sleep(1)
    runs: dict[str, list] = {"ingest_run": []}
    assert replace(found, rows=found.rows | runs) == replace(expected, rows=expected.rows | runs)
