"""Who may look and who may act, of Airflow's own users, and which requests are taken for a form of ours."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]

ASK = """
import json, os
from airflow.api_fastapi.app import create_auth_manager
from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
from airflow.api_fastapi.core_api.security import get_user
from fastapi import FastAPI
from fastapi.testclient import TestClient
from ketenbalans.web import form_tokens
from ketenbalans.web.who import Actor, router

create_auth_manager()
sent = set()
form_tokens.take_once = lambda settings, nonce, *, expires_at: nonce not in sent and not sent.add(nonce)

pages = FastAPI()
pages.include_router(router)

@pages.post("/alerts/{number}/take")
def take(actor: Actor) -> str:
    return f"{actor.person.handle} {actor.person.identity} {actor.person.may_be_anybody}"

airflow = FastAPI()
airflow.mount("/ketenbalans", pages)
USERS = {"anna": "op", "ben": "admin", "vera": "viewer", "ursula": "user", "Anna Jansen": "op", "DESK-2": "op",
         "Anonymous": "admin", "nobody": None}
HOME = "http://127.0.0.1:28080"

def signed_in(name):
    pages.dependency_overrides[get_user] = lambda: SimpleAuthManagerUser(username=name, role=USERS[name])

def send(token, path="/alerts/3/take", headers=None, method="POST", **sent):
    with TestClient(airflow, base_url=HOME, raise_server_exceptions=False) as client:
        sent = sent or {"data": {"form_token": token} if token else {}}
        answer = client.request(method, f"/ketenbalans{path}", headers=headers, **sent)
        return [answer.status_code, answer.json()]

def token(handle="anna", path="/alerts/3/take"):
    return form_tokens.issue(handle, path)

answers = {"no_session": [send(token())[0], send(None, "/who", method="GET")[0]]}
answers["who"], answers["acts"] = {}, {}
for name in USERS:
    signed_in(name)
    answers["who"][name] = send(None, "/who", method="GET")[1]
    answers["acts"][name] = send(token(name.casefold()))
signed_in("anna")
used = token()
answers["twice"] = [send(used), send(used)]
answers["none"] = send(None)
answers["of another"] = send(token("ben"))
answers["of another form"] = send(token(path="/alerts/4/take"))
answers["as JSON"] = send(None, json={"form_token": token()})
answers["in the query"] = send(None, path=f"/alerts/3/take?form_token={token()}")
answers["as a file"] = send(None, files={"form_token": ("t", token())})
answers["with a file beside"] = send(None, data={"form_token": token()}, files={"file": ("f", b"x")})
answers["get"] = send(token(), method="GET")[0]
HEADERS = [{"sec-fetch-site": one} for one in ("same-origin", "none", "same-site", "cross-site")]
HEADERS += [{"origin": one} for one in (HOME, "http://127.0.0.1:8000", "https://evil.example", "null",
                                        "https://airflow.example.org", "https://airflow.example.org.evil.example")]
answers["from"] = [[*one.items(), send(token(), headers=one)[0]] for one in HEADERS]
print(json.dumps(answers))
"""


def asked(folder: Path, **environment: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-c", ASK],
        env={
            "PATH": "/usr/bin:/bin",
            "AIRFLOW_HOME": str(folder / "airflow"),
            "AIRFLOW__API__BASE_URL": "http://airflow.example.org/",
            "KETENBALANS_HOME": str(folder / "home"),
            **environment,
        },
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return asked(tmp_path_factory.mktemp("who"))


def test_without_a_session_nobody_looks_or_acts(answers: dict[str, Any]) -> None:
    assert answers["no_session"] == [401, 401]


def test_op_and_admin_act_under_their_handle_and_others_look(answers: dict[str, Any]) -> None:
    may = {name: (one["handle"], one["may_act"]) for name, one in answers["who"].items()}
    assert may == {
        "anna": ("anna", True),
        "ben": ("ben", True),
        "vera": ("vera", False),
        "ursula": ("ursula", False),
        "Anna Jansen": (None, False),
        "DESK-2": ("desk-2", True),
        "Anonymous": ("anonymous", True),
        "nobody": ("nobody", False),
    }
    acts = answers["acts"]
    assert acts["anna"] == [200, "anna signed_in False"]
    assert acts["DESK-2"] == [200, "desk-2 signed_in False"]
    assert {name: code for name, (code, _) in acts.items()} == {
        name: 200 if may_act else 403 for name, (_, may_act) in may.items()
    }
    assert "whoever gives out the roles in Airflow" in acts["vera"][1]["detail"]
    assert "kept under a handle" in acts["Anna Jansen"][1]["detail"]


def test_a_form_is_taken_once(answers: dict[str, Any]) -> None:
    (first, _), (again, says) = answers["twice"]
    assert (first, again) == (200, 409)
    assert "this form was sent already" in says["detail"]


@pytest.mark.parametrize(
    ("what", "says"),
    [
        ("none", "carries no form_token"),
        ("of another", "somebody else"),
        ("of another form", "for another form"),
        ("as JSON", "carries no form_token"),
        ("in the query", "carries no form_token"),
        ("as a file", "carries no form_token"),
    ],
)
def test_what_is_no_form_of_ours_is_refused(answers: dict[str, Any], what: str, says: str) -> None:
    code, answer = answers[what]
    assert code == 403
    assert says in answer["detail"]


def test_a_form_may_bring_a_file_and_is_sent_by_post_only(answers: dict[str, Any]) -> None:
    assert answers["with a file beside"][0] == 200
    assert answers["get"] == 405


def test_what_another_site_makes_a_browser_send_is_refused(answers: dict[str, Any]) -> None:
    assert {value: code for (_, value), code in answers["from"]} == {
        "same-origin": 200,
        "none": 200,
        "same-site": 403,
        "cross-site": 403,
        "http://127.0.0.1:28080": 200,
        "http://127.0.0.1:8000": 403,
        "https://evil.example": 403,
        "null": 403,
        "https://airflow.example.org": 200,
        "https://airflow.example.org.evil.example": 403,
    }


def test_an_airflow_that_asks_nobody_says_so(tmp_path: Path) -> None:
    answers = asked(tmp_path, AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS="True")
    assert answers["who"]["Anonymous"] == {"handle": "anonymous", "may_act": True, "may_be_anybody": True}
    assert answers["acts"]["Anonymous"] == [200, "anonymous signed_in True"]
