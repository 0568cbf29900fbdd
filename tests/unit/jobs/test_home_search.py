"""The home is found from any folder, and a message says where it was looked for."""

import os
from pathlib import Path

import pytest

from ketenbalans import settings as settings_module
from ketenbalans.jobs.figures.published import published_figures
from ketenbalans.jobs.pages.measure_pages import FOLDER
from ketenbalans.jobs.servers.addresses import ServiceNotRunning, kafka_bootstrap, warehouse_url
from ketenbalans.jobs.servers.home_search import find_home
from ketenbalans.project import PROJECT_FOLDER
from ketenbalans.settings import Settings


@pytest.fixture(autouse=True)
def nothing_is_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "KAFKA_BOOTSTRAP", "WAREHOUSE_URL"):
        monkeypatch.delenv(f"KETENBALANS_{name}", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)


@pytest.fixture
def below(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    below = tmp_path / "work" / "a" / "b"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    return below


def test_the_nearest_home_upwards_is_the_one(tmp_path: Path, below: Path) -> None:
    for folder in (tmp_path, tmp_path / "work", below):
        (folder / ".ketenbalans").mkdir()
        assert Settings().home == folder / ".ketenbalans"
        assert Settings().home_because == f"found upwards from {below}"


def test_what_is_set_comes_before_what_is_found(below: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (below / ".ketenbalans").mkdir()
    monkeypatch.setenv("KETENBALANS_HOME", "elsewhere")
    assert Settings().home == below / "elsewhere"
    assert Settings().home_because == "KETENBALANS_HOME names it"
    monkeypatch.setenv("KETENBALANS_HOME", "")
    assert Settings().home == below / ".ketenbalans"


def test_without_one_it_is_in_the_users_state_folder(
    tmp_path: Path, below: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert Settings().home == tmp_path / "home" / ".local" / "state" / "ketenbalans"
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    assert Settings().home == tmp_path / "state" / "ketenbalans"
    assert Settings().home_because == (
        f"there is no .ketenbalans of yours from {below} upwards, so it is in the user's state folder"
    )
    monkeypatch.setenv("XDG_STATE_HOME", "relative")  # the specification: such a path is not looked at
    assert Settings().home == tmp_path / "home" / ".local" / "state" / "ketenbalans"
    assert not (tmp_path / "state").exists()


def test_anywhere_in_a_checkout_it_is_that_of_the_checkout_also_before_the_first_up(
    tmp_path: Path, below: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings_module, "PROJECT_FOLDER", tmp_path / "work")
    (tmp_path / ".ketenbalans").mkdir()  # above the checkout: of something else
    for folder in (tmp_path / "work", below):
        monkeypatch.chdir(folder)
        assert Settings().home == tmp_path / "work" / ".ketenbalans"
    assert (PROJECT_FOLDER / "policy.toml").is_file()


@pytest.mark.parametrize("kind", ["file", "of another user"])
def test_what_is_no_folder_of_ours_is_passed_over(
    kind: str, tmp_path: Path, below: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever makes one in a shared folder such as /tmp would name our servers."""
    (tmp_path / ".ketenbalans").mkdir()
    if kind == "file":
        (below / ".ketenbalans").touch()
        assert Settings().home == tmp_path / ".ketenbalans"
    else:
        (below / ".ketenbalans").mkdir()
        monkeypatch.setattr(os, "geteuid", lambda: 2**30)
        assert find_home(checkout=PROJECT_FOLDER).path == Path("~/.local/state/ketenbalans")


def test_a_working_directory_that_is_gone_is_no_failure(tmp_path: Path, below: Path) -> None:
    below.rmdir()
    assert Settings().home == tmp_path / "home" / ".local" / "state" / "ketenbalans"
    assert "the working directory is gone" in Settings().home_because


def test_a_service_that_does_not_run_says_where_it_was_looked_for(tmp_path: Path, below: Path) -> None:
    for service in (kafka_bootstrap, warehouse_url):
        with pytest.raises(ServiceNotRunning) as refused:
            service(Settings())
        said = str(refused.value)
        assert f"{tmp_path}/home/.local/state/ketenbalans" in said
        assert f"from {below} upwards" in said
        assert "KETENBALANS_HOME" in said


def test_no_file_of_the_project_depends_on_the_working_directory(below: Path) -> None:
    Settings().read_policy()
    Settings().read_alert_policy()
    assert published_figures()
    assert FOLDER.is_dir()
