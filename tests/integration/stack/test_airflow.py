import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from ketenbalans.stack import embedded
from tests.integration.stack.conftest import Up, processes_of

pytestmark = [pytest.mark.stack, pytest.mark.own_servers]

GIGABYTE = 1_000_000_000


def wait_for(path: Path) -> str:
    deadline = time.monotonic() + 40
    while not path.exists():
        assert time.monotonic() < deadline, "no task ran"
        time.sleep(0.1)
    return path.read_text()


def listened_on(home: Path) -> set[str]:
    """The addresses that the processes of a home listen on; tasks come and go meanwhile."""
    addresses: set[str] = set()
    for process in processes_of(home):
        with suppress(psutil.NoSuchProcess):
            listening = [one for one in process.net_connections("inet") if one.status == psutil.CONN_LISTEN]
            addresses |= {connection.laddr.ip for connection in listening}
    return addresses


def test_airflow_runs_tasks_heals_and_leaves_nothing(home: Path, up: Up) -> None:
    answer = home / "answer"
    environment = {"KETENBALANS_TEST_ANSWER": str(answer)}
    addresses = up(home, with_airflow=True, environment=environment)
    assert [report["state"] for report in embedded.status(home, within_seconds=5).values()] == ["running"] * 3

    seen = dict(line.split("=", 1) for line in wait_for(answer).splitlines())
    assert seen["KETENBALANS_HOME"] == str(home)
    assert seen["KETENBALANS_KAFKA_BOOTSTRAP"] == addresses.kafka_bootstrap
    assert seen["KETENBALANS_WAREHOUSE_URL"] == addresses.warehouse_url

    assert listened_on(home) == {"127.0.0.1"}
    assert sum(embedded.memory_pss(home).values()) < 2 * GIGABYTE  # at rest 1.2 to 1.5: more is something doubled

    triggerer = int((home / "run" / "airflow-triggerer.pid").read_text().split()[0])
    psutil.Process(triggerer).kill()
    psutil.wait_procs([psutil.Process(triggerer)] if psutil.pid_exists(triggerer) else [], timeout=5)
    assert embedded.status(home, within_seconds=5)["airflow"]["state"] == "failing"
    api_server = int((home / "run" / "airflow-api-server.pid").read_text().split()[0])
    up(home, with_airflow=True, environment=environment)
    assert embedded.status(home, within_seconds=5)["airflow"]["state"] == "running"
    assert api_server in {process.pid for process in processes_of(home)}

    assert embedded.down(home) == ["airflow", "kafka", "warehouse"]
    assert processes_of(home) == []
