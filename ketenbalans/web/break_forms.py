"""What a form about breaks carries, and what the address of the list asks for, read into what the jobs take."""

from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from fastapi import HTTPException
from pydantic import BaseModel

from schemas.breaks import BreakState, BreakStep
from schemas.causes import Cause, OmOnlyCause
from schemas.decisions import InvalidDecision
from schemas.declaration import LARGEST_INTEGER
from schemas.people import Person
from schemas.period import AMSTERDAM, InvalidPeriod, Period, read_day

if TYPE_CHECKING:
    from ketenbalans.jobs.breaks.verbs import BreakAct
    from ketenbalans.jobs.breaks.work_list import BreakQuestion

VERBS = {
    "acknowledge": BreakStep.ACKNOWLEDGED,
    "assign": BreakStep.ASSIGNED,
    "accept": BreakStep.ACCEPTED,
    "release": BreakStep.RELEASED,
    "confirm": BreakStep.CONFIRMED,
    "reject": BreakStep.REJECTED,
    "take-back": BreakStep.TAKEN_BACK,
}
"""The verbs of the command line, by which the forms are named too."""

TOGETHER = ("acknowledge", "assign", "accept")
"""What is done to several breaks of the list at once."""

ORDERS = ("due", "age", "opened", "unit", "cause", "id")
"""Those of ``jobs.breaks.work_list``, which loads the frame library; a test holds the two together."""

EVERY_STATE = "all"
FURTHEST = 1_000_000
BAD_REQUEST = 400


class BreakForm(BaseModel):
    """What a form about one break, or about several of the list, carries; empty: nothing was typed there.

    Attributes:
        shown: the break as the page showed it (``schemas.exported_break``).
        chosen: of the list: each break that was ticked, its id and how it was shown.
        verb: of the list: what is done to those.
        owner: who is to deal with it.
        note: a few words of administration.
        until: the last day of an acceptance.
        dossier: of another record than the suggested one.
        suspect: likewise.
        case: likewise.
        then: ``suggestions``: lead on to the next suggestion.
        back: of the list: what its address asked for.
        year: of the suggestions: of which year.
        keys: of the suggestions: ``off`` when the keys are.
    """

    shown: str = ""
    chosen: list[str] = []
    verb: str = ""
    owner: str = ""
    note: str = ""
    until: str = ""
    dossier: str = ""
    suspect: str = ""
    case: str = ""
    then: str = ""
    back: str = ""
    year: str = ""
    keys: str = ""

    @property
    def shown_each(self) -> dict[str, str]:
        """Of the list: how each break that was ticked was shown, by id."""
        return {break_id: text for break_id, _, text in (one.partition(" ") for one in self.chosen)}

    def act(self, verb: str, person: Person) -> "BreakAct":
        """What is decided, today in Amsterdam.

        Raises:
            InvalidDecision: what was typed is no day or no number.
        """
        from ketenbalans.jobs.breaks.verbs import BreakAct  # noqa: PLC0415 (loads the frame library)

        try:
            until = read_day(self.until) if self.until else None
        except InvalidPeriod as error:
            raise InvalidDecision(str(error)) from None
        step = VERBS[verb]
        return BreakAct(
            verdict=step,
            by=person.handle,
            identity=person.identity,
            on=datetime.now(AMSTERDAM).date(),
            owner=(self.owner.strip() or None) if verb in ("acknowledge", "assign") else None,
            note=self.note if verb in ("acknowledge", "accept") else None,
            until=until if verb == "accept" else None,
            dossier_number=self.dossier.strip() or None,
            suspect_number=_suspect(self.suspect.strip()),
            case_number=self.case.strip() or None,
        )


class ListQuery(BaseModel):
    """What the address of the list asks for; empty: whatever it is.

    Attributes:
        year: the calendar year.
        state: the states; none: what waits for somebody; ``all``: every one.
        cause: why.
        unit: the police unit.
        owner: who deals with it.
        side: the register, or the party that delivered.
        days: at least so many days old.
        order: one of ``ORDERS``.
        after: the last break of the page before.
        at: the moment that all pages of a walk are of.
        acted: what was done to several of them, when a form led here.
        number: to how many.
    """

    year: str = ""
    state: list[str] = []
    cause: str = ""
    unit: str = ""
    owner: str = ""
    side: str = ""
    days: str = ""
    order: str = ""
    after: str = ""
    at: str = ""
    acted: str = ""
    number: str = ""

    @property
    def states(self) -> list[str]:
        """The states that are asked for, by name; empty: what waits for somebody."""
        if EVERY_STATE in self.state:
            return [state.value for state in BreakState]
        return [one for one in self.state if one]

    @property
    def up_to(self) -> tuple[int, int, int] | None:
        """The numbers of the moment of the walk; None: now."""
        if not self.at:
            return None
        parts = self.at.split(".")
        if len(parts) != 3 or not all(part.isascii() and part.isdecimal() and len(part) < 19 for part in parts):
            raise HTTPException(BAD_REQUEST, "the address of this page was cut off: begin at the first page")
        look, observation, decision = map(int, parts)
        return look, observation, decision

    def question(self) -> "BreakQuestion":
        """Which breaks are asked for.

        Raises:
            HTTPException: 400, a word or a number is none that there is; the message names those that there are.
        """
        from ketenbalans.jobs.breaks.work_list import BreakQuestion  # noqa: PLC0415 (loads the frame library)

        order = self.order or "due"
        causes = {*(one.value for one in Cause), *(one.value for one in OmOnlyCause)}
        for words, known in ((self.states, list(BreakState)), ([self.cause], sorted(causes)), ([order], ORDERS)):
            for word in words:
                if word and word not in known:
                    raise HTTPException(BAD_REQUEST, f"{word!r} is none of {', '.join(known)}")
        named = {"cause": self.cause, "unit": self.unit, "owner": self.owner, "side": self.side}
        return BreakQuestion(
            period=None if not self.year else _year(self.year),
            wanted={"state": self.states, **{name: [value] for name, value in named.items() if value}},
            at_least_days=None if not self.days else _days(self.days),
            order=order,
        )

    def address(self, **changed: str | list[str]) -> str:
        """What stands behind the address of the list that asks for the same but for what is changed."""
        asked = {
            name: getattr(self, name) for name in ("year", "state", "cause", "unit", "owner", "side", "days", "order")
        }
        asked |= changed
        return urlencode([(name, value) for name, value in asked.items() if value], doseq=True)


def _suspect(typed: str) -> int | None:
    if not typed:
        return None
    if not (typed.isascii() and typed.isdecimal() and 1 <= int(typed[:19]) <= LARGEST_INTEGER):
        message = "a suspect number is a whole number from 1"
        raise InvalidDecision(message)
    return int(typed[:19])


def _year(typed: str) -> Period:
    try:
        period = Period.parse(typed)
    except InvalidPeriod as error:
        raise HTTPException(BAD_REQUEST, str(error)) from None
    if not period.is_calendar_year:
        raise HTTPException(BAD_REQUEST, f"{typed!r} is no year; write 2014")
    return period


def year_of(typed: str) -> int | None:
    """The year that an address asks for; None: every one.

    Raises:
        HTTPException: 400, it is none.
    """
    return _year(typed).start.year if typed else None


def _days(typed: str) -> int:
    if not (typed.isascii() and typed.isdecimal() and int(typed[:19]) <= FURTHEST):
        raise HTTPException(BAD_REQUEST, "an age is a whole number of days")
    return int(typed[:19])
