"""What the page of dead letters says: how many wait, by source and reason, and the letters themselves in pages."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Engine

from schemas.dead_letters import LetterState
from schemas.wire.refusals import Reason
from warehouse.database import snapshot
from warehouse.dead_letters import KeptLetter, read_letters, waiting_by_reason

LETTERS_ON_A_PAGE = 50


@dataclass(frozen=True, kw_only=True)
class WaitingLetters:
    """The letters of one source and reason that wait: how many, and what the reason means."""

    source: str
    reason: str
    meaning: str
    letters: int


@dataclass(frozen=True, kw_only=True)
class LettersShown:
    """A page of letters.

    Attributes:
        waiting: what waits in all, by source and reason.
        letters: those of this page, the oldest first.
        following: the number after which the next page goes on; None: this is the last one.
    """

    waiting: Sequence[WaitingLetters]
    letters: Sequence[KeptLetter]
    following: int | None


def read_page_of_letters(
    engine: Engine, *, source: str | None, reason: str | None, state: LetterState, after: int
) -> LettersShown:
    """So many letters in one state, the oldest first.

    Args:
        engine: the warehouse.
        source: only of this source; None: of each.
        reason: only with this reason; None: with each.
        state: where they stand.
        after: only those with a higher number.
    """
    with snapshot(engine) as connection:
        waiting = waiting_by_reason(connection)
        found = read_letters(
            connection, source=source, reason=reason, state=state, after=after, at_most=LETTERS_ON_A_PAGE + 1
        )
    shown = found[:LETTERS_ON_A_PAGE]
    return LettersShown(
        waiting=[
            WaitingLetters(source=of, reason=why, meaning=Reason.of(why).meaning, letters=letters)
            for of, why, letters in waiting
        ],
        letters=shown,
        following=shown[-1].dead_letter_id if len(found) > len(shown) else None,
    )
