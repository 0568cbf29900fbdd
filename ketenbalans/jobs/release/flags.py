"""What a release of signed figures would give away of single files: whoever approves the figures has to know it."""

from sqlalchemy import Engine

from ketenbalans.jobs.release.making import kept_releases
from ketenbalans.release.making import small_moves
from ketenbalans.signoff.standing import Signoff
from schemas.release import NATIONAL_LINES, ReleaseFlag
from warehouse.database import snapshot
from warehouse.releases import releases_of


def release_flags(engine: Engine, one: Signoff, *, threshold: int) -> list[ReleaseFlag]:
    """The exact lines of a figure set that lie so near to those of an earlier release that the difference is of a few.

    The approval of the figures covers it (ADR 0061); only a calendar year is released.

    Args:
        engine: the warehouse.
        one: the figure set.
        threshold: the disclosure threshold.

    Returns:
        One per line and earlier release, the oldest release first; none where what was signed cannot be read.
    """
    if one.figures is None or not one.period.is_calendar_year:
        return []
    with snapshot(engine) as connection:
        earlier = kept_releases(releases_of(connection, period=one.period))
    national = {line: one.figures.figures[line] for line in NATIONAL_LINES}
    return small_moves(national, threshold=threshold, earlier=earlier)
