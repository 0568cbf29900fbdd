"""An extract of before a field came has no column for it, and is read as ever."""

from dataclasses import replace
from pathlib import Path

import pytest

from producers.content import opened
from producers.csv_extract import read_csv
from producers.errors import UnreadableExtract
from schemas.catalogue import source_named
from schemas.contracts.dictionary import source_page
from schemas.declaration import Field

POLICE = source_named("police")
LATER = Field(name="came_later", meaning="new", column="nieuw", required=False, added_later=True)
SOURCE = replace(POLICE, fields=(*POLICE.fields[:3], LATER, *POLICE.fields[3:]))
COLUMNS = [field.column or "" for field in POLICE.fields]
CELLS = [f"cell {number}" for number in range(len(COLUMNS))]


def extract(folder: Path, columns: list[str], cells: list[str]) -> Path:
    file = folder / "police-2015-01-31.csv"
    file.write_text(f"{';'.join(columns)}\n{';'.join(cells)}\n", encoding="utf-8")
    return file


def cells_of(file: Path) -> list[dict[str, str | None]]:
    with opened(file) as content:
        return [row for part in read_csv(content, SOURCE).parts for row in part.cells.to_dicts()]


def test_a_column_that_came_later_may_lack(tmp_path: Path) -> None:
    (row,) = cells_of(extract(tmp_path, COLUMNS, CELLS))
    assert row == {**dict(zip(COLUMNS, CELLS, strict=True)), "nieuw": None}


def test_one_that_is_there_is_read(tmp_path: Path) -> None:
    (row,) = cells_of(extract(tmp_path, ["nieuw", *COLUMNS], ["here", *CELLS]))
    assert row == {**dict(zip(COLUMNS, CELLS, strict=True)), "nieuw": "here"}


@pytest.mark.parametrize("place", range(len(COLUMNS)))
def test_any_other_may_not_lack(tmp_path: Path, place: int) -> None:
    file = extract(tmp_path, COLUMNS[:place] + COLUMNS[place + 1 :], CELLS[1:])
    with pytest.raises(UnreadableExtract, match=f"it lacks {COLUMNS[place]} "):
        cells_of(file)


def test_the_dictionary_says_so() -> None:
    assert "| `nieuw` | `came_later` | text | yes, and an extract may lack the column | new |" in source_page(SOURCE)
