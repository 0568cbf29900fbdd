"""What the environment says: one class, read once per command or task, shown by ``ketenbalans settings``."""

import tomllib
from pathlib import Path

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from ketenbalans.broker.access import Security
from ketenbalans.broker.batch_limits import MEBIBYTE, BatchLimits
from ketenbalans.jobs.servers.home_search import find_home
from ketenbalans.project import PROJECT_FOLDER
from schemas.alert_policy import AlertPolicy
from schemas.disclosure import DisclosurePolicy
from schemas.nowcast_policy import NowcastPolicy
from schemas.policy import Policy
from schemas.quality import QualityPolicy
from schemas.signoff import SignoffPolicy

KAFKA_PORT = 9092
"""Kafka's own port, where an address names none."""


class SettingsMissing(ValueError):
    """Something has to be set before this can run; the message names the variable and the remedy."""


class Settings(BaseSettings):
    """Every setting of the project, from the environment variables ``KETENBALANS_*``."""

    model_config = SettingsConfigDict(
        env_prefix="KETENBALANS_",
        env_ignore_empty=True,
        frozen=True,
        validate_default=True,
        hide_input_in_errors=True,
    )

    home: Path = Field(
        default_factory=lambda: find_home(checkout=PROJECT_FOLDER).path,
        description="where the embedded stack keeps its data, logs and secrets; by default the nearest .ketenbalans "
        "from the working directory upwards, else .ketenbalans of the checkout you are in, else ketenbalans in "
        "XDG_STATE_HOME (~/.local/state)",
    )
    cache: Path | None = Field(None, description="where downloads are kept; by default the folder cache in the home")
    kafka_port: int = Field(29092, ge=0, le=65535, description="port of the embedded Kafka; 0 picks a free one")
    airflow_port: int = Field(28080, ge=0, le=65535, description="port of the embedded Airflow; 0 picks a free one")
    kafka_bootstrap: str | None = Field(None, description="use this Kafka (host:port) instead of the embedded one")
    kafka_security: Security = Field(
        Security.PLAINTEXT,
        description="how that Kafka is reached: PLAINTEXT, SSL, or SASL_SSL for one that asks who is there "
        "(SCRAM-SHA-512 over TLS)",
    )
    kafka_user: str | None = Field(None, description="who signs in to that Kafka; may what its own user may")
    kafka_password_file: Path | None = Field(None, description="the file with the password of that user")
    kafka_credentials: Path | None = Field(
        None,
        description="in place of a user and its file, a folder with a file USER.password for each role that acts here, "
        "such as ketenbalans-ingest.password: then each client signs in as its own role",
    )
    kafka_ca_file: Path | None = Field(
        None,
        description="the certificates by which that Kafka is known (PEM); by default those of this machine",
    )
    warehouse_url: SecretStr | None = Field(
        None,
        description="use this PostgreSQL (postgresql+psycopg://...) instead of the embedded one; PostgreSQL's own "
        "variables (PGHOST and the like) are not looked at",
    )
    chain_key: SecretStr | None = Field(
        None,
        description="key of the person tokens, the same for police and OM, of at least 32 characters; the embedded "
        "stack makes its own",
    )
    owner: str = Field("data-engineering", description="who looks after the DAGs, as Airflow shows it")
    user: str | None = Field(None, description="the handle under which you decide about breaks")
    smtp_url: SecretStr | None = Field(
        None, description="send alerts by mail: smtp://[user:password@]host[:port], or smtps://"
    )
    alerts_from: str = Field("ketenbalans@localhost", description="the sender of alert mails")
    alerts_to: str | None = Field(None, description="who gets alert mails; several with a comma between")
    webhook_url: SecretStr | None = Field(None, description="post alerts to this Slack-compatible incoming webhook")
    alertmanager_url: SecretStr | None = Field(None, description="send this Alertmanager all alerts that stand")
    airflow_url: str | None = Field(None, description="where people reach Airflow, for the links in alerts")
    airflow_user: str | None = Field(
        None,
        description="who you are at Airflow, for what has to be signed; for its tasks, who leaves notes on them (the "
        "embedded Airflow has a user of its own for that)",
    )
    airflow_password: SecretStr | None = Field(None, description="the password of that user")
    docs_url: str | None = Field(None, description="where people reach this project's files, for links to runbooks")
    lineage: SecretStr | None = Field(
        None, description="send OpenLineage events: file:/path/events.jsonl, or http(s)://server"
    )
    statsd: str | None = Field(None, description="send metrics to this StatsD server (host:port)")
    largest_batch_bytes: int = Field(
        BatchLimits.batch_bytes,
        ge=MEBIBYTE,
        description="what a batch of Kafka may open to; a larger one is a dead letter. The worst costs as much memory",
    )
    largest_record_bytes: int = Field(
        BatchLimits.record_bytes,
        ge=MEBIBYTE,
        description="how large a record may be to be taken apart; of a larger one the bytes are kept, as a dead letter",
    )
    report_contact: str | None = Field(
        None, description="whom readers of a report can ask (a desk, an address); shown at its head"
    )
    policy: Path = Field(PROJECT_FOLDER / "policy.toml", description="the numbers that a person chose")

    @field_validator("home", "cache", "kafka_password_file", "kafka_credentials", "kafka_ca_file", "policy")
    @classmethod
    def _expand(cls, path: Path | None) -> Path | None:
        """The one place where a path of the settings gets its meaning: absolute, ``~`` filled in, links followed."""
        if path is None:
            return None
        try:
            return path.expanduser().resolve()
        except (OSError, RuntimeError, ValueError):
            message = "this is no path: it names a user that is not known, or runs in a circle"
            raise ValueError(message) from None

    @field_validator("kafka_bootstrap")
    @classmethod
    def _plain_addresses(cls, addresses: str | None) -> str | None:
        """Kafka's addresses as ``host:port``, whether or not they were written with the name of their listener."""
        return None if addresses is None else ",".join(_plain_address(one.strip()) for one in addresses.split(","))

    @property
    def batch_limits(self) -> BatchLimits:
        """How large what is opened of a topic may be."""
        return BatchLimits(self.largest_batch_bytes, self.largest_record_bytes)

    @field_validator("airflow_url", "docs_url", "kafka_bootstrap", "statsd")
    @classmethod
    def holds_no_password(cls, value: str | None) -> str | None:
        """Refuse a password in an address that messages and pages show."""
        if value is not None and "@" in value:
            message = "this address is shown in messages, so it may hold no user and no password"
            raise ValueError(message)
        return value

    @field_validator("report_contact")
    @classmethod
    def _no_password_in_a_link(cls, value: str | None) -> str | None:
        """Let an address of mail pass, and refuse a link that holds a password: every reader sees it."""
        if value is not None and "://" in value and "@" in value.partition("://")[2]:
            message = "every report shows this, so a link in it may hold no user and no password"
            raise ValueError(message)
        return value

    @property
    def home_because(self) -> str:
        """Why the home is this one."""
        return (
            "KETENBALANS_HOME names it"
            if "home" in self.model_fields_set
            else find_home(checkout=PROJECT_FOLDER).because
        )

    @property
    def cache_folder(self) -> Path:
        """Where downloads are kept."""
        return self.cache or self.home / "cache"

    def read_policy(self) -> Policy:
        """Read the policy of the reconciliation.

        Raises:
            SettingsMissing: there is no such file.
            InvalidPolicy: the file is no policy; the message names the number.
        """
        return Policy.parse(self._policy_text())

    def has_alert_policy(self) -> bool:
        """Whether the policy file, one that ``read_policy`` takes, says anything of the alerts.

        Raises:
            SettingsMissing: there is no such file.
        """
        return "alerts" in tomllib.loads(self._policy_text())

    def read_alert_policy(self) -> AlertPolicy:
        """Read the policy of the alerts.

        Raises:
            SettingsMissing: there is no such file.
            InvalidPolicy: the file is no policy; the message names the number.
        """
        return AlertPolicy.parse(self._policy_text())

    def read_quality_policy(self) -> QualityPolicy:
        """Read the policy of the quality suites.

        Raises:
            SettingsMissing: there is no such file.
            InvalidPolicy: the file is no policy; the message names the number.
        """
        return QualityPolicy.parse(self._policy_text())

    def read_disclosure_policy(self) -> DisclosurePolicy:
        """Read the policy of what may be published.

        Raises:
            SettingsMissing: there is no such file.
            InvalidPolicy: the file is no policy; the message names the number.
        """
        return DisclosurePolicy.parse(self._policy_text())

    def read_signoff_policy(self) -> SignoffPolicy:
        """Read the policy of sign-off.

        Raises:
            SettingsMissing: there is no such file.
            InvalidPolicy: the file is no policy; the message names the number.
        """
        return SignoffPolicy.parse(self._policy_text())

    def read_nowcast_policy(self) -> NowcastPolicy:
        """Read the policy of the nowcast.

        Raises:
            SettingsMissing: there is no such file.
            InvalidPolicy: the file is no policy; the message names the number.
        """
        return NowcastPolicy.parse(self._policy_text())

    def _policy_text(self) -> str:
        try:
            return self.policy.read_text(encoding="utf-8-sig")  # editors put a byte order mark before it
        except (OSError, UnicodeDecodeError):
            message = f"no policy can be read at {self.policy}; set KETENBALANS_POLICY or use --policy FILE"
            raise SettingsMissing(message) from None


def settings_if_valid() -> Settings | None:
    """The settings; None when a variable holds what it cannot, for who has to go on and leave saying so to others."""
    try:
        return Settings()
    except ValidationError:
        return None


def _plain_address(address: str) -> str:
    scheme, found, rest = address.rpartition("://")
    if found and scheme.upper() != Security.PLAINTEXT:
        message = f"give host:port without {scheme}://; how it is reached is KETENBALANS_KAFKA_SECURITY"
        raise ValueError(message)
    host, colon, port = rest.rpartition(":")
    if not colon or rest.endswith("]"):
        host, port = rest, str(KAFKA_PORT)
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        message = "give host:port, several with a comma between"
        raise ValueError(message)
    return f"{host}:{port}"
