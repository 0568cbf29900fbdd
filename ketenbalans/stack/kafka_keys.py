"""What a locked Kafka and its users prove themselves with: certificates, and a password per user.

Two folders. The broker's own (``HOME/kafka/keys``) holds the authority, the broker's certificate and the password of
its own user; nobody else reads it. That of the users (``HOME/kafka-users``) holds the authority's certificate and a
file ``USER.password`` for each, with mode 0600. A home that has the second one is locked, and stays so.
"""

import secrets
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ketenbalans.broker.access import MECHANISM, Security
from ketenbalans.stack.errors import SecretUnusable
from ketenbalans.stack.private_files import private_files
from ketenbalans.whole_files import WholeFiles

BROKER_USER, ADMIN_USER = "ketenbalans-broker", "ketenbalans-admin"
"""The broker itself, which registers before a right can be read, and who gives rights: the two that Kafka asks none."""

AUTHORITY_FILE, SUFFIX = "authority.pem", ".password"
PASSWORD_BYTES = 32
FORMAT_ARGUMENTS = "format.arguments"
FOLDER_OF_USERS = "kafka-users"


@dataclass(frozen=True)
class Login:
    """What one user of a locked Kafka connects with.

    Attributes:
        user: the name.
        password_file: holds the password, and nothing else.
        authority_file: the certificate by which the broker is known (PEM).
    """

    user: str
    password_file: Path
    authority_file: Path

    def password(self) -> str:
        """The password.

        Raises:
            SecretUnusable: its file is empty or cannot be read.
        """
        return read_password(self.password_file)


@dataclass(frozen=True)
class KafkaKeys:
    """The folders of a locked Kafka; the admin's password lies with those of the users where it has no folder."""

    broker: Path
    users: Path
    admin: Path | None = None

    @classmethod
    def of(cls, home: Path) -> "KafkaKeys":
        """Those of the embedded Kafka of a home; nothing is made."""
        return cls(home / "kafka" / "keys", home / FOLDER_OF_USERS)

    @property
    def are_there(self) -> bool:
        """Whether this Kafka is locked."""
        return (self.users / AUTHORITY_FILE).exists()

    def login(self, user: str) -> Login:
        """What a user connects with, whether or not it is there."""
        folder = {BROKER_USER: self.broker, ADMIN_USER: self.admin or self.users}.get(user, self.users)
        return Login(user, folder / f"{user}{SUFFIX}", self.users / AUTHORITY_FILE)

    def make(self, users: Collection[str], *, hosts: Sequence[str]) -> bool:
        """Make what is not there yet, and a new certificate of the broker where it ends soon; the rest stays.

        Args:
            users: everybody who gets a password, the admin among them.
            hosts: the names and addresses under which the broker is reached.

        Returns:
            Whether the broker's certificate is a new one: a broker that runs has to start again with it.

        Raises:
            SecretUnusable: what is there cannot be read.
            NotWritten: a folder cannot be written.
        """
        from ketenbalans.stack import certificates  # noqa: PLC0415 (cryptography, which only a locked Kafka needs)

        with private_files():
            for folder in (self.broker, self.users, self.admin or self.users):
                folder.mkdir(parents=True, exist_ok=True)
            certificates.make_authority(self.broker)
            is_new = certificates.is_to_be_renewed(self.broker / certificates.BROKER)
            if is_new:
                certificates.make_certificate(self.broker, user=BROKER_USER, hosts=hosts)
            _make_passwords(self.login(user).password_file for user in (BROKER_USER, *users))
            authority = (self.broker / certificates.AUTHORITY).read_bytes()
            if not self.are_there or (self.users / AUTHORITY_FILE).read_bytes() != authority:
                with WholeFiles(self.users, for_its_owner_only=True) as files:
                    files.add(AUTHORITY_FILE, authority)
        return is_new

    def certificate_ends_at(self) -> datetime | None:
        """When the broker's certificate ends; None when there is none."""
        from ketenbalans.stack import certificates  # noqa: PLC0415 (likewise)

        return certificates.ends_at(self.broker / certificates.BROKER)

    def variables(self) -> dict[str, str]:
        """What a program has to know to reach this Kafka, each of its clients as a role; nothing of an open one."""
        if not self.are_there:
            return {}
        return {
            "KETENBALANS_KAFKA_SECURITY": Security.SASL_SSL,
            "KETENBALANS_KAFKA_CREDENTIALS": str(self.users),
            "KETENBALANS_KAFKA_CA_FILE": str(self.users / AUTHORITY_FILE),
        }

    def write_format_arguments(self) -> Path:
        """Write what the storage is formatted with, so that both first users are known to a broker that never ran.

        In a file, because every user of the machine sees the arguments of a program. To be removed afterwards.
        """
        arguments = []
        for user in (ADMIN_USER, BROKER_USER):
            arguments += ["--add-scram", f"{MECHANISM}=[name={user},password={self.login(user).password()}]"]
        with private_files(), WholeFiles(self.broker, for_its_owner_only=True) as files:
            return files.add(FORMAT_ARGUMENTS, ("\n".join(arguments) + "\n").encode())


def locked_settings(keys: KafkaKeys, *, folder: str, listeners: Iterable[str] = ("BROKER",)) -> dict[str, str]:
    """The settings of a broker that lets in nobody it does not know, and nobody do what was not granted.

    Args:
        keys: what it proves itself with.
        folder: where the broker's own folder is, as the broker names it.
        listeners: those for clients; the controller's asks for the certificate of the broker itself.
    """
    return {**LOCKED, **key_stores(folder), **signing_in(keys, listeners)}


def signing_in(keys: KafkaKeys, listeners: Iterable[str]) -> dict[str, str]:
    """What the broker signs in with to itself, on each of these listeners; holds its password."""
    return {f"listener.name.{one.lower()}.scram-sha-512.sasl.jaas.config": jaas_of(keys) for one in listeners}


def jaas_of(keys: KafkaKeys) -> str:
    """The broker's own user, as Java's clients take it; holds its password."""
    module = "org.apache.kafka.common.security.scram.ScramLoginModule"
    return f'{module} required username="{BROKER_USER}" password="{keys.login(BROKER_USER).password()}";'


LOCKED = {
    "listener.security.protocol.map": "BROKER:SASL_SSL,CONTROLLER:SSL",
    "sasl.enabled.mechanisms": MECHANISM,
    "sasl.mechanism.inter.broker.protocol": MECHANISM,
    "listener.name.controller.ssl.client.auth": "required",
    "ssl.principal.mapping.rules": "RULE:^CN=([^,]+).*$/$1/,DEFAULT",
    "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "allow.everyone.if.no.acl.found": "false",
    "super.users": f"User:{ADMIN_USER};User:{BROKER_USER}",
}
"""What locks a broker, wherever its files are. Its controller knows the broker alone, by its certificate."""


def key_stores(folder: str) -> dict[str, str]:
    """Where the broker finds its certificate, and that of the authority."""
    return {
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": f"{folder}/broker.pem",
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": f"{folder}/authority.pem",
    }


def read_password(file: Path) -> str:
    """The password that a file holds.

    Raises:
        SecretUnusable: it is empty or cannot be read.
    """
    try:
        password = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SecretUnusable(file, what_is_wrong=f"cannot be read ({type(error).__name__})") from None
    if not password:
        raise SecretUnusable(file, what_is_wrong="is empty")
    return password


def _make_passwords(wanted: Iterable[Path]) -> None:
    for file in wanted:
        if not file.exists():
            with WholeFiles(file.parent, for_its_owner_only=True) as files:
                files.add(file.name, f"{secrets.token_urlsafe(PASSWORD_BYTES)}\n".encode())
