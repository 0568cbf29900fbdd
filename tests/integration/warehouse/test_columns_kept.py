"""What may happen to the files of the columns: never a wrong answer, at worst a slower one, and a line in the log."""

import fcntl
import os
import resource
import shutil
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from sqlalchemy import Engine

import ketenbalans.columns.registers
from ketenbalans.columns import kept
from ketenbalans.columns.files import RegisterFolder
from ketenbalans.columns.registers import Registers, registers_of, warehouse_name
from ketenbalans.jobs.loading.columns_after_load import columns_after_load
from tests.integration.conftest import CopyOf
from tests.integration.warehouse.rows import MOMENT, OM, POLICE, load_rows, om, police
from tests.integration.warehouse.test_columns import assert_same, by_sql, with_columns
from warehouse.database import snapshot
from warehouse.loaded_rows import rows_of_loads

pytestmark = pytest.mark.stack

DAYS = [date(2014, 5, 31), date(2014, 6, 1), date(2014, 6, 2), date(2014, 12, 31)]


@pytest.fixture(autouse=True)
def _logged_anew() -> Iterator[None]:
    """Each test hears of what happens in it."""
    kept._logged.clear()
    yield
    kept._logged.clear()


@pytest.fixture
def warehouse(engine: Engine, tmp_path: Path) -> Engine:
    """Some loads with records of several rows, ties among them; its columns are kept."""
    kept_there = with_columns(engine, tmp_path / "columns")
    load_more(kept_there, 1)
    assert_right(kept_there)
    return kept_there


def load_more(engine: Engine, number: int) -> None:
    """Load a few rows more: one that ties, one that corrects, one that is new, and the same at the OM."""
    known, later = MOMENT, MOMENT + timedelta(days=number)
    same = {"mutation": "corrected", "suspect_number": 1}
    load_rows(
        engine,
        POLICE,
        [
            police(f"tie-{number}", known, unit=f"PL09{number:02}", **same),
            police(f"Tie-{number}", known, unit=f"PL08{number:02}", **same),
            police(f"later-{number}", later, suspect_number=2, mutation="transferred", transferred_to="PL0600"),
            police(f"new-{number}", later, dossier_number=f"PL0900-20140001{number:02}"),
        ],
    )
    load_rows(engine, OM, [om(f"tie-{number}", known), om(f"new-{number}", later, case_number=f"09000002{number:02}")])


def assert_right(engine: Engine) -> None:
    """The columns give what PostgreSQL reads."""
    with snapshot(engine) as connection:
        for day in DAYS:
            assert_same(registers_of(connection).state(as_of=day), by_sql(connection, day))


def folder_of(engine: Engine) -> Path:
    with snapshot(engine) as connection:
        folder = registers_of(connection).folder
    assert folder is not None
    return folder / POLICE.name


def file_of(engine: Engine, pattern: str) -> Path:
    (found,) = folder_of(engine).glob(pattern)
    return found


def cut_short(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def altered(file: Path) -> None:
    """One bit in the middle, and the same times as before."""
    was, content = file.stat(), bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    os.utime(file, ns=(was.st_atime_ns, was.st_mtime_ns))


def emptied(file: Path) -> None:
    file.write_bytes(b"")


def replaced_by_a_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


@pytest.mark.parametrize("happens", [cut_short, altered, emptied, replaced_by_a_folder, Path.unlink])
@pytest.mark.parametrize("pattern", ["*.rows.arrow", "*.ids.arrow", "manifest.json"])
def test_a_file_that_is_damaged_is_made_anew(
    warehouse: Engine, pattern: str, happens: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    file = file_of(warehouse, pattern)
    happens(file)
    assert_right(warehouse)
    if pattern != "manifest.json":  # one that is no manifest is as none
        assert file.name in caplog.text
    load_more(warehouse, 2)
    assert_right(warehouse)
    caplog.clear()
    kept._logged.clear()
    if not file.is_dir():
        assert_right(warehouse)
        assert caplog.text == ""


def test_they_are_for_their_owner_alone(warehouse: Engine, tmp_path: Path) -> None:
    modes = {one.stat().st_mode & 0o777 for one in (tmp_path / "columns").rglob("*") if one.is_file()}
    assert modes == {0o600}
    folders = [tmp_path / "columns", *(one for one in (tmp_path / "columns").rglob("*") if one.is_dir())]
    assert {one.stat().st_mode & 0o777 for one in folders} == {0o700}


def test_what_a_later_snapshot_wrote_does_not_reach_an_earlier_one(warehouse: Engine) -> None:
    with snapshot(warehouse) as earlier:
        expected = [by_sql(earlier, day) for day in DAYS]
        for number in (2, 3):
            load_more(warehouse, number)
            assert_right(warehouse)
        for day, one in zip(DAYS, expected, strict=True):
            assert_same(registers_of(earlier).state(as_of=day), one)
    assert_right(warehouse)


def test_an_earlier_snapshot_of_which_the_files_know_no_load(
    warehouse: Engine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(kept, "MARKS", 1)
    with snapshot(warehouse) as earlier:
        expected = [by_sql(earlier, day) for day in DAYS]
        for number in (2, 3):
            load_more(warehouse, number)
            assert_right(warehouse)
        before = sorted(folder_of(warehouse).iterdir())
        for day, one in zip(DAYS, expected, strict=True):
            assert_same(registers_of(earlier).state(as_of=day), one)
    assert "later loads alone" in caplog.text
    assert sorted(folder_of(warehouse).iterdir()) == before


def test_files_that_are_merged_while_they_are_read(warehouse: Engine) -> None:
    """The ids that settle a tie are read when something ties: by then another process may have replaced them."""
    with snapshot(warehouse) as earlier:
        expected = [by_sql(earlier, day) for day in DAYS]
        registers = registers_of(earlier)
        assert registers.years(as_of=DAYS[-1]) == [2014]  # the rows are read, the ids are not
        load_more(warehouse, 2)
        assert_right(warehouse)
        for day, one in zip(DAYS, expected, strict=True):
            assert_same(registers.state(as_of=day), one)


def test_a_warehouse_that_was_put_back_and_went_another_way(engine: Engine, copy_of: CopyOf, tmp_path: Path) -> None:
    first = with_columns(engine, tmp_path / "columns")
    load_more(first, 1)
    put_back = with_columns(copy_of(engine), tmp_path / "columns")
    load_more(first, 2)
    load_more(first, 3)
    assert_right(first)
    (tmp_path / "columns" / warehouse_name(first.url)).rename(tmp_path / "columns" / warehouse_name(put_back.url))
    assert_right(put_back)  # the files hold more than it does
    for number in (12, 13, 14):
        load_more(put_back, number)
        assert_right(put_back)
    assert_right(first)


def test_the_files_of_another_warehouse(
    warehouse: Engine, new_warehouse: Callable[[], Engine], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    other = with_columns(new_warehouse(), tmp_path / "columns")
    load_rows(other, POLICE, [police("other", unit="PL1300")])
    assert_right(other)
    ours, theirs = (tmp_path / "columns" / warehouse_name(one.url) for one in (warehouse, other))
    shutil.rmtree(theirs)
    ours.rename(theirs)
    assert_right(other)
    assert_right(warehouse)
    assert_right(other)


def test_another_version_makes_its_own_and_removes_the_older(
    warehouse: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = folder_of(warehouse).parent
    monkeypatch.setattr(ketenbalans.columns.registers, "version", lambda: "0123456789abcdef")
    assert_right(warehouse)
    assert [one.name for one in before.parent.iterdir()] == ["0123456789abcdef"]
    monkeypatch.undo()
    assert_right(warehouse)
    assert [one.name for one in before.parent.iterdir()] == [before.name]


def test_one_writes_at_a_time_and_nobody_waits(warehouse: Engine) -> None:
    folder = folder_of(warehouse)
    before = (folder / "manifest.json").read_bytes()
    load_more(warehouse, 2)
    with (folder / "lock").open("r+b") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert_right(warehouse)
        assert (folder / "manifest.json").read_bytes() == before
    assert_right(warehouse)
    assert (folder / "manifest.json").read_bytes() != before


def after_load(engine: Engine) -> None:
    for source in (POLICE, OM):
        columns_after_load(engine, source)


def test_a_question_after_a_load_that_kept_them_reads_no_event(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def only_without_loads(*asked: Any, up_to: int, **named: Any) -> Iterator[pl.DataFrame]:
        assert up_to == 0, "rows of a load were read"
        return rows_of_loads(*asked, up_to=up_to, **named)

    warehouse = with_columns(engine, tmp_path / "columns")
    for number in (1, 2):
        load_more(warehouse, number)
        after_load(warehouse)
    with monkeypatch.context() as patch:
        patch.setattr(kept, "rows_of_loads", only_without_loads)
        assert_right(warehouse)
        after_load(warehouse)


def test_what_is_appended_after_a_load_reads_only_what_it_is_made_one_with(
    warehouse: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "GROWTH", 0)
    load_more(warehouse, 2)
    with monkeypatch.context() as patch:
        patch.setattr(RegisterFolder, "read", None)
        after_load(warehouse)
    assert len(list(folder_of(warehouse).glob("*.rows.arrow"))) == 2
    assert_right(warehouse)


@pytest.mark.parametrize("happens", [cut_short, altered, Path.unlink])
@pytest.mark.parametrize("pattern", ["*.rows.arrow", "*.ids.arrow", "manifest.json"])
def test_what_is_appended_after_a_load_to_a_damaged_file(
    warehouse: Engine, pattern: str, happens: Callable[[Path], None]
) -> None:
    happens(file_of(warehouse, pattern))
    load_more(warehouse, 2)
    after_load(warehouse)
    assert_right(warehouse)


def test_a_load_while_others_write_leaves_the_columns_to_the_next_question(warehouse: Engine) -> None:
    folder = folder_of(warehouse)
    before = (folder / "manifest.json").read_bytes()
    load_more(warehouse, 2)
    with (folder / "lock").open("r+b") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        after_load(warehouse)
    assert (folder / "manifest.json").read_bytes() == before
    assert_right(warehouse)


def test_a_load_that_cannot_keep_them_only_says_so(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "columns").write_text("a file stands in the way")
    warehouse = with_columns(engine, tmp_path / "columns")
    load_more(warehouse, 1)
    after_load(warehouse)
    assert "Not a directory" in caplog.text or "File exists" in caplog.text
    caplog.clear()
    monkeypatch.setattr(Registers, "keep_up_to_date", None)
    after_load(warehouse)
    assert "TypeError" in caplog.text
    assert_right(warehouse)


def test_a_load_by_a_warehouse_that_was_put_back_keeps_its_own(engine: Engine, copy_of: CopyOf, tmp_path: Path) -> None:
    first = with_columns(engine, tmp_path / "columns")
    load_more(first, 1)
    put_back = with_columns(copy_of(engine), tmp_path / "columns")
    load_more(first, 2)
    after_load(first)
    (tmp_path / "columns" / warehouse_name(first.url)).rename(tmp_path / "columns" / warehouse_name(put_back.url))
    for number in (12, 13):
        load_more(put_back, number)
        after_load(put_back)
        assert_right(put_back)


def test_many_small_loads_are_few_files(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "GROWTH", 2)
    warehouse = with_columns(engine, tmp_path / "columns")
    most = 0
    for number in range(40):
        load_rows(warehouse, POLICE, [police(str(number), suspect_number=number + 1)])
        with snapshot(warehouse) as connection:
            assert registers_of(connection).state(as_of=DAYS[-1])[0].height == number + 1
        most = max(most, len(list(folder_of(warehouse).glob("*.rows.arrow"))))
    assert 1 < most <= 6
    assert_right(warehouse)


def test_no_room_on_the_disk(engine: Engine, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    warehouse = with_columns(engine, tmp_path / "columns")
    load_more(warehouse, 1)
    allowed = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2048, allowed[1]))
    try:
        assert_right(warehouse)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, allowed)
    assert "File too large" in caplog.text
    assert not list(folder_of(warehouse).glob("*.arrow"))
    assert_right(warehouse)
    assert len(list(folder_of(warehouse).glob("*.arrow"))) == 2


def test_a_folder_that_cannot_be_made(engine: Engine, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "columns").write_text("a file stands in the way")
    warehouse = with_columns(engine, tmp_path / "columns")
    load_more(warehouse, 1)
    assert_right(warehouse)
    assert "Not a directory" in caplog.text or "File exists" in caplog.text


def test_a_folder_in_which_nothing_can_be_written(
    warehouse: Engine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """As root every folder can be written, so the system says here what it says of a disk that is read-only."""
    opens = os.open

    def refuse(path: Any, flags: int, *rest: Any, **named: Any) -> int:
        if flags & os.O_CREAT and str(path).startswith(str(folder_of_files)):
            raise OSError(30, "Read-only file system")
        return opens(path, flags, *rest, **named)

    folder_of_files = folder_of(warehouse)
    load_more(warehouse, 2)
    monkeypatch.setattr(os, "open", refuse)
    assert_right(warehouse)
    assert "Read-only file system" in caplog.text


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a folder away")
def test_a_folder_of_somebody_else_is_not_read(warehouse: Engine, caplog: pytest.LogCaptureFixture) -> None:
    folder = folder_of(warehouse)
    os.chown(folder, 65534, -1)
    assert_right(warehouse)
    assert "others than its owner" in caplog.text
    load_more(warehouse, 2)
    assert_right(warehouse)


def test_without_a_folder_nothing_is_written_and_nothing_is_said(
    engine: Engine, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    load_more(engine, 1)
    assert_right(engine)
    assert caplog.text == ""
    with snapshot(engine) as connection:
        assert registers_of(connection).folder is None
