"""The pages of Ketenbalans as one app: its routes, the headers of every answer, and how it says what went wrong.

Every route depends on ``who.Viewer`` or ``who.Actor``: a test walks all of them. Loaded while Airflow starts, so what
is large is imported by the route that needs it.
"""

from collections.abc import Awaitable, Callable

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.exceptions import HTTPException as AnyHTTPException

from ketenbalans.jobs.servers.addresses import ServiceNotRunning
from ketenbalans.web.drawing import draw_error
from ketenbalans.web.page_headers import headers_for
from ketenbalans.web.routes import files, overview, years
from ketenbalans.web.who import router as who_is_signed_in
from warehouse.errors import WarehouseError, WarehouseUnreachable

OUT_OF_REACH, NOT_POSSIBLE = 503, 409

# its own documentation would be open to everybody, and says nothing that is not here
pages = FastAPI(title="Ketenbalans", docs_url=None, redoc_url=None, openapi_url=None)
for module in (overview, years, files):
    pages.include_router(module.router)
pages.include_router(who_is_signed_in)


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
