"""A site is there whole or not at all, and its pages ask nothing of another server."""

from pathlib import Path

import pytest

from ketenbalans.quality.data_docs import DocsFolder, by_itself, pages_of

PAGE = """<html><head><link rel="stylesheet" href="https://elsewhere.example/a.css">
<script src="https://elsewhere.example/a.js" integrity="x"></script><script>let here = 1</script>
<style>b { background: url('https://elsewhere.example/a.png') }</style></head>
<body><img src="https://elsewhere.example/b.png?d=1"> <a href="https://elsewhere.example">x</a>
<a href="../index.html">y</a>
</body></html>"""


def test_a_page_asks_nothing_of_others_and_keeps_what_is_its_own() -> None:
    page = by_itself(PAGE)
    assert "elsewhere" not in page
    assert all(own in page for own in ("let here = 1", '<a href="../index.html">y</a>', "Content-Security-Policy"))


def test_a_site_takes_the_place_of_the_one_before_when_it_is_whole(tmp_path: Path) -> None:
    site = tmp_path / "quality" / "police"
    for number in (1, 2):
        with DocsFolder(site) as folder:
            (folder / f"{number}.html").touch()
            assert not (site / f"{number}.html").exists()
        assert [page.name for page in site.iterdir()] == [f"{number}.html"]
    with pytest.raises(ZeroDivisionError), DocsFolder(site) as folder:
        (folder / "3.html").touch()
        _ = 1 / 0
    assert [page.name for page in site.iterdir()] == ["2.html"]
    assert [one.name for one in site.parent.iterdir()] == ["police"]


def test_the_pages_that_were_built_are_listed_and_ask_nothing_of_others(tmp_path: Path) -> None:
    names = (
        "index.html",
        "expectations/a.html",
        "validations/a/b/warehouse-a.html",
        "validations/a/b/of-a_numbers.html",
    )
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(PAGE)
    (tmp_path / "static").mkdir()
    assert pages_of(tmp_path) == [
        {"about": "every number and its band", "href": "validations/a/b/of-a_numbers.html"},
        {"about": "every expectation, and the rows that do not meet it", "href": "validations/a/b/warehouse-a.html"},
    ]
    left = {file.relative_to(tmp_path).as_posix() for file in tmp_path.rglob("*.*")}
    assert left == set(names) - {"index.html"}
    assert not any("elsewhere" in (tmp_path / name).read_text() for name in left)
