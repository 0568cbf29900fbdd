"""The home of a stack: closed to others, refused where a program would misread it, its secrets whole."""

import os
import stat
from pathlib import Path

import pytest

from ketenbalans.cli.exit_codes import exit_code_of
from ketenbalans.cli.exits import Exit
from ketenbalans.stack.errors import FolderRefused, SecretUnusable, StackError
from ketenbalans.stack.home import Home, usable_path
from ketenbalans.stack.private_files import close_to_others, private_files


def modes_of(folder: Path) -> dict[str, int]:
    return {
        str(path.relative_to(folder)): stat.S_IMODE(path.stat().st_mode)
        for path in (folder, *folder.rglob("*"))
        if not path.is_symlink()
    }


def test_a_home_is_closed_with_everything_in_it_at_each_start(tmp_path: Path) -> None:
    outside, home = tmp_path / "outside", tmp_path / "home"
    outside.write_text("of somebody")
    outside.chmod(0o644)
    (home / "reports" / "2014").mkdir(parents=True)
    for name, mode in (("reports/r.html", 0o666), ("reports/2014/run.sh", 0o755), ("key", 0o640)):
        (home / name).touch()
        (home / name).chmod(mode)
    home.chmod(0o777)
    (home / "link").symlink_to(outside)
    Home.at(home).make()
    assert modes_of(home) == {
        ".": 0o700,
        "logs": 0o700,
        "run": 0o700,
        "reports": 0o700,
        "reports/2014": 0o700,
        "reports/r.html": 0o600,
        "reports/2014/run.sh": 0o700,
        "key": 0o600,
    }
    assert stat.S_IMODE(outside.stat().st_mode) == 0o644


def test_what_is_made_while_the_stack_starts_is_for_its_owner_only(tmp_path: Path) -> None:
    with private_files():
        (tmp_path / "folder").mkdir()
        (tmp_path / "folder" / "file").touch()
    (tmp_path / "after").touch()
    made = modes_of(tmp_path)
    assert (made["folder"], made["folder/file"]) == (0o700, 0o600)
    assert made["after"] == 0o666 & ~_umask()


def test_a_file_that_goes_meanwhile_ends_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "walk", lambda _: [(str(tmp_path), ["gone"], ["gone too"])])
    close_to_others(tmp_path)


@pytest.mark.parametrize("name", ["a$HOME", "a\nb", "a\tb", "a\x1bb", "a\u202eb", os.fsdecode(b"a\xff")])
def test_a_sign_that_a_program_misreads_is_refused_before_anything_is_made(tmp_path: Path, name: str) -> None:
    with pytest.raises(FolderRefused, match="KETENBALANS_HOME") as refused:
        Home.at(tmp_path / name)
    assert str(refused.value).isascii()
    assert exit_code_of(refused.value) is Exit.USAGE
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["a,b", "a:b", "höme", "~", "a b", "'\"%\\#{}", "日本"])
def test_any_other_sign_is_taken(tmp_path: Path, name: str) -> None:
    assert usable_path(tmp_path / name, "KETENBALANS_HOME") == (tmp_path / name).resolve()


def test_a_folder_that_others_use_is_no_home_and_is_left_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared, own = tmp_path / "shared", tmp_path / "own"
    for folder, mode in ((shared, 0o1777), (own, 0o755)):
        folder.mkdir()
        folder.chmod(mode)
    monkeypatch.setenv("HOME", str(own))
    for folder in (shared, own):
        with pytest.raises(FolderRefused, match="more than a stack"):
            Home.at(folder).make()
    assert [stat.S_IMODE(folder.stat().st_mode) for folder in (shared, own)] == [0o1777, 0o755]
    (tmp_path / "file").touch()
    with pytest.raises(FolderRefused, match="cannot be made"):
        Home.at(tmp_path / "file").make()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_another_user_is_no_home(tmp_path: Path) -> None:
    os.chown(tmp_path, 64_123, -1)
    with pytest.raises(FolderRefused, match="another user"):
        Home.at(tmp_path).make()


@pytest.mark.parametrize(
    ("content", "says"), [(b"", "is empty"), (b" \n", "is empty"), (b"\xff\xfe", "cannot be read")]
)
def test_a_secret_that_is_none_is_reported_with_its_file(tmp_path: Path, content: bytes, says: str) -> None:
    (tmp_path / "chain-key").write_bytes(content)
    with pytest.raises(SecretUnusable, match=says) as answer:
        Home.at(tmp_path).secret("chain-key", random_bytes=32)
    assert str(tmp_path / "chain-key") in str(answer.value)
    assert exit_code_of(answer.value) is Exit.USAGE
    assert isinstance(answer.value, StackError)


def _umask() -> int:
    now = os.umask(0)
    os.umask(now)
    return now
