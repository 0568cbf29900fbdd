"""Where everything stands, the style sheet of every page, and taking an alert."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from ketenbalans.settings import Settings
from ketenbalans.web.answering import REFUSED, lead_on, page
from ketenbalans.web.drawing import style_sheet
from ketenbalans.web.who import Actor, SignedIn, Viewer

router = APIRouter()


@router.get("/")
def overview(request: Request, who: Viewer, taken: str | None = None) -> Response:
    """Where everything stands now."""
    return _overview(request, who, kept=f"The alert {taken} is taken." if taken else None)


@router.get("/static/style.css")
def style(_who: Viewer) -> Response:
    """The style sheet."""
    return Response(style_sheet(), media_type="text/css", headers={"Cache-Control": "private, max-age=600"})


@router.post("/alerts/{alert_id:path}/acknowledge")
def acknowledge(request: Request, who: Actor, alert_id: str, note: Annotated[str, Form()] = "") -> Response:
    """Take an alert: the list and this page say who deals with it."""
    from ketenbalans.jobs.servers.warehouse import warehouse_from  # noqa: PLC0415 (loads the frame library: not while Airflow starts)
    from ketenbalans.jobs.watching.alerts import record_of_all  # noqa: PLC0415
    from schemas.alerts import AlertStep  # noqa: PLC0415
    from schemas.decisions import InvalidDecision  # noqa: PLC0415
    from warehouse.errors import DecisionRefused  # noqa: PLC0415

    try:
        with warehouse_from(Settings()) as engine:
            record_of_all(
                engine,
                [alert_id],
                AlertStep.ACKNOWLEDGED,
                by=who.person.handle,
                identity=who.person.identity,
                note=note,
                at=datetime.now(UTC),
            )
    except (DecisionRefused, InvalidDecision) as error:
        return _overview(request, who, status=REFUSED, refused=str(error))
    return lead_on(request, "", taken=alert_id)


def _overview(request: Request, who: SignedIn, *, status: int = 200, **outcome: str | None) -> Response:
    from ketenbalans.jobs.pages.overview import read_overview  # noqa: PLC0415

    found = read_overview(Settings())
    return page(request, who, "overview.html.j2", here="", status=status, overview=found, **outcome)
