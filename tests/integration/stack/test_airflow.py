import time
from pathlib import Path

import psutil
import pytest

from stack import embedded
from tests.integration.stack.conftest import Up, processes_of

pytestmark = pytest.mark.stack

GIGABYTE = 1_000_000_000


def wait_for(path: Path) -> str:
    deadline = time.monotonic() + 40
    while not path.exists():
        assert time.monotonic() < deadline, "no task ran"
        time.sleep(0.1)
    return path.read_text()


def test_airflow_runs_tasks_heals_and_leaves_nothing(home: Path, up: Up) -> None:
    answer = home / "answer"
    environment = {"KETENBALANS_TEST_ANSWER": str(answer)}
    addresses = up(home, with_airflow=True, environment=environment)
    assert [report["state"] for report in embedded.status(home).values()] == ["running"] * 3

    seen = dict(line.split("=", 1) for line in wait_for(answer).splitlines())
    assert seen["KETENBALANS_HOME"] == str(home)
    assert seen["KETENBALANS_KAFKA_BOOTSTRAP"] == addresses.kafka_bootstrap
    assert seen["KETENBALANS_WAREHOUSE_URL"] == addresses.warehouse_url

    listening = {
        connection.laddr.ip
        for process in processes_of(home)
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    }
    assert listening == {"127.0.0.1"}
    assert sum(embedded.memory_pss(home).values()) < 1.5 * GIGABYTE

    triggerer = int((home / "run" / "airflow-triggerer.pid").read_text().split()[0])
    psutil.Process(triggerer).kill()
    psutil.wait_procs([psutil.Process(triggerer)] if psutil.pid_exists(triggerer) else [], timeout=5)
    assert embedded.status(home)["airflow"]["state"] == "failing"
    before = {process.pid for process in processes_of(home) if "api_server" in " ".join(process.cmdline())}
    up(home, with_airflow=True, environment=environment)
    assert embedded.status(home)["airflow"]["state"] == "running"
    assert before <= {process.pid for process in processes_of(home)}

    assert embedded.down(home) == ["airflow", "kafka", "warehouse"]
    assert processes_of(home) == []
