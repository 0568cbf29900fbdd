"""Which share of the delivered suspects never comes to a registration: per unit, and how it differs between months."""

from dataclasses import dataclass

import numpy as np
from scipy.special import betaln

from ketenbalans.nowcast.draws import DRAWS, Floats, from_log_odds, log_odds
from ketenbalans.nowcast.months import FAR, MonthsKnown

LIKENESSES = np.array([5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 640.0])
"""How alike units may be: for so many suspects the share of all counts, beside a unit's own."""
SPREADS = np.array([0.02, 0.1, 0.2, 0.3, 0.4, 0.5, 0.65, 0.8, 1.0])
"""How far the log-odds of a month may lie from those of the others: standard deviations."""
SPREAD_BELIEVED = 0.4
"""How far they are believed to lie before any month is looked at (half a normal)."""
HALF_LIFE_DAYS = 900.0
"""What a month says of the share that never comes counts half when it lies so much longer back."""
FEW_WAIT = 0.25
"""A month says something of the spread between months when at most this share of those who come still waits."""
NODES, NODE_WEIGHTS = np.polynomial.hermite_e.hermegauss(15)
NEVER_YES, NEVER_NO = 0.25, 4.75
"""What is believed of the share before anything is known: one of twenty, for as much as five suspects say."""
ROUNDS = 30


@dataclass(frozen=True)
class Never:
    """Draws of the share that never comes.

    Attributes:
        level: the log-odds over all units, a number per draw.
        of_unit: how far the log-odds of each unit lie from the level: a row per draw.
        spread: the standard deviation of the log-odds between months, a number per draw.
    """

    level: Floats
    of_unit: Floats
    spread: Floats


@dataclass(frozen=True)
class WaitingCurve:
    """How long those who come are waited for, over all units and months.

    Attributes:
        still: per day after the month's end the share of those who come by the horizon that has not come.
        never: the share of all that has not come by the horizon.
    """

    still: Floats
    never: float

    def after(self, age: int) -> float:
        """The share of those who come that still waits at an age."""
        return float(self.still[min(max(age, 0), len(self.still) - 1)])


@dataclass(frozen=True)
class _Evidence:
    """What the months say, by month and unit.

    Attributes:
        waits: deliveries that stand and no registration of which ever counted.
        in_all: deliveries that stand.
        still: per month the share of those who come that still waits.
        weight: per month how much it says: nothing while all wait, less the longer it lies back.
    """

    waits: Floats
    in_all: Floats
    still: Floats
    weight: Floats


def waiting(months: MonthsKnown, horizon: int) -> WaitingCurve:
    """Kaplan-Meier from the end of the month of delivery to the horizon, entering when recorded.

    A withdrawal ends what is known of a delivery, as the as-of date does. Whose registration was there before the
    delivery was recorded had come when it entered: it says nothing of how long the others are waited for.
    """
    entered = np.maximum(months.recorded, 0)
    until = np.minimum(months.withdrawn, months.ages[months.month])
    has_come = months.came <= np.minimum(until, horizon)
    left = np.minimum(np.where(has_come, np.maximum(months.came, 0), until), horizon)
    is_there = (entered <= left) & ((months.recorded <= 0) | (months.came > months.recorded))
    entries, exits, came = (
        np.bincount(days[which], minlength=horizon + 1)
        for days, which in ((entered, is_there), (left, is_there), (left, is_there & has_come))
    )
    at_risk = np.cumsum(entries) - np.concatenate([[0], np.cumsum(exits)[:-1]])
    survival = np.cumprod(1 - came / np.maximum(at_risk, 1))
    never = float(np.clip(survival[-1], 1e-4, 0.95))
    return WaitingCurve(np.clip((survival - never) / (1 - never), 0.0, 1.0), never)


def never_comes(rng: np.random.Generator, months: MonthsKnown, wait: WaitingCurve) -> Never:
    """Draw the share that never comes, from every month whose end is past."""
    evidence = _evidence(months, wait)
    share, stays = _share(evidence, wait.never)
    chance = _chance_of_spreads(evidence, share)
    spread = rng.choice(SPREADS, size=DRAWS, p=chance)
    sizes = evidence.in_all.sum(axis=1)
    mean_size = float(np.average(sizes, weights=evidence.weight + 1e-12))
    # months that differ say less than as many suspects who have nothing in common
    clustering = 1 + mean_size * float(chance @ SPREADS**2) * share * (1 - share)
    yes, in_all = evidence.weight @ stays, evidence.weight @ evidence.in_all
    likeness = LIKENESSES[int(np.argmax(_likeness(yes, in_all, share)))]
    yes, in_all = yes / clustering, in_all / clustering
    level = rng.beta(yes.sum() + NEVER_YES, (in_all - yes).sum() + NEVER_NO, size=DRAWS)
    of_unit = rng.beta(likeness * share + yes, likeness * (1 - share) + in_all - yes, size=(DRAWS, len(yes)))
    mean_of_units = of_unit @ ((in_all + 1e-9) / (in_all + 1e-9).sum())
    return Never(
        level=log_odds(level) - spread**2 / 2 * (1 - 2 * level),  # so that the mean over months is the level
        of_unit=log_odds(of_unit) - log_odds(mean_of_units)[:, None],
        spread=spread,
    )


def _evidence(months: MonthsKnown, wait: WaitingCurve) -> _Evidence:
    stands = months.withdrawn >= FAR
    still = np.array([wait.after(int(age)) for age in months.ages])
    weight = np.where(months.ages >= 0, (1 - still) ** 2 * 0.5 ** (months.ages / HALF_LIFE_DAYS), 0.0)
    return _Evidence(
        waits=months.per_month_and_unit(stands & (months.came >= FAR)).astype(float),
        in_all=months.per_month_and_unit(stands).astype(float),
        still=still,
        weight=weight,
    )


def _share(evidence: _Evidence, first: float) -> tuple[float, Floats]:
    """The share over all, and per month and unit how many of those who wait are expected never to come."""
    share, in_all = first, evidence.weight @ evidence.in_all.sum(axis=1)
    stays = evidence.waits
    for _ in range(ROUNDS):
        of_open = share / (share + (1 - share) * evidence.still)
        stays = evidence.waits * of_open[:, None]
        yes = float(evidence.weight @ stays.sum(axis=1))
        share = float(np.clip((yes + NEVER_YES) / (in_all + NEVER_YES + NEVER_NO), 1e-4, 0.95))
    return share, stays


def _chance_of_spreads(evidence: _Evidence, share: float) -> Floats:
    """How likely each spread between months is."""
    waits, in_all = evidence.waits.sum(axis=1), evidence.in_all.sum(axis=1)
    says = (evidence.weight > 0) & (evidence.still <= FEW_WAIT) & (in_all > 0)
    likely = -0.5 * (SPREADS / SPREAD_BELIEVED) ** 2
    for place, spread in enumerate(SPREADS):
        shares = from_log_odds(log_odds(np.array(share)) + spread * NODES - spread**2 / 2 * (1 - 2 * share))
        is_open = np.clip(shares + (1 - shares) * evidence.still[says, None], 1e-9, 1 - 1e-9)
        log_l = waits[says, None] * np.log(is_open) + (in_all - waits)[says, None] * np.log1p(-is_open)
        top = log_l.max(axis=1, keepdims=True)
        of_month = np.log(np.exp(log_l - top) @ NODE_WEIGHTS) + top[:, 0]
        likely[place] += float(evidence.weight[says] @ of_month)
    chance = np.exp(likely - likely.max())
    return np.asarray(chance / chance.sum())


def _likeness(yes: Floats, in_all: Floats, share: float) -> Floats:
    """How likely each likeness of the units is, on a log scale, but for a constant."""
    a, b = LIKENESSES[:, None] * share, LIKENESSES[:, None] * (1 - share)
    return np.asarray((betaln(a + yes, b + in_all - yes) - betaln(a, b)).sum(axis=1) - 0.1 * np.log(LIKENESSES))
