"""Rule 5 of docs/counting-rules.md: what the decisions of persons say on A, before anything is linked.

The reading of 'of two decisions that share a record the latest holds', which is said in few words:

- of the decisions about one pair the newest counts, by `decided_on`, then in the order in which they were recorded;
- a decision taken back leaves the pair as if nobody had decided about it;
- a confirmation holds unless a later confirmation shares its delivery or its registration. The later one has replaced
  it for good: when that one is taken back or rejected since, the first does not come back by itself;
- a rejection concerns its pair alone, so it replaces no confirmation of another pair;
- a confirmation about a record that is not known on A does nothing, so it replaces none either.
"""

from tests.reference.records import Decision, World

PairKey = tuple[str, int, str]  # dossier number and suspect number of the delivery, case number of the registration


def pair_of(decision: Decision) -> PairKey:
    """Give the pair that a decision is about."""
    return (decision.dossier_number, decision.suspect_number, decision.case_number)


def decided_by_the_day(world: World) -> list[Decision]:
    """'an as-of date before it does not see it' (docs/breaks.md): those decided on or before A, from old to new."""
    observed = [decision for decision in world.decisions if decision.decided_on <= world.question.as_of]
    return sorted(observed, key=lambda decision: (decision.decided_on, decision.decision_number))


def newest_of_each_pair(world: World) -> list[Decision]:
    """Give the decision that counts for each pair that was decided about."""
    return list({pair_of(decision): decision for decision in decided_by_the_day(world)}.values())


def rejected_pairs(world: World) -> set[PairKey]:
    """'A pair that a person rejected is never taken or suggested.'"""
    return {pair_of(decision) for decision in newest_of_each_pair(world) if decision.verdict == "rejected"}


def confirmed_pairs(world: World) -> set[PairKey]:
    """'*confirmed* by a person on or before A [...]; of two decisions that share a record the latest holds'."""
    confirmations = [
        decision
        for decision in decided_by_the_day(world)
        if decision.verdict == "confirmed" and is_known(decision, world)
    ]
    newest = newest_of_each_pair(world)
    hold = set()
    for place, decision in enumerate(confirmations):
        is_replaced = any(share_a_record(decision, later) for later in confirmations[place + 1 :])
        if decision in newest and not is_replaced:
            hold.add(pair_of(decision))
    return hold


def share_a_record(one: Decision, other: Decision) -> bool:
    """Say whether two decisions are about one delivery or about one registration."""
    return pair_of(one)[:2] == pair_of(other)[:2] or one.case_number == other.case_number


def is_known(decision: Decision, world: World) -> bool:
    """Say whether both records of a decision are known on A, in whatever state."""
    suspects = [(delivery.dossier_number, delivery.suspect_number) for delivery in world.deliveries]
    cases = [registration.case_number for registration in world.registrations]
    return pair_of(decision)[:2] in suspects and decision.case_number in cases
