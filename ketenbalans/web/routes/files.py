"""What jobs wrote for people, and the texts of the project."""

from pathlib import Path

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import FileResponse, HTMLResponse

from ketenbalans.jobs.pages.files import is_there
from ketenbalans.jobs.pages.navigation import with_way_back
from ketenbalans.settings import Settings
from ketenbalans.web.who import Viewer

FOLDERS = ("balances", "quality", "reports")
"""The folders of the home that hold pages for people."""

NO_SUCH_PAGE = "there is no such page"

router = APIRouter()


@router.get("/files/{folder}/{path:path}")
def file(folder: str, path: str, request: Request, _who: Viewer) -> Response:
    """A page that a job wrote: a balance, a report or the data docs of a source."""
    home = Settings().home
    if folder not in FOLDERS or not is_there(home / folder / path):
        raise HTTPException(404, NO_SUCH_PAGE)
    among = (home / folder).resolve()
    asked = (among / path).resolve()
    if not asked.is_relative_to(among) or not asked.is_file():
        raise HTTPException(404, NO_SUCH_PAGE)
    return _shown(asked, request)


@router.get("/docs/{path:path}")
def docs(path: str, request: Request, _who: Viewer) -> Response:
    """A text of the project: a runbook, the counting rules, a decision."""
    from ketenbalans.jobs.pages.docs_pages import docs_file, docs_page  # noqa: PLC0415 (reads Markdown: not while Airflow starts)

    asked = docs_file(path)
    if asked is None:
        raise HTTPException(404, NO_SUCH_PAGE)
    if asked.suffix != ".md":
        return FileResponse(asked)
    return HTMLResponse(with_way_back(docs_page(path, Settings()), balance=_balance(request)))


def _shown(file: Path, request: Request) -> Response:
    """A file as it is; a page with the way back to where everything stands."""
    if file.suffix != ".html":
        return FileResponse(file)
    return HTMLResponse(with_way_back(file.read_text(encoding="utf-8"), balance=_balance(request)))


def _balance(request: Request) -> str:
    return f"{request.scope['root_path']}/"
