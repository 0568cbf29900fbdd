"""A Kafka that was started by `ketenbalans up --secure`: all that the roles do works, and all else is refused, by name.

One locked stack of its own for the module. What a person would have to know to get in is replaced, taken away or let
end, and each command says in one sentence what is wrong.
"""

import json
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copyfile, copytree

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ACL, ACLOperation, ACLPermissionType, ResourcePattern, ResourceType
from kafka.errors import KafkaError, TopicAuthorizationFailedError

from ketenbalans.broker.access import KafkaAccess
from ketenbalans.broker.client_settings import reading, sending
from ketenbalans.broker.errors import CertificateRefused, NotAllowed, SecurityDiffers, UserNotLetIn
from ketenbalans.broker.handshake import check_let_in, cluster_answers
from ketenbalans.broker.reading import TopicReader
from ketenbalans.broker.rights import ADMIN, DEAD_LETTERS, INGEST, WATCHER, KafkaRole, producer_of, roles
from ketenbalans.broker.topics import administration
from ketenbalans.jobs.servers.kafka_roles import kafka_for
from ketenbalans.settings import Settings
from ketenbalans.stack import certificates
from ketenbalans.stack.kafka_keys import BROKER_USER, KafkaKeys
from schemas.catalogue import source_named
from tests.integration.command_line import CommandLine, Ended
from tests.integration.guardian import guarded

pytestmark = [pytest.mark.stack, pytest.mark.own_servers]

POLICE, OM = source_named("police"), source_named("om")
HERE = "127.0.0.1"
A_PASSWORD = re.compile(r"[A-Za-z0-9_-]{40,}")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("locked")
    with guarded(folder):
        yield folder


@pytest.fixture(scope="module")
def locked(home: Path) -> CommandLine:
    """The command line on a stack whose Kafka is locked."""
    command = CommandLine(
        {
            "KETENBALANS_HOME": str(home),
            "KETENBALANS_KAFKA_PORT": "0",
            "KETENBALANS_CACHE": str(Settings().cache_folder),
            "KETENBALANS_USER": "desk-1",
        }
    )
    started = command("up", "--secure", "--no-airflow", "--json")
    assert started.code == 0, started.err
    assert "is locked; its certificate holds until" in started.err
    assert started.json["kafka"]["state"] == "running"
    return command.here()


@pytest.fixture(scope="module")
def extracts(locked: CommandLine, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("extracts")
    assert locked("scenario", "2014", "--out", folder).code == 0
    return folder


@pytest.fixture
def keys(home: Path, locked: CommandLine) -> KafkaKeys:
    return KafkaKeys.of(home)


@pytest.fixture
def settings(home: Path, locked: CommandLine) -> Settings:
    return Settings(home=home)


def as_(settings: Settings, role: KafkaRole) -> KafkaAccess:
    return kafka_for(settings, role)


def outside(locked: CommandLine, settings: Settings, role: KafkaRole, **differences: str) -> CommandLine:
    """The command line on another machine, as far as Kafka goes: it has the files of one role, and nothing else."""
    access = as_(settings, role)
    keys = KafkaKeys.of(settings.home)
    variables = {
        "KETENBALANS_KAFKA_BOOTSTRAP": access.bootstrap,
        "KETENBALANS_KAFKA_SECURITY": "SASL_SSL",
        "KETENBALANS_KAFKA_USER": role.user,
        "KETENBALANS_KAFKA_PASSWORD_FILE": str(keys.login(role.user).password_file),
        "KETENBALANS_KAFKA_CA_FILE": str(access.authority_file),
        "KETENBALANS_CHAIN_KEY": (settings.home / "chain-key").read_text().strip(),
    }
    return locked.with_(**variables | differences)


def refused(ended: Ended, *, code: int, because: str, settings: Settings) -> None:
    """A command ended in one sentence that says why, without a trace of the program and without a secret."""
    assert ended.code == code, ended.err
    sentences = " ".join(line for line in ended.err.splitlines() if not line.endswith("rows rejected"))
    assert re.search(because, sentences), ended.err
    assert "Traceback" not in ended.err
    assert ended.err.count("error ") == 1
    passwords = [file.read_text().strip() for file in KafkaKeys.of(settings.home).users.glob("*.password")]
    assert not [one for one in passwords if one in ended.err + ended.out]


# --- what the roles do


def test_an_extract_becomes_a_balance(locked: CommandLine, extracts: Path, settings: Settings) -> None:
    for source in ("police", "om"):
        done = locked("produce", source, extracts / f"{source}-2015-01-31.csv", "--json")
        assert done.code == 0, done.err
        assert done.json[0]["rejected"] == 0
    send(as_(settings, producer_of(POLICE)), POLICE.topic, b"no event")
    loaded = locked("ingest", "--json")
    assert loaded.code == 0, loaded.err
    assert loaded.json["police_deliveries"]["dead_letters"] == 1
    assert loaded.json["om_registrations"]["inserted"] > 1000
    balanced = locked("reconcile", "--period", "2014", "--as-of", "2015-01-31")
    assert re.search(r"Recognised at the OM +516 +516", balanced.out), balanced.err
    assert locked("audit", "checkpoint").code == 0
    with TopicReader(as_(settings, DEAD_LETTERS), POLICE.dead_letter_topic) as reader:
        state = reader.state()
    assert state is not None
    assert sum(state.ends.values()) == 2  # the letter, and the marker of its transaction


def test_another_machine_publishes_with_the_files_of_one_role(
    locked: CommandLine, extracts: Path, settings: Settings
) -> None:
    police = outside(locked, settings, producer_of(POLICE))
    done = police("produce", "police", extracts / "police-2015-01-31.csv")
    assert done.code == 0, done.err


def test_a_folder_of_passwords_lets_each_client_be_its_own_role(
    locked: CommandLine, settings: Settings, keys: KafkaKeys
) -> None:
    """So Airflow's tasks are started, and a service in containers."""
    access = as_(settings, ADMIN)
    named = settings.model_copy(
        update={
            "kafka_bootstrap": access.bootstrap,
            "kafka_security": access.security,
            "kafka_credentials": keys.users,
            "kafka_ca_file": access.authority_file,
        }
    )
    assert {kafka_for(named, role) for role in roles().values()} == {as_(settings, role) for role in roles().values()}
    with TopicReader(kafka_for(named, INGEST), POLICE.topic) as reader:
        assert reader.state() is not None


def test_status_is_asked_by_who_may_do_nothing(locked: CommandLine, settings: Settings) -> None:
    state = locked("status", "--json")
    assert (state.code, state.json["kafka"]["state"]) == (0, "running")
    assert (
        f"locked; its certificate holds until {state.json['kafka']['certificate_holds_until']}" in locked("status").out
    )
    assert cluster_answers(as_(settings, WATCHER))
    assert not cluster_answers(replace(as_(settings, WATCHER), password="another"))
    elsewhere = outside(locked, settings, WATCHER)
    assert elsewhere("status", "--json").json["kafka"]["state"] == "running"
    nobody = elsewhere.without("KETENBALANS_KAFKA_SECURITY")
    assert nobody("status", "--json").json["kafka"]["state"] == "failing"


def test_up_again_keeps_the_mode_and_says_so(locked: CommandLine) -> None:
    again = locked("up", "--no-airflow", "--json")
    assert again.code == 0, again.err
    assert "is locked" in again.err
    assert "already runs" in again.err


# --- what is refused


def test_a_producer_writes_no_other_topic(locked: CommandLine, extracts: Path, settings: Settings) -> None:
    police = outside(locked, settings, producer_of(POLICE))
    ended = police("produce", "om", extracts / "om-2015-01-31.csv")
    refused(ended, code=1, because=f"does not let {producer_of(POLICE).user} see topic {OM.topic}", settings=settings)
    with pytest.raises(TopicAuthorizationFailedError):
        send(as_(settings, producer_of(POLICE)), OM.topic, b"x")


def test_a_producer_reads_nothing(locked: CommandLine, settings: Settings) -> None:
    police = as_(settings, producer_of(POLICE))
    consumer = KafkaConsumer(**reading(police))
    place = TopicPartition(POLICE.topic, 0)
    consumer.assign([place])
    consumer.seek(place, 0)
    with pytest.raises(TopicAuthorizationFailedError):
        for _ in range(20):
            assert not consumer.poll(timeout_ms=500)
    consumer.close(autocommit=False)
    ended = outside(locked, settings, producer_of(POLICE))("ingest", "om")
    refused(ended, code=1, because=f"does not let {police.user} read topic {OM.topic}", settings=settings)


def test_who_loads_writes_nothing(locked: CommandLine, extracts: Path, settings: Settings) -> None:
    ended = outside(locked, settings, INGEST)("produce", "om", extracts / "om-2015-01-31.csv")
    refused(ended, code=1, because=f"does not let {INGEST.user} write topic {OM.topic}", settings=settings)
    for topic in (POLICE.topic, POLICE.dead_letter_topic, "extracts"):
        with pytest.raises(KafkaError, match="AuthorizationFailed"):
            send(as_(settings, INGEST), topic, b"x")
    refused(
        outside(locked, settings, INGEST)("audit", "checkpoint"),
        code=1,
        because=f"does not let {INGEST.user} make topic",
        settings=settings,
    )


def test_letters_that_may_not_be_sent_are_kept_and_sent_by_who_may(locked: CommandLine, settings: Settings) -> None:
    send(as_(settings, producer_of(POLICE)), POLICE.topic, b"no event either")
    ended = outside(locked, settings, INGEST)("ingest", "police")
    because = f"not published to {POLICE.dead_letter_topic}: .* does not let {INGEST.user} make topic"
    refused(ended, code=4, because=because, settings=settings)
    sent = locked("deadletters", "publish", "--json")
    assert (sent.code, sent.json["police_deliveries"]) == (0, 1)


def test_what_a_role_may_not_do_is_no_incident(locked: CommandLine, settings: Settings) -> None:
    outside(locked, settings, WATCHER)("ingest", "om")
    assert locked("incidents", "--json").json == []


def test_nobody_but_the_admin_makes_topics_and_rights(locked: CommandLine, settings: Settings) -> None:
    ended = outside(locked, settings, INGEST)("prepare")
    refused(ended, code=1, because=f"does not let {INGEST.user} make topic", settings=settings)


def test_a_wrong_password_or_user(locked: CommandLine, extracts: Path, settings: Settings, tmp_path: Path) -> None:
    file, secret = tmp_path / "password", "another-secret-that-nobody-may-see"
    file.write_text(secret)
    for differences in ({"KETENBALANS_KAFKA_PASSWORD_FILE": str(file)}, {"KETENBALANS_KAFKA_USER": "somebody"}):
        command = outside(locked, settings, producer_of(POLICE), **differences)
        ended = command("produce", "police", extracts / "police-2015-01-31.csv")
        refused(ended, code=4, because="does not let .* in: it does not know this user", settings=settings)
        assert secret not in ended.err
    for file_is in ("empty", "gone"):
        file.write_text("") if file_is == "empty" else file.unlink()
        command = outside(locked, settings, INGEST, KETENBALANS_KAFKA_PASSWORD_FILE=str(file))
        refused(command("ingest", "om"), code=2, because="KETENBALANS_KAFKA_PASSWORD_FILE", settings=settings)


def test_an_authority_that_did_not_sign_it(locked: CommandLine, settings: Settings, tmp_path: Path) -> None:
    certificates.make_authority(tmp_path)
    other = str(tmp_path / certificates.AUTHORITY)
    command = outside(locked, settings, INGEST, KETENBALANS_KAFKA_CA_FILE=other)
    refused(command("ingest", "om"), code=4, because="its certificate is of another authority", settings=settings)
    command = outside(locked, settings, INGEST).without("KETENBALANS_KAFKA_CA_FILE")
    refused(command("ingest", "om"), code=4, because="the authorities of this machine", settings=settings)
    command = outside(locked, settings, INGEST, KETENBALANS_KAFKA_CA_FILE=str(tmp_path / "gone"))
    refused(command("ingest", "om"), code=2, because="KETENBALANS_KAFKA_CA_FILE", settings=settings)


@pytest.mark.parametrize(
    ("lasts", "hosts", "because"),
    [
        (timedelta(days=-1), (HERE,), "its certificate has ended"),
        (timedelta(days=1), ("kafka", "10.0.0.1"), "its certificate is of another name"),
    ],
)
def test_a_certificate_that_has_ended_or_is_of_another(  # noqa: PLR0917
    lasts: timedelta,
    hosts: tuple[str, ...],
    because: str,
    locked: CommandLine,
    settings: Settings,
    keys: KafkaKeys,
    tmp_path: Path,
) -> None:
    """Shown by something that speaks TLS in the broker's place: Kafka itself does not start with one that has ended."""
    for name in (certificates.AUTHORITY, certificates.AUTHORITY_KEY):
        copyfile(keys.broker / name, tmp_path / name)
    certificates.make_certificate(tmp_path, user=BROKER_USER, hosts=hosts, lasts=lasts)
    with speaks_tls(tmp_path / certificates.BROKER) as port:
        command = outside(locked, settings, INGEST, KETENBALANS_KAFKA_BOOTSTRAP=f"{HERE}:{port}")
        refused(command("ingest", "om"), code=4, because=because, settings=settings)


def test_the_way_in_has_to_be_the_one_that_is_set(locked: CommandLine, extracts: Path, settings: Settings) -> None:
    ingest = as_(settings, INGEST)
    with pytest.raises(SecurityDiffers), administration(ingest.bootstrap):
        pass
    nobody = outside(locked, settings, INGEST).without("KETENBALANS_KAFKA_USER")
    refused(nobody("ingest", "om"), code=2, because="nobody is named who signs in", settings=settings)
    with speaks_no_tls() as port, pytest.raises(SecurityDiffers):
        check_let_in(replace(ingest, bootstrap=f"{HERE}:{port}"))


def test_the_controller_takes_nobody_but_the_broker(home: Path, locked: CommandLine, keys: KafkaKeys) -> None:
    written = (home / "kafka" / "server.properties").read_text()
    found = re.search(r"CONTROLLER://127\.0\.0\.1:(\d+)", written)
    assert found is not None
    context = ssl.create_default_context(cafile=str(keys.users / "authority.pem"))
    request = bytes.fromhex("00120000000000010000")  # ApiVersions: what anybody may ask who is let in
    with (
        socket.create_connection((HERE, int(found[1])), timeout=5) as plain,
        context.wrap_socket(plain, server_hostname=HERE) as connection,
        pytest.raises((ssl.SSLError, ConnectionError)),
    ):
        connection.sendall(len(request).to_bytes(4) + request)
        if not connection.recv(1):
            raise ConnectionResetError


# --- keys that change


def test_every_key_is_for_its_owner_alone(home: Path, keys: KafkaKeys) -> None:
    files = [file for folder in (keys.broker, keys.users) for file in folder.iterdir()]
    files += list((home / "kafka").glob("*.properties"))
    assert len(files) > 15
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert "format.arguments" not in {file.name for file in files}


@pytest.mark.parametrize("role", [producer_of(POLICE), ADMIN], ids=lambda role: role.name)
def test_a_password_is_replaced_by_taking_its_file_away(
    role: KafkaRole, locked: CommandLine, extracts: Path, settings: Settings, keys: KafkaKeys
) -> None:
    old = as_(settings, role)
    keys.login(role.user).password_file.unlink()
    assert locked("up", "--no-airflow").code == 0
    new = as_(settings, role)
    assert new.password != old.password
    eventually(lambda: raises(UserNotLetIn, "does not know this user", lambda: check_let_in(old)))
    check_let_in(new)
    assert locked("produce", "police", extracts / "police-2015-01-31.csv").code == 0


def test_a_certificate_that_ends_soon_is_renewed_by_up(
    locked: CommandLine, settings: Settings, keys: KafkaKeys, home: Path
) -> None:
    hosts, file = (HERE, "localhost"), keys.broker / certificates.BROKER
    certificates.make_certificate(keys.broker, user=BROKER_USER, hosts=hosts, lasts=timedelta(days=29))
    before = (home / "run" / "kafka.pid").read_text()
    renewed = locked("up", "--no-airflow")
    assert renewed.code == 0, renewed.err
    assert "starts again with a new certificate" in renewed.err
    assert (home / "run" / "kafka.pid").read_text() != before
    end = certificates.ends_at(file)
    assert end is not None
    assert end - datetime.now(UTC) > timedelta(days=300)
    check_let_in(as_(settings, INGEST))


def test_rights_beyond_a_role_are_taken_away_and_those_of_others_are_left(
    locked: CommandLine, settings: Settings
) -> None:
    admin = as_(settings, ADMIN)
    by_hand = [write_right(user, OM.topic) for user in (INGEST.user, "somebody-else")]
    with administration(admin) as client:
        assert not client.create_acls(by_hand)["failed"]
    eventually(lambda: send(as_(settings, INGEST), OM.topic, b"while it may"))
    assert locked("up", "--no-airflow").code == 0
    with pytest.raises(KafkaError, match="AuthorizationFailed"):
        send(as_(settings, INGEST), OM.topic, b"x")
    with administration(admin) as client:
        there, _ = client.describe_acls(by_hand[1])
    assert len(there) == 1


def test_a_role_that_lost_a_right_is_refused_and_gets_it_back(locked: CommandLine, settings: Settings) -> None:
    admin, ingest = as_(settings, ADMIN), as_(settings, INGEST)
    lost = ACL(
        f"User:{INGEST.user}",
        "*",
        ACLOperation.READ,
        ACLPermissionType.ALLOW,
        ResourcePattern(ResourceType.TOPIC, OM.topic),
    )
    with administration(admin) as client:
        client.delete_acls([lost])
    with TopicReader(ingest, OM.topic) as reader:
        eventually(lambda: raises(NotAllowed, f"read topic {OM.topic}", reader.state))
    assert locked("up", "--no-airflow").code == 0
    with TopicReader(ingest, OM.topic) as reader:
        assert reader.state() is not None


def test_another_authority_of_a_copied_home_is_refused(settings: Settings, keys: KafkaKeys, tmp_path: Path) -> None:
    copytree(keys.users, tmp_path / "users")
    certificates.make_authority(tmp_path)
    copyfile(tmp_path / certificates.AUTHORITY, tmp_path / "users" / "authority.pem")
    with pytest.raises(CertificateRefused):
        check_let_in(replace(as_(settings, INGEST), authority_file=tmp_path / "users" / "authority.pem"))


def test_an_open_kafka_is_not_locked_afterwards(locked: CommandLine, tmp_path: Path) -> None:
    """Nothing is started: a Kafka that has records has them open."""
    (tmp_path / "kafka" / "data").mkdir(parents=True)
    ended = locked.with_(KETENBALANS_HOME=str(tmp_path))("up", "--secure", "--no-airflow")
    assert ended.code == 2
    assert "was made open, and a home keeps its mode" in ended.err
    assert not (tmp_path / "stack.json").exists()
    assert not (tmp_path / "kafka-users").exists()


def test_down_stops_a_locked_kafka_and_up_starts_it_again(locked: CommandLine, settings: Settings) -> None:
    assert set(json.loads(locked("down", "--json").out)["stopped"]) >= {"kafka", "warehouse"}
    assert locked("status", "--json").json["kafka"]["state"] == "stopped"
    assert locked("up", "--no-airflow").code == 0
    assert locked("ingest", "--json").code == 0


# --- around it


def eventually(happens: Callable[[], object]) -> None:
    """Let a broker learn of what its controller was asked to keep."""
    deadline = time.monotonic() + 30
    while True:
        try:
            happens()
        except (KafkaError, pytest.fail.Exception):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return


def raises(kind: type[Exception], because: str, call: Callable[[], object]) -> None:
    with pytest.raises(kind, match=because):
        call()


def send(access: KafkaAccess, topic: str, value: bytes) -> None:
    producer = KafkaProducer(**sending(access, delivered_within_ms=15_000))
    try:
        producer.send(topic, key=b"key", value=value).get(timeout=15)
    finally:
        producer.close(timeout=1)


def write_right(user: str, topic: str) -> ACL:
    pattern = ResourcePattern(ResourceType.TOPIC, topic)
    return ACL(f"User:{user}", "*", ACLOperation.WRITE, ACLPermissionType.ALLOW, pattern)


@contextmanager
def speaks_tls(certificate: Path) -> Iterator[int]:
    """The port of something that shows a certificate to whoever comes."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with socket.create_server((HERE, 0)) as server:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    caller, _ = server.accept()
                    with caller, suppress(OSError):
                        context.wrap_socket(caller, server_side=True).close()

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


@contextmanager
def speaks_no_tls() -> Iterator[int]:
    """The port of something that answers every word with the same one."""
    with socket.create_server((HERE, 0)) as server:

        def serve() -> None:
            with suppress(OSError):
                caller, _ = server.accept()
                with caller:
                    caller.recv(1000)
                    caller.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]
