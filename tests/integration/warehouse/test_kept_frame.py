"""A frame that was worked out is given again for the same key; whatever happens to its file, it is the same frame."""

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from sqlalchemy import Engine

from ketenbalans.columns.kept_frame import FOLDER, MANIFEST, kept_frame
from ketenbalans.columns.registers import registers_of
from tests.integration.warehouse.test_columns import with_columns
from warehouse.database import snapshot

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
