"""Answer a request with a page, or lead on after something was kept."""

from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse

from ketenbalans.jobs.pages.docs_pages import where_docs_are
from ketenbalans.settings import Settings
from ketenbalans.web.drawing import Visit, draw
from ketenbalans.web.form_tokens import issue
from ketenbalans.web.who import SignedIn

REFUSED = 409
"""The status of an act that what is stored does not allow."""


def page(
    request: Request, who: SignedIn, template: str, *, here: str, status: int = 200, **values: Any
) -> HTMLResponse:
    """A page for who is signed in (``drawing.draw``)."""
    base = f"{request.scope['root_path']}/"
    visit = Visit(
        base=base,
        handle=who.name,
        may_act=who.may_act,
        may_be_anybody=who.may_be_anybody,
        token_for=lambda path: issue(who.name, f"/{path}"),
        docs=where_docs_are(Settings(), pages=base),
    )
    return HTMLResponse(draw(template, visit, here=here, **values), status_code=status)


def lead_on(request: Request, place: str, **query: str) -> RedirectResponse:
    """To a place below the first page, by GET: reading it again sends no form again."""
    asked = f"?{urlencode(query)}" if query else ""
    return RedirectResponse(f"{request.scope['root_path']}/{place}{asked}", status_code=303)
