import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ketenbalans.stack.home import Home
from ketenbalans.stack.kafka_broker import Broker
from tests.integration.guardian import REPOSITORY
from tests.integration.stack.conftest import processes_of

pytestmark = [pytest.mark.stack, pytest.mark.own_servers]

A_LONG_TEST = """
import time
from contextlib import suppress
from pathlib import Path

pytest_plugins = ["tests.integration.conftest"]

def test_that_takes_long(servers, stack_home):
    with suppress(KeyboardInterrupt):  # as a command does that is ended by it
        Path(__file__).with_name("home").write_text(str(stack_home))
        time.sleep(100)

def test_that_comes_next(servers):
    Path(__file__).with_name("went-on").touch()
"""


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL], ids=lambda how: how.name)
def test_tests_that_are_ended_leave_no_server(tmp_path: Path, cache: Path, how: signal.Signals) -> None:
    test, noted = tmp_path / "test_long.py", tmp_path / "home"
    test.write_text(A_LONG_TEST)
    shutil.copy(REPOSITORY / "tests" / "conftest.py", tmp_path)
    command = [sys.executable, "-m", "pytest", "-q", "--rootdir", str(tmp_path), f"--basetemp={tmp_path / 'base'}"]
    environment = {**os.environ, "KETENBALANS_CACHE": str(cache), "PYTHONPATH": str(REPOSITORY)}
    with subprocess.Popen([*command, str(test)], cwd=tmp_path, env=environment, stdout=subprocess.DEVNULL) as tests:
        wait_until(lambda: noted.exists() and bool(noted.read_text()), within_seconds=60)
        home = Path(noted.read_text())
        assert Broker(Home.at(home)).pid() is not None
        os.kill(tests.pid, how)
        tests.wait(60)
    if how == signal.SIGKILL:  # they could stop nothing themselves: what guards the servers does it after them
        wait_until(lambda: processes_of(home) == [], within_seconds=30)
    assert processes_of(home) == []
    assert not (tmp_path / "went-on").exists()


def wait_until(holds: Callable[[], bool], *, within_seconds: float) -> None:
    deadline = time.monotonic() + within_seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)
