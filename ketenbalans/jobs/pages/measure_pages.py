"""Write the page of each measure and their index into ``docs/measures``."""

from pathlib import Path

from ketenbalans.figures.measure_pages import measure_page, measures_index
from ketenbalans.figures.measures import ALL
from ketenbalans.jobs.figures.published import published_figures
from ketenbalans.project import PROJECT_FOLDER
from schemas.whole_files import WholeFiles

FOLDER = PROJECT_FOLDER / "docs" / "measures"


def measure_pages() -> dict[str, str]:
    """The name and the text of every page."""
    figures = published_figures()
    pages = {
        f"{measure.name}.md": measure_page(measure, [one for one in figures if one.measure == measure.name])
        for measure in ALL
    }
    return {"README.md": measures_index(ALL), **pages}


def write_measure_pages(folder: Path) -> None:
    """Write them, and remove what is no longer one."""
    pages = measure_pages()
    with WholeFiles(folder) as files:
        for name, text in pages.items():
            files.add(name, text.encode())
    for stray in folder.glob("*.md"):
        if stray.name not in pages:
            stray.unlink()


if __name__ == "__main__":
    write_measure_pages(FOLDER)
