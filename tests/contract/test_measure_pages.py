"""Every measure has a page, and the pages are what the declarations and the register say."""

from jobs.measure_pages import FOLDER, measure_pages
from schemas.measure_pages import COMMAND
from schemas.measures import ALL


def test_the_pages_are_fresh_and_there_is_no_other() -> None:
    written = {file.name: file.read_text(encoding="utf-8") for file in FOLDER.glob("*.md")}
    assert written == measure_pages(), f"a declaration or a figure has changed; run: .venv/bin/{COMMAND}"


def test_every_measure_says_its_rule_and_its_breaks() -> None:
    pages = measure_pages()
    for measure in ALL:
        page = pages[f"{measure.name}.md"]
        assert measure.rule in page if measure.derived else measure.why_not in page
        assert (measure.breaks or "none known") in page
        assert f"[{measure.name}]({measure.name}.md)" in pages["README.md"]
