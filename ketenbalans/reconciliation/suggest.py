"""Suggest pairs that a person has to look at: no links, they count as nothing until confirmed (rule 6).

Three kinds, each over what the one before left: (a) the same person in the window; (b) the same dossier, unless both
the tokens and the suspect numbers differ; (c) a number that nobody delivered, one edit away from one that was.
"""

import narwhals as nw
import polars as pl

from ketenbalans.reconciliation.decisions import DecidedPairs
from ketenbalans.reconciliation.greedy import take_greedily
from ketenbalans.reconciliation.link import (
    DELIVERY_OF_A_PAIR,
    REGISTRATION_OF_A_PAIR,
    best_first,
    contradicts,
    is_in_window,
    not_rejected,
    same_dossier,
    same_person,
)
from ketenbalans.reconciliation.one_edit import Numbers, Texts, one_edit_apart
from ketenbalans.reconciliation.state import Frame, differs, is_filled, with_flag, without
from schemas.coded_state import NO_LONGER_STANDING, text_as_typed
from schemas.numbers import without_document_suffix
from schemas.policy import Policy

SUGGESTION_RULE = 6


def suggest(deliveries: Frame, registrations: Frame, links: Frame, *, policy: Policy, decided: DecidedPairs) -> Frame:
    """Give the pairs that may belong together, one to one.

    Args:
        deliveries: the deliveries that are not settled.
        registrations: the registrations that are not settled, with ``is_known_dossier``: a delivery carries the number.
        links: what ``link`` made of them.
        policy: the window. A policy, so it has no default (ADR 0004).
        decided: the pairs that a person rejected are not suggested.

    Returns:
        One row per suggestion: ``delivery_id``, ``registration_id``.
    """
    still_standing = links.filter(nw.col("round") != NO_LONGER_STANDING)
    standing_deliveries = deliveries.filter(~nw.col("is_withdrawn")).select(DELIVERY_OF_A_PAIR)
    open_deliveries = without(standing_deliveries, still_standing, "delivery_id")
    open_deliveries = with_flag(open_deliveries, "has_a_link", "delivery_id", links["delivery_id"])
    standing_registrations = registrations.filter(nw.col("round") != NO_LONGER_STANDING).select(
        *REGISTRATION_OF_A_PAIR, "typed_otherwise", "is_known_dossier"
    )
    open_registrations = without(standing_registrations, links.filter(~nw.col("is_withdrawn")), "registration_id")
    found = []
    for kind in (same_person_in_the_window, same_dossier_nearly, one_edit_away):
        pairs = kind(open_deliveries, open_registrations, policy=policy).with_columns(link_rule=nw.lit(SUGGESTION_RULE))
        taken = take_greedily(not_rejected(pairs, decided), best_first=best_first)
        open_deliveries = without(open_deliveries, taken, "delivery_id")
        open_registrations = without(open_registrations, taken, "registration_id")
        found.append(taken.select("delivery_id", "registration_id"))
    return nw.concat(found)


def same_person_in_the_window(deliveries: Frame, registrations: Frame, *, policy: Policy) -> Frame:
    """(a): the person tokens are equal, in the window."""
    return same_person(deliveries, registrations).filter(is_in_window(policy))


def same_dossier_nearly(deliveries: Frame, registrations: Frame, *, policy: Policy) -> Frame:  # noqa: ARG001 (a kind like the others)
    """(b): the dossier numbers are equal, unless both the tokens and the suspect numbers differ."""
    is_another_suspect = contradicts() & differs("suspect_number", "reported_suspect_number")
    return same_dossier(deliveries, registrations).filter(~is_another_suspect)


def one_edit_away(deliveries: Frame, registrations: Frame, *, policy: Policy) -> Frame:
    """(c): a number known to nobody, at most one edit from the delivery's; in the window, no contradiction."""
    unknown = registrations.filter(
        ~nw.col("is_known_dossier"), is_filled("reported_dossier") | is_filled("typed_otherwise")
    )
    if unknown.is_empty() or deliveries.is_empty():
        near = pl.DataFrame(schema={"number": pl.UInt32, "typed": pl.UInt32})
    else:
        near = one_edit_apart(Numbers(deliveries["dossier"].to_polars()), Texts(texts_as_typed(unknown)))
    pairs = nw.concat([deliveries[near["number"].to_list()], unknown[near["typed"].to_list()]], how="horizontal")
    return pairs.filter(is_in_window(policy) & ~contradicts())


def texts_as_typed(registrations: Frame) -> pl.Series:
    """What the OM typed: in capitals, cleaned, without the document suffix and without dashes."""
    typed = without_document_suffix(text_as_typed())
    return registrations.to_polars().select(typed.str.replace_all("-", "", literal=True).alias("t"))["t"]
