"""Draw what the deliveries of one month come to in the end, per unit."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ketenbalans.nowcast.asked import MonthAsked
from ketenbalans.nowcast.draws import DRAWS, Draws, Floats, from_log_odds, share_draws
from ketenbalans.nowcast.known import Days
from ketenbalans.nowcast.late_in_month import Delays, back_dated, unrecorded_deliveries
from ketenbalans.nowcast.leaving import leaving
from ketenbalans.nowcast.months import AtAge, MonthsKnown
from ketenbalans.nowcast.never import Never, never_comes, waiting
from ketenbalans.nowcast.waits import never_among_open, waits_and_never

ALIKE_SUSPECTS = 3.0
"""Suspects of one month have so much in common that so many say as much as one."""


@dataclass(frozen=True)
class Practice:
    """What every month of a question is drawn from.

    Attributes:
        months: the suspects in their months of delivery.
        never: who never comes.
        delays: how late things are recorded.
    """

    months: MonthsKnown
    never: Never
    delays: Delays

    @classmethod
    def of(cls, rng: np.random.Generator, months: MonthsKnown, horizon: int) -> "Practice":
        """Learn it from all that is known; what never comes has not come so many days after its month."""
        return cls(months, never_comes(rng, months, waiting(months, horizon)), Delays.of(months, horizon))


@dataclass(frozen=True)
class MonthDrawn:
    """What a month comes to: a row per draw, a column per unit."""

    delivered: Draws
    registered: Draws
    recognised: Draws


@dataclass(frozen=True)
class _Now:
    """What the deliveries of a month are on the as-of date, per unit.

    Attributes:
        waits: no registration of them counted yet.
        recognised: one counts, with a day in the period.
        late: one counts, with a later day.
        lapsed: one has counted, and no longer does.
    """

    waits: Days
    recognised: Days
    late: Days
    lapsed: Days


def month_drawn(rng: np.random.Generator, practice: Practice, asked: MonthAsked) -> MonthDrawn:
    """Draw the end of one month."""
    state = practice.months.at(cut=asked.cut, age=asked.age)
    now = _now(state, asked)
    wait, value = waits_and_never(rng, state, asked.place, practice.never)
    never = from_log_odds(value[:, None] + practice.never.of_unit)
    of_open = never_among_open(
        now.waits, now.recognised + now.late + now.lapsed, wait=wait, of_month=from_log_odds(value), of_unit=never
    )
    leaves = leaving(rng, state, asked.horizon)

    def stay(there: Draws, leave: Floats) -> Draws:
        return there - rng.binomial(there, leave[:, None])

    waits, recognised, late, lapsed = (
        stay(np.broadcast_to(there, (DRAWS, len(there))), leave)
        for there, leave in (
            (now.waits, leaves.open_withdrawn),
            (now.recognised, leaves.counted_withdrawn),
            (now.late, leaves.counted_withdrawn),
            (now.lapsed, leaves.counted_withdrawn),
        )
    )
    new = stay(unrecorded_deliveries(rng, practice.delays, state, asked), leaves.open_withdrawn)
    coming = waits - rng.binomial(waits, of_open)
    gone = rng.binomial(coming, leaves.coming_withdrawn[:, None])
    delivered = waits + recognised + late + lapsed + new - gone
    coming = stay(coming - gone, leaves.coming_lapsed)
    new = stay(new - rng.binomial(new, never), leaves.coming_lapsed)
    recognised = stay(recognised, leaves.counted_lapsed)
    registered = recognised + stay(late, leaves.counted_lapsed) + coming + new
    if asked.age >= asked.in_period:
        in_time = np.minimum(back_dated(rng, practice.delays, state, asked), (coming + new).sum(axis=1))
        recognised = recognised + _over_units(rng, in_time, coming + new)
    else:
        recognised = recognised + _registered_in_time(rng, state, asked, coming, new)
    return MonthDrawn(delivered, registered, recognised)


def _now(state: AtAge, asked: MonthAsked) -> _Now:
    months = state.of
    mine = months.month == asked.place
    in_time = months.registered <= asked.in_period

    def per_unit(which: NDArray[np.bool_]) -> Days:
        return np.bincount(months.known.unit[which & mine], minlength=len(months.known.units))

    return _Now(
        waits=per_unit(state.waits),
        recognised=per_unit(state.counts & in_time),
        late=per_unit(state.counts & ~in_time),
        lapsed=per_unit(state.has_lapsed),
    )


def _over_units(rng: np.random.Generator, drawn: Draws, among: Draws) -> Draws:
    """Share a number out over units, to each at most as many as there are."""
    found = np.zeros_like(among)
    left, rest = drawn, among.sum(axis=1)
    for unit in range(among.shape[1]):
        rest = rest - among[:, unit]
        found[:, unit] = rng.hypergeometric(among[:, unit], rest, left)
        left = left - found[:, unit]
    return found


def _registered_in_time(rng: np.random.Generator, state: AtAge, asked: MonthAsked, coming: Draws, new: Draws) -> Draws:
    """Draw how many of those that come after the as-of date are registered before the period ends.

    As many as in the months that were at this age long enough ago. ``new`` are those not recorded yet.
    """
    months = state.of
    is_past = (months.ages >= asked.in_period)[months.month] & (months.came <= months.ages[months.month])
    in_time = np.zeros_like(coming)
    for which, drawn in ((state.waits, coming), (state.is_unrecorded, new)):
        later = is_past & which
        came, yes = int(later.sum()), int((later & (months.registered <= asked.in_period)).sum())
        share = share_draws(rng, yes / ALIKE_SUSPECTS, (came - yes) / ALIKE_SUSPECTS)
        in_time = in_time + rng.binomial(drawn, share[:, None])
    return in_time
