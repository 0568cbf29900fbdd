"""Take pairs greedily, each record at most once: what one loop over the sorted pairs would take, in whole columns.

Both sides rank their partners by one and the same order, so the loop's outcome is the only stable one: every delivery
proposes to the best partner that it has not tried, a registration keeps the best proposal that it has had, and whoever
is refused proposes again. A thousand records of one person are a thousand short rounds, not a thousand passes over a
million pairs.
"""

from collections.abc import Callable
from typing import Any

import narwhals as nw
import numpy as np
import numpy.typing as npt

from ketenbalans.reconciliation.state import Frame

Numbers = npt.NDArray[np.int64]


def take_greedily(pairs: Frame, *, best_first: Callable[[Frame], Frame]) -> Frame:
    """Take pairs in an order, each delivery and each registration at most once.

    Args:
        pairs: one row per pair that a rule offers, with ``delivery_id`` and ``registration_id``.
        best_first: sorts pairs; no two are equal to it.

    Returns:
        The pairs that are taken, in no particular order.
    """
    if pairs.is_empty():
        return pairs
    alone = nw.col("delivery_id").is_unique() & nw.col("registration_id").is_unique()
    rivals = pairs.filter(~alone)
    if rivals.is_empty():
        return pairs
    rivals = best_first(rivals).select(pairs.columns)
    taken = stable_pairs(rank_of(rivals["delivery_id"]), rank_of(rivals["registration_id"]))
    return nw.concat([pairs.filter(alone), rivals[taken.tolist()]])


def rank_of(ids: Any) -> Numbers:
    """Dense numbers from 0 for the ids of a column."""
    return np.unique(ids.to_numpy(), return_inverse=True)[1].astype(np.int64)


def stable_pairs(deliveries: Numbers, registrations: Numbers) -> Numbers:
    """The places of the pairs that a loop over all pairs, best first, would take.

    Args:
        deliveries: the delivery of each pair, as dense numbers; the pairs stand in order, the best first.
        registrations: the registration of each pair, likewise.
    """
    by_delivery = np.argsort(deliveries, kind="stable")  # each delivery's pairs together, its best first
    first = np.searchsorted(deliveries[by_delivery], np.arange(deliveries.max() + 1))
    end = np.append(first[1:], len(deliveries))
    proposal = first.copy()
    nobody = len(deliveries)
    best = np.full(registrations.max() + 1, nobody)
    proposing = np.arange(len(first))
    while proposing.size:
        places = by_delivery[proposal[proposing]]
        wanted = registrations[places]
        displaced = best[wanted]
        np.minimum.at(best, wanted, places)
        is_displaced = (displaced != nobody) & (displaced != best[wanted])
        refused = np.append(places[best[wanted] != places], displaced[is_displaced])
        proposing = np.unique(deliveries[refused])
        proposal[proposing] += 1
        proposing = proposing[proposal[proposing] < end[proposing]]
    return np.sort(best[best != nobody])
