"""Linking anew only what a late batch can touch gives what a full run gives."""

from dataclasses import replace
from datetime import date, timedelta
from random import Random

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ketenbalans.reconciliation.balance import balance, balances, chain_of
from ketenbalans.reconciliation.breaks import found_breaks
from ketenbalans.reconciliation.relink import relinked, relinking
from ketenbalans.reconciliation.touched import Touched, touched
from schemas.period import Period
from tests.reference.product import policy_of
from tests.reference.records import Delivery, Registration, World, decisions_frame, frames
from tests.reference.strategies import random_world

pytestmark = pytest.mark.laws

LAWS = settings(
    derandomize=True, database=None, deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=4
)


EVERY_DAY = Period(date(1990, 1, 1), date(2050, 12, 31))


def decisions_of(world: World, random: Random) -> pl.DataFrame:
    """Some of the decisions of a world: which ones are known may change from batch to batch."""
    known = tuple(decision for decision in world.decisions if random.random() < 0.7)
    return decisions_frame(replace(world, decisions=known))


def later_state(world: World, random: Random, share: float) -> tuple[World, World]:
    """Draw what changed: records that are new, and records in another state. Gives the changes and the new whole."""
    other = random_world(random.randrange(2**32), max(4, len(world.deliveries)), with_parties=True)
    changed_deliveries = [
        replace(new, dossier_number=old.dossier_number, suspect_number=old.suspect_number, party=old.party)
        for old, new in zip(world.deliveries, other.deliveries, strict=False)
        if random.random() < share
    ]
    changed_registrations = [
        replace(new, case_number=old.case_number)
        for old, new in zip(world.registrations, other.registrations, strict=False)
        if random.random() < share
    ]
    changed_deliveries += [new for new in other.deliveries if random.random() < share / 2]
    changed_registrations += [new for new in other.registrations if random.random() < share / 2]
    deliveries: dict[object, Delivery] = {(d.party, d.dossier_number, d.suspect_number): d for d in changed_deliveries}
    registrations: dict[object, Registration] = {r.case_number: r for r in changed_registrations}
    whole_deliveries = {(d.party, d.dossier_number, d.suspect_number): d for d in world.deliveries} | deliveries
    whole_registrations = {r.case_number: r for r in world.registrations} | registrations
    return (
        replace(world, deliveries=tuple(deliveries.values()), registrations=tuple(registrations.values())),
        replace(world, deliveries=tuple(whole_deliveries.values()), registrations=tuple(whole_registrations.values())),
    )


def differences(seed: int, size: int, share: float, batches: int = 2) -> list[str]:
    random = Random(seed)
    world = random_world(seed, size, with_decisions=True, with_parties=True)
    as_of, policy = world.question.as_of, policy_of(world.question)
    period = Period(world.question.start, world.question.end)
    chain = chain_of(*frames(world), as_of=as_of, policy=policy, decisions=decisions_of(world, random))
    for _ in range(batches):
        changes, world = later_state(world, random, share)
        decisions = decisions_of(world, random)
        chain = relinked(chain, *frames(changes), as_of=as_of, decisions=decisions)
        full = chain_of(*frames(world), as_of=as_of, policy=policy, decisions=decisions)
        for asked in (period, EVERY_DAY):
            one, other = balance(chain, asked), balance(full, asked)
            pairs = [(one.answer(), other.answer()), (one.suspects, other.suspects), (one.om_only, other.om_only)]
            for ours, theirs in pairs:
                if isinstance(ours, pl.DataFrame) and isinstance(theirs, pl.DataFrame):
                    if not ours.equals(theirs):
                        return [f"seed {seed}", str(ours), str(theirs)]
                elif ours != theirs:
                    return [f"seed {seed}", str(ours), str(theirs)]
    return []


@LAWS
@given(st.integers(0, 2**32 - 1), st.sampled_from((6, 12, 30)), st.sampled_from((0.1, 0.3, 0.7)))
def test_incremental_equals_full(seed: int, size: int, share: float) -> None:
    assert differences(seed, size, share) == []


def days_and_months(world: World) -> list[Period]:
    """Short periods in and around that of a world: single days where many of its records lie, and months."""
    begin, end = world.question.start.replace(day=1), world.question.as_of
    days = [world.question.end + timedelta(days=number) for number in range(-6, 7)]
    months = {(begin + timedelta(days=number)).strftime("%Y-%m") for number in range((end - begin).days)}
    return [*(Period(day, day) for day in days), *map(Period.parse, sorted(months))]


@LAWS
@given(seed=st.integers(0, 2**32 - 1), size=st.sampled_from((6, 12, 30)), decides=st.booleans())
def test_what_a_step_does_not_touch_stays_as_it_was(seed: int, size: int, *, decides: bool) -> None:
    """Some records come or change: days and months that they do not touch keep their balance and their breaks."""
    random = Random(seed)
    world = random_world(seed, size, with_decisions=True, with_parties=True)
    as_of, policy = world.question.as_of, policy_of(world.question)
    decisions = decisions_of(world, random)
    before = chain_of(*frames(world), as_of=as_of, policy=policy, decisions=decisions)
    changes, _ = later_state(world, random, share=1.5 / size)
    if decides:
        decisions = decisions_of(world, random)
    step = relinking(before, *frames(changes), as_of=as_of, decisions=decisions)
    found = touched(step)
    periods = days_and_months(world)
    for one, other in zip(balances(before, periods), balances(step.after, periods), strict=True):
        if not found.touches(one.period):
            assert one.answer() == other.answer()
            assert found_breaks(one, policy=policy).equals(found_breaks(other, policy=policy))


def test_a_late_record_touches_its_own_days_and_those_of_what_it_reaches() -> None:
    question = replace(random_world(0, 0).question, as_of=date(2015, 1, 31))
    first = Delivery("PL0900-2014111111", 1, None, "PL0900", "TBKK", date(2014, 3, 1), None, None, "delivered")
    other = replace(first, dossier_number="PL0900-2014222222", delivered_on=date(2014, 6, 1))
    late = Registration(
        "0900000214", None, first.dossier_number, first.dossier_number, 1, "KP", date(2014, 5, 1), "registered"
    )
    policy = policy_of(question)
    chain = chain_of(*frames(World((first, other), (), question)), as_of=question.as_of, policy=policy)

    def after(*changed: Delivery | Registration, as_of: date = question.as_of) -> Touched:
        deliveries = tuple(one for one in changed if isinstance(one, Delivery))
        registrations = tuple(one for one in changed if isinstance(one, Registration))
        return touched(relinking(chain, *frames(World(deliveries, registrations, question)), as_of=as_of))

    assert after(late).days == frozenset({first.delivered_on, late.registered_on})
    assert after().days == frozenset()
    assert after(replace(other, party="kmar", dossier_number="PL27YY-2014000001")).days is None
    assert after(as_of=date(2015, 2, 1)).days is None


def test_a_registration_without_keys_is_passed_through() -> None:
    """A typed text that is near two deliveries: when one of them is linked, the other is suggested."""
    question = replace(random_world(0, 0).question, registered_after_delivery_days=60)
    day = question.end
    first = Delivery("PL0900-2014111111", 1, None, "PL0900", "TBKK", day, None, None, "delivered")
    second = replace(first, dossier_number="PL0900-2014111113", delivered_on=day - timedelta(days=1))
    text = Registration("0900000114", None, None, "PL0900-201411111X", None, "KP", day, "registered")
    before = World((first, second), (text,), question)
    late = Registration("0900000214", None, first.dossier_number, first.dossier_number, 1, "KP", day, "registered")
    as_of, policy = question.as_of, policy_of(question)
    chain = chain_of(*frames(before), as_of=as_of, policy=policy)
    chain = relinked(chain, *frames(World((), (late,), question)), as_of=as_of)
    suggested = balance(chain, EVERY_DAY).suspects.select("dossier_number", "suggested_case_number")
    assert dict(suggested.iter_rows()) == {first.dossier_number: None, second.dossier_number: text.case_number}
