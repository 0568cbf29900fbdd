"""Counting only what was linked anew gives what counting everything gives."""

from datetime import timedelta
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ketenbalans.reconciliation.balance import balances_of, chain_of, counted
from ketenbalans.reconciliation.moves import in_words, moved, moved_between
from ketenbalans.reconciliation.recounted import recounted
from ketenbalans.reconciliation.relink import relinking
from schemas.period import Period
from tests.reference.product import policy_of
from tests.reference.records import frames
from tests.reference.strategies import random_world
from tests.unit.reconciliation.test_relink import EVERY_DAY, decisions_of, later_state

pytestmark = pytest.mark.laws

SUSPECT = ("dossier_number", "suspect_number")

LAWS = settings(
    derandomize=True, database=None, deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=12
)


@LAWS
@given(st.integers(0, 2**32 - 1), st.sampled_from((6, 12, 30)), st.sampled_from((0.0, 0.1, 0.3, 0.7)))
def test_what_was_linked_anew_is_counted_alone(seed: int, size: int, share: float) -> None:
    """In steps, over days, of periods that overlap: balances, their suspects, and who moved."""
    random = Random(seed)
    world = random_world(seed, size, with_decisions=True, with_parties=True)
    as_of, question = world.question.as_of, world.question
    periods = [Period(question.start, question.end), EVERY_DAY, Period.of_year(question.start.year)]
    decisions = decisions_of(world, random)
    chain = chain_of(*frames(world), as_of=as_of, policy=policy_of(question), decisions=decisions)
    found = counted(chain, periods)
    for _ in range(3):
        changes, world = later_state(world, random, share)
        as_of += timedelta(days=random.choice((0, 5, 40)))
        decisions = decisions_of(world, random)
        earlier = balances_of(found)
        step = relinking(found.chain, *frames(changes), as_of=as_of, decisions=decisions)
        again = recounted(found, step)
        found = again.after
        full = chain_of(*frames(world), as_of=as_of, policy=policy_of(question), decisions=decisions)
        moves = moved(again.suspects_before, again.suspects_after)
        for number, (before, one, other) in enumerate(
            zip(earlier, balances_of(found), balances_of(counted(full, periods)), strict=True)
        ):
            assert one.answer() == other.answer()
            assert one.suspects.equals(other.suspects)
            assert one.om_only.equals(other.om_only)
            ours = in_words(moves.filter(period=number))
            assert ours.sort(SUSPECT).equals(in_words(moved_between(before, other)).select(ours.columns).sort(SUSPECT))
