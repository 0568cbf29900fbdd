"""Link each registration to the delivery that it is about, one to one, over everything known on the as-of date.

The rules and their order are in docs/counting-rules.md, Linking. Three rounds: over the standing
registrations that make a suspect recognisable, over the other standing ones, over the lapsed and joined ones. In a
round the rules take in order what is left; where a rule offers a record more than one partner, pairs are taken greedily
in one fixed order. Pure: no I/O, no clock, no logging.
"""

import narwhals as nw

from ketenbalans.reconciliation.decisions import PAIR, DecidedPairs, pairs_among
from ketenbalans.reconciliation.greedy import take_greedily
from ketenbalans.reconciliation.state import ROUNDS, Frame, days_between, differs, is_equal, is_filled, without
from schemas.catalogue import POLICE
from schemas.linked_columns import DELIVERY_COLUMNS, REGISTRATION_COLUMNS, Use, names
from schemas.policy import Policy

DELIVERY_OF_A_PAIR = ("delivery_id", *names(DELIVERY_COLUMNS, Use.IN_PAIRS))
REGISTRATION_OF_A_PAIR = ("registration_id", *names(REGISTRATION_COLUMNS, Use.IN_PAIRS))
ORDER_OF_PAIRS = (
    "is_withdrawn",
    "has_a_link",
    "is_other_suspect",
    "days_apart",
    "delivered_on",
    "dossier",
    "suspect_number",
    "registered_on",
    "case",
    "is_of_another_party",
    "party_word",
)
"""Which pair is taken first where a rule offers a record more than one partner (docs/counting-rules.md; ADR 0017).

Only a suggestion may be about a delivery that has a link; to the other rules it is no longer offered.
"""


def link(deliveries: Frame, registrations: Frame, *, policy: Policy, decided: DecidedPairs) -> Frame:
    """Give every delivery and every registration at most one partner.

    Args:
        deliveries: the deliveries that are not settled, withdrawn ones too, of all periods.
        registrations: the registrations that are not settled.
        policy: the window of rules 3 and 4. A policy, so it has no default (ADR 0004).
        decided: the pairs that a person confirmed or rejected.

    Returns:
        One row per link: ``delivery_id``, ``registration_id``, ``link_rule`` (1 to 5), ``is_withdrawn`` (the delivery)
        and ``round``. An id occurs at most once.
    """
    deliveries = deliveries.select(DELIVERY_OF_A_PAIR)
    found: list[Frame] = []
    for number in ROUNDS:
        of_round = registrations.filter(nw.col("round") == number).select(REGISTRATION_OF_A_PAIR)
        if found and of_round.is_empty():
            continue  # a round over nothing links nothing
        for rule in (pairs_confirmed, pairs_by_rules_1_to_3, pairs_by_rule_4):
            taken = take_greedily(rule(deliveries, of_round, policy=policy, decided=decided), best_first=best_first)
            deliveries, of_round = (
                without(deliveries, taken, "delivery_id"),
                without(of_round, taken, "registration_id"),
            )
            found.append(
                taken.select("delivery_id", "registration_id", "link_rule", "is_withdrawn", round=nw.lit(number))
            )
    return nw.concat(found)


def pairs_confirmed(deliveries: Frame, registrations: Frame, *, policy: Policy, decided: DecidedPairs) -> Frame:  # noqa: ARG001 (a rule like the others)
    """Rule 5: the pairs that a person confirmed. They need no window and no equal number."""
    return by_rule(nw.lit(5), pairs_among(decided.confirmed, deliveries, registrations))


def pairs_by_rules_1_to_3(deliveries: Frame, registrations: Frame, *, policy: Policy, decided: DecidedPairs) -> Frame:
    """Every pair for which rule 1, 2 or 3 holds, once, with the first of them that does."""
    by_dossier = same_dossier(deliveries, registrations)
    rule_1 = is_equal("person", "registered_person")
    rule_2 = is_equal("suspect_number", "reported_suspect_number") & ~contradicts()
    by_person = same_person(deliveries, registrations.filter(~is_filled("reported_dossier")))
    first_of_the_two = nw.when(rule_1).then(nw.lit(1)).otherwise(nw.lit(2))
    pairs = [by_rule(first_of_the_two, by_dossier.filter(rule_1 | rule_2))]
    if not by_person.is_empty():
        pairs.append(by_rule(nw.lit(3), by_person.filter(is_in_window(policy))))
    return not_rejected(nw.concat(pairs), decided)


def pairs_by_rule_4(deliveries: Frame, registrations: Frame, *, policy: Policy, decided: DecidedPairs) -> Frame:
    """The pairs in which each is the other's only candidate by dossier number in the window.

    Candidates are counted over all that is left in this round, before suspect numbers and tokens are looked at.
    """
    candidates = same_dossier(deliveries, registrations).filter(is_in_window(policy))
    only = candidates.filter(nw.col("delivery_id").is_unique() & nw.col("registration_id").is_unique())
    offered = only.filter(~is_filled("reported_suspect_number") & ~contradicts())
    return not_rejected(by_rule(nw.lit(4), offered), decided)


def by_rule(number: nw.Expr, pairs: Frame) -> Frame:
    """Pairs that a rule offers, with the number of the rule."""
    return pairs.select(*DELIVERY_OF_A_PAIR, *REGISTRATION_OF_A_PAIR, link_rule=number)


def best_first(pairs: Frame) -> Frame:
    """Sort the pairs that rules offer: by rule, then by ``ORDER_OF_PAIRS``."""
    is_same_suspect = is_equal("dossier", "reported_dossier") & is_equal("suspect_number", "reported_suspect_number")
    return pairs.with_columns(
        is_other_suspect=~is_same_suspect,
        days_apart=days_between(nw.col("delivered_on"), nw.col("registered_on")).abs(),
        is_of_another_party=nw.col("party").cast(nw.String) != POLICE,
        party_word=nw.col("party").cast(nw.String),
    ).sort("link_rule", *(name for name in ORDER_OF_PAIRS if name != "has_a_link" or name in pairs.columns))


def same_dossier(deliveries: Frame, registrations: Frame) -> Frame:
    """Every pair with the same dossier number. A missing number equals nothing."""
    reported = registrations.with_columns(dossier=nw.col("reported_dossier"))
    return deliveries.join(reported, on="dossier", how="inner")


def same_person(deliveries: Frame, registrations: Frame) -> Frame:
    """Every pair with the same person token. A missing token equals nothing."""
    registered = registrations.with_columns(person=nw.col("registered_person"))
    return deliveries.join(registered, on="person", how="inner")


def contradicts() -> nw.Expr:
    """Both sides carry a person token and the tokens differ."""
    return differs("person", "registered_person")


def is_in_window(policy: Policy) -> nw.Expr:
    """The registration lies neither too long before the delivery nor too long after it."""
    days = days_between(nw.col("delivered_on"), nw.col("registered_on"))
    return (days >= -policy.registered_before_delivery_days) & (days <= policy.registered_after_delivery_days)


def not_rejected(pairs: Frame, decided: DecidedPairs) -> Frame:
    """The pairs that no person rejected."""
    return pairs if decided.rejected.is_empty() else pairs.join(decided.rejected, on=list(PAIR), how="anti")
