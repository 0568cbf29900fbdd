"""What the programs of the stack are given: nothing of the environment that would change what they do."""

from pathlib import Path

import pytest

from ketenbalans.stack.home import Addresses, Home
from ketenbalans.stack.postgres import Server
from ketenbalans.stack.processes import child_environment

MEDDLING = ("_JAVA_OPTIONS", "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "CLASSPATH", "PGPORT", "PGSERVICE", "LOG4J_LEVEL")


def test_no_variable_that_meddles_reaches_a_program_of_the_stack(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (*MEDDLING, "AIRFLOW__CORE__EXECUTOR"):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("HTTPS_PROXY", "kept")
    given = child_environment(Home.at(tmp_path), "kafka", {})
    assert not set(given) & {*MEDDLING, "AIRFLOW__CORE__EXECUTOR"}
    assert given["HTTPS_PROXY"] == "kept"


@pytest.mark.parametrize("name", ["a,b", "a:b", "höme", "a b", "a%b", "x" * 120])
def test_a_client_gets_the_path_of_the_socket_in_plain_signs(tmp_path: Path, name: str) -> None:
    folder = Server(Home.at(tmp_path / name)).socket_folder
    assert folder.parent == Path("/tmp")
    assert Server(Home.at(Path("/srv/kb"))).socket_folder == Path("/srv/kb/postgres/data")


def test_an_address_file_that_is_older_than_passwords_shows_of_an_open_airflow(tmp_path: Path) -> None:
    older = '{"kafka_bootstrap": "127.0.0.1:1", "warehouse_url": "postgresql://", "airflow_url": "http://127.0.0.1:2"}'
    (tmp_path / "stack.json").write_text(older)
    assert Home.at(tmp_path).addresses() == Addresses(
        "127.0.0.1:1", "postgresql://", "http://127.0.0.1:2", airflow_is_open=True
    )
