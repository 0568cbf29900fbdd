"""A calendar year: its balance, how the gap moved, and the units."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Request, Response

from ketenbalans.settings import Settings
from ketenbalans.web.answering import page
from ketenbalans.web.who import Viewer

router = APIRouter()


@router.get("/years/{year}")
def year_page(request: Request, who: Viewer, year: Annotated[int, Path(ge=1, le=9999)]) -> Response:
    """The newest balance of a year and the days before it."""
    from ketenbalans.jobs.pages.year import read_year  # noqa: PLC0415 (loads the frame library: not while Airflow starts)
    from ketenbalans.jobs.servers.warehouse import warehouse_from  # noqa: PLC0415

    settings = Settings()
    with warehouse_from(settings) as engine:
        found = read_year(engine, year, settings=settings)
    if found is None:
        raise HTTPException(404, f"no balance of {year} is stored; `ketenbalans reconcile --period {year}` makes one")
    return page(request, who, "year.html.j2", here="", found=found)
