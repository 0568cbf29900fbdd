"""Reject files: each extract has its own, nothing of another one is touched, nothing is written without need."""

from pathlib import Path
from unittest.mock import patch

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.errors import RejectFileNotWritten
from producers.extract import REJECTIONS
from producers.rejects import SUFFIX, keep_rejects, reject_file_of
from tests.unit.producers.extracts import POLICE, csv_text, outcome_of

NAMES = st.text(st.sampled_from("ab.-2014"), min_size=1, max_size=12)
IDS = st.text(st.sampled_from("0123456789abcdef"), min_size=64, max_size=64)
ID, OTHER_ID = "3f2a1b9c" + "0" * 56, "d" * 64


def rejected(row: str = "x;y") -> pl.DataFrame:
    return pl.DataFrame([(3, "kst", "is J or N", row)], schema=REJECTIONS, orient="row")


def test_what_is_rejected_is_kept_by_line_column_and_rule_for_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "police-2015-01-31.csv"
    source_text = csv_text([POLICE, {**POLICE, "kst": "ja", "team": "tbkk"}])
    found = outcome_of("police", file, source_text)
    assert found.rejected == [(3, "team|kst", "is one of TBKK, ZEDEN|is J or N")]
    assert found.rules == [("kst", "is J or N", 1), ("team", "is one of TBKK, ZEDEN", 1)]
    kept = keep_rejects(file, found.extract.extract_id, found.extract.rejected)
    assert kept == tmp_path / f"police-2015-01-31.csv.{found.extract.extract_id[:8]}.rejected.csv"
    assert kept.stat().st_mode & 0o777 == 0o600
    header, line = kept.read_text().splitlines()
    assert header == "line;column;rule;row"
    assert line == f'3;team|kst;is one of TBKK, ZEDEN|is J or N;"{source_text.splitlines()[2]}"'
    assert sorted(tmp_path.iterdir()) == [file, kept]


@given(st.lists(st.tuples(NAMES, IDS), min_size=2, max_size=6, unique_by=lambda one: (one[0], one[1][:8])))
def test_no_two_extracts_share_a_reject_file(extracts: list[tuple[str, str]]) -> None:
    files = [reject_file_of(Path("extracts", name), extract_id) for name, extract_id in extracts]
    assert len(set(files)) == len(files)
    assert all(file.name.endswith(SUFFIX) for file in files)
    assert not {file.name for file in files} & {name for name, _ in extracts}


def test_what_one_extract_left_stays_whatever_another_one_or_its_next_version_leaves(tmp_path: Path) -> None:
    file, other = tmp_path / "police.2014-11-30", tmp_path / "police.2014-12-31"
    first = keep_rejects(file, ID, rejected("first"))
    assert first is not None
    content = first.read_bytes()
    assert keep_rejects(other, OTHER_ID, rejected("second")) != first
    assert keep_rejects(file, OTHER_ID, rejected("mended")) != first
    assert keep_rejects(file, OTHER_ID, rejected().clear()) is None
    assert keep_rejects(file, ID, rejected().clear()) is None
    assert first.read_bytes() == content
    assert len(list(tmp_path.iterdir())) == 3


def test_nothing_is_written_where_nothing_has_to_be(tmp_path: Path) -> None:
    file = tmp_path / "police.csv"
    kept = keep_rejects(file, ID, rejected())
    with patch("ketenbalans.whole_files.os.open", side_effect=OSError(30, "Read-only file system")):
        assert keep_rejects(file, ID, rejected()) == kept
        assert keep_rejects(file, ID, rejected().clear()) is None
        with pytest.raises(RejectFileNotWritten, match=r"Read-only file system.*nothing was published"):
            keep_rejects(file, ID, rejected("another"))
    assert keep_rejects(tmp_path / "no folder" / "police.csv", ID, rejected().clear()) is None


def test_a_folder_that_is_not_there_is_reported(tmp_path: Path) -> None:
    with pytest.raises(RejectFileNotWritten) as caught:
        keep_rejects(tmp_path / "no folder" / "police.csv", ID, rejected("secret"))
    assert "secret" not in str(caught.value)
    assert caught.value.__context__ is None
