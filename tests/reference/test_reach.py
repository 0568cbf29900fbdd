"""The drawn worlds reach what there is to reach, so that a law that holds on them says something."""

from dataclasses import replace

import pytest
from hypothesis import given, settings

from tests.reference.reach import (
    EVERY_BREAK,
    EVERYTHING,
    ONLY_WITH_DECISIONS,
    breaks_reached,
    reached,
    reached_by_decisions,
)
from tests.reference.records import World
from tests.reference.strategies import random_world, worlds

pytestmark = pytest.mark.laws

NEEDS_SUGGESTIONS = {"police suggested", "om suggested"}


def test_random_worlds_reach_every_rule_round_and_cause() -> None:
    counts = reached((random_world(seed, 10) for seed in range(250)), with_suggestions=False)
    assert {what: counts[what] for what in EVERYTHING if counts[what] < 5 and what not in NEEDS_SUGGESTIONS} == {}


def test_random_worlds_reach_every_suggestion() -> None:
    counts = reached((random_world(seed, 8) for seed in range(150)), with_suggestions=True)
    assert {what: counts[what] for what in NEEDS_SUGGESTIONS if counts[what] < 10} == {}


def test_random_worlds_reach_what_decisions_do() -> None:
    counts = reached_by_decisions(random_world(seed, 12, with_decisions=True) for seed in range(1200))
    assert {what: counts[what] for what in ONLY_WITH_DECISIONS if counts[what] < 5} == {}
    assert counts["no decision"] > 300


def test_random_worlds_reach_every_cause_and_state_of_a_break() -> None:
    counts = breaks_reached(random_world(seed, 10) for seed in range(800))
    assert {what: counts[what] for what in EVERY_BREAK if counts[what] < 5} == {}


def test_decisions_are_drawn_last() -> None:
    decided = random_world(1, 20, with_decisions=True)
    assert decided.decisions
    assert random_world(1, 20) == replace(decided, decisions=())


def test_hypothesis_reaches_every_rule_round_and_cause() -> None:
    drawn: list[World] = []

    @settings(max_examples=300, derandomize=True, database=None, deadline=None)
    @given(worlds())
    def draw(world: World) -> None:
        drawn.append(world)

    draw()
    counts = reached(drawn, with_suggestions=False)
    assert {what: counts[what] for what in EVERYTHING if counts[what] < 1 and what not in NEEDS_SUGGESTIONS} == {}


def test_a_seed_gives_the_same_world() -> None:
    assert random_world(7, 20) == random_world(7, 20)
    assert random_world(7, 20) != random_world(8, 20)
