"""What the rules look at: plain facts, read from the warehouse by ``jobs.watch_facts``. Counts and days, no values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl

from schemas.period import Period
from warehouse.extracts import LoadedExtract


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """Dead letters of one source: how many wait, and the newest one's number."""

    messages: int
    newest: int


@dataclass(frozen=True, kw_only=True)
class RunningIncident:
    """What stops a source, or the balance."""

    incident_id: int
    subject: str
    kind: str
    message: str
    since: datetime


@dataclass(frozen=True, kw_only=True)
class FailedSuite:
    """The newest quality result of a source, which failed: each expectation that is not met, told without a value."""

    result_id: int
    findings: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Reported:
    """The figures of a period: as last reported for good, and as they are now."""

    period: Period
    reported_as_of: date
    reported: Mapping[str, int]
    as_of: date
    now: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class PastDue:
    """Open breaks of a year that nobody took in time: how many, and since when the first one is open."""

    year: int
    breaks: int
    since: date


@dataclass(frozen=True, kw_only=True)
class UnitGap:
    """A unit's deliveries of some days: how many, and how many of them are not recognised for good."""

    delivered: int
    unrecognised: int


@dataclass(frozen=True, kw_only=True)
class SilentPart:
    """A part that every source needs and that does not answer.

    Attributes:
        name: ``kafka``, ``warehouse`` or ``airflow``.
        place: where it should answer, without a password.
        pieces: what of it does not answer: itself, or components of Airflow.
        since: when it is last known to have answered; where that is not known, when it was first found silent.
    """

    name: str
    place: str
    pieces: tuple[str, ...]
    since: datetime


@dataclass(frozen=True, kw_only=True)
class Facts:
    """All that one look sees.

    Attributes:
        today: the day of the look, by the clock; only ``source_silent`` asks it.
        as_of: the last day that both registers cover; None: none yet.
        sources: the names of the sources that hand over extracts.
        received: the loaded extracts, per source in the order in which they were published.
        seen: per source, its rows (``jobs.watch_facts.SEEN``): one row per event of the last years.
        dead_letters: per source with any.
        incidents: those that run.
        failed_suites: per source whose newest suite failed.
        balances: the newest balance of each calendar year, as it was stored.
        reported: each year whose final figures were reported.
        past_due: each year with breaks that nobody took in time.
        open_since: per year with open breaks, owned or not, the day since when the first one is open.
        gaps_now: per unit, over the newest window of deliveries.
        gaps_before: per unit, over the year before that window.
        silent_parts: the parts that do not answer, for longer than a restart takes.
    """

    today: date
    as_of: date | None
    sources: tuple[str, ...]
    received: Mapping[str, Sequence[LoadedExtract]] = field(default_factory=dict)
    seen: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    dead_letters: Mapping[str, Waiting] = field(default_factory=dict)
    incidents: Sequence[RunningIncident] = ()
    failed_suites: Mapping[str, FailedSuite] = field(default_factory=dict)
    balances: Sequence[Mapping[str, Any]] = ()
    reported: Sequence[Reported] = ()
    past_due: Sequence[PastDue] = ()
    open_since: Mapping[int, date] = field(default_factory=dict)
    gaps_now: Mapping[str, UnitGap] = field(default_factory=dict)
    gaps_before: Mapping[str, UnitGap] = field(default_factory=dict)
    silent_parts: Sequence[SilentPart] = ()

    def window(self, source: str, *, days: int) -> Period | None:
        """The days that the newest extracts of a source told of: at least so many; None with fewer than two extracts.

        It ends on the last day covered and begins after a day that an earlier extract had covered already.
        """
        covered = sorted({extract.covers_until for extract in self.received.get(source, ())})
        if not covered:
            return None
        before = [day for day in covered if day <= covered[-1] - timedelta(days=days)]
        return Period(before[-1] + timedelta(days=1), covered[-1]) if before else None
