"""Every route of the pages asks who is there: whoever is signed in may look, and who decides something has to act.

The routes are walked, so that one that is added without a rule fails here.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]

ASK = """
import json, re
from airflow.api_fastapi.app import create_auth_manager
from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
from airflow.api_fastapi.core_api.security import get_user
from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from ketenbalans.web import form_tokens, who
from ketenbalans.web.app import pages

create_auth_manager()
form_tokens.take_once = lambda settings, nonce, *, expires_at: True
airflow = FastAPI()
airflow.mount("/ketenbalans", pages)

def asked_by(dependant):
    found = {dependant.call}
    for one in dependant.dependencies:
        found |= asked_by(one)
    return found

def send(client, method, path, handle):
    place = re.sub(r"\\{[^}]*\\}", "1", path)
    fields = {"form_token": form_tokens.issue(handle, place)} if method == "POST" else None
    answer = client.request(method, f"/ketenbalans{place}", data=fields)
    return {"code": answer.status_code, "says": answer.json().get("detail") if "json" in
            answer.headers.get("content-type", "") else None}

USERS = {"nobody": None, "vera": SimpleAuthManagerUser(username="vera", role="viewer")}
routes = []
with TestClient(airflow, base_url="http://127.0.0.1:28080", raise_server_exceptions=False) as client:
    for route in pages.routes:
        if not isinstance(route, APIRoute):
            routes.append({"path": route.path, "is_ours": False})
            continue
        rules = asked_by(route.dependant)
        found = {"path": route.path, "is_ours": True, "methods": sorted(route.methods),
                 "viewer": who.viewer in rules, "scraper": who.scraper in rules,
                 "actor": who.actor in rules, "answers": {}}
        for handle, user in USERS.items():
            pages.dependency_overrides.clear()
            if user is not None:
                pages.dependency_overrides[get_user] = lambda user=user: user
            if handle == "nobody" or route.methods != {"GET"}:
                for method in sorted(route.methods):
                    found["answers"][f"{handle} {method}"] = send(client, method, route.path, handle)
        routes.append(found)
print(json.dumps(routes))
"""


@pytest.fixture(scope="module")
def routes(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    """Every route by its methods and path, with what it answers, from a process of its own."""
    folder = tmp_path_factory.mktemp("routes")
    environment = {
        "PATH": "/usr/bin:/bin",
        "AIRFLOW_HOME": str(folder / "airflow"),
        "KETENBALANS_HOME": str(folder / "home"),
    }
    done = subprocess.run(
        [sys.executable, "-c", ASK], env=environment, cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert [one["path"] for one in found if not one["is_ours"]] == [], "a route that can have no rule"
    named = {f"{' '.join(one['methods'])} {one['path']}": one for one in found}
    assert len(named) == len(found)
    assert len(named) > 10
    return named


def test_every_route_looks_by_get_or_acts_by_post(routes: Mapping[str, Any]) -> None:
    assert {" ".join(one["methods"]) for one in routes.values()} == {"GET", "POST"}


def test_every_route_depends_on_who_is_signed_in(routes: Mapping[str, Any]) -> None:
    assert [name for name, one in routes.items() if not one["viewer"]] == ["GET /metrics"]
    assert [name for name, one in routes.items() if one["scraper"]] == ["GET /metrics"], "which has a token of its own"


def test_every_route_that_is_no_get_depends_on_who_acts(routes: Mapping[str, Any]) -> None:
    assert [name for name, one in routes.items() if one["actor"] != (one["methods"] == ["POST"])] == []


def test_no_route_answers_without_a_session(routes: Mapping[str, Any]) -> None:
    without = {name: one["answers"][f"nobody {one['methods'][0]}"]["code"] for name, one in routes.items()}
    assert {name: code for name, code in without.items() if code != 401} == {}


def test_no_viewer_acts_even_with_a_token_of_the_form(routes: Mapping[str, Any]) -> None:
    acting = {name: one["answers"]["vera POST"] for name, one in routes.items() if one["methods"] == ["POST"]}
    assert acting
    assert {name: one for name, one in acting.items() if one["code"] != 403} == {}
    assert [name for name, one in acting.items() if "you may look and not act" not in one["says"]] == []
