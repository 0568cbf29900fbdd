"""The pages in Airflow as a browser meets them: a session is asked for, the server has its own names."""

import json
import subprocess
import sys
from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from ketenbalans.reports.page_templates import LEAVE_THE_FRAME

PAGE = '<html><body class="x"><p>560 delivered</p></body></html>'
REPOSITORY = Path(__file__).resolve().parents[2]

ASK = """
import json
from airflow.api_fastapi.app import create_auth_manager
from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
from airflow.api_fastapi.core_api.security import get_user
from fastapi import FastAPI
from fastapi.testclient import TestClient
from ketenbalans.web.airflow_plugin import KetenbalansPlugin, pages

airflow = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
for one in KetenbalansPlugin.fastapi_apps:
    airflow.mount(one["url_prefix"], one["app"])
for one in KetenbalansPlugin.fastapi_root_middlewares:
    airflow.add_middleware(one["middleware"], *one.get("args", []), **one["kwargs"])

def ask(path, host="127.0.0.1:28080"):
    with TestClient(airflow, base_url="http://127.0.0.1:28080", raise_server_exceptions=False) as client:
        answer = client.get(f"/ketenbalans/{path}", headers={"host": host})
        return {"code": answer.status_code, "text": answer.text[:20000], "headers": dict(answer.headers)}

PATHS = ("", "files/balances/2014.html", "docs/runbooks/README.md", "docs", "redoc", "openapi.json", "nothing")
HOSTS = ("127.0.0.1", "localhost:28080", "airflow.example.org", "evil.example", "127.0.0.1.evil.example", "", "[::1]")
told = {"without_a_session": {path: ask(path) for path in PATHS}}
told["hosts"] = {host: ask("nothing", host)["code"] for host in HOSTS}
create_auth_manager()
pages.dependency_overrides[get_user] = lambda: SimpleAuthManagerUser(username="vera", role="viewer")
FILES = ("balances/2014.html", "reports/r.pdf", "balances/../chain-key", "balances/%2e%2e/chain-key", "postgres/x",
         "balances/away.html", "balances")
told["files"] = {file: ask(f"files/{file}") for file in FILES}
DOCS = ("runbooks/README.md", "images/airflow-note.png", "contracts/asyncapi.json", "nothing.md", "runbooks",
        "../README.md", "%2e%2e/policy.toml", "images/make.py")
told["docs"] = {path: ask(f"docs/{path}") for path in DOCS}
pages.add_api_route("/broken", lambda: {}["secret"])
told["wrong"] = {path: ask(path) for path in ("years/not-a-year", "broken")}
print(json.dumps(told))
"""


@pytest.fixture(scope="module")
def plugin_answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the plugin answers, in a process of its own; the home is below a symbolic link."""
    folder = tmp_path_factory.mktemp("plugin")
    home = folder / "there" / "home"
    for name in ("balances", "reports"):
        (home / name).mkdir(parents=True)
    (home / "chain-key").write_text("secret")
    (folder / "away.html").write_text("secret")
    (home / "balances" / "away.html").symlink_to(folder / "away.html")
    (home / "balances" / "2014.html").write_text(PAGE)
    (home / "reports" / "r.pdf").write_bytes(b"%PDF-1.7")
    (folder / "link").symlink_to(folder / "there", target_is_directory=True)
    environment = {
        "PATH": "/usr/bin:/bin",
        "AIRFLOW_HOME": str(folder / "airflow"),
        "AIRFLOW__API__BASE_URL": "http://airflow.example.org/",
        "KETENBALANS_HOME": str(folder / "link" / "home"),
    }
    done = subprocess.run(
        [sys.executable, "-c", ASK], env=environment, cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_a_session_is_asked_for_below_airflow_too(plugin_answers: dict[str, Any]) -> None:
    codes = {path: answer["code"] for path, answer in plugin_answers["without_a_session"].items()}
    assert codes == {
        "": 401,
        "files/balances/2014.html": 401,
        "docs/runbooks/README.md": 401,
        "docs": 401,
        "redoc": 404,
        "openapi.json": 404,
        "nothing": 404,
    }


def test_what_cannot_be_made_is_a_page_with_a_sentence_and_the_headers_of_every_page(
    plugin_answers: dict[str, Any],
) -> None:
    year, broken = plugin_answers["wrong"]["years/not-a-year"], plugin_answers["wrong"]["broken"]
    assert (year["code"], broken["code"]) == (422, 500)
    assert "a part that cannot be read: year" in year["text"]
    assert "not-a-year" not in year["text"]
    assert "could not be made (KeyError)" in broken["text"]
    assert "secret" not in broken["text"]
    for answer in (year, broken):
        assert answer["headers"]["cache-control"] == "no-store"
        assert answer["headers"]["content-security-policy"].startswith("default-src 'none'")


def test_the_server_answers_to_its_own_names_only(plugin_answers: dict[str, Any]) -> None:
    assert plugin_answers["hosts"] == {
        "127.0.0.1": 404,
        "localhost:28080": 404,
        "airflow.example.org": 404,
        "evil.example": 400,
        "127.0.0.1.evil.example": 400,
        "": 400,
        "[::1]": 400,
    }


def test_a_browser_is_reported_to_guess_nothing_and_to_run_nothing(plugin_answers: dict[str, Any]) -> None:
    for answer in (*plugin_answers["without_a_session"].values(), *plugin_answers["files"].values()):
        assert answer["headers"]["x-content-type-options"] == "nosniff"
    page, pdf = (plugin_answers["files"][name]["headers"] for name in ("balances/2014.html", "reports/r.pdf"))
    policy = page["content-security-policy"].split("; ")
    assert {"default-src 'none'", "frame-ancestors 'self'", "base-uri 'none'", "form-action 'self'"} <= set(policy)
    keys = (REPOSITORY / "ketenbalans" / "web" / "templates" / "keys.js").read_text(encoding="utf-8")
    ours = (b64encode(sha256(one.encode()).digest()).decode() for one in (LEAVE_THE_FRAME, keys))
    allowed = " ".join(f"'sha256-{one}'" for one in ours)
    assert [part for part in policy if part.startswith("script-src")] == [f"script-src {allowed}"]
    assert "content-security-policy" not in pdf


def test_a_home_below_a_symbolic_link_shows_its_pages_and_nothing_else(plugin_answers: dict[str, Any]) -> None:
    assert "<p>560 delivered</p>" in plugin_answers["files"]["balances/2014.html"]["text"]
    assert plugin_answers["files"]["reports/r.pdf"]["code"] == 200
    others = {name: one for name, one in plugin_answers["files"].items() if one["code"] != 200}
    assert others.keys() == set(plugin_answers["files"]) - {"balances/2014.html", "reports/r.pdf"}
    assert {one["code"] for one in others.values()} == {404}


def test_a_page_of_a_file_leads_back_and_the_file_does_not(plugin_answers: dict[str, Any]) -> None:
    sent = plugin_answers["files"]["balances/2014.html"]["text"]
    begin, end = PAGE.split("<p>")
    assert sent.startswith(f"{begin}\n<nav")
    assert sent.endswith(f"<p>{end}")
    assert '<a href="/ketenbalans/">&larr; Balance</a>' in sent


def test_the_texts_of_the_project_are_pages_and_nothing_beside_them_is(plugin_answers: dict[str, Any]) -> None:
    docs = plugin_answers["docs"]
    shown = {path for path, answer in docs.items() if answer["code"] == 200}
    assert shown == {"runbooks/README.md", "images/airflow-note.png", "contracts/asyncapi.json"}
    assert {answer["code"] for answer in docs.values()} == {200, 404}
    runbook = docs["runbooks/README.md"]["text"]
    assert '<h1 id="when-something-is-red-or-does-not-happen">' in runbook
    assert '<a href="incidents.md">' in runbook
    assert '<a href="/ketenbalans/">&larr; Balance</a>' in runbook
