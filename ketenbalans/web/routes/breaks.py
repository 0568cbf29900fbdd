"""The list of breaks, one break with both records, and what a person decides about one or several."""

from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Form, HTTPException, Query, Request, Response

from ketenbalans.settings import Settings
from ketenbalans.web.answering import REFUSED, lead_on, page
from ketenbalans.web.break_forms import TOGETHER, VERBS, BreakForm, ListQuery
from ketenbalans.web.who import Actor, SignedIn, Viewer
from schemas.decisions import InvalidDecision
from schemas.people import InvalidHandle
from warehouse.errors import DecisionRefused

CANNOT_BE = (DecisionRefused, InvalidDecision, InvalidHandle)

router = APIRouter()


@router.get("/breaks")
def breaks(request: Request, who: Viewer, asked: Annotated[ListQuery, Query()]) -> Response:
    """The breaks that are asked for, fifty on a page; without a question what waits for somebody."""
    kept = None
    if asked.acted in TOGETHER and asked.number.isdecimal():
        kept = f"Kept: {VERBS[asked.acted].value}, {asked.number[:4]} breaks. The list shows how each stands now."
    return _list(request, who, asked, kept=kept)


@router.post("/breaks")
def decide_about_several(request: Request, who: Actor, form: Annotated[BreakForm, Form()]) -> Response:
    """Acknowledge, assign or accept the breaks that were ticked: all of them or none."""
    from ketenbalans.jobs.breaks.verbs import act_on_breaks  # noqa: PLC0415 (loads the frame library: not while Airflow starts)
    from ketenbalans.jobs.servers.warehouse import warehouse_from  # noqa: PLC0415

    back = parse_qsl(form.back)
    asked = ListQuery(
        **{name: value for name, value in back if name in ListQuery.model_fields and name != "state"},
        state=[value for name, value in back if name == "state"],
    )
    chosen = form.shown_each
    try:
        if form.verb not in TOGETHER or not chosen:
            message = "tick the breaks that it is about, and choose what to do"
            raise InvalidDecision(message)
        with warehouse_from(Settings()) as engine:
            act_on_breaks(engine, list(chosen), form.act(form.verb, who.person), shown=chosen)
    except CANNOT_BE as error:
        return _list(request, who, asked, status=REFUSED, refused=str(error), typed=form)
    walk = {name: value for name, value in (("after", asked.after), ("at", asked.at)) if value}
    return lead_on(request, f"breaks?{asked.address(**walk, acted=form.verb, number=str(len(chosen)))}")


@router.get("/breaks/{break_id}")
def one_break(request: Request, who: Viewer, break_id: str, done: str | None = None) -> Response:
    """A break with both records, and what can be done to it."""
    return _break(request, who, break_id, done=done)


@router.post("/breaks/{break_id}/{verb}")
def decide(request: Request, who: Actor, break_id: str, verb: str, form: Annotated[BreakForm, Form()]) -> Response:
    """Decide about a break, or about the pair that it suggests, as the verb of the command line does."""
    from ketenbalans.jobs.breaks.verbs import act_on_breaks  # noqa: PLC0415 (loads the frame library: not while Airflow starts)
    from ketenbalans.jobs.servers.warehouse import warehouse_from  # noqa: PLC0415
    from ketenbalans.web.routes.suggestions import suggestion  # noqa: PLC0415

    if verb not in VERBS:
        raise HTTPException(HTTPStatus.NOT_FOUND, f"{verb!r} is none of {', '.join(VERBS)}")
    of_suggestions = form.then == "suggestions"
    try:
        act = form.act(verb, who.person)
        with warehouse_from(Settings()) as engine:
            kept, _ = act_on_breaks(engine, [break_id], act, shown={break_id: form.shown})
    except CANNOT_BE as error:
        if of_suggestions:
            asked = {"only": break_id, "year": form.year, "keys": form.keys}
            return suggestion(request, who, asked, status=REFUSED, refused=str(error))
        return _break(request, who, break_id, status=REFUSED, refused=str(error), typed=form, failed=verb)
    done = kept[0].decision_id
    if of_suggestions:
        asked = {"after": break_id, "year": form.year, "keys": form.keys, "done": done}
        return lead_on(request, "suggestions", **{name: value for name, value in asked.items() if value})
    return lead_on(request, f"breaks/{break_id}", done=done)


def _list(
    request: Request,
    who: SignedIn,
    asked: ListQuery,
    *,
    status: int = 200,
    typed: BreakForm | None = None,
    **outcome: str | None,
) -> Response:
    from ketenbalans.jobs.breaks.break_pages import read_break_page  # noqa: PLC0415 (loads the frame library)
    from ketenbalans.jobs.servers.warehouse import warehouse_from  # noqa: PLC0415

    with warehouse_from(Settings()) as engine:
        found = read_break_page(engine, asked.question(), after=asked.after or None, up_to=asked.up_to)
    values: dict[str, Any] = {"found": found, "asked": asked, "typed": typed or BreakForm()}
    return page(request, who, "breaks.html.j2", here="breaks", status=status, **values, **outcome)


def _break(  # noqa: PLR0913 (each is named at the call)
    request: Request,
    who: SignedIn,
    break_id: str,
    *,
    status: int = 200,
    done: str | None = None,
    refused: str | None = None,
    typed: BreakForm | None = None,
    failed: str = "",
) -> Response:
    from ketenbalans.jobs.breaks.break_view import view_break, what_was_kept  # noqa: PLC0415 (loads the frame library)
    from ketenbalans.jobs.servers.warehouse import warehouse_from  # noqa: PLC0415

    settings = Settings()
    with warehouse_from(settings) as engine:
        try:
            view = view_break(engine, break_id, policy=settings.read_policy())
        except DecisionRefused as error:
            raise HTTPException(HTTPStatus.NOT_FOUND, str(error)) from None
        kept = None if done is None else what_was_kept(engine, done, break_id=break_id)
    outcome = {"kept": kept, "refused": refused, "typed": typed or BreakForm(), "failed": failed}
    return page(request, who, "break.html.j2", here="breaks", status=status, view=view, **outcome)
