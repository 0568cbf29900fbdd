"""The project's own texts as pages in Airflow: runbooks, counting rules, decisions."""

from pathlib import Path, PurePosixPath
from posixpath import normpath
from urllib.parse import urlsplit

from ketenbalans.jobs.pages.files import is_there
from ketenbalans.project import PROJECT_FOLDER
from ketenbalans.reports.docs_page import render_docs_page
from ketenbalans.settings import Settings

DOCS = PROJECT_FOLDER / "docs"
SHOWN = (".json", ".md", ".png")
"""What a page can show of that folder."""


def docs_file(path: str) -> Path | None:
    """A file of the texts; None where there is none, and where it lies outside their folder."""
    if not is_there(DOCS / path):
        return None
    file = (DOCS / path).resolve()
    return file if file.is_file() and file.suffix in SHOWN and file.is_relative_to(DOCS.resolve()) else None


def docs_page(path: str, settings: Settings) -> str:
    """A text as a page; what it links to outside of the folder is found where the settings say, if they do."""

    def resolve(link: str) -> str | None:
        split = urlsplit(link)
        if split.scheme in ("http", "https") or not split.path:
            return link
        target = normpath(PurePosixPath("docs") / PurePosixPath(path).parent / split.path)
        if target.startswith("docs/") and docs_file(target.removeprefix("docs/")):
            return link
        return f"{settings.docs_url.rstrip('/')}/{target}" if settings.docs_url and target[:2] != ".." else None

    return render_docs_page((DOCS / path).read_text(encoding="utf-8"), resolve=resolve)


def where_docs_are(settings: Settings, *, pages: str) -> str | None:
    """What goes before ``docs/...`` in a link to a text: our own pages, or what the settings say; None: nowhere."""
    if docs_file("runbooks/README.md"):
        return pages
    return None if settings.docs_url is None else f"{settings.docs_url.rstrip('/')}/"
