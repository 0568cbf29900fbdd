"""What holds for the breaks of every balance: one for each difference, in one state, waiting no longer than allowed."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ketenbalans.reconciliation.breaks import found_breaks
from tests.reference.breaks import OPEN_WITHOUT_A_DUE_DAY, breaks_of
from tests.reference.product import balance_by_the_product, policy_of
from tests.reference.records import World
from tests.reference.section4 import reconcile
from tests.reference.strategies import has_both_sides, random_world, shuffled, worlds

pytestmark = pytest.mark.laws

LAWS = settings(
    derandomize=True, database=None, deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=3
)
COLUMNS = ["side", "dossier_number", "suspect_number", "case_number", "cause", "state", "due_on"]

Row = tuple[Any, ...]


dense = worlds(max_records=70, with_decisions=True).filter(has_both_sides)


def by_the_product(world: World) -> Counter[Row]:
    """Give the breaks of a world as rows; a Counter, so that a break that is there twice is seen."""
    breaks = found_breaks(balance_by_the_product(world), policy=policy_of(world.question))
    return Counter(breaks.select(COLUMNS).iter_rows())


def by_the_reference(world: World) -> Counter[Row]:
    """Give the same of the reference."""
    found = breaks_of(reconcile(world, with_suggestions=True))
    return Counter(tuple(getattr(one, column) for column in COLUMNS) for one in found)


@settings(LAWS, max_examples=15)
@given(worlds(max_records=25, with_decisions=True))
def test_the_product_equals_the_reference(world: World) -> None:
    assert by_the_product(world) == by_the_reference(world)


@pytest.mark.parametrize("seed", range(4))
def test_a_large_world_equals_the_reference(seed: int) -> None:
    world = random_world(seed, 150, with_decisions=True, with_parties=True)
    assert by_the_product(world) == by_the_reference(world)


@settings(LAWS)
@given(dense)
def test_every_difference_is_one_break(world: World) -> None:
    balance = balance_by_the_product(world)
    breaks = found_breaks(balance, policy=policy_of(world.question))
    answer = balance.answer()
    causes = Counter(breaks.filter(side="police")["cause"])
    assert causes == Counter({cause: count for cause, count in answer.causes.items() if count})
    om_causes = Counter(breaks.filter(side="om")["cause"])
    assert om_causes == Counter({cause: count for cause, count in answer.om_only.items() if count})
    for side, key in (("police", ["dossier_number", "suspect_number"]), ("om", ["case_number"])):
        of_the_side = breaks.filter(side=side)
        assert of_the_side.select(key).null_count().sum_horizontal().item() == 0
        assert of_the_side.select(key).n_unique() == of_the_side.height
    units = {(d.dossier_number, d.suspect_number): d.unit for d in world.deliveries}
    of_the_police = breaks.filter(side="police").select("dossier_number", "suspect_number", "unit")
    assert all(units[dossier, suspect] == unit for dossier, suspect, unit in of_the_police.iter_rows())


@settings(LAWS)
@given(dense)
def test_the_state_follows_from_the_due_day_and_the_as_of_date(world: World) -> None:
    as_of = world.question.as_of
    for *_, cause, state, due_on in by_the_product(world):
        assert (due_on is None) == (state == "explained" or cause in OPEN_WITHOUT_A_DUE_DAY)
        assert state in ("waiting", "open", "explained")
        assert state != "waiting" or as_of <= due_on
        assert state != "open" or due_on is None or as_of > due_on


@settings(LAWS)
@given(dense, st.integers(1, 100))
def test_time_alone_opens_breaks_and_resolves_none(world: World, days: int) -> None:
    """The same records on a later day: the same breaks, and of those only some that waited have become open."""
    undecided = replace(world, decisions=())
    later = replace(undecided, question=replace(world.question, as_of=world.question.as_of + timedelta(days=days)))
    before, after = states_of(undecided), states_of(later)
    assert before.keys() == after.keys()
    for record, (state, due_on) in before.items():
        assert after[record][0] == state or (state, after[record][0]) == ("waiting", "open")
        assert (
            due_on == after[record][1] or after[record][1] is None
        )  # null: a duplicate delivery, no longer on its way


def states_of(world: World) -> dict[Row, tuple[str, date | None]]:
    """Give the state and the due day of each break."""
    return {tuple(record): (state, due_on) for *record, _, state, due_on in by_the_product(world)}


@settings(LAWS)
@given(dense, st.integers(0, 1000))
def test_the_order_of_rows_does_not_matter(world: World, seed: int) -> None:
    assert by_the_product(shuffled(world, seed)) == by_the_product(world)


@settings(LAWS)
@given(dense)
def test_another_one_that_took_it_over_explains_a_transfer(world: World) -> None:
    """A transferred one that is open or waits is explained as soon as its person is delivered again by the taker."""
    breaks = found_breaks(balance_by_the_product(world), policy=policy_of(world.question))
    waits = breaks.filter((breaks["cause"] == "transferred") & (breaks["state"] != "explained"))
    records = {(d.dossier_number, d.suspect_number): d for d in world.deliveries}
    for dossier_number, suspect_number in waits.select("dossier_number", "suspect_number").iter_rows():
        one = records[dossier_number, suspect_number]
        taker: dict[str, Any] = {"dossier_number": "PL9999-1999999999", "suspect_number": 1, "mutation": "delivered"}
        again = replace(one, **taker, team=str(one.transferred_to), transferred_to=None, transferred_on=None)
        for side, *suspect, _, cause, state, _ in by_the_product(replace(world, deliveries=(*world.deliveries, again))):
            if (side, *suspect, cause) == ("police", dossier_number, suspect_number, "transferred"):
                assert (state == "explained") == (one.person_token is not None)
