"""The audit chain: how long it is, how far it is signed, and its entries."""

from fastapi import APIRouter, Request, Response

from ketenbalans.settings import Settings
from ketenbalans.web.answering import AnyNumber, page
from ketenbalans.web.who import Viewer

router = APIRouter()


@router.get("/audit")
def audit(request: Request, who: Viewer, before: AnyNumber = None) -> Response:
    """The chain as it stands, and fifty of its entries, the newest first."""
    from ketenbalans.jobs.pages.audit_chain import read_chain  # noqa: PLC0415 (loads the frame library: not while Airflow starts)
    from ketenbalans.jobs.servers.warehouse import warehouse_from  # noqa: PLC0415

    settings = Settings()
    with warehouse_from(settings) as engine:
        found = read_chain(engine, settings, before=before)
    return page(request, who, "audit.html.j2", here="audit", found=found, before=before)
