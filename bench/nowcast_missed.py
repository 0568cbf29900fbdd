"""How soon the alert ``nowcast_missed`` sees that practice changed, and how often it is raised for nothing."""

from collections.abc import Sequence
from datetime import date
from math import sqrt
from statistics import fmean, pstdev

import numpy as np

from bench.histories import FIRST, LAST, Change, History, history
from ketenbalans.nowcast.known import NOT_YET, Months
from ketenbalans.nowcast.pace import paces

MONTHS = Months.between(FIRST, LAST)
LOOKED_AT = range(24, len(MONTHS))
"""From the third year on, as a nowcast is asked."""


def is_raised(of: History, month: int) -> bool:
    """Whether the alert is raised at the end of a month, with what was known then."""
    end = date.fromordinal(int(MONTHS.ends[month]))
    return any(one.is_outside for one in paces(of.known_on(end)))


def raised_a_year(of: History) -> float:
    """How many months a year raise it."""
    return 12 * sum(is_raised(of, month) for month in LOOKED_AT) / len(LOOKED_AT)


def is_seen(of: History, *, within_months: int) -> bool:
    """Whether a change is seen at one of the ends of the first months after it."""
    changed = int(np.searchsorted(MONTHS.starts, of.changed_on))
    return any(is_raised(of, month) for month in range(changed, min(changed + within_months, len(MONTHS))))


def days_became_fewer(of: History) -> bool:
    """Whether registering is quicker since the change."""
    comes, is_after = of.registered < NOT_YET, of.delivered >= of.changed_on
    days = of.registered - of.delivered
    return bool(days[comes & is_after].mean() < days[comes & ~is_after].mean())


def show(first: int, histories: int) -> None:
    """Print a line per measure, with its standard error over the histories and the goal."""

    def made(change: Change, many: int = histories) -> list[History]:
        return [history(seed, change) for seed in range(first, first + many)]

    new_systems = made("new_system", 2 * histories)
    quicker = [one for one in new_systems if days_became_fewer(one)]
    slower = [one for one in new_systems if not days_became_fewer(one)]
    print("\nthe alert nowcast_missed")
    _line("none", "raised a year, for nothing", [raised_a_year(one) for one in made("none")], "<= 0.2")
    _line("growing hold-over", "raised a year", [raised_a_year(one) for one in made("growing_hold_over")], "")
    strikes = [100.0 * is_seen(one, within_months=1) for one in made("strike")]
    _line("strike of two months", "seen at its first end, %", strikes, ">= 95")
    for name, histories_of, goal in (("halved delays", quicker, ">= 60"), ("doubled delays", slower, "")):
        seen = [100.0 * is_seen(one, within_months=2) for one in histories_of]
        _line(name, "seen by the second end, %", seen, goal)


def _line(practice: str, measure: str, each: Sequence[float], goal: str) -> None:
    error = pstdev(each) / sqrt(len(each))
    print(f"  {practice:22} {measure:28} {fmean(each):7.2f} +- {error:5.2f} of {len(each):3}   {goal}".rstrip())
