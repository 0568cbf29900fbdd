"""The arithmetic of the targets of 2012 to 2014: always on decimals, never a figure typed in.

The targets that the letters print follow from the base year and the agreed growth: the nearest whole suspect.
"""

from decimal import Decimal
from enum import StrEnum

from schemas.period import Period
from schemas.rounding import half_up

BASE_YEAR = Period.of_year(2010)
"""The year over which growth is agreed on and reported."""


class TargetVerdict(StrEnum):
    """Whether a target is reached by what is known on a day."""

    MET = "met"
    MISSED = "missed"


def target_of(base: Decimal, growth_percent: Decimal) -> Decimal:
    """The nearest whole number of a base that grows by a percentage."""
    return half_up(base * (100 + growth_percent) / 100, 0)


def growth_over(base: Decimal, achieved: Decimal) -> Decimal:
    """The growth over a base in percent, unrounded.

    Raises:
        ZeroDivisionError: there is no base to grow over.
    """
    return 100 * (achieved - base) / base


def verdict_on(achieved: Decimal, target: Decimal) -> TargetVerdict:
    """Whether a target is met: reaching it is enough."""
    return TargetVerdict.MET if achieved >= target else TargetVerdict.MISSED
