"""The standing breaks of every year, kept in the process for the pages: each moment of the warehouse is read once.

A page asks how far the breaks have come (one cheap query) and cuts a frame that is there. What was kept and decided is
append-only, so an earlier moment can be read again for as long as anybody pages through it.
"""

from collections import OrderedDict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from threading import Lock

import polars as pl
from sqlalchemy import Connection, Engine

from ketenbalans.jobs.breaks.of_balance import Breaks, as_they_stand
from ketenbalans.jobs.breaks.work_list import WAITS_FOR_SOMEBODY
from ketenbalans.reconciliation.break_life import LIFE
from schemas.breaks import BreakStep, Side
from schemas.declaration import LATEST_DAY
from schemas.period import Period
from warehouse.breaks import BreakMoment, break_moment, last_look, read_observations, years_kept
from warehouse.database import snapshot
from warehouse.decisions import read_break_decisions, read_pair_decisions

ROWS_IN_MEMORY = 400_000
"""The breaks that are kept in a process, of all moments together; some 100 bytes each. The last moment always is."""

SUGGESTED = 6
"""The rule that only suggests."""

PAIR = ["dossier_number", "suspect_number", "case_number"]


@dataclass(frozen=True, kw_only=True)
class StandingBreaks:
    """The breaks of every calendar year that is kept, as they stood at a moment of the warehouse.

    Attributes:
        moment: which.
        years: the breaks of each year, ascending.
        suggestions: those that wait for somebody and suggest a pair about which nobody decided, by id; of a pair that
            both registers miss only the delivered one (``reconciliation.break_life.LIFE``).
    """

    moment: BreakMoment
    years: Sequence[Breaks]
    suggestions: pl.DataFrame

    @property
    def rows(self) -> pl.DataFrame:
        """All of them (``reconciliation.break_life.LIFE``), by id."""
        return pl.concat([one.rows for one in self.years]) if self.years else self.suggestions


class StandingMemory:
    """Standing breaks by warehouse and moment; the least recently asked go first. Threads may share it."""

    def __init__(self, rows_in_memory: int = ROWS_IN_MEMORY) -> None:
        """Keep up to that many rows."""
        self._rows_in_memory = rows_in_memory
        self._kept: OrderedDict[tuple[str, BreakMoment], StandingBreaks] = OrderedDict()
        self._keeping, self._reading = Lock(), Lock()

    def read(self, engine: Engine, *, up_to: tuple[int, int, int] | None = None) -> StandingBreaks:
        """The breaks as they stand now, or stood when looks, observations and decisions had come to those numbers."""
        with snapshot(engine) as connection:
            asked = (str(engine.url), break_moment(connection, up_to=up_to))
            found = self._there(asked)
            if found is not None:
                return found
            with self._reading:  # of several that ask for what is new, one reads it
                return self._there(asked) or self._keep(asked, _read(connection, asked[1], self._before(asked)))

    def _there(self, asked: tuple[str, BreakMoment]) -> StandingBreaks | None:
        with self._keeping:
            if asked in self._kept:
                self._kept.move_to_end(asked)
            return self._kept.get(asked)

    def _before(self, asked: tuple[str, BreakMoment]) -> StandingBreaks | None:
        """The newest moment that is kept since which persons decided and nothing was balanced."""
        url, moment = asked
        with self._keeping:
            found = [
                one
                for (of, then), one in self._kept.items()
                if of == url
                and (then.look, then.observation, then.made_by[0])
                == (moment.look, moment.observation, moment.made_by[0])
                and then.decision < moment.decision
            ]
        return max(found, key=lambda one: one.moment.decision, default=None)

    def _keep(self, asked: tuple[str, BreakMoment], found: StandingBreaks) -> StandingBreaks:
        with self._keeping:
            self._kept[asked] = found
            last = max(self._kept, key=lambda one: (one[0] == asked[0], _numbers(one[1])))
            while len(self._kept) > 1 and sum(_rows_of(one) for one in self._kept.values()) > self._rows_in_memory:
                # whoever pages through an earlier moment takes the last one, which all others ask for, from nobody
                del self._kept[next(one for one in self._kept if one != last)]
        return found


STANDING = StandingMemory()
"""That of this process."""


def _numbers(moment: BreakMoment) -> tuple[int, int, int]:
    return moment.look, moment.observation, moment.decision


def _rows_of(found: StandingBreaks) -> int:
    return sum(one.rows.height for one in found.years)


def _read(connection: Connection, moment: BreakMoment, before: StandingBreaks | None) -> StandingBreaks:
    years = (
        [one for year in years_kept(connection) if (one := _of_year(connection, year, moment)) is not None]
        if before is None
        else [_decided_since(connection, one, moment, before.moment.decision) for one in before.years]
    )
    decided = read_pair_decisions(connection, as_of=LATEST_DAY).filter(pl.col("decision_number") <= moment.decision)
    return StandingBreaks(moment=moment, years=years, suggestions=_suggestions(years, decided))


def _of_year(
    connection: Connection, year: int, moment: BreakMoment, break_ids: Collection[str] | None = None
) -> Breaks | None:
    """The breaks of a year at a moment, or some of them; None when none were kept by then."""
    last = last_look(connection, year=year, up_to=moment.look)
    if last is None:
        return None
    kept = read_observations(connection, year=year, break_ids=break_ids, up_to=moment.observation)
    decisions = read_break_decisions(connection, year=year, break_ids=break_ids, up_to=moment.decision)
    return as_they_stand(kept, decisions, last=last, period=Period.of_year(year))


def _decided_since(connection: Connection, then: Breaks, moment: BreakMoment, decision: int) -> Breaks:
    """The breaks of a year at a later moment, when since then only persons decided: only those breaks are otherwise."""
    year = then.period.start.year
    decided = read_break_decisions(connection, year=year, up_to=moment.decision)
    changed = decided.filter(pl.col("decision_number") > decision)["break_id"].unique().to_list()
    now = _of_year(connection, year, moment, changed) if changed else None
    if now is None:
        return then
    others = then.rows.filter(~pl.col("break_id").is_in(changed))
    return replace(then, decided_until=now.decided_until, rows=pl.concat([others, now.rows]).sort("break_id"))


def _suggestions(years: Sequence[Breaks], decided: pl.DataFrame) -> pl.DataFrame:
    waits = (pl.col("link_rule") == SUGGESTED) & pl.col("state").is_in(WAITS_FOR_SOMEBODY)
    found = [one.rows.filter(waits) for one in years]
    if not found:
        return pl.DataFrame(schema=dict.fromkeys(LIFE, pl.String()))
    newest = decided.sort("decided_on", "decision_number").unique(PAIR, keep="last")
    stands = newest.filter(pl.col("verdict") != BreakStep.TAKEN_BACK.value)
    confirmed = stands.filter(pl.col("verdict") == BreakStep.CONFIRMED.value)
    return (
        pl.concat(found)
        .join(stands, on=PAIR, how="anti")
        .join(confirmed, on=PAIR[:2], how="anti")  # linked to another one: the next balance no longer suggests it
        .join(confirmed, on=PAIR[2:], how="anti")
        .sort(pl.col("side") == Side.OM.value, "break_id")
        .unique(PAIR, keep="first")
        .sort("break_id")
    )
