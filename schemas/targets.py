"""The arithmetic of the targets of 2012 to 2014: always on decimals, always half up, never a figure typed in.

The targets that the letters print follow from the base year and the agreed growth: the nearest whole suspect.
"""

from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum


class TargetVerdict(StrEnum):
    """Whether a target is reached by what is known on a day."""

    MET = "met"
    MISSED = "missed"


def half_up(figure: Decimal, decimals: int) -> Decimal:
    """A figure rounded half up, away from zero, to that many decimals."""
    return figure.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def target_of(base: Decimal, growth_percent: Decimal) -> Decimal:
    """The nearest whole number of a base that grows by a percentage."""
    return half_up(base * (100 + growth_percent) / 100, 0)


def growth_over(base: Decimal, achieved: Decimal) -> Decimal:
    """The growth over a base in percent, to one decimal.

    Raises:
        ZeroDivisionError: there is no base to grow over.
    """
    return half_up(100 * (achieved - base) / base, 1)


def verdict_on(achieved: Decimal, target: Decimal) -> TargetVerdict:
    """Whether a target is met: reaching it is enough."""
    return TargetVerdict.MET if achieved >= target else TargetVerdict.MISSED
