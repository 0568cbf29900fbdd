"""A page of our own in Airflow's navigation: which source is behind, the last balances, the alerts and what to do.

Loaded by Airflow through the entry point in ``pyproject.toml``. Whoever may look at Airflow may look at these pages;
without a session they answer 401. The pages hold counts only. Airflow as a whole answers to its own names only.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from airflow.api_fastapi.core_api.security import GetUserDep
from airflow.configuration import conf
from airflow.plugins_manager import AirflowPlugin
from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.responses import FileResponse, HTMLResponse
from starlette.middleware.trustedhost import TrustedHostMiddleware

from ketenbalans.jobs.pages.files import is_there
from ketenbalans.jobs.pages.navigation import with_way_back
from ketenbalans.settings import Settings, settings_if_valid
from ketenbalans.web.page_headers import headers_for, names_of_the_server

FOLDERS = ("balances", "quality", "reports")
"""The folders of the home that hold pages for people."""

NO_SUCH_PAGE = "there is no such page"

# its own documentation would be open to everybody, and says nothing that is not here
pages = FastAPI(title="Ketenbalans", docs_url=None, redoc_url=None, openapi_url=None)


@pages.middleware("http")
async def with_headers(request: Request, answer: Callable[[Request], Awaitable[Response]]) -> Response:
    """Send the headers of our pages with every answer, a refusal too."""
    response = await answer(request)
    response.headers.update(headers_for(response.headers.get("content-type", "")))
    return response


@pages.get("/", response_class=HTMLResponse)
def status(_user: GetUserDep) -> str:
    """Where everything stands now."""
    from ketenbalans.jobs.pages.status_page import status_page  # noqa: PLC0415 (loads the frame library: not while Airflow starts)

    return status_page(Settings())


@pages.get("/files/{folder}/{path:path}")
def file(folder: str, path: str, request: Request, _user: GetUserDep) -> Response:
    """A page that a job wrote: a balance, a report or the data docs of a source."""
    home = Settings().home
    if folder not in FOLDERS or not is_there(home / folder / path):
        raise HTTPException(404, NO_SUCH_PAGE)
    among = (home / folder).resolve()
    asked = (among / path).resolve()
    if not asked.is_relative_to(among) or not asked.is_file():
        raise HTTPException(404, NO_SUCH_PAGE)
    return _shown(asked, request)


@pages.get("/docs/{path:path}")
def docs(path: str, request: Request, _user: GetUserDep) -> Response:
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


def names() -> list[str]:
    """The names that this Airflow answers to."""
    configured = (
        conf.get("api", "base_url", fallback=None),
        conf.get("core", "execution_api_server_url", fallback=None),
    )
    settings = settings_if_valid()  # whatever is set wrong, it opens no door: the jobs say what it is
    return names_of_the_server([*configured, None if settings is None else settings.airflow_url])


class KetenbalansPlugin(AirflowPlugin):
    """The entry in the navigation and the pages behind it."""

    name = "ketenbalans"
    fastapi_apps: list[Any] = [  # noqa: RUF012 (Airflow wants a list)
        {"app": pages, "url_prefix": "/ketenbalans", "name": "Ketenbalans"}
    ]
    fastapi_root_middlewares: list[Any] = [  # noqa: RUF012
        {"name": "Names of this server", "middleware": TrustedHostMiddleware, "kwargs": {"allowed_hosts": names()}}
    ]
    external_views: list[Any] = [  # noqa: RUF012
        {
            "name": "Balance",
            "href": "/ketenbalans/",
            "destination": "nav",
            "url_route": "ketenbalans",
        }
    ]
