"""What a person decided, as an event: about a pair of records, or about a break. Who, on which day; never more.

A decision has its own day, ``decided_on``; an as-of date before it does not see it. Nothing is overwritten: to take a
decision back is a decision too.
"""

from dataclasses import dataclass
from datetime import date

from schemas.breaks import BreakStep
from schemas.control_signs import has_control_signs
from schemas.people import Identity, checked_handle
from schemas.period import checked_day

LONGEST_NOTE = 200


class InvalidDecision(ValueError):
    """A decision says something that it cannot say; the message names what and how to write it."""


def checked_note(note: str) -> str:
    """Give a note as it is: one line of signs that can be seen.

    Raises:
        InvalidDecision: it is empty or too long to be one, or has a sign that draws nothing or moves others.
    """
    if has_control_signs(note):
        message = "a note is one line of plain text, without line ends and other signs that cannot be seen"
        raise InvalidDecision(message)
    if not 0 < len(note.strip()) <= LONGEST_NOTE:
        message = f"a note has 1 to {LONGEST_NOTE} characters, and no names or content of a case"
        raise InvalidDecision(message)
    return note


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A delivered suspect and a registration."""

    dossier_number: str
    suspect_number: int
    case_number: str

    def __str__(self) -> str:
        """As messages name it."""
        return f"{self.dossier_number}/{self.suspect_number} with {self.case_number}"


@dataclass(frozen=True, kw_only=True)
class Decision:
    """One decision: exactly one of ``pair`` and ``break_id`` is what it is about.

    Attributes:
        verdict: confirmed, rejected or taken_back of a pair; acknowledged, assigned, accepted or released of a break.
        decided_by: the handle of who decided.
        decided_on: the day from which it is known.
        pair: the two records.
        break_id: the break.
        owner: the handle of who deals with the break; with acknowledged and assigned.
        note: a few words of administration; with acknowledged and accepted.
        accepted_cause: the cause that whoever accepts a break knows; it is not accepted for another one.
        accepted_until: the last day on which it is accepted; None: as long as its cause stays.
        identity: how it is known who decided.

    Raises:
        InvalidDecision: it says what no decision can say.
        InvalidHandle: whoever decides, or the owner, is named by what is no handle.
    """

    verdict: BreakStep
    decided_by: str
    decided_on: date
    pair: Pair | None = None
    break_id: str | None = None
    owner: str | None = None
    note: str | None = None
    accepted_cause: str | None = None
    accepted_until: date | None = None
    identity: Identity = Identity.DECLARED

    def __post_init__(self) -> None:
        """Refuse what no decision can say, and a day that is none of a register's."""
        checked_day(self.decided_on)
        checked_handle(self.decided_by, "who decides")
        if self.owner is not None:
            checked_handle(self.owner, "the owner")
        if self.note is not None:
            checked_note(self.note)
        if self.accepted_until is not None and checked_day(self.accepted_until) < self.decided_on:
            message = (
                f"a break is accepted from {self.decided_on} on, and the last day, {self.accepted_until}, lies before "
                "it; name that day or a later one"
            )
            raise InvalidDecision(message)
