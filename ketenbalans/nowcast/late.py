"""What has happened and is not recorded yet: the delay of recording, looked at backwards from what is recorded."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ketenbalans.nowcast.draws import DRAWS, Draws, Floats
from ketenbalans.nowcast.known import Days

SEASON_COUNTS = 30.0
"""That a month of the calendar is as late as the others counts for so many cases."""
BETWEEN_MONTHS = 0.02
BETWEEN_MONTHS_COUNTS = 12.0
"""The variance between months that is believed in before any is seen, and for how many months that counts."""
LONGEST_LEVEL_DAYS = 31
SHORTEST_LEVEL_DAYS = 10
MOSTLY_RECORDED = 0.9
"""Days of which more than this is recorded speak for themselves; those of which less is are taken together."""
LEVEL_COUNTS = 2.0
"""How often it usually happens counts for so many cases, beside those of the days that are taken together."""


@dataclass(frozen=True)
class Delay:
    """How late something is recorded, and on which days of the week it happens.

    Attributes:
        within: the share that is recorded within so many days; 1 at its end.
        week: how much more happens on a Monday, Tuesday and so on than on a day of any name.
    """

    within: Floats
    week: Floats

    def by(self, days: Days) -> Floats:
        """The share that is recorded after so many days; 0 for days that have not begun."""
        share = self.within[np.clip(days, 0, len(self.within) - 1)]
        return np.where(days < 0, 0.0, share)

    def usual_on(self, days: Days) -> Floats:
        """How much usually happens on a day (an ordinal), beside 1."""
        return self.week[(days - 1) % 7]

    @property
    def level_days(self) -> int:
        """How many of the last days are taken together."""
        mostly = int(np.argmax(self.within >= MOSTLY_RECORDED))
        return int(np.clip(mostly, SHORTEST_LEVEL_DAYS, LONGEST_LEVEL_DAYS))


def delay_of(happened: Days, recorded: Days, *, by: int, longest: int) -> Delay:
    """The delay of recording from all that was recorded by a day, by its reverse hazard.

    What is recorded later than that day is not among it, so short delays would look too likely: of each delay only what
    happened early enough to be recorded so late is looked at.

    Args:
        happened: the day of each.
        recorded: the day of its record, not after ``by``.
        by: the day.
        longest: no delay is longer, or is looked at.
    """
    delay = np.clip(recorded - happened, 0, longest)
    could_have = np.clip(by - happened, 0, longest)
    with_delay = np.bincount(delay, minlength=longest + 1)
    too_young = np.cumsum(np.bincount(could_have + 1, minlength=longest + 2)[: longest + 1])
    at_risk = np.cumsum(with_delay) - too_young
    hazard = np.where(at_risk > 0, with_delay / np.maximum(at_risk, 1), 0.0)
    within = np.concatenate([np.cumprod(1 - hazard[::-1])[::-1][1:], [1.0]])
    week = np.bincount((happened - 1) % 7, minlength=7) + 1.0
    return Delay(np.clip(within, 1e-3, 1.0), week / week.mean())


@dataclass(frozen=True)
class Flow:
    """What happened from one day to another, as far as it is recorded by a day.

    Attributes:
        first: the first day, an ordinal.
        last: the last day.
        by: the day of knowledge.
        happened: the days of what is recorded, between the two.
        usual: how many there usually are of a day.
    """

    first: int
    last: int
    by: int
    happened: Days
    usual: float


def unrecorded(delay: Delay, flow: Flow) -> tuple[float, float]:
    """How many of a flow are not recorded yet: the mean, and on how many cases it rests.

    The last days, of which little is recorded, are taken together: so often as it happened on them, beside what is
    usual, it goes on. Of the days before, each says itself how much is lacking.
    """
    together_from = max(flow.by - delay.level_days + 1, flow.first)
    days = np.arange(together_from, flow.last + 1)
    mean, cases = 0.0, 0.0
    if len(days):
        share, usual = delay.by(flow.by - days), delay.usual_on(days)
        recorded, lacking = float((share * usual).sum()), float(((1 - share) * usual).sum())
        known = float(np.sum(flow.happened >= together_from))
        cases = known + LEVEL_COUNTS
        mean = lacking * cases / (recorded + LEVEL_COUNTS / max(flow.usual, 1e-9))
    older = flow.happened[flow.happened < together_from]
    of_older = 1 / delay.by(flow.by - older) - 1
    return mean + float(of_older.sum()), cases + len(older)


@dataclass(frozen=True)
class Lateness:
    """How much more or less was late in the past than the delay says.

    Attributes:
        season: draws of the factor for this month of the calendar.
        between: the variance of the factor between months.
    """

    season: Floats
    between: float


def lateness(rng: np.random.Generator, found: Floats, expected: Floats, is_alike: NDArray[np.bool_]) -> Lateness:
    """Compare what turned out to be late in past months with what the delay expected.

    Args:
        rng: the source of chance.
        found: per past month what was recorded after its age.
        expected: the same as the delay says.
        is_alike: which of them are the same month of the calendar.
    """
    in_all = float(expected.sum())
    factor = (found.sum() + SEASON_COUNTS) / (in_all + SEASON_COUNTS)
    alike = SEASON_COUNTS * factor + float(found[is_alike].sum())
    season = rng.gamma(alike, 1 / (SEASON_COUNTS + float(expected[is_alike].sum())), size=DRAWS)
    squares = float(np.sum((factor * expected) ** 2))
    extra = float(np.sum((found - factor * expected) ** 2 - factor * expected))
    between = max(extra / squares, 0.0) if squares > 0 else 0.0
    weight = len(found) / (len(found) + BETWEEN_MONTHS_COUNTS)
    return Lateness(season, weight * between + (1 - weight) * BETWEEN_MONTHS)


def unrecorded_draws(rng: np.random.Generator, mean: float, cases: float, than_usual: Lateness) -> Draws:
    """Draw how many are not recorded yet, from a mean that rests on so many cases."""
    if mean <= 0:
        return np.zeros(DRAWS, dtype=np.int64)
    level = rng.gamma(max(cases, 0.5), 1 / max(cases, 0.5), size=DRAWS)
    size = 1 / max(than_usual.between, 1e-4)
    return rng.poisson(mean * level * than_usual.season * rng.gamma(size, 1 / size, size=DRAWS))
