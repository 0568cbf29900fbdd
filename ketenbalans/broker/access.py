"""Where Kafka is and as whom it is asked: what every client is made with.

A Kafka that asks for nothing is its address alone, so an address does wherever an access is taken.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeAlias


class Security(StrEnum):
    """How a client connects, by Kafka's name for it. Passwords go over no connection that others could read."""

    PLAINTEXT = "PLAINTEXT"
    SSL = "SSL"
    SASL_SSL = "SASL_SSL"


MECHANISM = "SCRAM-SHA-512"


@dataclass(frozen=True, slots=True)
class KafkaAccess:
    """One Kafka as one user reaches it.

    Attributes:
        bootstrap: its addresses, ``host:port`` with commas between; what is shown of an access.
        security: how it is reached.
        user: who signs in; None: nobody does.
        password: of that user; shown nowhere.
        authority_file: the certificates by which the broker is known (PEM); None: those of this machine.
    """

    bootstrap: str
    security: Security = Security.PLAINTEXT
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    authority_file: Path | None = None

    def __str__(self) -> str:
        """Its addresses."""
        return self.bootstrap

    @property
    def is_locked(self) -> bool:
        """Whether somebody signs in, so that what is not granted is refused."""
        return self.security is Security.SASL_SSL

    def settings(self) -> dict[str, Any]:
        """What a client of kafka-python is made with."""
        asked: dict[str, Any] = {"bootstrap_servers": self.bootstrap}
        if self.security is not Security.PLAINTEXT:
            asked |= {"security_protocol": str(self.security)}
            if self.authority_file is not None:
                asked |= {"ssl_cafile": str(self.authority_file)}
        if self.is_locked:
            asked |= {
                "sasl_mechanism": MECHANISM,
                "sasl_plain_username": self.user,
                "sasl_plain_password": self.password,
            }
        return asked


Kafka: TypeAlias = str | KafkaAccess
"""An access, or the address of a Kafka that asks for nothing."""


def access_of(kafka: Kafka) -> KafkaAccess:
    """The access that is meant."""
    return kafka if isinstance(kafka, KafkaAccess) else KafkaAccess(kafka)
