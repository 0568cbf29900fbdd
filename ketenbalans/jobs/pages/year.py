"""What the page of a calendar year shows: its balances by as-of day, and where their pictures are drawn from."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Engine

from ketenbalans.incidents.checks import ChainKeyDiffers
from ketenbalans.jobs.balancing.balances import read_balances
from ketenbalans.jobs.balancing.years import years_known
from ketenbalans.jobs.nowcast.expecting import may_come
from ketenbalans.reports import sections_may_come
from ketenbalans.reports.bridge_lines import BridgeLine, Weight, bridge_lines
from ketenbalans.reports.document import Picture, Section
from ketenbalans.reports.words import words_of
from ketenbalans.reports.year_pictures import causes_over_days, waterfall_of
from ketenbalans.settings import Settings
from schemas.answer import ShownBalance
from schemas.period import Period
from schemas.release import Release
from warehouse.database import snapshot
from warehouse.extracts import default_as_of
from warehouse.releases import releases_of

DAYS_SHOWN = 12
"""The as-of days that stand beside each other: those of a year, and no more than a screen holds."""


@dataclass(frozen=True, kw_only=True)
class YearPage:
    """The page of a year.

    Attributes:
        year: the calendar year.
        balances: the newest as-of days, the oldest of them first; the last one leads and has a verdict.
        earlier: how many as-of days before those are stored.
        lines: the lines of the bridge with their count in each balance; a cause that is 0 in all is left out.
        causes: those that some unit has in the leading balance.
        pictures: the waterfall of the leading balance, and the gap by cause over the days where there is a gap.
        others: the other years of which records are known.
        release: the newest release of it that is no draft; None: none was made.
        may_come: what may still come of the leading balance, and how such forecasts turned out; empty: nothing can be
            said, or all has come.
    """

    year: int
    balances: Sequence[ShownBalance]
    earlier: int
    lines: Sequence[tuple[BridgeLine, Sequence[int]]]
    causes: Sequence[str]
    pictures: Sequence[Picture]
    others: Sequence[int]
    release: Release | None
    may_come: Sequence[Section]

    @property
    def newest(self) -> ShownBalance:
        """The balance that leads."""
        return self.balances[-1]


def read_year(engine: Engine, year: int, *, settings: Settings) -> YearPage | None:
    """The page of a year; None when no balance of it is stored."""
    policy, alert_policy = settings.read_policy(), settings.read_alert_policy()
    with snapshot(engine) as connection:
        found = read_balances(connection, period=Period.of_year(year), policy=policy, alert_policy=alert_policy)
        as_of = default_as_of(connection)
        years = [one.start.year for one in years_known(connection, as_of=as_of)] if as_of else []
        expected = _may_come(connection, found[-1], settings=settings) if found else []
        released = [one.release for one in releases_of(connection, period=Period.of_year(year))]
    if not found:
        return None
    shown = found[-DAYS_SHOWN:]
    lines = [(line, [line.value_in(one) for one in shown]) for line in bridge_lines()]
    pictures = [waterfall_of(shown[-1]) if shown[-1].delivered else None, causes_over_days(shown)]
    return YearPage(
        year=year,
        balances=shown,
        earlier=len(found) - len(shown),
        lines=[(line, values) for line, values in lines if line.weight is Weight.FIGURE or any(values)],
        causes=[cause for cause in shown[-1].causes if any(unit.causes[cause] for unit in shown[-1].by_unit)],
        pictures=[one for one in pictures if one is not None],
        others=sorted(set(years) - {year}),
        release=next((one for one in reversed(released) if not one.draft), None),
        may_come=expected,
    )


def _may_come(connection: Connection, leading: ShownBalance, *, settings: Settings) -> list[Section]:
    """What the report of the leading balance says of what may still come."""
    horizon = settings.read_nowcast_policy().nowcast_horizon_days
    try:
        expected = may_come(connection, leading, policy=settings.read_policy(), horizon_days=horizon)
    except ChainKeyDiffers:
        return []  # the page of incidents says what stands still
    if expected is None:
        return []
    words = words_of("en")
    first = sections_may_come.may_come(expected, words, period=leading.period, as_of=leading.as_of)
    past = sections_may_come.past_forecasts(expected, words)
    return [first, *([] if past is None else [past])]
