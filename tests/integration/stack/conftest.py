"""Homes of their own for the tests of the embedded stack, and a look at the machine that does not trust the stack."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from ketenbalans.stack import embedded
from tests.integration.guardian import guarded

REPOSITORY = Path(__file__).parents[3]
Up = Callable[..., embedded.Addresses]


@pytest.fixture(scope="session")
def cache() -> Path:
    return Path(os.environ.get("KETENBALANS_CACHE", REPOSITORY / ".ketenbalans" / "cache"))


@pytest.fixture(scope="module")
def dags_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dags")
    (folder / "tell.py").write_text(
        """
import os
from datetime import datetime
from pathlib import Path

from airflow.sdk import dag, task


@dag(schedule="@once", start_date=datetime(2026, 1, 1))
def tell():
    @task
    def what_a_task_sees():
        names = sorted(name for name in os.environ if name.startswith("KETENBALANS_"))
        answer = Path(os.environ["KETENBALANS_TEST_ANSWER"])
        answer.with_suffix(".new").write_text("\\n".join(f"{name}={os.environ[name]}" for name in names))
        answer.with_suffix(".new").rename(answer)

    what_a_task_sees()


tell()
"""
    )
    return folder


@pytest.fixture(scope="module")
def up(cache: Path, dags_folder: Path) -> Up:
    def start(home: Path, **differences: Any) -> embedded.Addresses:
        arguments: dict[str, Any] = {
            "with_airflow": False,
            "ports": embedded.Ports(kafka=0, airflow=0),
            "cache": cache,
            "dags_folder": dags_folder,
            "environment": {},
            "when_kafka_is_ready": lambda _: None,
            "when_warehouse_is_ready": lambda _: None,
            "on_progress": lambda _service, _what: None,
        }
        return embedded.up(home, **(arguments | differences))

    return start


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("home")
    with guarded(folder):
        yield folder


def processes_of(home: Path) -> list[psutil.Process]:
    """Every process that names the home in its command, working folder or environment, except the tests' own."""
    found = []
    tests = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    for process in psutil.process_iter():
        try:
            places = [*process.cmdline(), process.cwd(), *process.environ().values()]
            if process.pid not in tests and process.status() != psutil.STATUS_ZOMBIE:
                found += [process] if any(str(home) in place for place in places) else []
        except psutil.Error:
            continue
    return found
