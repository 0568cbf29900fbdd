"""A site is there whole or not at all, and its pages ask nothing of another server."""

from pathlib import Path

import pytest

from quality.data_docs import DocsFolder, by_itself

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
            (folder / "index.html").write_text(PAGE)
            (folder / f"{number}.html").touch()
            (folder / "validations" / "police").mkdir(parents=True)
            (folder / "validations" / "police" / "a.html").touch()
            assert not (site / f"{number}.html").exists()
        assert sorted(page.name for page in site.iterdir()) == [f"{number}.html", "index.html", "validations"]
        assert '<a href="validations/police/a.html">police</a>' in (site / "index.html").read_text()
    with pytest.raises(ZeroDivisionError), DocsFolder(site) as folder:
        (folder / "3.html").touch()
        _ = 1 / 0
    assert sorted(page.name for page in site.iterdir()) == ["2.html", "index.html", "validations"]
    assert [one.name for one in site.parent.iterdir()] == ["police"]
    assert "elsewhere" not in (site / "index.html").read_text()
