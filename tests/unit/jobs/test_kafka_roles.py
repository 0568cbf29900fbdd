"""Whom a client of a role signs in as: by the home of the embedded Kafka, or by the settings of another one."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from ketenbalans.broker.access import KafkaAccess, Security
from ketenbalans.broker.rights import ADMIN, INGEST, KafkaRole, roles
from ketenbalans.jobs.servers.bring_up import passwords_of_your_own
from ketenbalans.jobs.servers.kafka_roles import kafka_for
from ketenbalans.settings import Settings, SettingsMissing
from ketenbalans.stack.errors import KafkaIsOpen, SecretUnusable
from ketenbalans.stack.home import Addresses, Home
from ketenbalans.stack.kafka_keys import KafkaKeys
from ketenbalans.stack.starting import Hooks, Starting
from ketenbalans.stack.startup import Startup

ROLES = pytest.mark.parametrize("role", roles().values(), ids=lambda role: role.name)
BOOTSTRAP = "kafka.example:9093"


@pytest.fixture
def authority(tmp_path: Path) -> Path:
    file = tmp_path / "authority.pem"
    file.write_text("certificates")
    return file


@pytest.fixture
def of_your_own(tmp_path: Path, authority: Path) -> dict[str, Any]:
    return {
        "home": tmp_path,
        "kafka_bootstrap": BOOTSTRAP,
        "kafka_security": "SASL_SSL",
        "kafka_ca_file": authority,
    }


def a_home(folder: Path, *, is_locked: bool) -> Settings:
    home = Home.at(folder)
    home.make()
    home.keep(Addresses("127.0.0.1:9", "postgresql+psycopg:///x", None))
    if is_locked:
        KafkaKeys.of(folder).make([role.user for role in roles().values()], hosts=["127.0.0.1"])
    return Settings(home=folder)


@ROLES
def test_an_open_kafka_is_its_address_whoever_asks(role: KafkaRole, tmp_path: Path) -> None:
    assert kafka_for(a_home(tmp_path, is_locked=False), role) == KafkaAccess("127.0.0.1:9")
    assert kafka_for(Settings(home=tmp_path, kafka_bootstrap=BOOTSTRAP), role) == KafkaAccess(BOOTSTRAP)


def test_in_a_locked_home_each_role_is_a_user_with_a_password_of_its_own(tmp_path: Path) -> None:
    settings = a_home(tmp_path, is_locked=True)
    found = [kafka_for(settings, role) for role in roles().values()]
    assert [access.user for access in found] == [role.user for role in roles().values()]
    assert len({access.password for access in found}) == len(found)
    assert {access.security for access in found} == {Security.SASL_SSL}
    assert {access.authority_file for access in found} == {tmp_path / "kafka-users" / "authority.pem"}
    (tmp_path / "kafka-users" / f"{INGEST.user}.password").write_text("\n")
    with pytest.raises(SecretUnusable):
        kafka_for(settings, INGEST)


def test_what_is_set_for_another_kafka_does_not_reach_the_embedded_one(tmp_path: Path, authority: Path) -> None:
    a_home(tmp_path, is_locked=False)
    settings = Settings(home=tmp_path, kafka_security=Security.SASL_SSL, kafka_user="x", kafka_ca_file=authority)
    assert kafka_for(settings, INGEST) == KafkaAccess("127.0.0.1:9")


@ROLES
def test_one_user_acts_in_every_role(role: KafkaRole, of_your_own: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text(" s3cret\n")
    settings = Settings(**of_your_own, kafka_user="police-desk", kafka_password_file=file)
    expected = KafkaAccess(BOOTSTRAP, Security.SASL_SSL, "police-desk", "s3cret", of_your_own["kafka_ca_file"])
    assert kafka_for(settings, role) == expected
    assert "s3cret" not in f"{kafka_for(settings, role)!r} {settings!r}"


def test_a_folder_has_a_password_per_role_and_prepare_sets_those_that_are_there(
    of_your_own: dict[str, Any], tmp_path: Path
) -> None:
    folder = tmp_path / "users"
    folder.mkdir()
    for role in (ADMIN, INGEST):
        (folder / f"{role.user}.password").write_text(f"of {role.name}")
    settings = Settings(**of_your_own, kafka_credentials=folder)
    assert (kafka_for(settings, INGEST).user, kafka_for(settings, INGEST).password) == (INGEST.user, "of ingest")
    assert passwords_of_your_own(settings) == {INGEST.user: "of ingest"}, "not the admin's, who sets them"
    assert passwords_of_your_own(Settings(**of_your_own)) == {}


def test_without_a_user_or_a_file_the_setting_to_give_is_named(of_your_own: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(SettingsMissing, match="nobody is named who signs in"):
        kafka_for(Settings(**of_your_own), INGEST)
    with pytest.raises(SettingsMissing, match=r"ketenbalans-ingest\.password is not there"):
        kafka_for(Settings(**of_your_own, kafka_credentials=tmp_path), INGEST)
    without = of_your_own | {"kafka_ca_file": tmp_path / "gone"}
    with pytest.raises(SettingsMissing, match="KETENBALANS_KAFKA_CA_FILE"):
        kafka_for(Settings(**without, kafka_user="x", kafka_password_file=tmp_path), INGEST)


def test_tls_alone_asks_for_no_user(of_your_own: dict[str, Any]) -> None:
    access = kafka_for(Settings(**of_your_own | {"kafka_security": "SSL"}), INGEST)
    assert (access.security, access.user, access.is_locked) == (Security.SSL, None, False)


@pytest.mark.parametrize("written", ["SASL_PLAINTEXT", "TLS", "ssl"])
def test_no_password_goes_over_what_others_can_read(written: str) -> None:
    with pytest.raises(ValidationError):
        Settings(kafka_security=written)


def test_an_open_kafka_stays_open_and_a_locked_one_locked(tmp_path: Path) -> None:
    users = [role.user for role in roles().values()]

    def starting(folder: Path) -> Starting:
        home = Home.at(folder)
        home.make()
        hooks = Hooks(lambda _: None, lambda _: None, lambda _service, _what: None)
        return Starting(Startup(home), hooks, with_airflow=False, is_open=False)

    fresh, ran_open = tmp_path / "fresh", tmp_path / "open"
    (ran_open / "kafka" / "data").mkdir(parents=True)
    with pytest.raises(KafkaIsOpen):
        starting(ran_open).lock_kafka(users, is_asked=True)
    starting(ran_open).lock_kafka(users, is_asked=False)
    assert not KafkaKeys.of(ran_open).are_there

    starting(fresh).lock_kafka(users, is_asked=False)
    assert not KafkaKeys.of(fresh).are_there
    starting(fresh).lock_kafka(users, is_asked=True)
    before = {file: file.read_bytes() for file in fresh.rglob("*.p*") if file.is_file()}
    (fresh / "kafka" / "data").mkdir()
    for is_asked in (False, True):
        starting(fresh).lock_kafka(users, is_asked=is_asked)
    assert {file: file.read_bytes() for file in fresh.rglob("*.p*") if file.is_file()} == before
