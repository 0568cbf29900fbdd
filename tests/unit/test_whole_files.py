"""Files appear whole or not at all, and whether they can is known before the work."""

import os
import resource
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from ketenbalans.project import PROJECT_FOLDER
from ketenbalans.whole_files import NotWritten, WholeFiles, check_file, check_folder, write_whole


@pytest.fixture
def no_room() -> Iterator[None]:
    """No file of more than a thousand bytes, as on a disk that is full."""
    before, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, handler)


def test_files_appear_together_under_their_names(tmp_path: Path) -> None:
    with WholeFiles(tmp_path / "new" / "folder") as files:
        first, second = files.add("a", b"1"), files.add("b", b"2")
        assert not first.exists()
        assert not second.exists()
    assert (first.read_bytes(), second.read_bytes()) == (b"1", b"2")
    assert {file.name for file in first.parent.iterdir()} == {"a", "b"}


def test_when_one_cannot_be_written_none_is_and_what_was_there_stays(tmp_path: Path, no_room: None) -> None:
    (tmp_path / "a").write_bytes(b"before")
    with pytest.raises(NotWritten, match=r"/b cannot be written \(File too large\)"), WholeFiles(tmp_path) as files:
        files.add("a", b"after")
        files.add("b", b"x" * 2_000)
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [("a", b"before")]


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt])
def test_an_error_in_between_leaves_nothing(tmp_path: Path, error: type[BaseException]) -> None:
    with pytest.raises(error), WholeFiles(tmp_path) as files:
        files.add("a", b"1")
        raise error
    assert list(tmp_path.iterdir()) == []


def test_one_file_is_written_through_a_link_and_into_a_pipe(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "file")
    assert write_whole(tmp_path / "link", b"1") == tmp_path / "link"
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "file").read_bytes() == b"1"
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    write_whole(tmp_path / "pipe", b"2")
    assert os.read(reader, 9) == b"2"
    os.close(reader)
    assert (tmp_path / "pipe").is_fifo()


def test_a_folder_or_file_that_can_be_written_is_left_as_it_is(tmp_path: Path) -> None:
    check_folder(tmp_path / "new" / "below")
    check_file(tmp_path / "file")
    check_file(Path(os.devnull))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("place", "reason"),
    [("file", "it is no folder"), ("file/below", ".*file is no folder"), ("/proc/nope", "No such file")],
)
def test_a_folder_that_cannot_be_is_named_with_the_reason(tmp_path: Path, place: str, reason: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(NotWritten, match=f"{tmp_path / place} cannot be written .{reason}"):
        check_folder(tmp_path / place)


@pytest.mark.parametrize(
    ("place", "reason"),
    [("", "it is a folder"), ("none/file", "there is no such folder"), ("/proc/file", "No such file")],
)
def test_a_file_that_cannot_be_is_named_with_the_reason(tmp_path: Path, place: str, reason: str) -> None:
    with pytest.raises(NotWritten, match=reason):
        check_file(tmp_path / place)


@pytest.mark.parametrize(("for_its_owner_only", "mode"), [(False, 0o640), (True, 0o600)])
def test_who_may_read_a_file_is_said_by_the_umask_or_by_the_writer(
    tmp_path: Path, *, for_its_owner_only: bool, mode: int
) -> None:
    before = os.umask(0o027)
    try:
        with WholeFiles(tmp_path, for_its_owner_only=for_its_owner_only, survives_power_loss=True) as files:
            file = files.add("a", b"1")
            (draft,) = tmp_path.iterdir()
            assert draft.stat().st_mode & 0o777 == mode
    finally:
        os.umask(before)
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (b"1", mode)


def test_a_name_as_long_as_a_folder_takes_has_room_for_a_draft(tmp_path: Path) -> None:
    assert write_whole(tmp_path / ("a" * 255), b"1").read_bytes() == b"1"


def test_nobody_else_writes_a_draft_of_a_file() -> None:
    packages = {folder.parent for folder in PROJECT_FOLDER.glob("*/__init__.py") if folder.parent.name != "tests"}
    code = {file for package in packages for file in package.rglob("*.py")}
    by_hand = ("os.replace", "mkstemp", "NamedTemporaryFile", "fsync")
    adds_a_line = {"lines.py"}  # to a file that is never written anew
    found = {file.name for file in code if any(word in file.read_text("utf-8") for word in by_hand)}
    assert found - adds_a_line == {"whole_files.py"}
