"""What a break looked like when it was exported: the text in the column ``seen`` of the file, and what changed since.

The text is short and readable, not a digest: a row that is refused can then say what is no longer so. It has all that
a decision about the break may rest on, and how many decisions had been made about the break or a pair with its records,
so that one that was made and taken back since is noticed too. The age is left out: it changes by itself.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Self

from schemas.answer_breaks import StandingBreak
from schemas.decisions import InvalidDecision

NOTHING = "-"
"""What stands for what is not known, or not there."""


@dataclass(frozen=True, kw_only=True)
class ExportedBreak:
    """A break as a file says that it was; every field is a text without spaces, ``-`` where there is nothing.

    Attributes:
        cause: why there is a break.
        state: whether somebody must act.
        dossier: of the delivery.
        suspect: its suspect number.
        case: of the registration.
        rule: which linked or suggested the two.
        due: the last day of waiting.
        owner: who deals with it.
        until: the last day on which it is accepted.
        decisions: how many persons had made, about the break or about a pair with one of its records.
    """

    cause: str
    state: str
    dossier: str
    suspect: str
    case: str
    rule: str
    due: str
    owner: str
    until: str
    decisions: str

    @classmethod
    def of(cls, stands: StandingBreak, *, decisions: int) -> Self:
        """A break as it stands, with the number of decisions about it and its records."""
        values = {
            "cause": stands.cause,
            "state": stands.state,
            "dossier": stands.dossier_number,
            "suspect": stands.suspect_number,
            "case": stands.case_number,
            "rule": stands.link_rule,
            "due": stands.due_on,
            "owner": stands.owner,
            "until": stands.accepted_until,
            "decisions": decisions,
        }
        return cls(**{name: NOTHING if value is None else str(value) for name, value in values.items()})

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what ``str`` gave.

        Raises:
            InvalidDecision: it is no such text.
        """
        named = dict(part.partition("=")[::2] for part in text.split())
        names = [field.name for field in fields(cls)]
        if sorted(named) != sorted(names) or not all(named.values()) or not named["decisions"].isdecimal():
            message = "the column seen is not as it was exported; export again, and leave that column as it is"
            raise InvalidDecision(message)
        return cls(**named)

    def __str__(self) -> str:
        """The text of the column ``seen``."""
        return " ".join(f"{field.name}={getattr(self, field.name)}" for field in fields(self))

    def changes_to(self, now: Self) -> Iterator[str]:
        """What is otherwise now, field by field, in words; the number of decisions apart."""
        for field in fields(self):
            before, after = getattr(self, field.name), getattr(now, field.name)
            if before != after and field.name != "decisions":
                yield f"{field.name} was {before} and is {after}"
