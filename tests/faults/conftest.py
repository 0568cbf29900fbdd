"""A Kafka and a PostgreSQL of their own, because they are killed; the short tests are part of `make test`.

``faults`` marks every test here. Those that are marked ``stack`` too are the short selection.
"""

from collections.abc import Iterator

import pytest

from tests.faults.fault_stack import FaultStack, a_home
from tests.faults.lives import Mother

SUMMARY = pytest.StashKey[list[str]]()


@pytest.fixture(scope="session")
def mother(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mother]:
    with Mother.at_work(tmp_path_factory.mktemp("lives")) as program:
        yield program


@pytest.fixture(scope="session")
def servers() -> Iterator[FaultStack]:
    with a_home() as home:
        yield FaultStack.start(home)


@pytest.fixture
def stack(servers: FaultStack) -> Iterator[FaultStack]:
    yield servers
    servers.hang_up()


@pytest.fixture
def summary(request: pytest.FixtureRequest) -> list[str]:
    """What is printed when all tests are done."""
    return request.config.stash.setdefault(SUMMARY, [])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for text in config.stash.get(SUMMARY, []):
        terminalreporter.write_sep("=", "what the faults came to")
        terminalreporter.write_line(text)
