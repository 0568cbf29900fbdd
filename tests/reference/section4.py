"""docs/counting-rules.md, written to be read beside it: naive, slow, obviously right.

Plain lists and loops, each rule in a function that quotes the sentence it implements. Nothing is shared with the
product; where the two differ, one of them misreads the rules. Which decisions of persons count is read in `decisions`.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeVar

from tests.reference.decisions import PairKey, confirmed_pairs, rejected_pairs
from tests.reference.records import Delivery, Question, Registration, World
from tests.reference.section2 import cleaned, comparable

POLICE_CAUSES = [
    "joined",
    "lapsed",
    "other_classification",
    "transferred",
    "period_boundary",
    "registered_late",
    "suggested",
    "in_transit",
    "duplicate_delivery",
    "missing",
]
OM_CAUSES = [
    "delivered_earlier_period",
    "delivered_later",
    "suggested",
    "delivery_withdrawn",
    "duplicate_registration",
    "suspect_not_delivered",
    "other_deliverer",
    "no_police_delivery",
]


@dataclass(frozen=True)
class Link:
    """A delivery and a registration, with the rule that linked them and the round it ran in."""

    delivery: Delivery
    registration: Registration
    rule: int
    round: int  # 0 for a suggestion, which is no link


@dataclass(frozen=True)
class Linked:
    """Everything known on A, after rules 1 to 5 and, when asked for, rule 6."""

    world: World
    links: list[Link]
    suggestions: list[Link]

    def of_delivery(self, delivery: Delivery) -> Link | None:
        """Give the link of a delivery, if it has one."""
        return next((link for link in self.links if link.delivery is delivery), None)

    def of_registration(self, registration: Registration) -> Link | None:
        """Give the link of a registration, if it has one."""
        return next((link for link in self.links if link.registration is registration), None)

    def suggestion_of(self, record: Delivery | Registration) -> Link | None:
        """Give the suggestion of a delivery or a registration, if it has one."""
        return next((pair for pair in self.suggestions if pair.delivery is record or pair.registration is record), None)


@dataclass(frozen=True)
class Suspect:
    """A delivered suspect of P; no cause when recognised."""

    delivery: Delivery
    link: Link | None
    cause: str | None


@dataclass(frozen=True)
class Outcome:
    """Every delivered suspect of P, every OM-only registration with its cause, and the balance as JSON."""

    suspects: list[Suspect]
    om_only: list[tuple[Registration, str]]
    linked: Linked
    answer: dict[str, Any]


# --- State ---------------------------------------------------------------------------------------------------------


def is_withdrawn(delivery: Delivery) -> bool:
    """'A record whose newest mutation is `ingetrokken` is *withdrawn*: not delivered.'"""
    return delivery.mutation == "withdrawn"


def is_standing(registration: Registration) -> bool:
    """'A registration is *standing* unless its newest mutation is `vervallen` (lapsed) or `samengevoegd` (joined).'"""
    return registration.mutation not in ("lapsed", "joined")


def is_recognisable(registration: Registration) -> bool:
    """'only `KP` and `KST` are recognisable as such' (docs/counting-rules.md)."""
    return registration.classification in ("KP", "KST")


# --- 4.1 Link ------------------------------------------------------------------------------------------------------


def equal(one: str | int | None, other: str | int | None) -> bool:
    """'A missing value equals nothing.'"""
    return one is not None and other is not None and one == other


def differ(one: str | int | None, other: str | int | None) -> bool:
    """'both filled and not equal'."""
    return one is not None and other is not None and one != other


def contradict(d: Delivery, r: Registration) -> bool:
    """'Two sides *contradict* when both carry a person token and the tokens differ.'"""
    return differ(d.person_token, r.person_token)


def is_known(dossier_number: str | None, world: World) -> bool:
    """'A dossier number is *known* when a delivery carries it, withdrawn or not.'"""
    return any(equal(d.dossier_number, dossier_number) for d in world.deliveries)


def days_between(d: Delivery, r: Registration) -> int:
    """`registered_on - delivered_on`."""
    return (r.registered_on - d.delivered_on).days


def in_the_window(d: Delivery, r: Registration, question: Question) -> bool:
    """'`-31 <= registered_on - delivered_on <= 400` days' (both numbers are policy)."""
    return -question.registered_before_delivery_days <= days_between(d, r) <= question.registered_after_delivery_days


def rule_1(d: Delivery, r: Registration) -> bool:
    """'dossier number and person token equal'."""
    return equal(d.dossier_number, r.dossier_number) and equal(d.person_token, r.person_token)


def rule_2(d: Delivery, r: Registration) -> bool:
    """'dossier number and suspect number equal, no contradiction'."""
    return (
        equal(d.dossier_number, r.dossier_number) and equal(d.suspect_number, r.suspect_number) and not contradict(d, r)
    )


def rule_3(d: Delivery, r: Registration, question: Question) -> bool:
    """'person token equal, in the window [...], and the registration's dossier number is null'."""
    return equal(d.person_token, r.person_token) and in_the_window(d, r, question) and r.dossier_number is None


def rule_4(
    d: Delivery,
    r: Registration,
    deliveries_left: Sequence[Delivery],
    registrations_left: Sequence[Registration],
    question: Question,
) -> bool:
    """'dossier number equal, in the window, no contradiction, the registration carries no suspect number, and each is
    the other's only candidate: the only one left in this round with that dossier number and in the window (counted
    before looking at suspect numbers and tokens, withdrawn deliveries too)'.
    """

    def is_candidate(d: Delivery, r: Registration) -> bool:
        return equal(d.dossier_number, r.dossier_number) and in_the_window(d, r, question)

    return (
        is_candidate(d, r)
        and not contradict(d, r)
        and r.suspect_number is None
        and [other for other in registrations_left if is_candidate(d, other)] == [r]
        and [other for other in deliveries_left if is_candidate(other, r)] == [d]
    )


Pair = tuple[Delivery, Registration]
T = TypeVar("T")


def key_of(d: Delivery, r: Registration) -> PairKey:
    """Name a pair as a decision names it."""
    return (d.dossier_number, d.suspect_number, r.case_number)


def rule_5(d: Delivery, r: Registration, confirmed: set[PairKey]) -> bool:
    """'*confirmed* by a person on or before A': no window, no equal number, withdrawn and lapsed ones too."""
    return key_of(d, r) in confirmed


def order(pair: Pair, linked_deliveries: Sequence[Delivery]) -> tuple[Any, ...]:
    """'deliveries that are not withdrawn first, then those without a link (rule 6), then equal suspect numbers of the
    same dossier, then the smallest absolute number of days between `delivered_on` and `registered_on`, earliest
    `delivered_on`, `dossier_number` (of the delivery), `suspect_number` (of the delivery), earliest `registered_on`,
    `case_number`'; and what two parties delivered under one number: the police's first (ADR 0017).
    """
    d, r = pair
    same_suspect = equal(d.dossier_number, r.dossier_number) and equal(d.suspect_number, r.suspect_number)
    return (
        is_withdrawn(d),
        any(d is other for other in linked_deliveries),
        not same_suspect,
        abs(days_between(d, r)),
        d.delivered_on,
        d.dossier_number,
        d.suspect_number,
        r.registered_on,
        r.case_number,
        (d.party != "police", d.party),
    )


def greedily(pairs: list[Pair], linked_deliveries: Sequence[Delivery] = ()) -> list[Pair]:
    """'Where a rule offers a record more than one partner, pairs are taken greedily', one to one."""
    taken: list[Pair] = []
    for d, r in sorted(pairs, key=lambda pair: order(pair, linked_deliveries)):
        if not any(d is other_d or r is other_r for other_d, other_r in taken):
            taken.append((d, r))
    return taken


def pairs_that_hold(
    rule: Callable[[Delivery, Registration], bool], deliveries: list[Delivery], registrations: list[Registration]
) -> list[Pair]:
    """Give every pair for which a rule holds."""
    return [(d, r) for d in deliveries for r in registrations if rule(d, r)]


def without(records: Sequence[T], taken: Sequence[T]) -> list[T]:
    """'Each rule takes only what is left'. A record is itself, whatever others are equal to it."""
    gone = {id(record) for record in taken}
    return [record for record in records if id(record) not in gone]


def rounds(world: World) -> list[list[Registration]]:
    """'over the standing registrations classified `KP` or `KST`, then over the other standing ones, then over the
    lapsed and joined ones'.
    """
    return [
        [r for r in world.registrations if is_standing(r) and is_recognisable(r)],
        [r for r in world.registrations if is_standing(r) and not is_recognisable(r)],
        [r for r in world.registrations if not is_standing(r)],
    ]


def links_of(world: World) -> list[Link]:
    """'Rules 1 to 4 run in order in three rounds [...]. Each rule takes only what is left; each link keeps its rule.'

    Rule 5 is 'taken in the round of its registration, before rule 1'.

    'One to one, over everything known on A, not over P alone: all deliveries (also withdrawn ones [...]), all
    registrations.'
    """
    links: list[Link] = []
    for number_of_the_round, registrations_of_the_round in enumerate(rounds(world), start=1):
        for rule in (5, 1, 2, 3, 4):
            deliveries = without(world.deliveries, [link.delivery for link in links])
            registrations = without(registrations_of_the_round, [link.registration for link in links])
            pairs = pairs_offered(rule, deliveries, registrations, world)
            links += [Link(d, r, rule, number_of_the_round) for d, r in greedily(pairs)]
    return links


def pairs_offered(rule: int, deliveries: list[Delivery], registrations: list[Registration], world: World) -> list[Pair]:
    """Give what one rule offers of what is left, before the greedy choice.

    'A pair that a person rejected is never taken'. It is left out here, after rule 4 has counted: that rule counts
    'before looking at suspect numbers and tokens', so a rejected pair still counts as a candidate.
    """
    confirmed = confirmed_pairs(world)
    if rule == 5 and not confirmed:
        return []  # nobody confirmed anything: no pair needs a look

    def holds(d: Delivery, r: Registration) -> bool:
        match rule:
            case 1:
                return rule_1(d, r)
            case 2:
                return rule_2(d, r)
            case 3:
                return rule_3(d, r, world.question)
            case 4:
                return rule_4(d, r, deliveries, registrations, world.question)
            case _:
                return rule_5(d, r, confirmed)

    return not_rejected(pairs_that_hold(holds, deliveries, registrations), world)


def not_rejected(pairs: list[Pair], world: World) -> list[Pair]:
    """'A pair that a person rejected is never taken or suggested.'"""
    rejected = rejected_pairs(world)
    return [(d, r) for d, r in pairs if key_of(d, r) not in rejected]


# --- 4.1, rule 6 ---------------------------------------------------------------------------------------------------


def suggestion_a(d: Delivery, r: Registration, world: World) -> bool:
    """'(a) person token equal, in the window'."""
    return equal(d.person_token, r.person_token) and in_the_window(d, r, world.question)


def suggestion_b(d: Delivery, r: Registration, world: World) -> bool:
    """'(b) dossier number equal, unless both the tokens and the suspect numbers differ (both filled and not equal)'."""
    return equal(d.dossier_number, r.dossier_number) and not (
        differ(d.person_token, r.person_token) and differ(d.suspect_number, r.suspect_number)
    )


def suggestion_c(d: Delivery, r: Registration, world: World) -> bool:
    """'(c) in the window, no contradiction, the registration's dossier number is not known, and the two numbers are at
    most one edit apart [...], compared in capitals, cleaned, (the OM's as it was typed), without the
    document suffix and without `-`'.
    """
    return (
        in_the_window(d, r, world.question)
        and not contradict(d, r)
        and not is_known(r.dossier_number, world)
        and r.dossier_number_as_reported is not None
        and at_most_one_edit_apart(comparable(d.dossier_number), comparable(r.dossier_number_as_reported))
    )


def at_most_one_edit_apart(one: str, other: str) -> bool:
    """'a character replaced, inserted or deleted, or two neighbours swapped': everything one edit makes is tried."""
    if one == other:
        return True
    if abs(len(one) - len(other)) > 1:
        return False
    replaced = any(one[:i] + other[i] + one[i + 1 :] == other for i in range(min(len(one), len(other))))
    inserted = any(one[:i] + other[i] + one[i:] == other for i in range(min(len(one) + 1, len(other))))
    deleted = any(one[:i] + one[i + 1 :] == other for i in range(len(one)))
    swapped = any(one[:i] + one[i + 1] + one[i] + one[i + 2 :] == other for i in range(len(one) - 1))
    return replaced or inserted or deleted or swapped


def suggestions_of(world: World, links: list[Link]) -> list[Link]:
    """'Between the standing registrations that are left or linked to a withdrawn delivery, and the deliveries, not
    withdrawn, that are left or linked in the third round; first all of (a), then (b), then (c) [...]. One to one as
    well.'
    """
    of_a_standing_delivery = [link.registration for link in links if not is_withdrawn(link.delivery)]
    linked_before_the_third = [link.delivery for link in links if link.round < 3]
    registrations = [r for r in without(world.registrations, of_a_standing_delivery) if is_standing(r)]
    deliveries = [d for d in without(world.deliveries, linked_before_the_third) if not is_withdrawn(d)]
    suggestions: list[Link] = []
    for rule in (suggestion_a, suggestion_b, suggestion_c):
        deliveries_left = without(deliveries, [pair.delivery for pair in suggestions])
        registrations_left = without(registrations, [pair.registration for pair in suggestions])
        pairs = [(d, r) for d in deliveries_left for r in registrations_left if rule(d, r, world)]
        suggestions += [
            Link(d, r, 6, 0) for d, r in greedily(not_rejected(pairs, world), [link.delivery for link in links])
        ]
    return suggestions


# --- 4.2 Recognised ------------------------------------------------------------------------------------------------


def is_delivered_in(d: Delivery, question: Question) -> bool:
    """'a period P (by `delivered_on`, both ends included)'; a withdrawn record is 'not delivered'."""
    return not is_withdrawn(d) and question.counts(d.delivered_on)


def is_recognised(link: Link | None, question: Question) -> bool:
    """'Linked, to a standing registration, classification `KP` or `KST`, `registered_on <= P.end`.'"""
    return (
        link is not None
        and is_standing(link.registration)
        and is_recognisable(link.registration)
        and link.registration.registered_on <= question.end
    )


# --- 4.3 Explain, the police side ----------------------------------------------------------------------------------


def is_transferred(d: Delivery, link: Link | None, question: Question) -> bool:
    """'`transferred_to` is filled, and either there is no link, or `registered_on` is both after P.end and not before
    the day of the transfer'.
    """
    if d.transferred_to is None:
        return False
    if link is None:
        return True
    registered_on = link.registration.registered_on
    return registered_on > question.end and d.transferred_on is not None and registered_on >= d.transferred_on


def first_day_of_next_month(day: date) -> date:
    """Give the first day of the calendar month after that of a day."""
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1)


def is_period_boundary(d: Delivery, r: Registration, question: Question) -> bool:
    """'linked, delivered in the calendar month of P.end, registered after P.end and on or before the last day of the
    calendar month after that of P.end'.
    """
    last_day = first_day_of_next_month(first_day_of_next_month(question.end)) - timedelta(days=1)
    same_month = (d.delivered_on.year, d.delivered_on.month) == (question.end.year, question.end.month)
    return same_month and question.end < r.registered_on <= last_day


def is_duplicate_delivery(d: Delivery, linked: Linked) -> bool:
    """'the person token equals that of a standing `KP` or `KST` registration that is linked to another delivery,
    withdrawn or not, and registered at most `registered_after_delivery_days` before or after `delivered_on`'.
    """
    return any(
        link.delivery is not d
        and equal(d.person_token, link.registration.person_token)
        and is_standing(link.registration)
        and is_recognisable(link.registration)
        and abs(days_between(d, link.registration)) <= linked.world.question.registered_after_delivery_days
        for link in linked.links
    )


def police_cause(d: Delivery, linked: Linked) -> str:
    """'Every delivered suspect of P that is not recognised has the first cause that holds'."""
    question = linked.world.question
    link = linked.of_delivery(d)
    r = link.registration if link else None
    holds: dict[str, Callable[[], bool]] = {
        "joined": lambda: r is not None and r.mutation == "joined",
        "lapsed": lambda: r is not None and r.mutation == "lapsed",
        "other_classification": lambda: r is not None and r.classification in ("ZEDEN", "OVERIG"),
        "transferred": lambda: is_transferred(d, link, question),
        "period_boundary": lambda: r is not None and is_period_boundary(d, r, question),
        "registered_late": lambda: r is not None and r.registered_on > question.end,
        "suggested": lambda: linked.suggestion_of(d) is not None,
        "in_transit": lambda: (question.as_of - d.delivered_on).days <= question.transit_allowance_days,
        "duplicate_delivery": lambda: is_duplicate_delivery(d, linked),
        "missing": lambda: True,
    }
    return next(cause for cause in POLICE_CAUSES if holds[cause]())


# --- 4.3 Explain, the OM side --------------------------------------------------------------------------------------


def counts_at_the_om(r: Registration, question: Question) -> bool:
    """'Every registration that counts in the OM's own figure for P (standing, `KP` or `KST`, `registered_on` in P)'."""
    return is_standing(r) and is_recognisable(r) and question.counts(r.registered_on)


def is_counterpart(link: Link | None, question: Question) -> bool:
    """'the counterpart of a recognised delivery of P': of the police, whose balance this is (ADR 0017)."""
    return (
        link is not None
        and is_of_the_police(link.delivery)
        and is_delivered_in(link.delivery, question)
        and is_recognised(link, question)
    )


def is_of_the_police(d: Delivery) -> bool:
    """Delivered by the police, and not by a party that is balanced apart."""
    return d.party == "police"


def hangs_on_another_party(r: Registration, linked: Linked) -> bool:
    """Whether the delivery that it is linked with, looks like, doubles or carries the number of is another party's."""
    others = [d for d in linked.world.deliveries if not is_of_the_police(d)]
    suggestion = linked.suggestion_of(r)
    return (
        (suggestion is not None and not is_of_the_police(suggestion.delivery))
        or is_duplicate_registration(r, linked, of_the_police=False)
        or any(equal(d.dossier_number, r.dossier_number) for d in others)
    )


def is_duplicate_registration(r: Registration, linked: Linked, *, of_the_police: bool = True) -> bool:
    """'rule 1, 2 or 3 would hold with a delivery, withdrawn or not, that is linked to another registration'.

    Not with one that a person rejected for this registration: the person said that it is not this delivery.
    """
    rejected = rejected_pairs(linked.world)
    return any(
        link.registration is not r
        and is_of_the_police(link.delivery) == of_the_police
        and key_of(link.delivery, r) not in rejected
        and (rule_1(link.delivery, r) or rule_2(link.delivery, r) or rule_3(link.delivery, r, linked.world.question))
        for link in linked.links
    )


def is_of_another_deliverer(r: Registration, question: Question) -> bool:
    """'its dossier number, as typed and cleaned, starts with a prefix of `other_deliverers`'."""
    return any(cleaned(r.dossier_number_as_reported or "").startswith(prefix) for prefix in question.other_deliverers)


def om_cause(r: Registration, linked: Linked) -> str:
    """'[Every one that] is not the counterpart of a recognised delivery of P has the first that holds'."""
    question = linked.world.question
    link = linked.of_registration(r)
    d = link.delivery if link else None
    if d is not None and not is_of_the_police(d):
        return "other_deliverer"
    suggestion = linked.suggestion_of(r)
    delivered = [one for one in linked.world.deliveries if is_of_the_police(one)]
    holds: dict[str, Callable[[], bool]] = {
        "delivered_earlier_period": lambda: d is not None and not is_withdrawn(d) and d.delivered_on < question.start,
        "delivered_later": lambda: d is not None and not is_withdrawn(d) and d.delivered_on > question.end,
        "suggested": lambda: suggestion is not None and is_of_the_police(suggestion.delivery),
        "delivery_withdrawn": lambda: d is not None and is_withdrawn(d),
        "duplicate_registration": lambda: is_duplicate_registration(r, linked),
        "suspect_not_delivered": lambda: any(equal(one.dossier_number, r.dossier_number) for one in delivered),
        "other_deliverer": lambda: is_of_another_deliverer(r, question) or hangs_on_another_party(r, linked),
        "no_police_delivery": lambda: True,
    }
    return next(cause for cause in OM_CAUSES if holds[cause]())


# --- 4.4 Balance ---------------------------------------------------------------------------------------------------


def bridge(suspects: list[Suspect]) -> dict[str, Any]:
    """'`delivered - sum(causes) = recognised`'; 'Cases are counted, not bridged: distinct dossier numbers with a
    delivered suspect in P; a case in two units counts in both.' '`registered` (of those, linked to a standing `KP` or
    `KST` registration, whatever its `registered_on`)'.
    """
    causes = Counter(suspect.cause for suspect in suspects)
    recognised = causes.pop(None, 0)
    assert len(suspects) - causes.total() == recognised, "the bridge from the police side does not close"
    return {
        "delivered": len(suspects),
        "recognised": recognised,
        "gap": len(suspects) - recognised,
        "registered": sum(
            suspect.link is not None
            and is_standing(suspect.link.registration)
            and is_recognisable(suspect.link.registration)
            for suspect in suspects
        ),
        "cases_delivered": len({suspect.delivery.dossier_number for suspect in suspects}),
        "causes": {cause: causes[cause] for cause in POLICE_CAUSES},
    }


def link_rule_of(suspect: Suspect, linked: Linked) -> int | None:
    """'`links` counts the delivered suspects of P by the rule that linked them, recognised or not (6: no link and a
    suggestion, whatever the cause).' (the JSON of `ketenbalans reconcile`).
    """
    if suspect.link is not None:
        return suspect.link.rule
    return 6 if linked.suggestion_of(suspect.delivery) is not None else None


def reconcile(world: World, *, with_suggestions: bool) -> Outcome:
    """Give the balance of a world with every suspect and every OM-only registration behind it.

    Without suggestions rule 6 never applies: no cause is `suggested` and no link counts under 6.
    """
    return explained(linked_of(world, with_suggestions=with_suggestions))


def linked_of(world: World, *, with_suggestions: bool) -> Linked:
    """Link everything known on A: the same for every P that is asked of it."""
    links = links_of(world)
    return Linked(world, links, suggestions_of(world, links) if with_suggestions else [])


def explained(linked: Linked) -> Outcome:
    """Give the balance of the P that is asked of what is linked, with every suspect and OM-only registration."""
    world, question = linked.world, linked.world.question
    suspects = []
    for d in world.deliveries:
        if is_delivered_in(d, question):
            link = linked.of_delivery(d)
            suspects.append(Suspect(d, link, None if is_recognised(link, question) else police_cause(d, linked)))
    counted = [r for r in world.registrations if counts_at_the_om(r, question)]
    om_only = [(r, om_cause(r, linked)) for r in counted if not is_counterpart(linked.of_registration(r), question)]
    return Outcome(suspects, om_only, linked, answer_of(suspects, om_only, len(counted), linked))


def answer_of(
    suspects: list[Suspect], om_only: list[tuple[Registration, str]], om_count: int, linked: Linked
) -> dict[str, Any]:
    """Give the balance as JSON. 'A bridge both ways that must close to the last suspect, or the job fails'."""
    question = linked.world.question
    all_suspects, suspects = suspects, [one for one in suspects if is_of_the_police(one.delivery)]
    total = bridge(suspects)
    # "`registered_earlier` counts recognised suspects with `registered_on < P.start`"
    registered_earlier = sum(
        suspect.cause is None and suspect.link is not None and suspect.link.registration.registered_on < question.start
        for suspect in suspects
    )
    # And in total: "`recognised - registered_earlier + sum(om_only) = om_count`".
    assert total["recognised"] - registered_earlier + len(om_only) == om_count, "the bridge to the OM does not close"
    om_causes = Counter(cause for _, cause in om_only)
    rules = Counter(link_rule_of(suspect, linked) for suspect in suspects)
    others = sorted({d.party for d in linked.world.deliveries} - {"police"})
    of_others = {party: [one for one in all_suspects if one.delivery.party == party] for party in others}
    return {
        "period": [question.start.isoformat(), question.end.isoformat()],
        "as_of": question.as_of.isoformat(),
        "unit": "suspects",
        **total,
        "registered_earlier": registered_earlier,
        "om_count": om_count,
        "om_only": {cause: om_causes[cause] for cause in OM_CAUSES},
        "links": {str(rule): rules[rule] for rule in (1, 2, 3, 4, 5, 6)},
        "closes": True,
        "by_unit": by_unit(suspects),
        "by_month": by_month(suspects, question),
        "other_parties": [
            {"party": party, **bridge(theirs), "by_unit": by_unit(theirs)} for party, theirs in of_others.items()
        ],
    }


def by_month(suspects: list[Suspect], question: Question) -> list[dict[str, Any]]:
    """'`by_month` of `reconcile --json`: `[{"month": "2014-01", "delivered", "recognised", "gap"}]`', 'every month of
    delivery of the period'; 'recognised cut at P.end'.
    """
    months, day = [], question.start
    while day <= question.end:
        if f"{day:%Y-%m}" not in months:
            months.append(f"{day:%Y-%m}")
        day += timedelta(days=1)
    found = []
    for month in months:
        of_month = [suspect for suspect in suspects if f"{suspect.delivery.delivered_on:%Y-%m}" == month]
        recognised = sum(suspect.cause is None for suspect in of_month)
        found.append(
            {
                "month": month,
                "delivered": len(of_month),
                "recognised": recognised,
                "gap": len(of_month) - recognised,
            }
        )
    return found


def by_unit(suspects: list[Suspect]) -> list[dict[str, Any]]:
    """'`by_unit` has the units with a delivered suspect in P, sorted.'"""
    units = sorted({suspect.delivery.unit for suspect in suspects})
    return [
        {"unit": unit, **bridge([suspect for suspect in suspects if suspect.delivery.unit == unit])} for unit in units
    ]
