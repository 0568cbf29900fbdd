"""A stack with Airflow: it runs tasks, lets nobody in who should not be, heals, and leaves nothing.

Another ordinary user of the machine, and a page of another site, neither read anything nor are let in.
"""

import os
import shutil
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import httpx
import psutil
import pytest
from pydantic import SecretStr

from ketenbalans.jobs.people.sign_in import SignInRefused, signed_in_person
from ketenbalans.settings import Settings
from ketenbalans.stack import embedded
from schemas.people import Identity, Person
from tests.integration.guardian import guarded
from tests.integration.stack.conftest import Up, processes_of

pytestmark = [pytest.mark.stack, pytest.mark.own_servers]

GIGABYTE = 1_000_000_000
NOBODY_HERE = 64_123
"""A user id that no user of the machine has."""

FOLDERS = ("", "logs", "postgres", "airflow")
FILES = (
    "chain-key",
    "airflow-password",
    "stack.json",
    "logs/kafka.log",
    "logs/airflow-scheduler.log",
    "kafka/data",
    "airflow/passwords.json",
    "airflow/logs",
    "postgres/data/postmaster.pid",
    "cache",
)


def become_another_user() -> None:
    os.setgroups([])
    os.setgid(NOBODY_HERE)
    os.setuid(NOBODY_HERE)


def attempt(act: Callable[[], object]) -> str:
    """How an attempt ends: the name of the refusal, or that it succeeded."""
    try:
        act()
    except OSError as refusal:
        return type(refusal).__name__
    return "succeeded"


def attempts_on(home: Path, socket_folder: str, pids: list[str]) -> dict[str, str]:
    """What a user gets to see of a home and its processes."""
    assert os.geteuid() == NOBODY_HERE
    with socket.socket(socket.AF_UNIX) as client:
        return {
            **{f"list {name}": attempt(partial(os.listdir, home / name)) for name in FOLDERS},
            **{f"read {name}": attempt((home / name).read_bytes) for name in FILES},
            **{f"environment of {pid}": attempt(Path(f"/proc/{pid}/environ").read_bytes) for pid in pids},
            "write": attempt((home / "mine").touch),
            "connect": attempt(partial(client.connect, f"{socket_folder}/.s.PGSQL.5432")),
        }


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A home in a folder that everybody may look into: nothing but the home itself closes it."""
    folder = Path(tempfile.mkdtemp(prefix="ketenbalans-doors-"))
    folder.chmod(0o755)
    with guarded(folder / "home"):
        home = folder / "home"
        home.mkdir()
        home.chmod(0o777)  # as an older version may have left it
        (home / "chain-key").write_text("of an older version")
        yield home
    shutil.rmtree(folder)


@pytest.fixture
def start(home: Path, up: Up) -> Callable[..., embedded.Addresses]:
    """Start what is missing, with what the test before it did undone."""
    return partial(up, home, with_airflow=True, environment={"KETENBALANS_TEST_ANSWER": str(home / "answer")})


@pytest.fixture
def airflow(start: Callable[..., embedded.Addresses]) -> str:
    address = start().airflow_url
    assert address is not None
    return address


def wait_for(path: Path) -> str:
    deadline = time.monotonic() + 240
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


def test_it_runs_tasks_with_the_settings_of_the_home(home: Path, start: Callable[..., embedded.Addresses]) -> None:
    addresses = start()
    assert [report["state"] for report in embedded.status(home, within_seconds=5).values()] == ["running"] * 3
    observed = dict(line.split("=", 1) for line in wait_for(home / "answer").splitlines())
    assert observed["KETENBALANS_HOME"] == str(home)
    assert observed["KETENBALANS_KAFKA_BOOTSTRAP"] == addresses.kafka_bootstrap
    assert observed["KETENBALANS_WAREHOUSE_URL"] == addresses.warehouse_url
    assert listened_on(home) == {"127.0.0.1"}
    assert sum(embedded.memory_pss(home).values()) < 2 * GIGABYTE  # at rest 1.2 to 1.5: more is something doubled


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be another user")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
@pytest.mark.usefixtures("airflow")
def test_another_user_reads_nothing(home: Path) -> None:
    known = embedded.addresses(home)
    assert known is not None
    socket_folder = known.warehouse_url.partition("host=")[2]
    pids = [file.read_text().split()[0] for file in (home / "run").glob("airflow-*.pid")]
    assert len(pids) == 4
    with ProcessPoolExecutor(1, mp_context=get_context("fork"), initializer=become_another_user) as another_user:
        ended = another_user.submit(attempts_on, home, socket_folder, pids).result()
    assert ended == dict.fromkeys(ended, "PermissionError")


def test_nobody_is_let_in_without_the_password_or_under_another_name(airflow: str) -> None:
    with httpx.Client(base_url=airflow, timeout=20, trust_env=False) as client:
        paths = ("/auth/token", "/auth/token/login", "/api/v2/dags", "/api/v2/variables", "/ketenbalans/")
        assert [client.get(path).status_code for path in paths] == [403, 403, 401, 401, 401]
        assert client.post("/auth/token", json={"username": "admin", "password": "admin"}).status_code == 401
        assert client.get("/api/v2/monitor/health", headers={"Host": "evil.example"}).status_code == 400


def test_the_owner_signs_in_with_what_status_says(home: Path, airflow: str) -> None:
    said = embedded.status(home, within_seconds=5)["airflow"]
    with httpx.Client(base_url=airflow, timeout=20, trust_env=False) as client:
        credentials = {"username": said["user"], "password": said["password"]}
        token = client.post("/auth/token", json=credentials).raise_for_status().json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        assert client.get("/api/v2/dags").status_code == 200
        assert client.get("/api/v2/dags", headers={"Host": "evil.example"}).status_code == 400
    assert (home / "airflow-password").read_text().strip() == said["password"]


def session_of(airflow: str, user: str, password: str) -> tuple[int, dict[str, str]]:
    """How a sign-in ends, and the headers of the session."""
    credentials = {"username": user, "password": password}
    answer = httpx.post(f"{airflow}/auth/token", json=credentials, timeout=20, trust_env=False)
    return answer.status_code, {"Authorization": f"Bearer {answer.json().get('access_token')}"}


def role_of(airflow: str, session: dict[str, str]) -> tuple[int, bool | None]:
    answer = httpx.get(f"{airflow}/ketenbalans/who", headers=session, timeout=20, trust_env=False)
    return answer.status_code, answer.json().get("may_act")


def test_named_people_sign_in_with_their_roles_until_others_are_named(
    home: Path, airflow: str, start: Callable[..., embedded.Addresses]
) -> None:
    people = {"anna": "op", "ben": "op", "vera": "viewer"}
    assert start(people=people).airflow_url == airflow
    passwords = {one.user: one.password for one in embedded.unprinted_sign_ins(home)}
    assert passwords.keys() == people.keys()
    for file in (home / "airflow-people.json", home / "airflow" / "passwords.json"):
        assert file.stat().st_mode & 0o777 == 0o600
    sessions = {name: session_of(airflow, name, password)[1] for name, password in passwords.items()}
    assert {name: role_of(airflow, session) for name, session in sessions.items()} == {
        "anna": (200, True),
        "ben": (200, True),
        "vera": (200, False),
    }
    assert session_of(airflow, "anna", passwords["ben"])[0] == 401

    settings = Settings(home=home, airflow_user="anna", airflow_password=SecretStr(passwords["anna"]))
    assert signed_in_person(settings) == Person(handle="anna", identity=Identity.SIGNED_IN)
    for user, password, says in (("vera", "vera", "may look and not act"), ("anna", "ben", "does not know anna")):
        other = {"airflow_user": user, "airflow_password": SecretStr(passwords[password])}
        with pytest.raises(SignInRefused, match=says):
            signed_in_person(settings.model_copy(update=other))

    start(people={"anna": "op", "ben": "viewer"})
    assert role_of(airflow, sessions["ben"])[0] in (401, 403), "a session of before holds the role of before"
    assert role_of(airflow, session_of(airflow, "ben", passwords["ben"])[1]) == (200, False)
    assert session_of(airflow, "vera", passwords["vera"])[0] == 401
    api_server = (home / "run" / "airflow-api-server.pid").read_text()
    start()
    assert (home / "run" / "airflow-api-server.pid").read_text() == api_server, "nobody else is let in"
    assert session_of(airflow, "ben", passwords["ben"])[0] == 201
    assert embedded.unprinted_sign_ins(home) == []


def test_an_open_airflow_asks_for_nothing_until_it_is_closed_again(
    home: Path, airflow: str, start: Callable[..., embedded.Addresses]
) -> None:
    assert start(is_open=True).airflow_url == airflow
    opened = httpx.get(f"{airflow}/auth/token", trust_env=False)
    assert opened.status_code == 201
    session = {"Authorization": f"Bearer {opened.json()['access_token']}"}
    assert role_of(airflow, session) == (200, True)
    with pytest.raises(SignInRefused, match="asks nobody who they are"):
        signed_in_person(Settings(home=home, airflow_user="anna", airflow_password=SecretStr("any")))
    assert embedded.status(home, within_seconds=5)["airflow"]["password"] is None
    assert embedded.airflow_sign_in(home) is None
    assert httpx.get(f"{airflow}/api/v2/dags", headers={"Host": "evil.example"}, trust_env=False).status_code == 400
    start()
    assert httpx.get(f"{airflow}/auth/token", trust_env=False).status_code == 403
    assert role_of(airflow, session)[0] in (401, 403), "whoever came in while it was open is out"


@pytest.mark.usefixtures("airflow")
def test_it_heals_and_leaves_nothing(home: Path, start: Callable[..., embedded.Addresses]) -> None:
    triggerer = int((home / "run" / "airflow-triggerer.pid").read_text().split()[0])
    psutil.Process(triggerer).kill()
    psutil.wait_procs([psutil.Process(triggerer)] if psutil.pid_exists(triggerer) else [], timeout=5)
    assert embedded.status(home, within_seconds=5)["airflow"]["state"] == "failing"
    api_server = int((home / "run" / "airflow-api-server.pid").read_text().split()[0])
    start()
    assert embedded.status(home, within_seconds=5)["airflow"]["state"] == "running"
    assert api_server in {process.pid for process in processes_of(home)}

    assert embedded.down(home) == ["airflow", "kafka", "warehouse"]
    assert processes_of(home) == []
