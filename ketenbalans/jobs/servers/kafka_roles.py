"""Kafka as a role reaches it: the embedded one with what its home holds, or one of your own as the settings say."""

from pathlib import Path

from ketenbalans.broker.access import KafkaAccess, Security
from ketenbalans.broker.rights import KafkaRole
from ketenbalans.jobs.servers.addresses import kafka_bootstrap
from ketenbalans.settings import Settings, SettingsMissing
from ketenbalans.stack.embedded import kafka_login
from ketenbalans.stack.errors import SecretUnusable
from ketenbalans.stack.kafka_keys import SUFFIX, read_password


def kafka_for(settings: Settings, role: KafkaRole) -> KafkaAccess:
    """What a client is made with that acts in a role.

    One Kafka of your own that is reached as one user (``KETENBALANS_KAFKA_USER``) is so by every role: that user may
    then do what its own rights say, and the role's name says nothing.

    Args:
        settings: where Kafka is, and how it is reached.
        role: as whom.

    Raises:
        ServiceNotRunning: no Kafka is set and the embedded stack has never been started.
        SettingsMissing: how a Kafka of your own is reached lacks a user, a password or a file.
        SecretUnusable: the embedded one is locked, and this role's file in the home holds no password.
    """
    bootstrap = kafka_bootstrap(settings)
    if settings.kafka_bootstrap is None:
        login = kafka_login(settings.home, role.user)
        if login is None:
            return KafkaAccess(bootstrap)
        return KafkaAccess(bootstrap, Security.SASL_SSL, login.user, login.password(), login.authority_file)
    security, authority_file = settings.kafka_security, settings.kafka_ca_file
    if security is Security.PLAINTEXT:
        return KafkaAccess(bootstrap)
    if authority_file is not None and not authority_file.is_file():
        message = f"KETENBALANS_KAFKA_CA_FILE: there is no file {authority_file}; name the certificates of your Kafka"
        raise SettingsMissing(message)
    if security is Security.SSL:
        return KafkaAccess(bootstrap, security, authority_file=authority_file)
    user, file = _login_of(settings, role)
    return KafkaAccess(bootstrap, security, user, _password_in(file), authority_file)


def _login_of(settings: Settings, role: KafkaRole) -> tuple[str, Path]:
    """Who signs in to a Kafka of your own, and the file with the password."""
    if settings.kafka_user is not None and settings.kafka_password_file is not None:
        return settings.kafka_user, settings.kafka_password_file
    if settings.kafka_credentials is not None:
        return role.user, settings.kafka_credentials / f"{role.user}{SUFFIX}"
    message = (
        "KETENBALANS_KAFKA_SECURITY says SASL_SSL, and nobody is named who signs in: set KETENBALANS_KAFKA_USER and "
        "KETENBALANS_KAFKA_PASSWORD_FILE, or KETENBALANS_KAFKA_CREDENTIALS for a folder with a password per role"
    )
    raise SettingsMissing(message)


def _password_in(file: Path) -> str:
    wrong = None
    try:
        return read_password(file)
    except SecretUnusable:
        wrong = "is not there" if not file.exists() else "holds no password, or cannot be read"
    message = (
        f"{file} {wrong}: it should hold the password with which Kafka is reached, alone on a line, and be readable by "
        "you only (KETENBALANS_KAFKA_PASSWORD_FILE, KETENBALANS_KAFKA_CREDENTIALS)"
    )
    raise SettingsMissing(message)
