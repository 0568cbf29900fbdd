import socket
import stat
from functools import partial
from pathlib import Path

import pytest
from jgo.maven import MavenContext

from ketenbalans.stack import embedded, jars
from ketenbalans.stack.errors import DownloadFailed, PortTaken, last_lines
from tests.integration.stack.conftest import Up


def test_the_list_has_the_version_and_the_sha256_of_every_jar() -> None:
    listed = jars.listed_jars()
    assert {jar.artifact: jar.version for jar in listed}["kafka-clients"] == "4.3.1"
    assert len({(jar.group, jar.artifact) for jar in listed}) == len(listed)
    assert all(len(jar.sha256) == 64 and int(jar.sha256, 16) for jar in listed)


def test_a_jar_with_other_content_is_refused_by_name_and_with_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jar = jars.Jar(group="org.example", artifact="thing", version="1.0", sha256="0" * 64)
    monkeypatch.setattr(jars, "listed_jars", lambda: [jar])
    jar.path(tmp_path).parent.mkdir(parents=True)
    jar.path(tmp_path).write_bytes(b"not the jar")
    with pytest.raises(DownloadFailed, match=r"thing-1\.0\.jar is not the listed jar") as refusal:
        jars.provide_jars(tmp_path, say=lambda _: None)
    assert f"delete the folder {jar.path(tmp_path).parent}" in str(refusal.value)


def test_a_jar_that_cannot_be_fetched_is_named_with_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    jar = jars.Jar(group="org.example", artifact="thing", version="1.0", sha256="0" * 64)
    monkeypatch.setattr(jars, "listed_jars", lambda: [jar])

    nobody_there = partial(MavenContext, remote_repos={"nobody": "http://127.0.0.1:9"})
    monkeypatch.setattr("jgo.maven.MavenContext", nobody_there)
    with pytest.raises(DownloadFailed, match=r"thing 1\.0 could not be .*\(ConnectionError\).*KETENBALANS_CACHE"):
        jars.provide_jars(tmp_path, say=lambda _: None)


def test_a_taken_port_is_named_with_its_setting_and_nothing_is_started(tmp_path: Path, up: Up) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(PortTaken, match=rf"port {port} \(Kafka\) is in use .*KETENBALANS_KAFKA_PORT"):
            up(tmp_path, ports=embedded.Ports(kafka=port, airflow=0))
        with pytest.raises(PortTaken, match=rf"port {port} \(Airflow\) is in use .*KETENBALANS_AIRFLOW_PORT"):
            up(tmp_path, ports=embedded.Ports(kafka=0, airflow=port), with_airflow=True)
    assert not list((tmp_path / "run").iterdir())


def test_the_chain_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    key = embedded.chain_key(tmp_path)
    assert len(key) >= 43
    assert embedded.chain_key(tmp_path) == key
    assert embedded.chain_key(tmp_path / "another") != key
    assert stat.S_IMODE((tmp_path / "chain-key").stat().st_mode) == 0o600


def test_a_home_that_was_never_started(tmp_path: Path) -> None:
    never = tmp_path / "never"
    assert embedded.addresses(never) is None
    assert embedded.down(never) == []
    assert {service: report["state"] for service, report in embedded.status(never, within_seconds=5).items()} == {
        "kafka": "stopped",
        "warehouse": "stopped",
        "airflow": "stopped",
    }
    assert not never.exists()


def test_a_log_that_is_missing_or_long_gives_its_end(tmp_path: Path) -> None:
    assert last_lines(tmp_path / "none.log") == "  (empty)"
    (tmp_path / "long.log").write_text("\n".join(f"line {number}" for number in range(10_000)))
    assert last_lines(tmp_path / "long.log").splitlines()[-1] == "  line 9999"
