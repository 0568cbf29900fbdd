"""docker-compose.yml is the embedded stack in containers: same versions and settings, nothing open, no secret."""

import importlib
import json
import os
import re
import subprocess
import sys
import tomllib
import warnings
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import yaml
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from ketenbalans.broker.rights import ADMIN, roles
from ketenbalans.jobs.servers.container_keys import make_container_keys
from ketenbalans.settings import Settings
from ketenbalans.stack import airflow_components, airflow_settings, kafka_broker, postgres
from ketenbalans.stack.airflow_launcher import COMPONENTS
from ketenbalans.stack.home import Home
from ketenbalans.stack.jars import listed_jars
from ketenbalans.stack.kafka_keys import LOCKED, SUFFIX, KafkaKeys, key_stores, locked_settings
from schemas.catalogue import sources

REPOSITORY = Path(__file__).parents[2]
COMPOSE_TEXT = (REPOSITORY / "docker-compose.yml").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(COMPOSE_TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (REPOSITORY / "Dockerfile").read_text(encoding="utf-8")
DOCS = (REPOSITORY / "docs" / "compose.md").read_text(encoding="utf-8")

ONE_SHOTS = {"kafka-keys", "prepare", "airflow-init", "ketenbalans"}
LONG_RUNNING = SERVICES.keys() - ONE_SHOTS
AIRFLOW = {name for name in LONG_RUNNING if name.startswith("airflow-")}
REQUIRED = re.compile(r"\$\{([A-Z_]+):\?[^}]*docs/compose\.md[^}]*\}")
KEYS_OF_THE_BROKER, HOSTS = "/mnt/shared/config", ("kafka", "localhost", "127.0.0.1")
REFERENCE = re.compile(r"(?<!\$)\$\{([A-Z_]+)[^}]*\}")

# Where the two have to differ: addresses, and the quorum that the image formats its storage for.
ADDRESSES_OF_KAFKA = {
    "listeners",
    "advertised.listeners",
    "listener.security.protocol.map",
    "log.dirs",
    "controller.quorum.voters",
}


def environment(service: str) -> dict[str, str]:
    environment: dict[str, str] = SERVICES[service].get("environment", {})
    return environment


def broker_settings() -> dict[str, str]:
    """The server.properties that the image makes of the environment."""
    variables = environment("kafka").items()
    return {
        name.removeprefix("KAFKA_").replace("_", ".").lower(): value.replace("$$", "$")
        for name, value in variables
        if name.startswith("KAFKA_") and name != "KAFKA_HEAP_OPTS"
    }


def with_default(value: str) -> str:
    """Interpolate ``${NAME:-default}`` as when nothing is set."""
    return re.sub(r"\$\{[A-Z_]+:-([^}]*)\}", r"\1", value)


# --- versions


def test_kafka_is_the_embedded_version() -> None:
    (version,) = {jar.version for jar in listed_jars() if jar.artifact == "kafka_2.13"}
    assert SERVICES["kafka"]["image"] == f"apache/kafka:{version}"


def test_postgresql_is_18_and_its_volume_is_where_that_image_keeps_data() -> None:
    assert SERVICES["postgres"]["image"] == "postgres:18"
    assert SERVICES["postgres"]["volumes"] == ["postgres:/var/lib/postgresql"]


def test_the_python_of_the_image_is_one_that_the_project_supports() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pythons = set(re.findall(r"^FROM python:(\d+\.\d+)-slim\b", DOCKERFILE, re.MULTILINE))
    assert len(pythons) == 1
    assert Version(pythons.pop()) in SpecifierSet(project["requires-python"])


# --- the image


def test_the_image_holds_the_locked_packages_and_names_no_registry() -> None:
    assert "uv pip sync --no-cache --require-hashes --compile-bytecode requirements-run.lock" in DOCKERFILE
    assert not re.search(r"https?://|--index|--extra-index|--find-links", DOCKERFILE)
    users = re.findall(r"^USER (\S+)", DOCKERFILE, re.MULTILINE)
    assert users
    assert users[-1] != "root"


def test_the_image_holds_what_runs_at_the_versions_that_are_tested_and_nothing_that_only_develops() -> None:
    def locked(name: str) -> dict[str, str]:
        return dict(re.findall(r"^(\S+)==([^ ;]+)", (REPOSITORY / name).read_text(encoding="utf-8"), re.MULTILINE))

    runs, tested = locked("requirements-run.lock"), locked("requirements.lock")
    assert runs.items() <= tested.items()
    assert not {"pytest", "mypy", "ruff", "hatchling", "playwright", "uv"} & runs.keys()
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = {re.split(r"[\[<>=~! ]", one, maxsplit=1)[0].lower() for one in project["dependencies"]}
    assert named <= runs.keys()
    assert re.findall(r"^FROM \S+$", DOCKERFILE, re.MULTILINE), (
        "the last stage begins afresh: nothing that builds is in it"
    )


def test_the_installer_in_the_image_is_the_locked_one_with_its_hash() -> None:
    (expression,) = re.findall(r"sed -n '([^']+)' requirements\.lock", DOCKERFILE)
    lock = REPOSITORY / "requirements.lock"
    found = subprocess.run(["sed", "-n", expression, lock], capture_output=True, text=True, check=True).stdout
    assert re.findall(r"^(\S+)==", found, re.MULTILINE) == ["uv"]
    assert "--hash=sha256:" in found


def test_the_image_gets_every_package_and_file_that_the_project_reads_and_nothing_else() -> None:
    packages = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]
    files = {
        "LICENSE",
        "README.md",
        "policy.toml",
        "pyproject.toml",
        "requirements.lock",
        "requirements-run.lock",
        "data/published_figures.csv",
    }
    lines = (REPOSITORY / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert lines[1] == "*"
    allowed = {line.removeprefix("!") for line in lines if line.startswith("!")}
    assert allowed == files | set(packages["targets"]["wheel"]["packages"])
    assert [path for path in allowed if not (REPOSITORY / path).exists()] == []


# --- the order of starting


def test_every_long_running_service_has_a_health_check_and_comes_back() -> None:
    for name in LONG_RUNNING:
        assert SERVICES[name]["healthcheck"]["test"][0] == "CMD", name
        assert SERVICES[name]["restart"] == "unless-stopped", name
    for name in ONE_SHOTS:
        assert SERVICES[name]["restart"] == "no", name
        assert "healthcheck" not in SERVICES[name], name


def test_a_service_waits_until_what_it_needs_is_healthy_or_done() -> None:
    for name, service in SERVICES.items():
        for other, how in service.get("depends_on", {}).items():
            done = "service_completed_successfully" if other in ONE_SHOTS else "service_healthy"
            assert how == {"condition": done}, (name, other)


def test_all_data_is_in_named_volumes() -> None:
    used = {volume.partition(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])}
    assert used == COMPOSE["volumes"].keys()


# --- who can come in


def test_ports_are_published_on_this_machine_only_and_are_those_of_the_settings() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert published == {
        "kafka": [f"127.0.0.1:${{KETENBALANS_KAFKA_PORT:-{Settings.model_fields['kafka_port'].default}}}:29092"],
        "airflow-api-server": [
            f"127.0.0.1:${{KETENBALANS_AIRFLOW_PORT:-{Settings.model_fields['airflow_port'].default}}}:8080"
        ],
    }
    assert not any("network_mode" in service for service in SERVICES.values())


def test_no_value_is_a_secret() -> None:
    for name in SERVICES:
        for variable, value in environment(name).items():
            if re.search(r"PASSWORD|SECRET|_KEY$", variable) and not variable.endswith(
                ("_PASSWORDS_FILE", "_PASSWORD_FILE")
            ):
                assert REQUIRED.fullmatch(value) or value == f"${{{variable}:-}}", (name, variable)
            for password in re.findall(r"://[^:/@\s]+:(.*)@", value):
                assert REQUIRED.fullmatch(password), (name, variable)
    without_references = REFERENCE.sub("", COMPOSE_TEXT)
    assert re.findall(r"\b(?:[0-9a-f]{16,}|(?=\w*\d)(?=\w*[A-Z])(?=\w*[a-z])\w{20,})\b", without_references) == []


def test_the_docs_make_every_secret_that_compose_refuses_to_start_without(tmp_path: Path) -> None:
    (block,) = re.findall(r"```bash\n(\( set -o noclobber;.*?)```", DOCS, re.DOTALL)
    subprocess.run(["bash", "-c", block], cwd=tmp_path, check=True)
    file = tmp_path / ".env"
    made = dict(line.split("=", 1) for line in file.read_text(encoding="utf-8").splitlines())
    assert made.keys() == set(REQUIRED.findall(COMPOSE_TEXT))
    assert file.stat().st_mode & 0o077 == 0
    assert len(made["AIRFLOW_JWT_SECRET"]) >= 64
    assert json.loads(made["AIRFLOW_PASSWORDS"].strip("'"))["admin"]
    again = subprocess.run(["bash", "-c", block], cwd=tmp_path, capture_output=True, check=False)
    assert again.returncode != 0, "secrets that are there are not replaced"


def test_the_docs_name_every_variable_that_can_be_set() -> None:
    assert [name for name in set(REFERENCE.findall(COMPOSE_TEXT)) if name not in DOCS] == []


def test_only_the_command_line_gets_the_chain_key() -> None:
    assert {name for name in SERVICES if "KETENBALANS_CHAIN_KEY" in environment(name)} == {"ketenbalans"}


# --- Kafka


def test_the_broker_is_set_as_the_embedded_one() -> None:
    ours, embedded = broker_settings(), kafka_broker.SETTINGS | LOCKED | key_stores(KEYS_OF_THE_BROKER)
    assert {key: value for key, value in ours.items() if key not in ADDRESSES_OF_KAFKA} == {
        key: value for key, value in embedded.items() if key not in ADDRESSES_OF_KAFKA
    }
    assert set(environment("kafka")["KAFKA_HEAP_OPTS"].split()) <= set(kafka_broker.HEAP)


def test_the_broker_has_the_listeners_of_the_embedded_one_and_one_for_this_machine() -> None:
    ours = broker_settings()
    protocols = dict(pair.split(":") for pair in ours["listener.security.protocol.map"].split(","))
    embedded = dict(pair.split(":") for pair in LOCKED["listener.security.protocol.map"].split(","))
    assert protocols == embedded | {"HOST": "SASL_SSL"}
    listening = dict(listener.split("://") for listener in ours["listeners"].split(","))
    assert listening.keys() == protocols.keys()
    assert listening["CONTROLLER"].startswith("localhost:"), "nobody but the broker itself talks to the controller"
    advertised = dict(listener.split("://") for listener in with_default(ours["advertised.listeners"]).split(","))
    assert advertised == {
        "BROKER": environment("prepare")["KETENBALANS_KAFKA_BOOTSTRAP"],
        "HOST": f"127.0.0.1:{Settings.model_fields['kafka_port'].default}",
    }


def test_the_keys_are_those_of_an_embedded_kafka_that_is_locked(tmp_path: Path) -> None:
    make_container_keys(tmp_path, HOSTS)
    keys = KafkaKeys(tmp_path / "broker", tmp_path / "users", tmp_path / "admin")
    added = dict(line.split("=", 1) for line in (keys.broker / "server.properties").read_text().splitlines())
    together = broker_settings() | added
    expected = locked_settings(keys, folder=KEYS_OF_THE_BROKER, listeners=("BROKER", "HOST"))
    different = {"listener.security.protocol.map"}
    assert {name: together.get(name) for name in expected.keys() - different} == {
        name: value for name, value in expected.items() if name not in different
    }
    assert added.keys().isdisjoint(broker_settings()), "what is in the environment would come after it"
    passwords = {file.name.removesuffix(SUFFIX): file for file in keys.users.glob(f"*{SUFFIX}")}
    assert passwords.keys() == {role.user for role in roles().values() if not role.is_admin}
    assert {file.name for file in (tmp_path / "admin").iterdir()} == {f"{ADMIN.user}{SUFFIX}"}
    assert {file.stat().st_mode & 0o777 for file in keys.broker.iterdir()} == {0o600}
    assert {file.stat().st_mode & 0o777 for file in (*keys.users.iterdir(), *(tmp_path / "admin").iterdir())} == {0o640}
    before = {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    assert make_container_keys(tmp_path, HOSTS) is False
    assert {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()} == before, (
        "keys that are there stay"
    )


def test_keys_are_made_first_and_each_service_mounts_what_it_needs() -> None:
    command = SERVICES["kafka-keys"]["command"]
    assert command[:4] == ["python", "-m", "ketenbalans.jobs.servers.container_keys", "/var/lib/kafka-keys"]
    assert tuple(command[4:]) == HOSTS
    mounted = {
        name: {volume for volume in service.get("volumes", []) if volume.startswith("kafka-")}
        for name, service in SERVICES.items()
    }
    users = "kafka-users:/var/lib/kafka-keys/users"
    assert mounted.pop("kafka-keys") == {
        users,
        "kafka-admin:/var/lib/kafka-keys/admin",
        "kafka-broker:/var/lib/kafka-keys/broker",
    }
    assert mounted.pop("kafka") == {f"kafka-broker:{KEYS_OF_THE_BROKER}:ro"}
    assert mounted.pop("prepare") == {f"{users}:ro", "kafka-admin:/var/lib/kafka-keys/admin:ro"}
    assert mounted.pop("postgres") == set()
    assert {volumes for found in mounted.values() for volumes in found} == {f"{users}:ro"}
    assert SERVICES["kafka"]["depends_on"] == {"kafka-keys": {"condition": "service_completed_successfully"}}
    assert "-o 1000 -g ketenbalans" in DOCKERFILE
    assert "--gid 10001" in DOCKERFILE
    assert SERVICES["kafka-keys"]["user"] == "1000:10001"
    assert SERVICES["ketenbalans"]["group_add"] == ["10001"]


def test_the_storage_is_formatted_with_users_before_the_image_starts(tmp_path: Path) -> None:
    """The script as the container runs it, with Kafka's tools in its place that write down what they were asked."""
    script = COMPOSE["configs"]["kafka_start"]["content"].replace("$$", "$")
    tool = tmp_path / "kafka-storage.sh"
    tool.write_text(
        """#!/bin/sh
        [ "$1" = random-uuid ] && echo a-cluster && exit
        echo "$@" >> "$ASKED"
        cp "$5" "$ASKED.as"
        echo cluster.id=a-cluster > "$DATA/meta.properties"
        """
    )
    run = tmp_path / "run"
    run.write_text('#!/bin/sh\necho "the image of $CLUSTER_ID" >> "$ASKED"\n')
    for file in (tool, run):
        file.chmod(0o755)
    data = tmp_path / "data"
    data.mkdir()
    for there, here in (
        ("/opt/kafka/bin/kafka-storage.sh", tool),
        ("/etc/kafka/docker/run", run),
        ("/var/lib/kafka/data", data),
        ("/tmp/format.properties", tmp_path / "format.properties"),
    ):
        script = script.replace(there, str(here))
    asked = tmp_path / "asked"
    variables = {"PATH": os.environ["PATH"], "ASKED": str(asked), "DATA": str(data), **environment("kafka")}
    subprocess.run(["bash", "-c", script], env=variables, check=True)
    settings = tmp_path / "format.properties"
    formatted = f"format --cluster-id a-cluster --config {settings} @{KEYS_OF_THE_BROKER}/format.arguments"
    assert asked.read_text().splitlines() == [formatted, "the image of a-cluster"]
    written = dict(line.split("=", 1) for line in Path(f"{asked}.as").read_text().splitlines())
    assert written.pop("log.dirs") == str(data)
    ours = broker_settings()
    assert written == {name: ours[name] for name in written}
    asked.unlink()
    subprocess.run(["bash", "-c", script], env=variables, check=True)
    assert asked.read_text().splitlines() == ["the image of a-cluster"]


def test_topics_come_from_prepare_alone() -> None:
    assert broker_settings()["auto.create.topics.enable"] == "false"
    with warnings.catch_warnings(action="ignore"):  # of the libraries that it imports
        app = importlib.import_module("ketenbalans.cli.main").app
    assert "prepare" in {command.name for command in app.registered_commands}
    assert SERVICES["prepare"]["command"] == ["ketenbalans", "prepare"]
    for name in (AIRFLOW - {"airflow-api-server"}) | {"ketenbalans"}:
        assert SERVICES[name]["depends_on"]["prepare"] == {"condition": "service_completed_successfully"}
    assert not any(f"{source.topic}." in COMPOSE_TEXT for source in sources().values())


# --- PostgreSQL


def test_the_server_is_set_as_the_embedded_one() -> None:
    command = SERVICES["postgres"]["command"]
    ours = dict(option.split("=", 1) for option in command[2::2])
    assert ours == {key: value for key, value in postgres.SETTINGS.items() if key != "listen_addresses"}
    initdb = environment("postgres")["POSTGRES_INITDB_ARGS"].split()
    assert initdb == [option for option in postgres.INITDB if not option.startswith("--auth")]


def test_the_two_databases_are_made_and_used() -> None:
    made = re.findall(r"CREATE DATABASE (\w+) OWNER (\w+);", COMPOSE["configs"]["databases"]["content"])
    assert made == [(name, name) for name in (postgres.DATABASE, postgres.AIRFLOW_DATABASE)]
    warehouse = REFERENCE.sub("", environment("prepare")["KETENBALANS_WAREHOUSE_URL"])
    assert warehouse == f"postgresql+psycopg://{postgres.DATABASE}:@postgres:5432/{postgres.DATABASE}"
    for variable, driver in (("SQL_ALCHEMY_CONN", "psycopg2"), ("SQL_ALCHEMY_CONN_ASYNC", "psycopg")):
        url = REFERENCE.sub("", environment("airflow-init")[f"AIRFLOW__DATABASE__{variable}"])
        assert url == f"postgresql+{driver}://{postgres.AIRFLOW_DATABASE}:@postgres:5432/{postgres.AIRFLOW_DATABASE}"


# --- Airflow


def test_the_components_are_those_of_the_embedded_stack() -> None:
    commands = {name.removeprefix("airflow-"): SERVICES[name]["command"] for name in AIRFLOW}
    assert commands == {name: ["airflow", *arguments] for name, arguments in COMPONENTS.items()}


def test_each_component_is_asked_for_its_own_health() -> None:
    asked = {name.removeprefix("airflow-"): SERVICES[name]["healthcheck"]["test"][-1] for name in AIRFLOW}
    assert asked.pop("api-server") == "metadatabase"
    assert asked == {name.replace("_", "-"): name for name in airflow_components.HEARTBEATS}


def test_airflow_is_set_as_the_embedded_one() -> None:
    for name in AIRFLOW | {"airflow-init"}:
        ours = environment(name)
        assert {key: ours.get(key) for key in airflow_settings.SETTINGS} == dict(airflow_settings.SETTINGS), name


def test_airflow_has_every_setting_of_the_embedded_one_and_people_sign_in(tmp_path: Path) -> None:
    embedded = airflow_settings.airflow_environment(
        Home.at(tmp_path), port=1, database_url="", dags_folder=tmp_path, is_open=False
    ).keys()
    ours = {key: value for key, value in environment("airflow-scheduler").items() if key.startswith("AIRFLOW__")}
    assert ours.keys() == {key for key in embedded if key.startswith("AIRFLOW__")}
    assert ours["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS"] == "False"


def test_airflow_is_reported_where_its_api_is() -> None:
    ours = environment("airflow-scheduler")
    assert ours["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == (
        f"http://airflow-api-server:{ours['AIRFLOW__API__PORT']}/execution/"
    )
    port = Settings.model_fields["airflow_port"].default
    assert with_default(ours["AIRFLOW__API__BASE_URL"]) == f"http://127.0.0.1:{port}"


def test_what_people_choose_reaches_the_tasks() -> None:
    """Addresses, ports and secrets aside, which the file makes itself: each setting that a reader or a desk sees."""
    ours = environment("airflow-scheduler")
    for setting in ("alerts_from", "alerts_to", "docs_url", "lineage", "owner", "report_contact", "statsd"):
        assert f"KETENBALANS_{setting.upper()}" in ours


def test_every_variable_of_ours_is_a_setting() -> None:
    known = {f"KETENBALANS_{field.upper()}" for field in Settings.model_fields}
    everywhere = set(re.findall(r"KETENBALANS_[A-Z_]+", COMPOSE_TEXT + DOCKERFILE + DOCS))
    assert everywhere <= known


# --- the scripts inside


def run_script(name: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    script = COMPOSE["configs"][name]["content"].replace("$$", "$")
    return subprocess.run(
        [sys.executable, "-c", script, *arguments],
        env={"PATH": os.environ["PATH"], **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def passwords(file: Path, *, users: str, given: str) -> subprocess.CompletedProcess[str]:
    return run_script(
        "airflow_passwords",
        AIRFLOW_PASSWORDS=given,
        AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS=users,
        AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE=str(file),
    )


def test_passwords_are_written_where_only_airflow_reads_them(tmp_path: Path) -> None:
    file = tmp_path / "passwords.json"
    done = passwords(file, users="admin:admin,vera:viewer", given='{"admin": "one", "vera": "two", "gone": "three"}')
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert json.loads(file.read_text(encoding="utf-8")) == {"admin": "one", "vera": "two"}
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("given", ['{"admin": "one"}', '{"admin": "one", "vera": ""}', "one", "3", '["one"]'])
def test_a_user_without_a_password_stops_the_start_and_no_password_is_shown(tmp_path: Path, given: str) -> None:
    file = tmp_path / "passwords.json"
    done = passwords(file, users="admin:admin,vera:viewer", given=given)
    assert done.returncode == 1
    assert "docs/compose.md" in done.stderr
    assert "one" not in done.stderr
    assert not file.exists()


@pytest.fixture
def api() -> Iterator[str]:
    class Health(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            assert self.path == "/api/v2/monitor/health"
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"scheduler": {"status": "healthy"}, "triggerer": {"status": null}}')

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Health)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/execution/"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(("part", "code"), [("scheduler", 0), ("triggerer", 1), ("dag_processor", 1)])
def test_health_is_what_the_api_says(api: str, part: str, code: int) -> None:
    assert run_script("airflow_health", part, AIRFLOW__CORE__EXECUTION_API_SERVER_URL=api).returncode == code


def test_an_api_that_is_silent_is_not_healthy() -> None:
    done = run_script("airflow_health", "scheduler", AIRFLOW__CORE__EXECUTION_API_SERVER_URL="http://127.0.0.1:1/")
    assert (done.returncode, done.stderr[:9]) == (1, "no answer")
