"""Suggested pairs, one after another."""

from collections.abc import Mapping
from http import HTTPStatus

from fastapi import APIRouter, HTTPException, Request, Response

from ketenbalans.settings import Settings
from ketenbalans.web.answering import page
from ketenbalans.web.break_forms import year_of
from ketenbalans.web.who import SignedIn, Viewer
from warehouse.errors import DecisionRefused

ASKED = ("after", "before", "only", "year", "keys", "done")

router = APIRouter()


@router.get("/suggestions")
def suggestions(request: Request, who: Viewer) -> Response:
    """The next suggested pair about which nobody decided: after ``after``, before ``before``, of ``year``."""
    return suggestion(request, who, request.query_params)


def suggestion(
    request: Request, who: SignedIn, asked: Mapping[str, str], *, status: int = 200, refused: str | None = None
) -> Response:
    """The page of a suggestion, with what was decided about the one before it."""
    from ketenbalans.jobs.breaks.break_view import what_was_kept  # noqa: PLC0415 (loads the frame library: not while Airflow starts)
    from ketenbalans.jobs.breaks.suggestions import read_suggestion  # noqa: PLC0415
    from ketenbalans.jobs.servers.warehouse import warehouse_from  # noqa: PLC0415

    settings = Settings()
    outcome = {name: asked.get(name) or None for name in ASKED}
    year, done, after = year_of(outcome["year"] or ""), outcome["done"], outcome["after"]
    with warehouse_from(settings) as engine:
        try:
            found = read_suggestion(
                engine,
                policy=settings.read_policy(),
                year=year,
                after=after,
                before=outcome["before"],
                only=outcome["only"],
            )
        except DecisionRefused as error:
            raise HTTPException(HTTPStatus.NOT_FOUND, str(error)) from None
        kept = None if done is None or after is None else what_was_kept(engine, done, break_id=after)
    return page(
        request,
        who,
        "suggestions.html.j2",
        here="suggestions",
        status=status,
        found=found,
        year=year,
        after=after,
        has_keys=outcome["keys"] != "off",
        kept=kept,
        refused=refused,
    )
