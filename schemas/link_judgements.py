"""What a person found about links that were drawn: whether both records are of one suspect. It decides nothing.

Links of a rule are drawn, or suspects without a recognised registration; a person looks them up and says ``same``,
``other`` or ``unsure`` of each. A judgement changes no link; from many of them follows how often links are wrong.
"""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Self

from schemas.people import Identity
from schemas.period import Period, read_day

LINK_RULES = range(1, 6)
"""The rules of docs/counting-rules.md, Linking, that link; the sixth only suggests."""

LARGEST_DRAW = 10_000
LARGEST_SEED = 2**31 - 1


class InvalidDraw(ValueError):
    """A text is no draw; the message says how one is written."""


class LinkVerdict(StrEnum):
    """What a person can find about a drawn link, or a drawn suspect without a recognised registration."""

    SAME = "same"
    """Of a link: both records are of one suspect. Of a suspect: the OM has a registration of them that is not linked to
    them."""
    OTHER = "other"
    """Of a link: the records are of two suspects. Of a suspect: the OM has no such registration."""
    UNSURE = "unsure"
    """It cannot be said. Left out of every rate, and counted beside it."""


DRAW = re.compile(
    r"(?P<period>\S+) as of (?P<as_of>\S+), (?:rule (?P<rule>[1-5])|unlinked), size (?P<size>\d+), seed (?P<seed>\d+)"
)


@dataclass(frozen=True, kw_only=True)
class LinkDraw:
    """One draw: the same one of the same input gives the same rows.

    Attributes:
        period: the suspects that the police delivered in it, by ``delivered_on``.
        as_of: the day whose knowledge is used.
        rule: the links that this rule made; None: suspects without a recognised registration.
        size: how many rows; fewer where there are not so many.
        seed: another one gives other rows.
    """

    period: Period
    as_of: date
    rule: int | None
    size: int
    seed: int

    def __str__(self) -> str:
        """As a drawn file names it; ``parse`` reads it."""
        of = "unlinked" if self.rule is None else f"rule {self.rule}"
        return f"{self.period} as of {self.as_of}, {of}, size {self.size}, seed {self.seed}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what a drawn file names.

        Raises:
            InvalidDraw: it is no draw.
            InvalidPeriod: it names a period or a day that there is not.
        """
        found = DRAW.fullmatch(text.strip())
        if found is None or int(found["size"]) > LARGEST_DRAW or int(found["seed"]) > LARGEST_SEED:
            message = "a draw is written as it was drawn, such as `2014 as of 2015-01-31, rule 3, size 100, seed 1`"
            raise InvalidDraw(message)
        return cls(
            period=Period.parse(found["period"]),
            as_of=read_day(found["as_of"]),
            rule=int(found["rule"]) if found["rule"] else None,
            size=int(found["size"]),
            seed=int(found["seed"]),
        )


@dataclass(frozen=True, kw_only=True)
class LinkJudgement:
    """What one person found about one drawn row.

    Attributes:
        draw: the draw that the row is of.
        dossier_number: of the delivery.
        suspect_number: of the delivery.
        case_number: of the registration that is linked; None: a suspect without a recognised one was drawn.
        row_digest: of all that the row showed when it was drawn.
        judgement: what was found.
        judged_by: the handle of who found it.
        judged_on: the day.
        identity: how it is known who found it.
    """

    draw: LinkDraw
    dossier_number: str
    suspect_number: int
    case_number: str | None
    row_digest: str
    judgement: LinkVerdict
    judged_by: str
    judged_on: date
    identity: Identity = Identity.DECLARED

    @property
    def about(self) -> tuple[bool, str, int, str | None]:
        """What is judged: a link or a suspect without one, and which; two judgements about the same have the same."""
        return self.draw.rule is not None, self.dossier_number, self.suspect_number, self.case_number
