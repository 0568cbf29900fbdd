"""Suggested pairs, one after another: those that wait for somebody and about which nobody decided yet."""

from dataclasses import dataclass

import polars as pl
from sqlalchemy import Engine

from ketenbalans.jobs.breaks.break_view import BreakView, view_break
from ketenbalans.jobs.breaks.standing import STANDING, StandingMemory
from schemas.policy import Policy


@dataclass(frozen=True, kw_only=True)
class SuggestionPage:
    """A suggestion.

    Attributes:
        view: the break that suggests it; None: there is none after the one that was asked, or none before it.
        left: how many there are in all, of the year that is asked.
        place: which of them this is, from 1; None: there is none.
    """

    view: BreakView | None
    left: int
    place: int | None


def read_suggestion(  # noqa: PLR0913 (each is named at the call)
    engine: Engine,
    *,
    policy: Policy,
    year: int | None = None,
    after: str | None = None,
    before: str | None = None,
    only: str | None = None,
    memory: StandingMemory = STANDING,
) -> SuggestionPage:
    """The first suggestion, by the id of its break.

    Args:
        engine: the warehouse.
        policy: the numbers that it was found under.
        year: None: of all years.
        after: only those after that break.
        before: the last one before that break.
        only: just that break, whether or not somebody decided about it since.
        memory: where what was read before is kept.

    Raises:
        DecisionRefused: there is no break ``only``.
    """
    break_ids = memory.read(engine).suggestions["break_id"]
    if year is not None:
        break_ids = break_ids.filter(break_ids.str.starts_with(f"{year}-"))
    left = len(break_ids)
    if only is not None:
        here = break_ids.index_of(only)
        return SuggestionPage(
            view=view_break(engine, only, policy=policy), left=left, place=None if here is None else here + 1
        )
    if before is not None:
        found = break_ids.filter(break_ids < before).tail(1)
    else:
        found = break_ids.filter(break_ids > after).head(1) if after is not None else break_ids.head(1)
    if found.is_empty():
        return SuggestionPage(view=None, left=left, place=None)
    place = pl.Series(break_ids).index_of(found.item())
    return SuggestionPage(
        view=view_break(engine, found.item(), policy=policy), left=left, place=None if place is None else place + 1
    )
