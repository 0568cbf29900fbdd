"""A page of our own in Airflow's navigation: which source is behind, the last balances, the alerts and what to do.

Loaded by Airflow through the entry point in ``pyproject.toml``. Whoever may look at Airflow may look at these pages;
without a session they answer 401. The pages hold counts only.
"""

from pathlib import Path
from typing import Annotated, Any

from airflow.api_fastapi.core_api.security import GetUserDep
from airflow.plugins_manager import AirflowPlugin
from fastapi import Depends, FastAPI, HTTPException
from fastapi.responses import FileResponse, HTMLResponse

from jobs.page_files import is_there
from jobs.settings import Settings

FOLDERS = ("balances", "quality", "reports")
"""The folders of the home that hold pages for people."""

NO_SUCH_PAGE = "there is no such page"

pages = FastAPI(title="Ketenbalans")


@pages.get("/", response_class=HTMLResponse)
def status(_user: GetUserDep) -> str:
    """Where everything stands now."""
    from jobs.status_page import status_page  # noqa: PLC0415 (loads the frame library: not while Airflow starts)

    return status_page(Settings())


def names_a_file(folder: str, path: str) -> None:
    """Refuse an address of no file."""
    if not is_there(Settings().home / folder / path):
        raise HTTPException(404, NO_SUCH_PAGE)


@pages.get("/files/{folder}/{path:path}")
def file(folder: str, path: str, _user: GetUserDep, _there: Annotated[None, Depends(names_a_file)]) -> FileResponse:
    """A page that a job wrote: a balance, a report or the data docs of a source."""
    home = Settings().home.absolute()
    asked = (home / folder / path).resolve()
    if folder not in FOLDERS or not asked.is_relative_to(home / folder) or not asked.is_file():
        raise HTTPException(404, NO_SUCH_PAGE)
    return FileResponse(Path(asked))


class KetenbalansPlugin(AirflowPlugin):
    """The entry in the navigation and the pages behind it."""

    name = "ketenbalans"
    fastapi_apps: list[Any] = [  # noqa: RUF012 (Airflow wants a list)
        {"app": pages, "url_prefix": "/ketenbalans", "name": "Ketenbalans"}
    ]
    external_views: list[Any] = [  # noqa: RUF012
        {
            "name": "Balance",
            "href": "/ketenbalans/",
            "destination": "nav",
            "url_route": "ketenbalans",
        }
    ]
