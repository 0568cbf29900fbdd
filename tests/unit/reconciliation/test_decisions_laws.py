"""What holds for the decisions of persons, whatever the two registers say and whoever decided what.

The worlds are dense and so are the decisions: they share records, contradict each other, are taken back, or come after
the as-of date. Many more: `python -m tests.reference.compare --worlds 2000 --with-suggestions --with-decisions`.
"""

from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.reference.decisions import PairKey, confirmed_pairs, pair_of, rejected_pairs, share_a_record
from tests.reference.product import balance_by_the_product, by_the_product, differences
from tests.reference.records import Decision, World
from tests.reference.section4 import is_withdrawn, rounds
from tests.reference.strategies import has_both_sides, random_world, worlds

pytestmark = pytest.mark.laws

LAWS = settings(
    derandomize=True, database=None, deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=3
)
LONG_AGO, FAR_AHEAD = date(1990, 1, 1), date(2050, 12, 31)


decided = worlds(max_records=60, with_decisions=True).filter(has_both_sides)
seeds = st.integers(0, 1000)


def a_pair(world: World, seed: int) -> PairKey:
    """Choose a pair of the world, any one."""
    random = Random(seed)
    d, r = random.choice(world.deliveries), random.choice(world.registrations)
    return (d.dossier_number, d.suspect_number, r.case_number)


def decision(world: World, verdict: str, pair: PairKey, *, place: int = 0) -> Decision:
    """Give a decision of the as-of date, recorded after all that the world has."""
    number = 1 + len(world.decisions) + place
    return Decision(f"decision-{number}", verdict, *pair, world.question.as_of, number)


def every_pair(world: World) -> tuple[dict[PairKey, int], set[PairKey]]:
    """Give what the product links, with the rule, and what it suggests: of every delivery that is not withdrawn.

    Links are made over everything known, so a period with every day in it shows them all.
    """
    always = replace(world, question=replace(world.question, start=LONG_AGO, end=FAR_AHEAD))
    suspects = balance_by_the_product(always).suspects
    links, suggestions = {}, set()
    columns = ["dossier_number", "suspect_number", "case_number", "link_rule", "suggested_case_number"]
    for dossier_number, suspect_number, case_number, rule, suggested in suspects.select(columns).iter_rows():
        if case_number is not None:
            links[dossier_number, suspect_number, case_number] = rule
        if suggested is not None:
            suggestions.add((dossier_number, suspect_number, suggested))
    return links, suggestions


@settings(LAWS, max_examples=15)
@given(worlds(max_records=20, with_decisions=True))
def test_the_product_equals_the_reference(world: World) -> None:
    assert differences(world, with_suggestions=True) == []


@pytest.mark.parametrize("seed", range(12))
def test_a_large_world_equals_the_reference(seed: int) -> None:
    assert differences(random_world(seed, 150, with_decisions=True, with_parties=True), with_suggestions=True) == []


@settings(LAWS)
@given(decided, seeds)
def test_the_order_of_rows_does_not_matter(world: World, seed: int) -> None:
    random = Random(seed)
    other = replace(world, decisions=tuple(random.sample(world.decisions, len(world.decisions))))
    assert by_the_product(other) == by_the_product(world)


@settings(LAWS)
@given(decided)
def test_a_decision_after_the_as_of_date_changes_nothing(world: World) -> None:
    as_of = world.question.as_of
    observed = replace(world, decisions=tuple(one for one in world.decisions if one.decided_on <= as_of))
    later = tuple(replace(one, decided_on=as_of + timedelta(days=1)) for one in world.decisions)
    assert by_the_product(world) == by_the_product(observed)
    assert by_the_product(replace(world, decisions=later)) == by_the_product(replace(world, decisions=()))


@settings(LAWS)
@given(decided, seeds, st.sampled_from(("confirmed", "rejected")))
def test_a_decision_that_was_taken_back_equals_none(world: World, seed: int, verdict: str) -> None:
    """Of a pair that shares its records with no other decision: what a confirmation replaced stays replaced."""
    first, second = (
        decision(world, word, a_pair(world, seed), place=i) for i, word in enumerate((verdict, "taken_back"))
    )
    others = tuple(one for one in world.decisions if not share_a_record(one, first))
    without = replace(world, decisions=others)
    assert by_the_product(replace(world, decisions=(*others, first, second))) == by_the_product(without)


@settings(LAWS)
@given(decided, seeds, st.sampled_from(("taken_back", "rejected")))
def test_what_a_confirmation_replaced_does_not_come_back_with_it(world: World, seed: int, verdict: str) -> None:
    """Two confirmations share a registration or a delivery; the later one is gone since, and so is the first."""
    random = Random(seed)
    pair, another = a_pair(world, seed), a_pair(world, seed + 1)
    later = random.choice(((*pair[:2], another[2]), (*another[:2], pair[2])))
    first, second, end = (
        decision(world, word, about, place=i)
        for i, (word, about) in enumerate((("confirmed", pair), ("confirmed", later), (verdict, later)))
    )
    others = tuple(one for one in world.decisions if not (share_a_record(one, first) or share_a_record(one, second)))
    assert by_the_product(replace(world, decisions=(*others, first, second, end))) == by_the_product(
        replace(world, decisions=(*others, end))
    )


@settings(LAWS)
@given(decided, seeds)
def test_the_newest_decision_about_a_pair_makes_the_older_ones_void(world: World, seed: int) -> None:
    """Save an older confirmation, which may have replaced one of another pair for good."""
    pair = a_pair(world, seed)
    newest = decision(world, "rejected", pair)
    others = tuple(one for one in world.decisions if one.verdict != "confirmed" or pair_of(one) != pair)
    alone = tuple(one for one in others if pair_of(one) != pair)
    assert by_the_product(replace(world, decisions=(*others, newest))) == by_the_product(
        replace(world, decisions=(*alone, newest))
    )


@settings(LAWS, max_examples=4)
@given(decided)
def test_a_rejected_pair_is_neither_linked_nor_suggested(world: World) -> None:
    links, suggestions = every_pair(world)
    assert rejected_pairs(world).isdisjoint(links)
    assert rejected_pairs(world).isdisjoint(suggestions)


@settings(LAWS, max_examples=4)
@given(decided)
def test_rejecting_what_was_taken_or_suggested_takes_something_else(world: World) -> None:
    """Whatever is rejected, nothing that a person rejected comes back, however often the machine tries again."""
    links, suggestions = every_pair(world)
    for _ in range(4):
        offered = sorted({*links, *suggestions})
        if not offered:
            break
        rejections = tuple(decision(world, "rejected", pair, place=i) for i, pair in enumerate(offered))
        world = replace(world, decisions=(*world.decisions, *rejections))
        links, suggestions = every_pair(world)
        assert set(offered).isdisjoint(links)
        assert set(offered).isdisjoint(suggestions)


@settings(LAWS, max_examples=4)
@given(decided)
def test_a_confirmed_pair_that_holds_is_linked_by_rule_5(world: World) -> None:
    """Unless its delivery was taken in an earlier round: a confirmation waits for the round of its registration."""
    links, _ = every_pair(world)
    round_of = {r.case_number: place for place, of_the_round in enumerate(rounds(world)) for r in of_the_round}
    standing = {(d.dossier_number, d.suspect_number) for d in world.deliveries if not is_withdrawn(d)}
    confirmed = {pair for pair in confirmed_pairs(world) if pair[:2] in standing}
    for pair in confirmed:
        if pair not in links:
            (taken,) = (case_number for *suspect, case_number in links if tuple(suspect) == pair[:2])
            assert round_of[taken] < round_of[pair[2]]
        else:
            assert links[pair] == 5
    assert {pair for pair, rule in links.items() if rule == 5} <= confirmed


@settings(LAWS)
@given(decided, seeds)
def test_the_last_confirmation_is_linked_whatever_was_decided_before(world: World, seed: int) -> None:
    d = Random(seed).choice(world.deliveries)
    recognisable = replace(Random(seed).choice(world.registrations), mutation="registered", classification="KST")
    registrations = tuple(r for r in world.registrations if r.case_number != recognisable.case_number)
    world = replace(world, registrations=(*registrations, recognisable))
    pair = (d.dossier_number, d.suspect_number, recognisable.case_number)
    standing = tuple(replace(one, mutation="corrected") if one is d else one for one in world.deliveries)
    confirmation = decision(world, "confirmed", pair)
    links, _ = every_pair(replace(world, deliveries=standing, decisions=(*world.decisions, confirmation)))
    assert links[pair] == 5


@settings(LAWS, max_examples=4)
@given(decided.filter(lambda world: bool(confirmed_pairs(world))))
def test_a_confirmation_about_an_unknown_record_does_nothing(world: World) -> None:
    """So it replaces no confirmation either that shares the record that is known."""
    dossier_number, suspect_number, case_number = min(confirmed_pairs(world))
    strangers = (
        decision(world, "confirmed", (dossier_number, 99, case_number)),
        decision(world, "confirmed", (dossier_number, suspect_number, "0999999914"), place=1),
    )
    assert by_the_product(replace(world, decisions=(*world.decisions, *strangers))) == by_the_product(world)
