"""What is ordinary: how improbable a count is, given what used to happen. Nothing here knows what is counted."""

from bisect import bisect_left
from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
from scipy.special import bdtr, pdtr


def working_days(first: date, last: date) -> int:
    """Mondays to Fridays between two days, both included; 0 when the second lies before the first."""
    return int(np.busday_count(first, last + timedelta(days=1))) if last >= first else 0


def chance_of_so_few(events: int, *, expected: float) -> float:
    """The chance of at most so many events where so many are expected (Poisson)."""
    return float(pdtr(events, expected))


def chance_of_so_many(events: int, *, expected: float) -> float:
    """The chance of at least so many events where so many are expected (Poisson)."""
    return 1.0 if events == 0 else float(1 - pdtr(events - 1, expected))


def chance_of_so_large_a_part(part: int, *, of: int, share: float) -> float:
    """The chance of at least so many out of a number, each with that share (binomial)."""
    return 1.0 if part == 0 else float(1 - bdtr(part - 1, of, share))


def chance_of_so_small_a_part(part: int, *, of: int, share: float) -> float:
    """The chance of at most so many out of a number, each with that share (binomial)."""
    return float(bdtr(part, of, share))


def lowest_ordinary(is_too_few: Callable[[int], bool], *, usual: int) -> int:
    """The lowest count that is not too few. What is usual is not, and the fewer the more it is."""
    return bisect_left(range(usual), 1, key=lambda count: not is_too_few(count))


def highest_ordinary(is_too_many: Callable[[int], bool], *, usual: int, at_most: int) -> int:
    """The highest count, up to the highest possible, that is not too many; the more the more it is."""
    return bisect_left(range(usual + 1, at_most + 1), 1, key=is_too_many) + usual


def chance_of_none_lately(records: int, *, silent_days: int, days: int) -> float:
    """The chance that so many records, spread evenly over some days, leave the last ones of them empty.

    A day more is counted than there are: records may lie on days that are none of those counted, such as a weekend.
    """
    return (1 - silent_days / (days + 1)) ** records
