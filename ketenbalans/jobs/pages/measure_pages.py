"""The page of each measure and their index, as ``docs/measures`` holds them."""

from ketenbalans.figures.measure_pages import measure_page, measures_index
from ketenbalans.figures.measures import ALL
from ketenbalans.jobs.figures.published import published_figures
from ketenbalans.project import PROJECT_FOLDER

FOLDER = PROJECT_FOLDER / "docs" / "measures"


def measure_pages() -> dict[str, str]:
    """The name and the text of every page."""
    figures = published_figures()
    pages = {
        f"{measure.name}.md": measure_page(measure, [one for one in figures if one.measure == measure.name])
        for measure in ALL
    }
    return {"README.md": measures_index(ALL), **pages}
