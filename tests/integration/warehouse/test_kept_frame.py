"""A frame that was worked out is given again for the same key; whatever happens to its file, it is the same frame."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from sqlalchemy import Engine, text

from ketenbalans.columns.kept_frame import FOLDER, MANIFEST, grown_frame, kept_frame
from ketenbalans.columns.registers import registers_of
from tests.integration.warehouse.rows import POLICE, load_rows, police
from tests.integration.warehouse.test_columns import with_columns
from warehouse.database import snapshot
from warehouse.recent_rows import read_recent

pytestmark = pytest.mark.stack

FRAME = pl.DataFrame({"year": [2014, 2015], "cause": ["missing", None]})


class Asked:
    """Asks a warehouse for a frame, and counts how often it is worked out."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.times = engine, 0

    def __call__(self, key: int = 1) -> pl.DataFrame:
        def work_out() -> pl.DataFrame:
            self.times += 1
            return FRAME.with_columns(key=pl.lit(key))

        with snapshot(self.engine) as connection:
            return kept_frame(connection, "frame", {"load": key}, work_out)


@pytest.fixture
def asked(engine: Engine, tmp_path: Path) -> Asked:
    return Asked(with_columns(engine, tmp_path / "columns"))


def folder_of(engine: Engine) -> Path:
    with snapshot(engine) as connection:
        folder = registers_of(connection).folder
    assert folder is not None
    return folder / FOLDER / "frame"


def test_the_same_key_is_worked_out_once(asked: Asked) -> None:
    assert asked().equals(asked())
    assert asked.times == 1
    assert asked(2)["key"].unique().to_list() == [2]
    assert asked(1)["key"].unique().to_list() == [1], "of each name the last is kept"
    assert asked.times == 3
    assert [file.name for file in folder_of(asked.engine).glob("*.arrow")] != []


def test_without_a_folder_it_is_worked_out_each_time(engine: Engine) -> None:
    asked = Asked(engine)
    assert asked().equals(asked())
    assert asked.times == 2


def shortened(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-8])


def altered(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


@pytest.mark.parametrize("damage", [Path.unlink, shortened, altered, lambda file: file.write_bytes(b"")])
@pytest.mark.parametrize("pattern", ["*.arrow", MANIFEST])
def test_a_damaged_file_is_worked_out_again(asked: Asked, damage: Callable[[Path], None], pattern: str) -> None:
    before = asked()
    (file,) = folder_of(asked.engine).glob(pattern)
    damage(file)
    assert asked().equals(before)
    assert asked.times == 2
    assert asked().equals(before)
    assert asked.times == 2


class Grown:
    """Asks for the recent rows of the police, and keeps after which loads they were read."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.read_after: list[int] = []

    def __call__(self, since: date = date(2014, 1, 1)) -> pl.DataFrame:
        with snapshot(self.engine) as connection:

            def rows_after(load: int) -> pl.DataFrame:
                self.read_after.append(load)
                return read_recent(connection, POLICE, since=since, long_after_days=30, after_load=load)

            rows = grown_frame(connection, "frame", {"since": str(since)}, POLICE, rows_after)
            whole = read_recent(connection, POLICE, since=since, long_after_days=30)
        assert rows.sort(rows.columns).equals(whole.sort(whole.columns))
        return rows


@pytest.fixture
def grown(engine: Engine, tmp_path: Path) -> Grown:
    return Grown(with_columns(engine, tmp_path / "columns"))


def load_one(engine: Engine, number: int) -> None:
    load_rows(engine, POLICE, [police(f"e{number}", suspect_number=number, unit=f"PL{number:04}")])


def test_a_load_adds_its_rows_to_those_that_are_kept(grown: Grown) -> None:
    assert grown().is_empty()
    for number in (1, 2):
        load_one(grown.engine, number)
    assert [grown().height, grown().height] == [2, 2]
    load_one(grown.engine, 3)
    assert grown().height == 3
    assert grown(date(2014, 2, 1)).height == 3
    assert grown.read_after == [0, 0, 2, 0]


@pytest.mark.parametrize("damage", [Path.unlink, shortened, altered])
@pytest.mark.parametrize("pattern", ["*.arrow", MANIFEST])
def test_rows_that_are_damaged_are_read_again(grown: Grown, damage: Callable[[Path], None], pattern: str) -> None:
    load_one(grown.engine, 1)
    grown()
    (file,) = folder_of(grown.engine).glob(pattern)
    damage(file)
    load_one(grown.engine, 2)
    assert grown().height == 2
    assert grown.read_after == [0, 0]


def test_rows_of_another_history_are_read_again(grown: Grown) -> None:
    for number in (1, 2):
        load_one(grown.engine, number)
    grown()
    with grown.engine.begin() as connection:  # the warehouse is put back, and goes on otherwise
        connection.execute(text("ALTER TABLE police_deliveries DISABLE TRIGGER USER"))
        connection.execute(text("ALTER TABLE load DISABLE TRIGGER USER"))
        for table in ("police_deliveries", "load"):
            connection.execute(text(f"DELETE FROM {table} WHERE load_number = 2"))
    assert grown().height == 1
    for number in (3, 4):
        load_one(grown.engine, number)
    assert grown().height == 3
    assert grown.read_after == [0, 0, 1]
