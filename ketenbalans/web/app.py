"""The pages of Ketenbalans as one app: its routes, the headers of every answer, and how it says what went wrong.

Every route depends on ``who.Viewer``, ``who.Actor`` or, for what is measured, ``who.Scraper``: a test walks all of
them. Loaded while Airflow starts, so what is large is imported by the route that needs it.
"""

import logging
from collections.abc import Awaitable, Callable

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.exceptions import HTTPException as AnyHTTPException

from ketenbalans.jobs.servers.addresses import ServiceNotRunning
from ketenbalans.web import who
from ketenbalans.web.drawing import draw_error
from ketenbalans.web.page_headers import headers_for
from ketenbalans.web.routes import (
    audit,
    breaks,
    files,
    incidents,
    letters,
    metrics,
    overview,
    signoffs,
    suggestions,
    years,
)
from warehouse.errors import WarehouseError, WarehouseUnreachable

OUT_OF_REACH, NOT_POSSIBLE, CANNOT_BE_READ, DEFECT = 503, 409, 422, 500

logger = logging.getLogger("ketenbalans.web")

# its own documentation would be open to everybody, and says nothing that is not here
pages = FastAPI(title="Ketenbalans", docs_url=None, redoc_url=None, openapi_url=None)
for module in (overview, years, breaks, suggestions, incidents, letters, signoffs, audit, files, metrics, who):
    pages.include_router(module.router)


@pages.middleware("http")
async def with_headers(request: Request, answer: Callable[[Request], Awaitable[Response]]) -> Response:
    """Send the headers of our pages with every answer, a refusal too."""
    response = await answer(request)
    for name, value in headers_for(response.headers.get("content-type", "")).items():
        response.headers.setdefault(name, value)
    return response


@pages.exception_handler(AnyHTTPException)
async def say_status(request: Request, error: HTTPException) -> Response:
    """A refusal as a page for a browser, and as JSON for who asks for that."""
    if "text/html" in request.headers.get("accept", ""):
        return _error(request, str(error.detail), error.status_code)
    return JSONResponse({"detail": error.detail}, status_code=error.status_code, headers=error.headers)


@pages.exception_handler(RequestValidationError)
async def say_what_cannot_be_asked(request: Request, error: RequestValidationError) -> Response:
    """A part of the address or of a form that is none: which one, and never its value."""
    parts = ", ".join(sorted({".".join(map(str, one["loc"][1:])) for one in error.errors()}))
    return _error(request, f"the address or the form has a part that cannot be read: {parts}", CANNOT_BE_READ)


@pages.exception_handler(Exception)
async def say_defect(request: Request, error: Exception) -> Response:
    """What nobody foresaw: a broken file of the home, a wrong setting, a defect of ours."""
    logger.error("a page could not be made", exc_info=error)
    says = (
        f"this page could not be made ({type(error).__name__}); the log of Airflow's api-server says why, and "
        "`ketenbalans status` and `ketenbalans settings` whether something is not as it should be"
    )
    answer = _error(request, says, DEFECT)
    answer.headers.update(headers_for("text/html"))  # it does not pass the middleware
    return answer


@pages.exception_handler(ServiceNotRunning)
@pages.exception_handler(WarehouseUnreachable)
async def say_out_of_reach(request: Request, error: Exception) -> Response:
    """The warehouse does not answer: what to do is in the message."""
    return _error(request, str(error), OUT_OF_REACH)


@pages.exception_handler(WarehouseError)
async def say_not_possible(request: Request, error: Exception) -> Response:
    """What is stored does not allow it."""
    return _error(request, str(error), NOT_POSSIBLE)


def _error(request: Request, says: str, status: int) -> Response:
    return HTMLResponse(draw_error(says, base=f"{request.scope['root_path']}/"), status_code=status)
