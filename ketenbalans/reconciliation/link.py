"""Link each registration to the delivery that it is about, one to one, over everything known on the as-of date.

The rules and their order are in docs/counting-rules.md, Linking. Three rounds: over the standing
registrations that make a suspect recognisable, over the other standing ones, over the lapsed and joined ones. In a
round the rules take in order what is left; where a rule offers a record more than one partner, pairs are taken greedily
in one fixed order. Pure: no I/O, no clock, no logging.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from ketenbalans.reconciliation.decisions import DecidedPairs, decided_among
from ketenbalans.reconciliation.greedy import taken_greedily
from ketenbalans.reconciliation.pairs import NOBODY, BestFirst, Flags, Numbers, Pairs, only_ones, pairs_with
from ketenbalans.reconciliation.state import ROUNDS
from schemas.policy import Policy


class Meetings:
    """The records that the common case left over, and the pairs of them that meet: what every rule looks at.

    Attributes:
        deliveries: the deliveries that are not settled, withdrawn ones too, of all periods.
        registrations: the registrations that are not settled.
        policy: the window. A policy, so it has no default (ADR 0004).
        decided: the pairs that a person confirmed or rejected.
    """

    def __init__(
        self, deliveries: pl.DataFrame, registrations: pl.DataFrame, *, policy: Policy, decided: DecidedPairs
    ) -> None:
        """Look at two registers."""
        self.deliveries, self.registrations = deliveries, registrations
        self.policy, self.decided = policy, decided
        self.order = BestFirst(deliveries, registrations)

    @cached_property
    def of_one_dossier(self) -> Pairs:
        """Every pair with the same dossier number, with what rules 1, 2, 4 and 6 ask of it."""
        facts = {
            "same_person": is_equal("person", "registered_person"),
            "contradicts": contradicts(),
            "same_suspect": is_equal("suspect_number", "reported_suspect_number"),
            "other_suspect": differs("suspect_number", "reported_suspect_number"),
            "without_suspect_number": pl.col("reported_suspect_number").is_null(),
            "in_window": is_in_window(self.policy),
        }
        pairs = pairs_with(self.deliveries, self.registrations, equal=("dossier", "reported_dossier"), facts=facts)
        return self.with_rejected(pairs)

    @cached_property
    def of_one_person(self) -> Pairs:
        """Every pair with the same person token in the window, with what rules 3 and 6 ask of it."""
        facts = {"in_window": is_in_window(self.policy), "without_number": pl.col("reported_dossier").is_null()}
        pairs = pairs_with(self.deliveries, self.registrations, equal=("person", "registered_person"), facts=facts)
        return self.with_rejected(pairs.where(pairs["in_window"]))

    @cached_property
    def confirmed(self) -> Pairs:
        """The pairs that a person confirmed."""
        return decided_among(self.decided.confirmed, self.deliveries, self.registrations)

    @cached_property
    def rejected(self) -> Pairs:
        """The pairs that a person rejected."""
        return decided_among(self.decided.rejected, self.deliveries, self.registrations)

    def with_rejected(self, pairs: Pairs) -> Pairs:
        """Pairs with whether a person ``rejected`` them: such a pair is never taken, though it is a candidate."""
        if not len(self.rejected):
            return Pairs(pairs.delivery, pairs.registration, {**pairs.facts, "rejected": np.zeros(len(pairs), bool)})
        names, rejected = (
            one.delivery * self.registrations.height + one.registration for one in (pairs, self.rejected)
        )
        return Pairs(pairs.delivery, pairs.registration, {**pairs.facts, "rejected": np.isin(names, rejected)})


@dataclass(frozen=True)
class Offer:
    """Pairs that rules offer, each with the number of its rule."""

    pairs: Pairs
    rule: Numbers

    @classmethod
    def of(cls, *by_rule: tuple[int, Pairs]) -> "Offer":
        """The pairs of each rule; those that a person rejected are not offered."""
        offered = [(rule, pairs.where(~pairs["rejected"])) for rule, pairs in by_rule]
        delivery, registration = (
            np.concatenate([getattr(pairs, side) for _, pairs in offered]) for side in ("delivery", "registration")
        )
        rules = np.concatenate([np.full(len(pairs), rule) for rule, pairs in offered])
        return cls(Pairs(delivery, registration, {}), rules)


class Partners:
    """Who is linked with whom so far, by place; ``NOBODY`` where a record has no partner yet.

    Attributes:
        of_delivery: per delivery the registration that it is linked to.
        of_registration: per registration the delivery.
        rule: per delivery the rule that linked it; 0 where none did.
    """

    def __init__(self, deliveries: int, registrations: int) -> None:
        """Begin with so many records, none of which has a partner."""
        self.of_delivery = np.full(deliveries, NOBODY, dtype=np.int64)
        self.of_registration = np.full(registrations, NOBODY, dtype=np.int64)
        self.rule = np.zeros(deliveries, dtype=np.int64)

    def left(self, pairs: Pairs) -> Pairs:
        """The pairs of which neither record has a partner."""
        is_left = self.of_delivery[pairs.delivery] == NOBODY
        return pairs.where(is_left & (self.of_registration[pairs.registration] == NOBODY))

    def take(self, offer: Offer, order: BestFirst, *, has_a_link: Flags | None = None) -> None:
        """Take of the pairs that are left what is offered, greedily.

        Args:
            offer: pairs of which neither record has a partner.
            order: which pair is taken first.
            has_a_link: which deliveries have a link elsewhere, by place; None: none.
        """
        pairs = offer.pairs
        if not len(pairs):
            return
        linked = np.zeros(len(self.of_delivery), dtype=bool) if has_a_link is None else has_a_link
        taken = taken_greedily(pairs, key=lambda which: order.key(pairs.where(which), offer.rule[which], linked))
        deliveries, registrations = pairs.delivery[taken], pairs.registration[taken]
        self.of_delivery[deliveries], self.of_registration[registrations] = registrations, deliveries
        self.rule[deliveries] = offer.rule[taken]


def link(met: Meetings) -> Partners:
    """Give every delivery and every registration at most one partner, with the rule (1 to 5) that linked them."""
    partners = Partners(met.deliveries.height, met.registrations.height)
    round_of = met.registrations["round"].to_numpy()
    for number in ROUNDS:
        if not (round_of == number).any():
            continue  # a round over nothing links nothing
        confirmed, of_one_dossier, of_one_person = (
            pairs.where(round_of[pairs.registration] == number)
            for pairs in (met.confirmed, met.of_one_dossier, met.of_one_person)
        )
        partners.take(pairs_confirmed(partners.left(confirmed)), met.order)
        partners.take(pairs_by_rules_1_to_3(partners.left(of_one_dossier), partners.left(of_one_person)), met.order)
        partners.take(pairs_by_rule_4(partners.left(of_one_dossier)), met.order)
    return partners


def pairs_confirmed(confirmed: Pairs) -> Offer:
    """Rule 5: the pairs that a person confirmed. They need no window and no equal number."""
    return Offer(confirmed, np.full(len(confirmed), 5))


def pairs_by_rules_1_to_3(of_one_dossier: Pairs, of_one_person: Pairs) -> Offer:
    """Every pair for which rule 1, 2 or 3 holds, once, with the first of them that does."""
    rule_1 = of_one_dossier["same_person"]
    rule_2 = of_one_dossier["same_suspect"] & ~of_one_dossier["contradicts"]
    rule_3 = of_one_person["in_window"] & of_one_person["without_number"]
    return Offer.of(
        (1, of_one_dossier.where(rule_1)), (2, of_one_dossier.where(rule_2 & ~rule_1)), (3, of_one_person.where(rule_3))
    )


def pairs_by_rule_4(of_one_dossier: Pairs) -> Offer:
    """The pairs in which each is the other's only candidate by dossier number in the window.

    Candidates are counted over all that is left in this round, before suspect numbers and tokens are looked at.
    """
    candidates = of_one_dossier.where(of_one_dossier["in_window"])
    only = candidates.where(only_ones(candidates))
    return Offer.of((4, only.where(only["without_suspect_number"] & ~only["contradicts"])))


def contradicts() -> pl.Expr:
    """Both sides carry a person token and the tokens differ."""
    return differs("person", "registered_person")


def is_in_window(policy: Policy) -> pl.Expr:
    """The registration lies neither too long before the delivery nor too long after it."""
    days = pl.col("registered_on").to_physical() - pl.col("delivered_on").to_physical()
    return days.is_between(-policy.registered_before_delivery_days, policy.registered_after_delivery_days)


def is_filled(column: str) -> pl.Expr:
    """The column has a value."""
    return pl.col(column).is_not_null()


def is_equal(one: str, other: str) -> pl.Expr:
    """Both columns have a value and the values are equal: a missing value equals nothing."""
    return pl.col(one) == pl.col(other)


def differs(one: str, other: str) -> pl.Expr:
    """Both columns have a value and the values differ."""
    return pl.col(one) != pl.col(other)
