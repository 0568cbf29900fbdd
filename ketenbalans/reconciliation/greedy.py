"""Take pairs greedily, each record at most once: what one loop over the sorted pairs would take, in whole columns.

Both sides rank their partners by one and the same order, so the loop's outcome is the only stable one: every delivery
proposes to the best partner that it has not tried, a registration keeps the best proposal that it has had, and whoever
is refused proposes again. A thousand records of one person are a thousand short rounds, not a thousand passes over a
million pairs.
"""

from collections.abc import Callable

import numpy as np

from ketenbalans.reconciliation.pairs import Flags, Numbers, Pairs, once_each, only_ones, packed


def taken_greedily(pairs: Pairs, *, key: Callable[[Flags], Numbers]) -> Numbers:
    """Give the places of the pairs that are taken, each delivery and each registration at most once.

    Args:
        pairs: those that a rule offers.
        key: gives of some of the pairs a number each, the lower the better; no two have the same.
    """
    alone = only_ones(pairs)
    if alone.all():
        return np.arange(len(pairs))
    rivals = np.flatnonzero(~alone)
    deliveries, registrations = (once_each(side[rivals])[1] for side in (pairs.delivery, pairs.registration))
    taken = stable_pairs(deliveries, registrations, key(~alone))
    return np.concatenate([np.flatnonzero(alone), rivals[taken]])


def stable_pairs(deliveries: Numbers, registrations: Numbers, key: Numbers) -> Numbers:
    """The places of the pairs that a loop over all pairs, best first, would take, in no particular order.

    Args:
        deliveries: the delivery of each pair, as dense numbers.
        registrations: the registration of each pair, likewise.
        key: a number of each pair, the lower the better; no two are equal.
    """
    by_delivery = np.argsort(packed(deliveries, key))  # each delivery's pairs together, its best first
    wanted_by_place, key_by_place = registrations[by_delivery], key[by_delivery]
    first = np.searchsorted(deliveries[by_delivery], np.arange(deliveries.max() + 1))
    end = np.append(first[1:], len(deliveries))
    proposal, proposing = first.copy(), np.arange(len(first))
    nobody, nothing = len(first), np.iinfo(np.int64).max
    best = np.full(registrations.max() + 1, nothing)
    holder = np.full(registrations.max() + 1, nobody)
    while proposing.size:
        places = proposal[proposing]
        wanted, offered = wanted_by_place[places], key_by_place[places]
        np.minimum.at(best, wanted, offered)
        is_best = best[wanted] == offered
        displaced = holder[wanted[is_best]]
        holder[wanted[is_best]] = proposing[is_best]
        proposing = np.concatenate([proposing[~is_best], displaced[displaced != nobody]])
        proposal[proposing] += 1
        proposing = proposing[proposal[proposing] < end[proposing]]
    return np.asarray(by_delivery[proposal[holder[holder != nobody]]])
