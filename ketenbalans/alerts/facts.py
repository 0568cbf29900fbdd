"""What the rules look at: plain facts, read from the warehouse by ``jobs.watching.facts``. Counts and days only."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import polars as pl

from ketenbalans.alerts.life import Alert
from ketenbalans.nowcast.pace import Pace
from ketenbalans.signoff.standing import Signoff
from schemas.answer import BalanceAnswer
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
    """The newest quality result of a source, which failed: each expectation that is not met, without a value."""

    result_id: int
    findings: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ReportedFigures:
    """The figures of a period: as last reported for good, and as they are now."""

    period: Period
    reported_as_of: date
    reported: Mapping[str, int]
    as_of: date
    now: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class PastDue:
    """Open breaks of a year that nobody took in time.

    Attributes:
        year: the year.
        breaks: how many.
        since: since when the first one is open.
        open_breaks: how many of the year are open in all, as ``ketenbalans breaks --state open`` lists them.
        as_of: the day of the last balance that kept breaks of the year.
    """

    year: int
    breaks: int
    since: date
    open_breaks: int
    as_of: date


@dataclass(frozen=True, kw_only=True)
class NewBreaks:
    """Breaks of a year that one balance found with the same cause, and that still have it.

    Those that wait for their due day are not among them, nor those that a person took. ``open_breaks`` of them are
    open; the cause of the others says all.
    """

    year: int
    cause: str
    found_on: date
    breaks: int
    open_breaks: int


@dataclass(frozen=True, kw_only=True)
class UnitGap:
    """A unit's deliveries of some days: how many, and how many of them are not recognised for good."""

    delivered: int
    unrecognised: int


Gaps = tuple[Mapping[str, UnitGap], Mapping[str, UnitGap]]
"""Per unit the deliveries of a window, and those of the ordinary time before it."""


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
        recent: per source, its rows (``warehouse.recent_rows.read_recent``): one row per event of the last years.
        dead_letters: per source with any.
        incidents: those that run.
        failed_suites: per source whose newest suite failed.
        balances: the newest balance of each calendar year, as it was stored.
        reported: each year whose final figures were reported.
        past_due: each year with breaks that nobody took in time.
        new_breaks: how many breaks of each year and cause each balance found that still stand.
        standing: the alerts that stand, by id: what was unusual in days gone by is looked at again.
        mended: per source and window that an alert about shares names, the records that began in it as they are
            known now.
        is_linked: whether the registers can be linked: not while an extract has another chain key.
        not_balanced: calendar years of which no balance is stored under the policy that holds now.
        behind: per calendar year whose newest balance rests on less than what is loaded, the day of the balance that
            is still to come.
        incomplete: why not all is known that belongs to the newest balance of a year; a year that is complete is not in
            it.
        gaps_earlier: per window that an alert about a unit's gap names, what ``gaps_now`` and ``gaps_before`` are.
        open_since: per year with open breaks, owned or not, the day since when the first one is open.
        gaps_now: per unit, over the newest window of deliveries.
        gaps_before: per unit, over the year before that window.
        silent_parts: the parts that do not answer, for longer than a restart takes.
        paces: per month that is over, the newest one and those that an alert names, how many were registered in it
            beside what was usual before; empty where too little is known before it.
        signoffs: the figure sets that two persons signed and that no later signature replaced, as they stand.
    """

    today: date
    as_of: date | None
    sources: tuple[str, ...]
    received: Mapping[str, Sequence[LoadedExtract]] = field(default_factory=dict)
    recent: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    dead_letters: Mapping[str, Waiting] = field(default_factory=dict)
    incidents: Sequence[RunningIncident] = ()
    failed_suites: Mapping[str, FailedSuite] = field(default_factory=dict)
    balances: Sequence[BalanceAnswer] = ()
    reported: Sequence[ReportedFigures] = ()
    past_due: Sequence[PastDue] = ()
    open_since: Mapping[int, date] = field(default_factory=dict)
    new_breaks: Sequence[NewBreaks] = ()
    standing: Mapping[str, Alert] = field(default_factory=dict)
    mended: Mapping[tuple[str, Period], pl.DataFrame] = field(default_factory=dict)
    is_linked: bool = True
    not_balanced: Collection[Period] = ()
    behind: Mapping[Period, date] = field(default_factory=dict)
    incomplete: Mapping[Period, str] = field(default_factory=dict)
    gaps_earlier: Mapping[Period, Gaps] = field(default_factory=dict)
    gaps_now: Mapping[str, UnitGap] = field(default_factory=dict)
    gaps_before: Mapping[str, UnitGap] = field(default_factory=dict)
    silent_parts: Sequence[SilentPart] = ()
    paces: Mapping[Period, Sequence[Pace]] = field(default_factory=dict)
    signoffs: Sequence[Signoff] = ()

    def window(self, source: str, *, days: int) -> Period | None:
        """The newest window of a source (``newest_window``)."""
        return newest_window(self.received.get(source, ()), days=days)


def newest_window(received: Iterable[LoadedExtract], *, days: int) -> Period | None:
    """The days that the newest extracts of a source covered: at least so many; None with fewer than two extracts.

    It ends on the last day covered and begins after a day that an earlier extract had covered already.
    """
    covered = sorted({extract.covers_until for extract in received})
    if not covered:
        return None
    before = [day for day in covered if day <= covered[-1] - timedelta(days=days)]
    return Period(before[-1] + timedelta(days=1), covered[-1]) if before else None
