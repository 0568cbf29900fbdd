import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
from sqlalchemy import make_url

from ketenbalans.stack import embedded
from tests.integration.stack.conftest import Up, processes_of

pytestmark = [pytest.mark.stack, pytest.mark.own_servers]

UP = """
import sys
from pathlib import Path
from ketenbalans.stack import embedded

home, cache, dags, with_airflow = sys.argv[1:]
embedded.up(
    Path(home), with_airflow=with_airflow == "with airflow", ports=embedded.Ports(0, 0), cache=Path(cache),
    dags_folder=Path(dags), environment={}, when_kafka_is_ready=print, when_warehouse_is_ready=print,
    on_progress=lambda service, what: print(f"{service}: {what}", flush=True),
)
"""


def rows(url: str, query: str) -> list[tuple[object, ...]]:
    parts = make_url(url)
    with psycopg.connect(host=str(parts.query["host"]), user=parts.username, dbname=parts.database) as connection:
        return connection.execute(query).fetchall()


def states(home: Path) -> list[str | None]:
    return [report["state"] for report in embedded.status(home, within_seconds=5).values()]


def test_a_stack_lives_through_up_twice_a_killed_broker_and_down(home: Path, up: Up) -> None:
    kafka_ready: list[Any] = []
    warehouse_ready: list[Any] = []
    progress: list[Any] = []
    addresses = up(
        home,
        when_kafka_is_ready=kafka_ready.append,
        when_warehouse_is_ready=warehouse_ready.append,
        on_progress=lambda *said: progress.append(said),
    )
    assert embedded.addresses(home) == addresses
    assert (kafka_ready, warehouse_ready) == ([addresses.kafka_bootstrap], [addresses.warehouse_url])
    assert {service for service, _ in progress} == {"kafka", "warehouse"}
    assert states(home) == ["running", "running", "stopped"]
    assert rows(addresses.warehouse_url, "SELECT current_database()") == [("ketenbalans",)]
    assert all(embedded.memory_pss(home)[service] > 10_000_000 for service in ("kafka", "warehouse"))

    listening = [
        connection.laddr.ip
        for process in processes_of(home)
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert listening == ["127.0.0.1", "127.0.0.1"]  # the broker and its controller; PostgreSQL has a socket only

    before = {process.pid for process in processes_of(home)}
    assert up(home) == addresses
    assert {process.pid for process in processes_of(home)} >= before

    broker = next(process for process in processes_of(home) if "kafka.Kafka" in process.cmdline())
    broker.kill()
    deadline = time.monotonic() + 60
    while states(home)[0] != "failing" and time.monotonic() < deadline:
        time.sleep(0.05)
    assert states(home) == ["failing", "running", "stopped"]
    assert up(home) == addresses
    assert states(home) == ["running", "running", "stopped"]

    psutil.Process(int((home / "postgres" / "data" / "postmaster.pid").read_text().split()[0])).kill()
    assert states(home)[1] == "failing"
    assert up(home) == addresses
    assert rows(addresses.warehouse_url, "SELECT 1") == [(1,)]

    assert embedded.down(home) == ["kafka", "warehouse"]
    assert processes_of(home) == []
    assert embedded.down(home) == []
    assert states(home) == ["stopped", "stopped", "stopped"]


def test_a_home_with_a_long_path_and_the_letters_of_the_world(tmp_path: Path, up: Up) -> None:
    home = tmp_path / "/".join(["een-lange-map-met-een-é"] * 5) / "met spatie"
    try:
        addresses = up(home)
        assert rows(addresses.warehouse_url, "SELECT current_setting('data_directory')") == [
            (str(home / "postgres" / "data"),)
        ]
        assert states(home) == ["running", "running", "stopped"]
    finally:
        embedded.down(home)
    assert processes_of(home) == []


def test_no_sign_of_a_path_and_no_variable_leads_a_program_elsewhere(
    tmp_path: Path, cache: Path, up: Up, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (
        ("LC_ALL", "C"),
        ("_JAVA_OPTIONS", "-Xmx24m"),
        ("PGPORT", "6432"),
        ("PGSERVICE", "production"),
        ("PGHOSTADDR", "127.0.0.2"),
        ("PGSSLMODE", "require"),
    ):
        monkeypatch.setenv(name, value)
    home, jars = tmp_path / "a,b:c ö ~" / "kb", tmp_path / "x:y,z"
    shutil.copytree(cache / "maven", jars / "maven")
    try:
        addresses = up(home, cache=jars)
        assert states(home) == ["running", "running", "stopped"]
        assert rows(addresses.warehouse_url, "SELECT current_setting('data_directory')") == [
            (str(home / "postgres" / "data"),)
        ]
        assert (home / "kafka" / "data" / "meta.properties").exists()
    finally:
        embedded.down(home)
    assert processes_of(home) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a,b:c ö ~", "x:y,z"]
    assert not [path for path in (home, *home.rglob("*")) if _is_open_to_others(path)]


def _is_open_to_others(path: Path) -> bool:
    """Whether somebody else has a right on it; as root, the user of PostgreSQL may pass two folders."""
    found = path.lstat()
    return not path.is_symlink() and bool(found.st_mode & (0o067 if os.geteuid() == 0 else 0o077))


@pytest.mark.parametrize(
    "case",
    [
        ("no airflow", "kafka: formatting", signal.SIGKILL),
        ("with airflow", "airflow: starting", signal.SIGKILL),
        ("no airflow", "kafka: starting", signal.SIGTERM),
        ("no airflow", "warehouse: starting", signal.SIGINT),
    ],
)
def test_an_up_that_is_ended_half_way_leaves_nothing(
    tmp_path: Path, cache: Path, dags_folder: Path, case: tuple[str, str, signal.Signals]
) -> None:
    with_what, moment, how = case
    home = tmp_path / "home"
    command = [sys.executable, "-c", UP, str(home), str(cache), str(dags_folder), with_what]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith(moment):
                os.kill(process.pid, how)
                break
        process.communicate(timeout=30)
    if how == signal.SIGKILL:
        assert processes_of(home) != []
        embedded.down(home)
    assert processes_of(home) == []


def test_a_failing_callback_ends_the_start_and_is_passed_on(tmp_path: Path, up: Up) -> None:
    def refuse(_: str) -> None:
        raise LookupError

    with pytest.raises(LookupError):
        up(tmp_path, when_warehouse_is_ready=refuse)
    assert processes_of(tmp_path) == []
