"""What `status` says of the stack, and how it ends."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

import ketenbalans.jobs.servers.stack_state
from ketenbalans.cli.main import app
from ketenbalans.jobs.servers.stack_state import stack_state
from ketenbalans.settings import Settings

State = dict[str, dict[str, str | None]]


def state(**states: str) -> State:
    answer: State = {
        name: {"state": states.get(name, "running"), "url": f"{name}:1"} for name in ("kafka", "warehouse")
    }
    airflow = {"url": "http://127.0.0.1:1", "user": "admin", "password": "[made] by up"}
    return {**answer, "airflow": {"state": states.get("airflow", "running"), **airflow}}


def status(monkeypatch: pytest.MonkeyPatch, answer: State) -> tuple[int, str, str]:
    monkeypatch.setattr(ketenbalans.jobs.servers.stack_state, "stack_state", lambda _, **__: answer)
    ended = CliRunner().invoke(app, ["status"])
    return ended.exit_code, ended.stdout, ended.stderr


def test_a_stack_that_runs_is_reported_with_how_to_sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    code, out, err = status(monkeypatch, state())
    assert (code, err) == (0, "")
    assert "sign in to Airflow as admin with [made] by up" in out


@pytest.mark.parametrize("part", ["kafka", "warehouse", "airflow"])
def test_a_part_that_fails_is_named_and_ends_with_one(monkeypatch: pytest.MonkeyPatch, part: str) -> None:
    code, _, err = status(monkeypatch, state(**{part: "failing"}))
    assert code == 1
    assert f"failing: {part}; " in err
    assert status(monkeypatch, state(**{part: "stopped"}))[0] == 0


def test_where_nothing_runs_it_is_reported_where_that_was_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KETENBALANS_HOME", str(tmp_path))
    nothing = state(kafka="stopped", warehouse="stopped", airflow="stopped")
    code, _, err = status(monkeypatch, nothing)
    assert (code, err) == (0, f"nothing runs in {tmp_path} (KETENBALANS_HOME names it)\n")
    ended = CliRunner().invoke(app, ["down"])
    assert ended.stdout == f"nothing was running in {tmp_path} (KETENBALANS_HOME names it)\n"


def test_an_open_airflow_says_what_that_means(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = state()
    answer["airflow"] |= {"user": None, "password": None}
    assert "every user of this machine" in status(monkeypatch, answer)[2]
    answer["airflow"]["state"] = "stopped"
    assert status(monkeypatch, answer)[2] == ""


def test_a_server_of_the_settings_that_does_not_answer_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KETENBALANS_HOME", str(tmp_path))
    monkeypatch.setenv("KETENBALANS_KAFKA_BOOTSTRAP", "PLAINTEXT://127.0.0.1:9")
    monkeypatch.setenv("KETENBALANS_WAREHOUSE_URL", "postgresql://u:secret@127.0.0.1:9/d")
    answer = stack_state(Settings(), within_seconds=2)
    assert answer["kafka"] == {"state": "failing", "bootstrap": "127.0.0.1:9"}
    assert answer["warehouse"]["state"] == "failing"
    assert "secret" not in str(answer)
