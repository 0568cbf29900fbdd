"""The list of breaks in pages: what is asked for, cut after a break, and counted by state.

All pages of one walk are of one moment of the warehouse, so that nobody who acts meanwhile moves a break from one page
to another; each break is shown as it stands now.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl
from sqlalchemy import Engine

from ketenbalans.jobs.breaks.decide_together import as_shown
from ketenbalans.jobs.breaks.named import standing_breaks
from ketenbalans.jobs.breaks.standing import STANDING, StandingBreaks, StandingMemory
from ketenbalans.jobs.breaks.work_list import WAITS_FOR_SOMEBODY, BreakQuestion, chosen
from schemas.answer_breaks import StandingBreak
from schemas.breaks import BreakState
from warehouse.database import snapshot

BREAKS_ON_A_PAGE = 50

CHOICES = ("side", "unit", "cause", "owner")


@dataclass(frozen=True, kw_only=True)
class BreakPage:
    """A page of the list.

    Attributes:
        breaks: those of the page, in the order of the list, each as it stands now.
        shown: what a form carries of each, by id (``decide_together.as_shown``).
        in_all: how many breaks the list has on all pages.
        states: per state how many there are of what is asked for otherwise.
        before: how many stand on the pages before this one.
        next_after: the break after which the next page begins; None: this is the last one.
        moment: the numbers of the moment that all pages of this walk are of.
        is_newest: whether nothing was balanced or decided since.
        choices: per column of ``CHOICES`` the values that occur.
        years: the years of which breaks are kept.
    """

    breaks: Sequence[StandingBreak]
    shown: Mapping[str, str]
    in_all: int
    states: Mapping[str, int]
    before: int
    next_after: str | None
    moment: tuple[int, int, int]
    is_newest: bool
    choices: Mapping[str, Sequence[str]]
    years: Sequence[int]


def read_break_page(
    engine: Engine,
    question: BreakQuestion,
    *,
    after: str | None = None,
    up_to: tuple[int, int, int] | None = None,
    memory: StandingMemory = STANDING,
) -> BreakPage:
    """A page of the breaks that are asked for.

    Args:
        engine: the warehouse.
        question: which, as they stand now; with states that are wanted instead of what waits for somebody.
        after: the last break of the page before; None: the first page, likewise when the list has no such break.
        up_to: the moment of the walk; None: now.
        memory: where what was read before is kept.
    """
    now = memory.read(engine)
    walked = now if up_to is None else memory.read(engine, up_to=up_to)
    states = question.wanted.get("state") or list(WAITS_FOR_SOMEBODY)
    every = _asked(walked, question)
    rows = every.filter(pl.col("state").is_in(states))
    first = 0 if after is None else _place_after(rows, after)
    page = rows.slice(first, BREAKS_ON_A_PAGE)
    as_now = page.select("break_id").join(now.rows, on="break_id", how="left", maintain_order="left")
    found = standing_breaks(page if walked is now else as_now)
    with snapshot(engine) as connection:
        shown = as_shown(connection, found)
    counted = dict(every.group_by("state").len().iter_rows())
    moment = walked.moment
    return BreakPage(
        breaks=found,
        shown=shown,
        in_all=rows.height,
        states={state.value: counted[state.value] for state in BreakState if state.value in counted},
        before=first,
        next_after=found[-1].break_id if first + page.height < rows.height else None,
        moment=(moment.look, moment.observation, moment.decision),
        is_newest=walked.moment == now.moment,
        choices={name: now.rows[name].drop_nulls().unique().sort().to_list() for name in CHOICES},
        years=[one.period.start.year for one in now.years],
    )


def _asked(standing: StandingBreaks, question: BreakQuestion) -> pl.DataFrame:
    """What is asked for but for its state, in order."""
    known = [one for one in standing.years if question.period in (None, one.period)]
    wanted = {name: values for name, values in question.wanted.items() if name != "state"}
    if not known:
        return standing.rows.clear()
    return chosen(known, replace(question, only_waiting=False, wanted=wanted)).rows


def _place_after(rows: pl.DataFrame, after: str) -> int:
    """The place of the break that follows one; 0 when it is not among them."""
    place = rows["break_id"].index_of(after)
    return 0 if place is None else place + 1
