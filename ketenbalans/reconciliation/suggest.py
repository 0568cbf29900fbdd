"""Suggest pairs that a person has to look at: no links, they count as nothing until confirmed (rule 6).

Three kinds, each over what the one before left: (a) the same person in the window; (b) the same dossier, unless both
the tokens and the suspect numbers differ; (c) a number that nobody delivered, one edit away from one that was.
"""

import numpy as np
import polars as pl

from ketenbalans.reconciliation.link import Meetings, Offer, Partners, contradicts, is_in_window
from ketenbalans.reconciliation.one_edit import Numbers, Texts, one_edit_apart
from ketenbalans.reconciliation.pairs import NOBODY, Flags, Pairs
from schemas.coded_state import NO_LONGER_STANDING, text_as_typed
from schemas.numbers import without_document_suffix

SUGGESTION_RULE = 6
HAS_TEXT = pl.col("reported_dossier").is_not_null() | pl.col("typed_otherwise").is_not_null()


def suggest(met: Meetings, links: Partners) -> Partners:
    """Give the pairs that may belong together, one to one.

    Args:
        met: the records that are not settled; ``is_known_dossier`` of a registration says that a delivery carries its
            number.
        links: what ``link`` made of them.
    """
    withdrawn = met.deliveries["is_withdrawn"].to_numpy()
    has_ended = met.registrations["round"].to_numpy() == NO_LONGER_STANDING
    has_a_link, is_linked = links.of_delivery != NOBODY, links.of_registration != NOBODY
    offered = ~withdrawn & (~has_a_link | has_ended[links.of_delivery]) if len(has_ended) else ~withdrawn
    wanted = ~has_ended & (~is_linked | withdrawn[links.of_registration]) if len(withdrawn) else ~has_ended
    suggestions = Partners(len(offered), len(wanted))

    def open_pairs(pairs: Pairs) -> Pairs:
        return suggestions.left(pairs.where(offered[pairs.delivery] & wanted[pairs.registration]))

    for pairs in (same_person_in_the_window, same_dossier_nearly):
        offer = Offer.of((SUGGESTION_RULE, open_pairs(pairs(met))))
        suggestions.take(offer, met.order, has_a_link=has_a_link)
    near = one_edit_away(
        met, offered & (suggestions.of_delivery == NOBODY), wanted & (suggestions.of_registration == NOBODY)
    )
    suggestions.take(Offer.of((SUGGESTION_RULE, near)), met.order, has_a_link=has_a_link)
    return suggestions


def same_person_in_the_window(met: Meetings) -> Pairs:
    """(a): the person tokens are equal, in the window."""
    return met.of_one_person.where(met.of_one_person["in_window"])


def same_dossier_nearly(met: Meetings) -> Pairs:
    """(b): the dossier numbers are equal, unless both the tokens and the suspect numbers differ."""
    pairs = met.of_one_dossier
    return pairs.where(~(pairs["contradicts"] & pairs["other_suspect"]))


def one_edit_away(met: Meetings, offered: Flags, wanted: Flags) -> Pairs:
    """(c): a number known to nobody, at most one edit from the delivery's; in the window, no contradiction.

    Args:
        met: the records.
        offered: the deliveries that a suggestion may be about.
        wanted: the registrations that look for one.
    """
    is_unknown = met.registrations.select(~pl.col("is_known_dossier") & HAS_TEXT).to_series().to_numpy()
    deliveries, registrations = np.flatnonzero(offered), np.flatnonzero(wanted & is_unknown)
    numbers, unknown = met.deliveries["dossier"][deliveries], met.registrations[registrations]
    near = one_edit_apart(Numbers(numbers), Texts(texts_as_typed(unknown)))
    pairs = Pairs(deliveries[near["number"].to_numpy()], registrations[near["typed"].to_numpy()], {})
    facts = pl.concat(
        [
            met.deliveries.select("delivered_on", "person")[pairs.delivery],
            met.registrations.select("registered_on", "registered_person")[pairs.registration],
        ],
        how="horizontal",
    ).select(may_be=is_in_window(met.policy).fill_null(value=False) & ~contradicts().fill_null(value=False))
    return met.with_rejected(pairs.where(facts["may_be"].to_numpy()))


def texts_as_typed(registrations: pl.DataFrame) -> pl.Series:
    """What the OM typed: in capitals, cleaned, without the document suffix and without dashes."""
    typed = without_document_suffix(text_as_typed())
    return registrations.select(typed.str.replace_all("-", "", literal=True).alias("t"))["t"]
