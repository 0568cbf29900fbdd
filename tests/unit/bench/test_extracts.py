"""The extract files of the benchmarks: every row is an event, and the size of the pieces changes nothing."""

from pathlib import Path

import pytest

from bench.extracts import extract_files
from producers.catalogue import producer_of
from producers.content import opened
from producers.two_readings import checked
from schemas.catalogue import source_named


@pytest.mark.parametrize("name", ["police", "om"])
def test_every_row_becomes_an_event_of_a_synthetic_person(name: str, tmp_path: Path) -> None:
    made = extract_files(3_000, tmp_path)
    with opened({"police": made.police, "om": made.om}[name]) as content:
        found = checked(producer_of(source_named(name)), content)
    assert (found.rows, found.published, found.synthetic) == (made.rows[name], made.rows[name], True)
    assert made.rows[name] > 3_000 * 0.97


def test_pieces_of_any_size_make_the_same_files_and_the_same_truth(tmp_path: Path) -> None:
    whole, pieces = extract_files(3_000, tmp_path / "a"), extract_files(3_000, tmp_path / "b", at_once=700)
    assert (pieces.truth, pieces.rows) == (whole.truth, whole.rows)
    assert pieces.police.read_bytes() == whole.police.read_bytes()
    assert pieces.om.read_bytes() == whole.om.read_bytes()
