"""Keys of a locked Kafka: made once, for their owner alone, renewed in time; the authority signs nothing else."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from ketenbalans.stack import certificates
from ketenbalans.stack.errors import SecretUnusable
from ketenbalans.stack.kafka_keys import ADMIN_USER, BROKER_USER, KafkaKeys, locked_settings, read_password

HOSTS = ("127.0.0.1", "localhost")
USERS = (ADMIN_USER, "ketenbalans-ingest")


@pytest.fixture
def keys(tmp_path: Path) -> KafkaKeys:
    made = KafkaKeys(tmp_path / "broker", tmp_path / "users")
    assert not made.are_there
    assert made.make(USERS, hosts=HOSTS) is True
    return made


def test_what_is_there_stays_and_what_is_missing_is_made(keys: KafkaKeys) -> None:
    before = {file: file.read_bytes() for folder in (keys.broker, keys.users) for file in folder.iterdir()}
    gone = keys.login("ketenbalans-ingest").password_file
    gone.unlink()
    assert keys.make((*USERS, "ketenbalans-later"), hosts=HOSTS) is False
    after = {file: file.read_bytes() for folder in (keys.broker, keys.users) for file in folder.iterdir()}
    assert {file for file in before if before[file] != after[file]} == {gone}
    assert after.keys() - before.keys() == {keys.login("ketenbalans-later").password_file}


def test_keys_are_for_their_owner_alone_and_passwords_cannot_be_guessed(keys: KafkaKeys) -> None:
    files = [file for folder in (keys.broker, keys.users) for file in folder.iterdir()]
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    passwords = [keys.login(user).password() for user in (*USERS, BROKER_USER)]
    assert len(set(passwords)) == 3
    assert all(len(one) >= 43 and one.isascii() and not set(one) & set('=," \\') for one in passwords)
    assert not list(keys.users.glob("*.key"))
    assert b"PRIVATE" not in (keys.users / "authority.pem").read_bytes()


def test_the_certificate_is_believed_by_who_has_the_authority(keys: KafkaKeys) -> None:
    certificate = x509.load_pem_x509_certificates((keys.broker / certificates.BROKER).read_bytes())[0]
    authority = x509.load_pem_x509_certificate((keys.users / "authority.pem").read_bytes())
    certificate.verify_directly_issued_by(authority)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(one) for one in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1"]
    assert names.get_values_for_type(x509.DNSName) == ["localhost"]
    (named,) = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    assert named.value == BROKER_USER
    constraints = authority.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert (constraints.ca, constraints.path_length) == (True, 0)
    ssl.create_default_context(cafile=str(keys.users / "authority.pem"))


@pytest.mark.parametrize(("days", "is_new"), [(-1, True), (29, True), (31, False), (300, False)])
def test_a_certificate_is_renewed_within_thirty_days_of_its_end(keys: KafkaKeys, days: int, is_new: bool) -> None:  # noqa: FBT001
    certificates.make_certificate(keys.broker, user=BROKER_USER, hosts=HOSTS, lasts=timedelta(days=days))
    authority = (keys.broker / certificates.AUTHORITY).read_bytes()
    assert keys.make(USERS, hosts=HOSTS) is is_new
    end = keys.certificate_ends_at()
    assert end is not None
    assert end - datetime.now(UTC) > timedelta(days=30)
    assert (keys.broker / certificates.AUTHORITY).read_bytes() == authority


def test_a_new_authority_reaches_the_users(keys: KafkaKeys) -> None:
    for name in (certificates.AUTHORITY, certificates.AUTHORITY_KEY, certificates.BROKER):
        (keys.broker / name).unlink()
    assert keys.make(USERS, hosts=HOSTS) is True
    assert (keys.users / "authority.pem").read_bytes() == (keys.broker / certificates.AUTHORITY).read_bytes()


def test_a_key_that_cannot_be_read_is_named(keys: KafkaKeys) -> None:
    (keys.broker / certificates.BROKER).unlink()
    (keys.broker / certificates.AUTHORITY_KEY).write_text("no key")
    with pytest.raises(SecretUnusable, match=r"authority\.key cannot be read"):
        keys.make(USERS, hosts=HOSTS)


def test_the_first_users_are_named_in_a_file_and_in_no_argument(keys: KafkaKeys) -> None:
    lines = keys.write_format_arguments().read_text().splitlines()
    assert lines[::2] == ["--add-scram", "--add-scram"]
    assert lines[1::2] == [
        f"SCRAM-SHA-512=[name={user},password={keys.login(user).password()}]" for user in (ADMIN_USER, BROKER_USER)
    ]


def test_a_locked_broker_lets_in_nobody_unknown_and_grants_nothing_by_itself(keys: KafkaKeys) -> None:
    settings = locked_settings(keys, folder="keys")
    protocols = dict(pair.split(":") for pair in settings["listener.security.protocol.map"].split(","))
    assert protocols == {"BROKER": "SASL_SSL", "CONTROLLER": "SSL"}
    assert settings["listener.name.controller.ssl.client.auth"] == "required"
    assert settings["allow.everyone.if.no.acl.found"] == "false"
    assert settings["super.users"] == f"User:{ADMIN_USER};User:{BROKER_USER}"
    assert not [value for value in settings.values() if str(keys.broker) in value], "paths are the broker's to resolve"


@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"]), min_size=1))
def test_a_password_is_what_its_file_holds_without_the_space_around_it(tmp_path_factory: object, password: str) -> None:
    file = tmp_path_factory.mktemp("one") / "password"  # type: ignore[attr-defined]
    file.write_text(f" {password}\n", encoding="utf-8")
    assert read_password(file) == password
