"""Whether the figures of a report may still move: its status, and the numbers that decide it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from schemas.period import Period
from schemas.vocabulary import Vocabulary


class ReportStatus(Vocabulary):
    """What readers may build on a report's figures."""

    PROVISIONAL = "provisional", "voorlopig", "The period ended too short a time before the as-of day: more may come."
    FINAL = "final", "definitief", "Long enough after the period, and no earlier final report said otherwise."
    RESTATED = "restated", "herzien", "Final, and an earlier final report of the period had other figures."


@dataclass(frozen=True, kw_only=True)
class EarlierReport:
    """What an earlier report of the period said: the day it rests on, and its figures by name."""

    as_of: date
    figures: Mapping[str, int]


def final_from(period: Period, *, final_after_days: int) -> date:
    """The first as-of day whose figures of a period are final."""
    return period.end + timedelta(days=final_after_days)


def status_of(
    period: Period, as_of: date, *, figures: Mapping[str, int], reported: Sequence[EarlierReport], final_after_days: int
) -> tuple[ReportStatus, EarlierReport | None]:
    """The status of a report, and the report that it restates.

    Args:
        period: what is counted.
        as_of: the day whose knowledge is reported.
        figures: what the report says.
        reported: other reports of the period; those of a later day or of a provisional status decide nothing.
        final_after_days: a policy, so it has no default (docs/adr/0038).

    Returns:
        The status, and of the final reports that said otherwise the newest one; None when it is not restated.
    """
    final = final_from(period, final_after_days=final_after_days)
    if as_of < final:
        return ReportStatus.PROVISIONAL, None
    differing = [
        one
        for one in reported
        if final <= one.as_of <= as_of and any(figures[name] != figure for name, figure in one.figures.items())
    ]
    if differing:
        return ReportStatus.RESTATED, max(differing, key=lambda one: one.as_of)
    return ReportStatus.FINAL, None
