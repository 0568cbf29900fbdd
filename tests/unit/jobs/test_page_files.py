"""An address of a page is a file or is not, whatever somebody typed."""

from pathlib import Path

import pytest

from ketenbalans.jobs.pages.files import is_there


@pytest.mark.parametrize(
    "path", ["\x00", "a\x00b", "x" * 5_000, "a/" * 2_500, "é" * 200, "\udceb\x00", "none", "2014.html/x"]
)
def test_what_no_folder_can_hold_is_not_there(path: str, tmp_path: Path) -> None:
    (tmp_path / "2014.html").touch()
    assert not is_there(tmp_path / path)


@pytest.mark.parametrize("path", ["2014.html", "./2014.html", "../balances/2014.html"])
def test_a_page_is_there(path: str, tmp_path: Path) -> None:
    (tmp_path / "balances").mkdir()
    (tmp_path / "balances" / "2014.html").touch()
    assert is_there(tmp_path / "balances" / path)
