"""Who leaves again: deliveries that are withdrawn, registrations that lapse, are joined or change class."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ketenbalans.nowcast.draws import Floats, rate_draws
from ketenbalans.nowcast.known import Days
from ketenbalans.nowcast.months import AtAge


@dataclass(frozen=True)
class Leaving:
    """Draws of the shares that leave between an age and the horizon.

    Attributes:
        open_withdrawn: of the deliveries without a registration those that are withdrawn.
        counted_withdrawn: of those with one.
        counted_lapsed: of those with one, those whose registration stops counting.
        coming_lapsed: of those whose registration comes after that age, those of which it stops counting.
        coming_withdrawn: of these, those that are withdrawn.
    """

    open_withdrawn: Floats
    counted_withdrawn: Floats
    counted_lapsed: Floats
    coming_lapsed: Floats
    coming_withdrawn: Floats


def leaving(rng: np.random.Generator, state: AtAge, horizon: int) -> Leaving:
    """Draw them from all months that have been at that age."""
    months = state.of
    been = state.has_been[months.month]
    waits, counts = been & state.waits, been & state.counts
    comes = been & state.is_asked & (months.came > state.age) & (months.came <= months.ages[months.month])
    then = np.full(len(months.month), state.age)
    when_it_came = np.maximum(months.came, months.recorded)

    def rate(which: NDArray[np.bool_], since: Days, leaves: Days) -> Floats:
        until = np.minimum(months.ages[months.month][which], horizon)
        return rate_draws(rng, *_left(since[which], leaves[which], until, longest=max(horizon - state.age, 1)))

    return Leaving(
        open_withdrawn=rate(waits, then, months.withdrawn),
        counted_withdrawn=rate(counts | (been & state.has_lapsed), then, months.withdrawn),
        counted_lapsed=rate(counts, then, months.lapsed),
        coming_lapsed=rate(comes, when_it_came, months.lapsed),
        coming_withdrawn=rate(comes, when_it_came, months.withdrawn),
    )


def _left(since: Days, leaves: Days, until: Days, *, longest: int) -> tuple[float, float]:
    """How many left, and of how many that is the share that leaves when all are followed for the longest time.

    A product over the days since, of those who were followed so long.
    """
    if not len(since):
        return 0.0, 0.0
    left = leaves <= until
    followed = np.clip(np.where(left, leaves, until) - since, 0, longest)
    ended = np.bincount(followed, minlength=longest + 1)
    at_risk = len(followed) - np.cumsum(ended) + ended
    events = np.bincount(followed[left], minlength=longest + 1)
    share = 1 - float(np.prod(1 - events / np.maximum(at_risk, 1)))
    leavers = float(events.sum())
    return leavers, leavers / share if share > 0 else float(followed.sum()) / longest
