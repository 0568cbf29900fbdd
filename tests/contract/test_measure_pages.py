"""Every measure has a page, and the pages are what the declarations and the register say."""

from ketenbalans.figures.measures import ALL
from ketenbalans.figures.series import APART
from ketenbalans.figures.series_asked import lanes
from ketenbalans.jobs.pages.measure_pages import FOLDER, measure_pages
from schemas.contracts.command import COMMAND


def test_the_pages_are_fresh_and_there_is_no_other() -> None:
    written = {file.name: file.read_text(encoding="utf-8") for file in FOLDER.glob("*.md")}
    assert written == measure_pages(), f"a declaration or a figure has changed; run: .venv/bin/{COMMAND}"


def test_every_measure_says_its_rule_and_its_breaks() -> None:
    pages = measure_pages()
    for measure in ALL:
        page = pages[f"{measure.name}.md"]
        assert measure.rule in page if measure.derived else measure.why_not in page
        assert (measure.decided_in in page) == (measure.derived is not None)
        assert (FOLDER.parents[1] / measure.rule).is_file()
        assert (FOLDER.parents[1] / measure.decided_in).is_file()
        assert measure.breaks in page
        assert f"[{measure.name}]({measure.name}.md)" in pages["README.md"]


def test_every_page_has_the_breaks_of_its_series_with_day_and_reason() -> None:
    pages = measure_pages()
    for measure in ALL:
        section = pages[f"{measure.name}.md"].split("## Breaks in series")[1].split("## Published")[0]
        breaks = [found for chain in lanes(measure.name) for found in chain.breaks()]
        for found in breaks:
            said = [str(found.on), found.why, *map(str, found.changes)]
            assert any(all(one in row for one in said) for row in section.splitlines()), measure.name
        for apart in APART:
            assert (apart.why in section) == bool(apart.from_(measure.name))
        assert breaks or "No day is known" in section
