"""Link each registration to the delivery that it is about, one to one, over everything known on the as-of date.

The rules and their order are section 4.1 of the design and docs/counting-rules.md. Three rounds: over the standing
registrations that make a suspect recognisable, over the other standing ones, over the lapsed and joined ones. In a
round rules 1 to 4 take in order what is left; where a rule offers a record more than one partner, pairs are taken
greedily in one fixed order. Pure: no I/O, no clock, no logging.
"""

import narwhals as nw

from reconciliation.state import Frame, Round, days_between
from schemas.policy import Policy

DELIVERY_OF_A_PAIR = (
    "delivery_id",
    "dossier_number",
    "suspect_number",
    "person_token",
    "delivered_on",
    "is_withdrawn",
)
REGISTRATION_OF_A_PAIR = (
    "registration_id",
    "reported_dossier_number",
    "reported_suspect_number",
    "registered_token",
    "registered_on",
)
LINK = ("delivery_id", "registration_id", "link_rule")

# Which pair is taken first: the rule, then the order of section 4.1. A smaller id stands for its last five steps:
# earliest delivered_on, dossier number, suspect number; earliest registered_on, case number (see
# reconciliation.state).
GREEDY_ORDER = ("link_rule", "is_withdrawn", "is_other_suspect", "days_apart", "delivery_id", "registration_id")


def link(deliveries: Frame, registrations: Frame, *, policy: Policy) -> Frame:
    """Give every delivery and every registration at most one partner.

    Args:
        deliveries: ``prepared_deliveries`` of all deliveries known, withdrawn ones too, of all periods.
        registrations: ``prepared_registrations`` of all registrations known.
        policy: the window of rules 3 and 4. A policy, so it has no default (ADR 0004).

    Returns:
        One row per link: ``delivery_id``, ``registration_id``, ``link_rule`` (1 to 4). An id occurs at most once.
    """
    deliveries = deliveries.select(DELIVERY_OF_A_PAIR)
    registrations = registrations.select(*REGISTRATION_OF_A_PAIR, "round")
    found = [unmistakable_links(deliveries, registrations)]
    deliveries = without(deliveries, found[0], "delivery_id")
    registrations = without(registrations, found[0], "registration_id")
    for round_number in Round:
        of_round = registrations.filter(nw.col("round") == round_number.value)
        if of_round.is_empty() or deliveries.is_empty():
            continue
        first = take_greedily(pairs_by_rules_1_to_3(deliveries, of_round, policy=policy))
        deliveries = without(deliveries, first, "delivery_id")
        only = pairs_by_rule_4(deliveries, without(of_round, first, "registration_id"), policy=policy)
        deliveries = without(deliveries, only, "delivery_id")
        found += [first, only]
    return nw.concat([links.select(LINK) for links in found])


def unmistakable_links(deliveries: Frame, registrations: Frame) -> Frame:
    """The common case: pairs of rule 1 in round 1 in which neither side has another candidate of that rule.

    They are what rule 1 would take first whatever else there is, so taking them ahead changes no link; what is left for
    the rules is an order of magnitude smaller.
    """
    pairs = same_dossier(deliveries, registrations.filter(nw.col("round") == Round.RECOGNISABLE.value)).filter(
        has_same_token()
    )
    return pairs.with_columns(link_rule=nw.lit(1)).filter(is_only_candidate())


def pairs_by_rules_1_to_3(deliveries: Frame, registrations: Frame, *, policy: Policy) -> Frame:
    """Every pair for which rule 1, 2 or 3 holds, once, with the first of them that does."""
    by_dossier = same_dossier(deliveries, registrations).with_columns(
        link_rule=nw.when(has_same_token()).then(nw.lit(1)).when(has_same_suspect() & ~contradicts()).then(nw.lit(2))
    )
    without_dossier = registrations.filter(nw.col("reported_dossier_number").is_null())
    by_person = deliveries.join(
        without_dossier.with_columns(person_token=nw.col("registered_token")), on="person_token", how="inner"
    )
    by_person = by_person.filter(is_in_window(policy)).with_columns(link_rule=nw.lit(3))
    return nw.concat([with_order(by_dossier.filter(~nw.col("link_rule").is_null())), with_order(by_person)])


def pairs_by_rule_4(deliveries: Frame, registrations: Frame, *, policy: Policy) -> Frame:
    """The pairs in which each is the other's only candidate by dossier number in the window.

    Candidates are counted over all that is left in this round, before suspect numbers and tokens are looked at.
    """
    candidates = same_dossier(deliveries, registrations).filter(is_in_window(policy))
    only = candidates.filter(is_only_candidate())
    return only.filter(nw.col("reported_suspect_number").is_null() & ~contradicts()).with_columns(link_rule=nw.lit(4))


def take_greedily(pairs: Frame) -> Frame:
    """Take pairs in ``GREEDY_ORDER``, each record at most once, as one loop over the sorted pairs would.

    A pair that is the best one left of both its records is taken whatever happens to the others, so all such pairs are
    taken at once; then what they used up is dropped, and again, until nothing is left.
    """
    left = pairs.sort(*GREEDY_ORDER).with_row_index("place")
    taken = [left.head(0)]
    place = nw.col("place")
    while not left.is_empty():
        best = left.filter((place == place.min().over("delivery_id")) & (place == place.min().over("registration_id")))
        taken.append(best)
        left = without(without(left, best, "delivery_id"), best, "registration_id")
    return nw.concat(taken)


def same_dossier(deliveries: Frame, registrations: Frame) -> Frame:
    """Every pair with the same dossier number. A missing number equals nothing."""
    reported = registrations.with_columns(dossier_number=nw.col("reported_dossier_number"))
    return deliveries.join(reported, on="dossier_number", how="inner")


def has_same_token() -> nw.Expr:
    """Both sides carry a person token and the tokens are equal."""
    return (nw.col("person_token") == nw.col("registered_token")).fill_null(value=False)


def contradicts() -> nw.Expr:
    """Both sides carry a person token and the tokens differ."""
    return (nw.col("person_token") != nw.col("registered_token")).fill_null(value=False)


def has_same_suspect() -> nw.Expr:
    """Both sides carry a suspect number and the numbers are equal; meaningful within one dossier only."""
    return (nw.col("suspect_number") == nw.col("reported_suspect_number")).fill_null(value=False)


def is_in_window(policy: Policy) -> nw.Expr:
    """The registration lies neither too long before the delivery nor too long after it."""
    days = days_between(nw.col("delivered_on"), nw.col("registered_on"))
    return (days >= -policy.registered_before_delivery_days) & (days <= policy.registered_after_delivery_days)


def is_only_candidate() -> nw.Expr:
    """Neither record of the pair occurs in another pair of the frame."""
    return (nw.len().over("delivery_id") == 1) & (nw.len().over("registration_id") == 1)


def with_order(pairs: Frame) -> Frame:
    """The columns of ``GREEDY_ORDER``."""
    is_same_dossier = (nw.col("dossier_number") == nw.col("reported_dossier_number")).fill_null(value=False)
    return pairs.with_columns(
        is_other_suspect=~(is_same_dossier & has_same_suspect()),
        days_apart=days_between(nw.col("delivered_on"), nw.col("registered_on")).abs(),
    ).select(GREEDY_ORDER)


def without(frame: Frame, links: Frame, key: str) -> Frame:
    """The rows of ``frame`` whose ``key`` occurs in no link."""
    return frame.join(links.select(key), on=key, how="anti")
