"""Who runs a command is asked of Airflow; whatever it answers, the message says the remedy and no password."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from ketenbalans.jobs.people.sign_in import SignInRefused, signed_in_person
from ketenbalans.jobs.servers.addresses import ServiceNotRunning
from ketenbalans.settings import Settings, SettingsMissing
from ketenbalans.stack.home import Addresses, Home
from schemas.people import Identity, Person

PASSWORD = "s3cret"
Answers = dict[str, tuple[int, str]]


@pytest.fixture
def answers() -> Answers:
    """What Airflow answers, by place: as it does for anna, who is op."""
    token = json.dumps({"access_token": "t"})
    return {"/auth/token": (201, token), "/ketenbalans/who": (200, json.dumps(who()))}


@pytest.fixture
def airflow(answers: Answers) -> Iterator[str]:
    class Answering(BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            code, body = answers[self.path]
            if self.path == "/ketenbalans/who":
                assert self.headers["Authorization"] == "Bearer t"
            self.send_response(code)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        do_GET = do_POST = answer  # noqa: N815 (as the library has them)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def who(**other: Any) -> dict[str, Any]:
    return {"handle": "anna", "may_act": True, "may_be_anybody": False, **other}


def settings_for(home: Path, airflow_url: str | None, **other: Any) -> Settings:
    named: dict[str, Any] = {"airflow_user": "anna", "airflow_password": SecretStr(PASSWORD)} | other
    return Settings(home=home, airflow_url=airflow_url, **named)


def refusal(settings: Settings, kind: type[Exception]) -> str:
    with pytest.raises(kind) as refused:
        signed_in_person(settings)
    assert PASSWORD not in f"{refused.value} {refused.value!r}"
    return str(refused.value)


def test_whoever_signs_in_and_acts_is_that_person(tmp_path: Path, airflow: str) -> None:
    anna = Person(handle="anna", identity=Identity.SIGNED_IN)
    assert signed_in_person(settings_for(tmp_path, f"{airflow}/")) == anna
    Home.at(tmp_path).keep(Addresses("127.0.0.1:9", "postgresql://", airflow))
    assert signed_in_person(settings_for(tmp_path, None)) == anna, "the embedded one, where none is named"


@pytest.mark.parametrize("missing", ["airflow_user", "airflow_password"])
def test_whoever_names_nobody_is_said_what_to_set(tmp_path: Path, missing: str) -> None:
    says = refusal(settings_for(tmp_path, None, **{missing: None}), SettingsMissing)
    assert "set KETENBALANS_AIRFLOW_USER and KETENBALANS_AIRFLOW_PASSWORD" in says


@pytest.mark.parametrize(
    ("place", "answer", "kind", "says"),
    [
        ("/auth/token", (401, "{}"), SignInRefused, "does not know anna with this password"),
        ("/auth/token", (500, "{}"), ServiceNotRunning, "answered 500 at /auth/token"),
        ("/auth/token", (201, "<html>"), ServiceNotRunning, "something else than JSON"),
        ("/ketenbalans/who", (404, "{}"), ServiceNotRunning, "answered 404 at /ketenbalans/who"),
        ("/ketenbalans/who", (200, "[]"), ServiceNotRunning, "something else than JSON"),
        ("/ketenbalans/who", (200, json.dumps(who(may_act=False))), SignInRefused, "may look and not act"),
        ("/ketenbalans/who", (200, json.dumps(who(handle=None))), SignInRefused, "kept under a handle"),
        ("/ketenbalans/who", (200, json.dumps(who(may_be_anybody=True))), SignInRefused, "`ketenbalans up --people`"),
    ],
)
def test_each_other_answer_has_its_remedy(  # noqa: PLR0917
    tmp_path: Path,
    airflow: str,
    answers: Answers,
    place: str,
    answer: tuple[int, str],
    kind: type[Exception],
    says: str,
) -> None:
    answers[place] = answer
    assert says in refusal(settings_for(tmp_path, airflow), kind)


def test_an_airflow_that_is_not_there(tmp_path: Path) -> None:
    assert "start one with `ketenbalans up`" in refusal(settings_for(tmp_path, None), ServiceNotRunning)
    says = refusal(settings_for(tmp_path, "http://127.0.0.1:9"), ServiceNotRunning)
    assert "did not answer (ConnectError); see that it runs (`ketenbalans status`)" in says
