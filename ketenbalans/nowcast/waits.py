"""Which share of those who will come still waits, month by month: what its own open ones say, and the months before."""

import numpy as np

from ketenbalans.nowcast.draws import DRAWS, Draws, Floats, from_log_odds, log_odds
from ketenbalans.nowcast.known import Days
from ketenbalans.nowcast.months import AtAge
from ketenbalans.nowcast.never import Never

WIDE = 0.15
"""So much of the prior is wide: a hold-over, a strike or a new system looks like no month before."""
EDGES = np.linspace(0.0, 1.0, 101) ** 2
SHARES, WIDTHS = (EDGES[1:] + EDGES[:-1]) / 2, np.diff(EDGES)
"""The shares that may be: closer together where they are small."""
NEVERS = np.linspace(-7.0, 2.0, 61)
SPREAD_NODES, SPREAD_WEIGHTS = np.polynomial.hermite_e.hermegauss(9)
SHARPENED = 60
"""So many times the prior is made anew from what each month before says under it: then it is as wide as months differ,
and not wider by what chance adds to each."""
ALIKE_UNITS = 12.0
"""For so many suspects the month's share that still waits counts, beside a unit's own."""


def waits_and_never(rng: np.random.Generator, state: AtAge, place: int, never: Never) -> tuple[Floats, Floats]:
    """Draw, for one month, the share of those who come that still waits, and the log-odds of never coming.

    Args:
        rng: the source of chance.
        state: the months at the age of this one.
        place: the month.
        never: what is known of the share that never comes.
    """
    waits = state.of.per_month_and_unit(state.waits).sum(axis=1)
    in_all = state.of.per_month_and_unit(state.stands).sum(axis=1)
    before = state.has_been & (in_all > 0)
    before[place] = False
    prior = _prior(waits[before], in_all[before], never)
    q = from_log_odds(NEVERS)
    open_share = np.clip(q[:, None] + (1 - q[:, None]) * SHARES, 1e-12, 1 - 1e-12)
    own, left = int(waits[place]), int(in_all[place] - waits[place])
    log_l = own * np.log(open_share) + left * np.log1p(-open_share)
    joint = np.exp(log_l - log_l.max()) * prior
    of_never = joint.sum(axis=1)
    z = (NEVERS[None, :] - never.level[:, None]) / never.spread[:, None]
    log_w = -0.5 * z**2 + np.log(np.maximum(of_never, 1e-300))
    node = _place_of(rng, np.exp(log_w - log_w.max(axis=1, keepdims=True)))
    step = NEVERS[1] - NEVERS[0]
    value = NEVERS[node] + rng.uniform(-step / 2, step / 2, DRAWS)
    share = _place_of(rng, joint[node])
    return EDGES[share] + rng.random(DRAWS) * WIDTHS[share], value


def _prior(waits: Draws, in_all: Draws, never: Never) -> Floats:
    """What the months before say of the share at this age; a part of it is wide."""
    if not len(waits):
        return WIDTHS
    spread = float(np.sqrt(np.mean(never.spread**2)))
    nevers = from_log_odds(float(never.level.mean()) + spread * SPREAD_NODES)
    p = np.clip(nevers[:, None] + (1 - nevers[:, None]) * SHARES, 1e-12, 1 - 1e-12)
    log_l = waits[:, None, None] * np.log(p) + (in_all - waits)[:, None, None] * np.log1p(-p)
    likely = np.exp(log_l - log_l.max(axis=(1, 2), keepdims=True))
    likely = np.einsum("jqs,q->js", likely, SPREAD_WEIGHTS)
    prior = WIDTHS
    for _ in range(SHARPENED):
        each = likely * prior
        prior = (each / each.sum(axis=1, keepdims=True)).mean(axis=0)
    return (1 - WIDE) * prior + WIDE * WIDTHS


def _place_of(rng: np.random.Generator, weights: Floats) -> Draws:
    """One place per row, drawn by the weights of the row."""
    cumulated = np.cumsum(weights, axis=1)
    return np.asarray((cumulated < rng.random((len(weights), 1)) * cumulated[:, -1:]).sum(axis=1))


def never_among_open(waits: Days, came: Days, *, wait: Floats, of_month: Floats, of_unit: Floats) -> Floats:
    """The chance that an open one never comes: a row per draw, a column per unit.

    Units differ in what never comes and in what still waits; over all units the chance is that of the month.

    Args:
        waits: per unit those without a registration that counted.
        came: per unit those with one.
        wait: draws of the share of those who come that still waits.
        of_month: draws of the share of the month that never comes.
        of_unit: the same per unit.
    """
    own = np.clip(waits - (waits + came) * of_unit, 0, None)
    share = (ALIKE_UNITS * wait[:, None] + own) / (ALIKE_UNITS + own + came)
    of_open = of_unit / (of_unit + (1 - of_unit) * share)
    in_all = waits.sum()
    if not in_all:
        return of_open
    whole = of_month / (of_month + (1 - of_month) * wait)
    shift = log_odds(whole) - log_odds(of_open @ (waits / in_all))
    return from_log_odds(log_odds(of_open) + shift[:, None])
