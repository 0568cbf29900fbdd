"""What the pages of sign-off say: every figure set as it stands, one with its figures, and what a person may do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, Engine

from ketenbalans.jobs.balancing.years import years_known
from ketenbalans.jobs.release.flags import release_flags
from ketenbalans.jobs.signoff.reading import list_signoffs, show_signoff
from ketenbalans.jobs.signoff.verdict import verdict_of
from ketenbalans.reports.bridge_lines import BridgeLine, Weight, bridge_lines
from ketenbalans.settings import Settings
from ketenbalans.signoff.standing import Signoff
from schemas.period import Period
from schemas.release import ReleaseFlag
from schemas.signoff import SignoffAct, SignoffState
from schemas.verdicts import Judgement
from warehouse.database import snapshot
from warehouse.extracts import default_as_of
from warehouse.signoffs import days_balanced

DAYS_OFFERED = 60
"""So many as-of days of one year are offered to prepare, the newest first."""


@dataclass(frozen=True, kw_only=True)
class SignoffQuestion:
    """A balance that is stored, of which the figures can be prepared."""

    period: Period
    as_of: date

    @property
    def value(self) -> str:
        """As a form sends it."""
        return f"{self.period} {self.as_of}"


@dataclass(frozen=True, kw_only=True)
class SignoffsShown:
    """What the list says: the ``signoffs``, what was signed last first, and the ``questions`` that can be prepared."""

    signoffs: Sequence[Signoff]
    questions: Sequence[SignoffQuestion]


@dataclass(frozen=True, kw_only=True)
class SignoffShown:
    """A figure set.

    Attributes:
        signoff: as it stands.
        lines: the lines of its bridge with what was signed; a cause that is 0 is left out. None when what is stored is
            no longer what was signed, and so of ``breaks``.
        now: what moved, by the key of the figure: what it is now.
        others: the figures that moved and are no line of the bridge: name, signed, now.
        breaks: what stands in it: state, cause, how many.
        judgement: the verdict on its balance as of now; None: none is stored of it, or what was signed cannot be read.
        flags: exact lines that a release of it shows beside earlier ones that differ by few suspects.
    """

    signoff: Signoff
    lines: Sequence[tuple[BridgeLine, int]]
    now: Mapping[str, int]
    others: Sequence[tuple[str, int, int]]
    breaks: Sequence[tuple[str, str, int]]
    judgement: Judgement | None = None
    flags: Sequence[ReleaseFlag] = ()

    def may_approve(self, handle: str) -> bool:
        """Whether this person can: another one prepared the figures, and they still are what was signed."""
        return self.waits_for_approval and self.signoff.prepared.by != handle

    @property
    def waits_for_approval(self) -> bool:
        """Whether somebody can approve it."""
        is_prepared = self.signoff.acts[-1].act is SignoffAct.PREPARED
        return is_prepared and self.signoff.state is not SignoffState.VOID and not self.signoff.not_judged

    def may_withdraw(self, handle: str) -> bool:
        """Whether this person can: what is approved only one of the two who signed."""
        if self.signoff.state is SignoffState.WITHDRAWN:
            return False
        approved = self.signoff.approved
        return approved is None or handle in (approved.by, self.signoff.prepared.by)


def read_signoffs(engine: Engine, *, year: int | None) -> SignoffsShown:
    """Every figure set as it stands, or those of a year, and what can be prepared: of each year the newest day."""
    with snapshot(engine) as connection:
        signoffs = list_signoffs(connection, period=None if year is None else Period.of_year(year))
        return SignoffsShown(signoffs=signoffs, questions=_questions(connection, year=year))


def read_signoff(engine: Engine, figure_set: str, *, settings: Settings) -> SignoffShown:
    """One figure set as it stands.

    Args:
        engine: the warehouse.
        figure_set: its name, or the first digits of it.
        settings: what the verdict on its balance asks for.

    Raises:
        SignoffRefused: no set, or several, are named so.
    """
    found = show_signoff(engine, figure_set)
    signed = found.figures
    moved = () if found.movement is None else found.movement.figures
    lines = [] if signed is None else [(line, line.value_in(signed.balance)) for line in bridge_lines()]
    breaks = {} if signed is None else signed.breaks
    now = {one.figure: one.now for one in moved}
    shown = [(line, value) for line, value in lines if line.weight is Weight.FIGURE or value or line.key in now]
    keys = {line.key for line, _ in shown}
    return SignoffShown(
        signoff=found,
        lines=shown,
        now=now,
        others=[(one.figure, one.signed, one.now) for one in moved if one.figure not in keys],
        breaks=[(state, cause, number) for state, causes in breaks.items() for cause, number in causes.items()],
        judgement=verdict_of(engine, settings, found),
        flags=release_flags(engine, found, threshold=settings.read_disclosure_policy().threshold),
    )


def _questions(connection: Connection, *, year: int | None) -> list[SignoffQuestion]:
    covered = default_as_of(connection)
    if covered is None:
        return []
    found = []
    for period in reversed(years_known(connection, as_of=covered)):
        days = days_balanced(connection, period, after=date.min, until=covered)
        if year is None or year == period.start.year:
            found += [SignoffQuestion(period=period, as_of=day) for day in days[: DAYS_OFFERED if year else 1]]
    return found
