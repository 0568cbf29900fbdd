"""What the environment says: one class, read once per command or task, shown by ``ketenbalans settings``."""

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from schemas.policy import Policy

PROJECT_FOLDER = Path(__file__).resolve().parent.parent


class SettingsMissing(ValueError):
    """Something has to be set before this can run; the message names the variable and the remedy."""


class Settings(BaseSettings):
    """Every setting of the project, from the environment variables ``KETENBALANS_*``."""

    model_config = SettingsConfigDict(env_prefix="KETENBALANS_", env_ignore_empty=True, frozen=True)

    home: Path = Field(Path(".ketenbalans"), description="where the embedded stack keeps its data, logs and secrets")
    cache: Path | None = Field(None, description="where downloads are kept; by default the folder cache in the home")
    kafka_port: int = Field(29092, ge=0, le=65535, description="port of the embedded Kafka; 0 picks a free one")
    airflow_port: int = Field(28080, ge=0, le=65535, description="port of the embedded Airflow; 0 picks a free one")
    kafka_bootstrap: str | None = Field(None, description="use this Kafka (host:port) instead of the embedded one")
    warehouse_url: SecretStr | None = Field(
        None, description="use this PostgreSQL (postgresql+psycopg://...) instead of the embedded one"
    )
    chain_key: SecretStr | None = Field(
        None, description="key of the person tokens, the same for police and OM; the embedded stack makes its own"
    )
    user: str | None = Field(None, description="the handle under which you decide about breaks")
    policy: Path = Field(PROJECT_FOLDER / "policy.toml", description="the numbers that a person chose")

    @property
    def cache_folder(self) -> Path:
        """Where downloads are kept."""
        return (self.cache or self.home / "cache").absolute()

    def read_policy(self) -> Policy:
        """Read the policy file.

        Raises:
            SettingsMissing: there is no such file.
            InvalidPolicy: the file is no policy; the message names the number.
        """
        try:
            return Policy.parse(self.policy.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError):
            message = f"no policy can be read at {self.policy}; set KETENBALANS_POLICY or use --policy FILE"
            raise SettingsMissing(message) from None
