"""Dead letters: those that wait, one with what happened to it, reading them again, and putting one aside."""

from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Query, Request, Response

from ketenbalans.settings import Settings
from ketenbalans.web.answering import REFUSED, AnyNumber, RowNumber, lead_on, page
from ketenbalans.web.who import Actor, SignedIn, Viewer
from schemas.dead_letters import LetterState
from schemas.wire.refusals import Reason

OF_THE_LETTER = {
    LetterState.REDRIVEN: "It was read again, and its event is loaded: the next balance counts it.",
    LetterState.DISCARDED: "It is put aside for good, with your note.",
}
"""What is said after an act, of a letter that stands so."""

Asked = Annotated[str, Query(max_length=100)]

router = APIRouter()


@router.get("/letters")
def letters(  # noqa: PLR0913 (what can be asked for)
    request: Request,
    who: Viewer,
    *,
    source: Asked = "",
    reason: Asked = "",
    state: LetterState = LetterState.WAITING,
    after: AnyNumber = None,
    redriven: AnyNumber = None,
    waiting: AnyNumber = None,
) -> Response:
    """The letters in one state, fifty at a time, the oldest first."""
    kept = None
    if redriven is not None:
        kept = f"Read again: {redriven} {'is' if redriven == 1 else 'are'} loaded now, {waiting or 0} still wait."
    return _letters(request, who, source=source, reason=reason, state=state, after=after, kept=kept)


@router.get("/letters/{dead_letter_id}")
def letter(request: Request, who: Viewer, dead_letter_id: RowNumber, done: Asked = "") -> Response:
    """One letter: its place, why it is no event, its sizes, and what happened to it. Never a value."""
    return _letter(request, who, dead_letter_id, done=done)


@router.post("/letters/redrive")
def redrive_several(
    request: Request, who: Actor, source: Annotated[str, Form()] = "", reason: Annotated[str, Form()] = ""
) -> Response:
    """Read those of one source and reason again that wait; what is an event now is loaded once."""
    redriven, waiting, refused = _redrive(who, source=source, reason=reason)
    if refused:
        return _letters(request, who, source=source, reason=reason, status=REFUSED, refused=refused)
    return lead_on(request, "letters", redriven=str(redriven), waiting=str(waiting))


@router.post("/letters/{dead_letter_id}/redrive")
def redrive_one(request: Request, who: Actor, dead_letter_id: RowNumber) -> Response:
    """Read a letter again; what is an event now is loaded once."""
    *_, refused = _redrive(who, dead_letter_id)
    if refused:
        return _letter(request, who, dead_letter_id, status=REFUSED, refused=refused)
    return lead_on(request, f"letters/{dead_letter_id}", done=LetterState.REDRIVEN.value)


@router.post("/letters/{dead_letter_id}/discard")
def discard_one(request: Request, who: Actor, dead_letter_id: RowNumber, note: Annotated[str, Form()] = "") -> Response:
    """Put a letter aside for good; it is kept, with who did it and why."""
    from ketenbalans.jobs.loading.dead_letters import discard  # noqa: PLC0415 (loads the frame library: not while Airflow starts)
    from ketenbalans.jobs.servers.warehouse import warehouse_from  # noqa: PLC0415
    from schemas.decisions import InvalidDecision  # noqa: PLC0415
    from warehouse.errors import DecisionRefused, LettersTaken  # noqa: PLC0415

    try:
        with warehouse_from(Settings()) as engine:
            discard(engine, [dead_letter_id], note=note, by=who.person.handle, identity=who.person.identity)
    except (DecisionRefused, InvalidDecision, LettersTaken) as error:
        return _letter(request, who, dead_letter_id, status=REFUSED, refused=str(error), typed=note)
    return lead_on(request, f"letters/{dead_letter_id}", done=LetterState.DISCARDED.value)


def _redrive(who: SignedIn, *ids: int, source: str = "", reason: str = "") -> tuple[int, int, str | None]:
    """Read letters again: how many are loaded now, how many still wait, and why nothing was done where nothing was."""
    from ketenbalans.incidents.checks import IngestIncident  # noqa: PLC0415
    from ketenbalans.jobs.loading.redrive import redrive  # noqa: PLC0415
    from ketenbalans.jobs.servers.warehouse import warehouse_from  # noqa: PLC0415
    from warehouse.errors import DecisionRefused, LettersTaken  # noqa: PLC0415

    settings = Settings()
    try:
        with warehouse_from(settings) as engine:
            done = redrive(
                engine,
                ids=ids,
                source=source or None,
                reason=reason or None,
                by=who.person.handle,
                identity=who.person.identity,
                limits=settings.batch_limits,
            )
    except (DecisionRefused, LettersTaken, IngestIncident) as error:
        return 0, 0, str(error)
    if done.redriven or done.already or not done.waiting:
        return len(done.redriven), len(done.waiting), None
    first = done.waiting[0]
    about = f"{first.column} {first.rule}" if first.column else first.rule
    of_all = "It is" if len(done.waiting) == 1 else f"None of these {len(done.waiting)} is"
    no = "no event" if len(done.waiting) == 1 else "an event"
    return (
        0,
        len(done.waiting),
        f"{of_all} {no} for the code of today: dead letter {first.dead_letter_id}, {first.reason}: {about}.",
    )


def _letters(  # noqa: PLR0913 (what can be asked for)
    request: Request,
    who: SignedIn,
    *,
    source: str,
    reason: str,
    state: LetterState = LetterState.WAITING,
    after: int | None = None,
    status: int = 200,
    **outcome: str | None,
) -> Response:
    from ketenbalans.jobs.pages.letters import read_page_of_letters  # noqa: PLC0415
    from ketenbalans.jobs.servers.warehouse import warehouse_from  # noqa: PLC0415
    from schemas.catalogue import sources  # noqa: PLC0415

    with warehouse_from(Settings()) as engine:
        found = read_page_of_letters(
            engine, source=source or None, reason=reason or None, state=state, after=after or 0
        )
    asked = {"source": source, "reason": reason, "state": state.value}
    choices = {"sources": list(sources()), "reasons": list(Reason), "states": list(LetterState)}
    values = {"found": found, "asked": asked, "after": after, **choices, **outcome}
    return page(request, who, "letters.html.j2", here="letters", status=status, **values)


def _letter(  # noqa: PLR0913 (each is named at the call)
    request: Request,
    who: SignedIn,
    dead_letter_id: int,
    *,
    done: str = "",
    typed: str = "",
    status: int = 200,
    refused: str | None = None,
) -> Response:
    from ketenbalans.jobs.loading.dead_letters import show_letter  # noqa: PLC0415
    from ketenbalans.jobs.servers.warehouse import warehouse_from  # noqa: PLC0415
    from warehouse.errors import DecisionRefused  # noqa: PLC0415

    try:
        with warehouse_from(Settings()) as engine:
            found = show_letter(engine, dead_letter_id)
    except DecisionRefused as error:
        raise HTTPException(404, str(error)) from None
    state = LetterState.of(found.letter.state)
    kept = OF_THE_LETTER.get(state) if done == state.value else None
    values = {"found": found, "typed": typed, "kept": kept, "refused": refused}
    return page(request, who, "letter.html.j2", here="letters", status=status, **values)
