"""What holds for every balance, whatever the two registers say.

The worlds are dense (`tests.reference.strategies`), the runs deterministic. Many more worlds:
`python -m tests.reference.compare --worlds 2000`.
"""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.reference.product import Answer, by_the_product, delivered_under, differences
from tests.reference.records import Delivery, Registration, World
from tests.reference.section4 import OM_CAUSES, POLICE_CAUSES
from tests.reference.strategies import UNITS, has_both_sides, random_world, shuffled, worlds

pytestmark = pytest.mark.laws

LAWS = settings(
    derandomize=True, database=None, deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=4
)

QUESTION = random_world(0, 0).question
EMPTY = World((), (), QUESTION)
ONLY_POLICE = replace(random_world(3, 12), registrations=())
ONLY_OM = replace(random_world(3, 12), deliveries=())

dense = worlds(max_records=80).filter(has_both_sides)
"""Few and large: a balance of many records costs what one of few does, and reaches more of the rules."""


# --- One balance ---------------------------------------------------------------------------------------------------


@settings(LAWS, max_examples=10)
@given(dense)
@example(EMPTY)
@example(ONLY_POLICE)
@example(ONLY_OM)
def test_one_balance(world: World) -> None:
    answer = by_the_product(world)
    the_bridge_closes_both_ways(answer)
    the_units_add_up(answer)
    every_delivered_suspect_is_there_once_with_one_cause(world, answer)
    every_om_only_registration_is_there_once_with_one_cause(world, answer)
    links_are_one_to_one(world, answer)


def the_bridge_closes_both_ways(answer: Answer) -> None:
    balance = answer.balance
    for part in (balance, *balance["by_unit"]):
        assert part["delivered"] - sum(part["causes"].values()) == part["recognised"]
        assert part["gap"] == part["delivered"] - part["recognised"]
        assert part["cases_delivered"] <= part["delivered"]
        assert set(part["causes"]) == set(POLICE_CAUSES)
    om_only = sum(balance["om_only"].values())
    assert balance["recognised"] - balance["registered_earlier"] + om_only == balance["om_count"]
    assert balance["closes"] is True


def the_units_add_up(answer: Answer) -> None:
    units = answer.balance["by_unit"]
    assert [part["unit"] for part in units] == sorted({part["unit"] for part in units})
    for measure in ("delivered", "recognised", "gap"):
        assert sum(part[measure] for part in units) == answer.balance[measure]
    for cause in POLICE_CAUSES:
        assert sum(part["causes"][cause] for part in units) == answer.balance["causes"][cause]


def every_delivered_suspect_is_there_once_with_one_cause(world: World, answer: Answer) -> None:
    assert set(answer.suspects) == {
        (d.dossier_number, d.suspect_number)
        for d in world.deliveries
        if d.mutation != "withdrawn" and world.question.counts(d.delivered_on)
    }
    causes = Counter(cause for _, _, cause in answer.suspects.values())
    assert causes.pop(None, 0) == answer.balance["recognised"]
    assert causes == Counter(answer.balance["causes"])
    rules = Counter(rule for _, rule, _ in answer.suspects.values() if rule is not None)
    assert rules == Counter({int(rule): count for rule, count in answer.balance["links"].items() if rule != "6"})


def every_om_only_registration_is_there_once_with_one_cause(world: World, answer: Answer) -> None:
    counted = {
        r.case_number
        for r in world.registrations
        if r.mutation not in ("lapsed", "joined")
        and r.classification in ("KP", "KST")
        and world.question.counts(r.registered_on)
    }
    recognised = {case_number for case_number, _, cause in answer.suspects.values() if cause is None}
    assert len(counted) == answer.balance["om_count"]
    assert set(answer.om_only) == counted - recognised
    assert set(answer.balance["om_only"]) == set(OM_CAUSES)
    assert Counter(answer.om_only.values()) == Counter(answer.balance["om_only"])


def links_are_one_to_one(world: World, answer: Answer) -> None:
    linked = [case_number for case_number, _, _ in answer.suspects.values() if case_number is not None]
    assert len(linked) == len(set(linked))
    assert set(linked) <= {r.case_number for r in world.registrations}
    assert all((case_number is None) == (rule is None) for case_number, rule, _ in answer.suspects.values())
    assert all(case_number is not None for case_number, _, cause in answer.suspects.values() if cause is None)


# --- Two balances --------------------------------------------------------------------------------------------------


@settings(LAWS, max_examples=20)
@given(worlds(max_records=30))  # many and small: more questions, and more that is left unlinked
def test_the_product_equals_the_reference(world: World) -> None:
    assert differences(world, with_suggestions=True) == []


@settings(LAWS)
@given(dense, st.integers(0, 1000))
def test_the_order_of_rows_does_not_matter(world: World, seed: int) -> None:
    assert by_the_product(shuffled(world, seed)) == by_the_product(world)


@settings(LAWS)
@given(dense)
def test_who_delivers_changes_who_is_reported_of_and_no_link(world: World) -> None:
    of_police = by_the_product(world)
    of_another = by_the_product(replace(world, deliveries=tuple(replace(d, party="kmar") for d in world.deliveries)))
    assert of_another.suspects == {
        (delivered_under("kmar", number), suspect): counted_there
        for (number, suspect), counted_there in of_police.suspects.items()
    }
    counted_there = of_another.balance["other_parties"]
    names = ("delivered", "recognised", "gap", "registered", "cases_delivered", "causes", "by_unit")
    assert counted_there == [{"party": "kmar", **{name: of_police.balance[name] for name in names}}] * bool(
        world.deliveries
    )
    assert (of_another.balance["delivered"], of_another.balance["recognised"]) == (0, 0)
    assert of_another.balance["om_count"] == of_police.balance["om_count"]
    assert set(of_another.om_only.values()) <= {"other_deliverer", "no_police_delivery"}


@settings(LAWS)
@given(worlds(max_records=80, with_parties=True).filter(has_both_sides))
def test_every_party_closes_and_none_is_counted_for_another(world: World) -> None:
    assert differences(world, with_suggestions=True) == []
    answer = by_the_product(world)
    assert by_the_product(replace(world, deliveries=world.deliveries[::-1])) == answer, "the order of rows decided"
    for part in (answer.balance, *answer.balance["other_parties"]):
        assert part["delivered"] - sum(part["causes"].values()) == part["recognised"]
    delivered = [d for d in world.deliveries if d.mutation != "withdrawn" and world.question.counts(d.delivered_on)]
    counted_there = {part["party"]: part["delivered"] for part in answer.balance["other_parties"]}
    assert answer.balance["delivered"] == sum(d.party == "police" for d in delivered)
    assert sum(counted_there.values()) == sum(d.party != "police" for d in delivered)
    assert set(counted_there) == {d.party for d in world.deliveries} - {"police"}


@settings(LAWS)
@given(dense)
def test_an_unrelated_delivery_changes_nothing_else(world: World) -> None:
    delivered_on = world.question.end
    stranger = Delivery("PL9999-1999999999", 1, None, "PL0100", "TBKK", delivered_on, None, None, "delivered")
    before = by_the_product(world)
    after = by_the_product(replace(world, deliveries=(stranger, *world.deliveries)))
    case_number, rule, cause = after.suspects.pop(("PL9999-1999999999", 1))
    assert (case_number, rule) == (None, None)
    assert cause in ("in_transit", "missing")
    assert (after.suspects, after.om_only) == (before.suspects, before.om_only)
    assert after.balance["delivered"] == before.balance["delivered"] + 1
    assert after.balance["cases_delivered"] == before.balance["cases_delivered"] + 1


@settings(LAWS)
@given(dense)
def test_an_unrelated_registration_changes_nothing_else(world: World) -> None:
    stranger = Registration("0999999999", None, None, None, None, "KP", world.question.end, "registered")
    before = by_the_product(world)
    after = by_the_product(replace(world, registrations=(stranger, *world.registrations)))
    assert after.om_only.pop("0999999999") == "no_police_delivery"
    assert (after.suspects, after.om_only) == (before.suspects, before.om_only)
    assert after.balance["om_count"] == before.balance["om_count"] + 1


@settings(LAWS)
@given(dense)
def test_renaming_units_renames_them_in_the_answer_and_nothing_else(world: World) -> None:
    names = dict(zip(UNITS, (*UNITS[1:], UNITS[0]), strict=True))
    before = by_the_product(world)
    renamed = tuple(replace(d, unit=names[d.unit]) for d in world.deliveries)
    after = by_the_product(replace(world, deliveries=renamed))
    by_unit = sorted(
        ({**part, "unit": names[part["unit"]]} for part in before.balance["by_unit"]), key=lambda part: part["unit"]
    )
    assert after.balance == {**before.balance, "by_unit": by_unit}
    assert (after.suspects, after.om_only) == (before.suspects, before.om_only)


@settings(LAWS)
@given(dense)
def test_other_tokens_for_the_same_persons_change_nothing(world: World) -> None:
    """Tokens are compared and never ordered, so another chain key gives the same balance."""
    other = replace(
        world,
        deliveries=tuple(replace(d, person_token=d.person_token and d.person_token[::-1]) for d in world.deliveries),
        registrations=tuple(
            replace(r, person_token=r.person_token and r.person_token[::-1]) for r in world.registrations
        ),
    )
    assert by_the_product(other) == by_the_product(world)


@settings(LAWS)
@given(dense)
def test_links_do_not_depend_on_what_is_asked(world: World) -> None:
    """Links are made over everything known, not over the period alone."""
    question = world.question
    wider = replace(
        question, start=question.start - timedelta(days=500), end=question.end + timedelta(days=100), as_of=question.end
    )
    asked, asked_wider = by_the_product(world), by_the_product(replace(world, question=wider))
    for record, (case_number, rule, _) in asked.suspects.items():
        assert asked_wider.suspects[record][:2] == (case_number, rule)


@settings(LAWS)
@given(dense)
def test_a_longer_allowance_only_lets_more_be_in_transit(world: World) -> None:
    longer = replace(world.question, transit_allowance_days=world.question.transit_allowance_days + 30)
    before, after = by_the_product(world), by_the_product(replace(world, question=longer))
    assert after.om_only == before.om_only
    for record, (case_number, rule, cause) in before.suspects.items():
        became = after.suspects[record]
        assert became == (case_number, rule, cause) or (
            cause in ("duplicate_delivery", "missing") and became == (case_number, rule, "in_transit")
        )


@settings(LAWS, max_examples=3)
@given(dense)
def test_periods_that_adjoin_add_up(world: World) -> None:
    question = world.question
    middle = question.start + (question.end - question.start) / 2
    first = by_the_product(replace(world, question=replace(question, end=middle)))
    second = by_the_product(replace(world, question=replace(question, start=middle + timedelta(days=1))))
    whole = by_the_product(world)
    for measure in ("delivered", "om_count"):
        assert first.balance[measure] + second.balance[measure] == whole.balance[measure]
    assert first.suspects.keys() | second.suspects.keys() == whole.suspects.keys()


@pytest.mark.parametrize("seed", [1, 2])
def test_a_large_world_equals_the_reference(seed: int) -> None:
    assert differences(random_world(seed, 150, with_parties=bool(seed % 2)), with_suggestions=True) == []
