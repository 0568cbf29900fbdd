"""What the environment says means one thing, for every verb; no representation shows a secret."""

from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from ketenbalans.settings import Settings

SECRETS = {
    "KETENBALANS_CHAIN_KEY": "geheim-1",
    "KETENBALANS_WAREHOUSE_URL": "postgresql://a:geheim-2@h/d",
    "KETENBALANS_SMTP_URL": "smtp://a:geheim-3@h",
    "KETENBALANS_WEBHOOK_URL": "https://hooks.example/geheim-4",
    "KETENBALANS_ALERTMANAGER_URL": "https://a:geheim-5@h",
    "KETENBALANS_AIRFLOW_PASSWORD": "geheim-6",
    "KETENBALANS_LINEAGE": "https://a:geheim-7@h",
}


def test_no_secret_is_in_the_representation_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    settings = Settings()
    assert "geheim" not in repr(settings) + str(settings) + repr(settings.model_dump())
    kept = {f"KETENBALANS_{name.upper()}" for name, value in settings if isinstance(value, SecretStr)}
    assert kept == set(SECRETS)


def test_a_home_with_a_tilde_is_one_folder_for_all_it_keeps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("KETENBALANS_HOME", "~/kb")
    monkeypatch.delenv("KETENBALANS_CACHE", raising=False)
    assert (Settings().home, Settings().cache_folder) == (tmp_path / "kb", tmp_path / "kb" / "cache")
    monkeypatch.setenv("KETENBALANS_CACHE", "~/jars")
    monkeypatch.setenv("KETENBALANS_POLICY", "~/policy.toml")
    assert (Settings().cache_folder, Settings().policy) == (tmp_path / "jars", tmp_path / "policy.toml")


def test_a_path_is_absolute_and_without_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "link").symlink_to(tmp_path / "there")
    monkeypatch.setenv("KETENBALANS_HOME", "link/home")
    assert Settings().home == tmp_path / "there" / "home"


def test_a_path_of_a_user_that_is_not_known_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KETENBALANS_HOME", "~nobody-of-that-name/kb")
    with pytest.raises(ValidationError, match="no path"):
        Settings()


@pytest.mark.parametrize(
    ("written", "means"),
    [
        ("127.0.0.1:9092", "127.0.0.1:9092"),
        ("PLAINTEXT://127.0.0.1:33092", "127.0.0.1:33092"),
        ("plaintext://a:1, PLAINTEXT://b:2", "a:1,b:2"),
        ("kafka", "kafka:9092"),
        ("[::1]:9093", "[::1]:9093"),
        ("[::1]", "[::1]:9092"),
    ],
)
def test_the_same_address_means_the_same_for_every_verb(
    monkeypatch: pytest.MonkeyPatch, written: str, means: str
) -> None:
    monkeypatch.setenv("KETENBALANS_KAFKA_BOOTSTRAP", written)
    assert Settings().kafka_bootstrap == means


@pytest.mark.parametrize("written", ["SASL_SSL://a:1", "a:b", "a:0", "a:70000", ":9092", "a:1,,b:2", "http://a:1"])
def test_an_address_that_cannot_be_one_is_refused(monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    monkeypatch.setenv("KETENBALANS_KAFKA_BOOTSTRAP", written)
    with pytest.raises(ValidationError, match="host:port"):
        Settings()
