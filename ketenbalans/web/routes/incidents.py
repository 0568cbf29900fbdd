"""What stops a source until a person has looked, and the word of a person to go on."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from ketenbalans.settings import Settings
from ketenbalans.web.answering import REFUSED, AnyNumber, RowNumber, lead_on, page
from ketenbalans.web.who import Actor, Viewer

router = APIRouter()


@router.get("/incidents")
def incidents(request: Request, who: Viewer, resumed: AnyNumber = None) -> Response:
    """Those that run, and the newest of those that are over."""
    from ketenbalans.jobs.pages.incidents import read_incidents  # noqa: PLC0415 (loads the frame library: not while Airflow starts)
    from ketenbalans.jobs.servers.warehouse import warehouse_from  # noqa: PLC0415

    with warehouse_from(Settings()) as engine:
        found = read_incidents(engine)
    kept = None if resumed is None else found.sentence_of(resumed)
    return page(request, who, "incidents.html.j2", here="incidents", found=found, kept=kept, typed={})


@router.post("/incidents/{incident_id}/resume")
def resume(
    request: Request,
    who: Actor,
    incident_id: RowNumber,
    note: Annotated[str, Form()] = "",
) -> Response:
    """Let a source go on; an incident that was resumed already stays as it is."""
    from ketenbalans.jobs.loading.resuming import resume_incident  # noqa: PLC0415
    from ketenbalans.jobs.pages.incidents import read_incidents  # noqa: PLC0415
    from ketenbalans.jobs.servers.warehouse import warehouse_from  # noqa: PLC0415
    from schemas.decisions import InvalidDecision  # noqa: PLC0415
    from warehouse.errors import DecisionRefused  # noqa: PLC0415

    with warehouse_from(Settings()) as engine:
        try:
            resume_incident(engine, incident_id, by=who.person.handle, note=note, identity=who.person.identity)
        except (DecisionRefused, InvalidDecision) as error:
            values = {"found": read_incidents(engine), "refused": str(error), "typed": {incident_id: note}}
            return page(request, who, "incidents.html.j2", here="incidents", status=REFUSED, **values)
    return lead_on(request, "incidents", resumed=str(incident_id))
