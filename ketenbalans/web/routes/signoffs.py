"""Figures that two persons sign: where each set stands, and preparing, approving and withdrawing one."""

from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Path, Query, Request, Response

from ketenbalans.settings import Settings
from ketenbalans.web.answering import REFUSED, lead_on, page
from ketenbalans.web.who import Actor, SignedIn, Viewer

FigureSet = Annotated[str, Path(pattern=r"^[0-9a-f]{8,64}$")]
"""The name of a figure set, or its first digits, in the address."""

Year = Annotated[int | None, Query(ge=1990, le=2199)]

router = APIRouter()


@router.get("/signoffs")
def signoffs(request: Request, who: Viewer, year: Year = None) -> Response:
    """Every figure set as it stands, what was signed last first."""
    return _signoffs(request, who, year=year)


@router.post("/signoffs/prepare")
def prepare(
    request: Request, who: Actor, question: Annotated[str, Form()] = "", year: Annotated[str, Form()] = ""
) -> Response:
    """Prepare the figures of a period as known on a day, for another person to approve."""
    from ketenbalans.incidents.checks import ChainKeyDiffers  # noqa: PLC0415 (loads the frame library: not while Airflow starts)
    from ketenbalans.jobs.reporting.refusals import NotReported  # noqa: PLC0415
    from ketenbalans.jobs.servers.warehouse import warehouse_from  # noqa: PLC0415
    from ketenbalans.jobs.signoff import acting  # noqa: PLC0415
    from ketenbalans.reconciliation.bridge import BalanceDoesNotClose  # noqa: PLC0415
    from schemas.period import InvalidPeriod, Period, read_day  # noqa: PLC0415
    from warehouse.errors import SignoffRefused  # noqa: PLC0415

    settings = Settings()
    named, _, day = question.partition(" ")
    try:
        period, as_of = Period.parse(named), read_day(day)
        with warehouse_from(settings) as engine:
            found = acting.prepare(engine, settings, period=period, as_of=as_of, person=who.person)
    except (BalanceDoesNotClose, ChainKeyDiffers, InvalidPeriod, NotReported, SignoffRefused) as error:
        only = int(year) if year.isascii() and year.isdigit() else None
        return _signoffs(request, who, year=only, chosen=question, status=REFUSED, refused=str(error))
    return lead_on(request, f"signoffs/{found.set_id}", done="prepared")


@router.get("/signoffs/{figure_set}")
def signoff(
    request: Request, who: Viewer, figure_set: FigureSet, done: Annotated[str, Query(max_length=20)] = ""
) -> Response:
    """One figure set: what was signed, by whom, and what moved it since."""
    return _signoff(request, who, figure_set, done=done)


@router.post("/signoffs/{figure_set}/approve")
def approve(request: Request, who: Actor, figure_set: FigureSet) -> Response:
    """Approve figures that another person prepared."""
    from ketenbalans.jobs.servers.warehouse import warehouse_from  # noqa: PLC0415
    from ketenbalans.jobs.signoff import acting  # noqa: PLC0415
    from warehouse.errors import SignoffRefused  # noqa: PLC0415

    try:
        with warehouse_from(Settings()) as engine:
            found = acting.approve(engine, figure_set, who.person)
    except SignoffRefused as error:
        return _signoff(request, who, figure_set, status=REFUSED, refused=str(error))
    return lead_on(request, f"signoffs/{found.set_id}", done="approved")


@router.post("/signoffs/{figure_set}/withdraw")
def withdraw(request: Request, who: Actor, figure_set: FigureSet, note: Annotated[str, Form()] = "") -> Response:
    """Take figures back: they are signed no more."""
    from ketenbalans.jobs.servers.warehouse import warehouse_from  # noqa: PLC0415
    from ketenbalans.jobs.signoff import acting  # noqa: PLC0415
    from schemas.decisions import InvalidDecision  # noqa: PLC0415
    from warehouse.errors import SignoffRefused  # noqa: PLC0415

    try:
        with warehouse_from(Settings()) as engine:
            found = acting.withdraw(engine, figure_set, who.person, note)
    except (InvalidDecision, SignoffRefused) as error:
        return _signoff(request, who, figure_set, status=REFUSED, refused=str(error), typed=note)
    return lead_on(request, f"signoffs/{found.set_id}", done="withdrawn")


def _signoffs(  # noqa: PLR0913 (each is named at the call)
    request: Request,
    who: SignedIn,
    *,
    year: int | None,
    chosen: str = "",
    status: int = 200,
    refused: str | None = None,
) -> Response:
    from ketenbalans.jobs.pages.signoffs import read_signoffs  # noqa: PLC0415
    from ketenbalans.jobs.servers.warehouse import warehouse_from  # noqa: PLC0415

    with warehouse_from(Settings()) as engine:
        found = read_signoffs(engine, year=year)
    values = {"found": found, "year": year, "chosen": chosen, "refused": refused}
    return page(request, who, "signoffs.html.j2", here="signoffs", status=status, **values)


def _signoff(  # noqa: PLR0913 (each is named at the call)
    request: Request,
    who: SignedIn,
    figure_set: str,
    *,
    done: str = "",
    typed: str = "",
    status: int = 200,
    refused: str | None = None,
) -> Response:
    from ketenbalans.jobs.pages.signoffs import read_signoff  # noqa: PLC0415
    from ketenbalans.jobs.servers.warehouse import warehouse_from  # noqa: PLC0415
    from warehouse.errors import SignoffRefused  # noqa: PLC0415

    try:
        settings = Settings()
        with warehouse_from(settings) as engine:
            found = read_signoff(engine, figure_set, settings=settings)
    except SignoffRefused as error:
        raise HTTPException(404, str(error)) from None
    last = found.signoff.acts[-1]
    kept = f"The figures were {last.act} by {last.by}." if done == last.act.value else None
    values = {"found": found, "typed": typed, "kept": kept, "refused": refused}
    return page(request, who, "signoff.html.j2", here="signoffs", status=status, **values)
