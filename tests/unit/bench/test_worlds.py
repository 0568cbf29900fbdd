"""The worlds of the benchmarks: what they say must come out does, and nothing that the rules know is left out."""

from collections.abc import Callable
from typing import Any

import polars as pl
import pytest

from bench.bench_clusters import CLUSTERS, measure
from bench.kinds import AS_OF, KINDS, PERIOD, POLICY
from bench.truth import departures
from bench.words import in_words
from bench.worlds import BenchWorld, bench_world
from ketenbalans.reconciliation.balance import balance_of
from schemas.causes import Cause, OmOnlyCause
from schemas.coded_state import coded_state


@pytest.fixture(scope="module")
def world() -> BenchWorld:
    return bench_world(20_000)


def said_of(deliveries: pl.DataFrame, registrations: pl.DataFrame) -> dict[str, Any]:
    return balance_of(deliveries, registrations, period=PERIOD, as_of=AS_OF, policy=POLICY).answer().to_json()


def test_the_balance_says_what_the_truth_says(world: BenchWorld) -> None:
    assert departures(world.truth, said_of(world.deliveries, world.registrations)) == []


def test_every_cause_and_every_rule_occurs_but_the_one_that_a_person_decides(world: BenchWorld) -> None:
    assert set(world.truth["causes"]) == {cause.value for cause in Cause}
    assert set(world.truth["om_only"]) == {cause.value for cause in OmOnlyCause}
    assert set(world.truth["links"]) == {"1", "2", "3", "4", "6"}


def test_one_registration_less_departs_from_the_truth(world: BenchWorld) -> None:
    recognised = world.registrations.filter(
        pl.col("registered_on").is_between(PERIOD.start, PERIOD.end), pl.col("round") == 1
    )
    fewer = world.registrations.filter(pl.col("case") != recognised["case"][-1])
    assert departures(world.truth, said_of(world.deliveries, fewer))


def test_a_cause_that_the_truth_does_not_know_departs_from_it() -> None:
    assert departures({"causes": {"missing": 1}}, {"causes": {"missing": 1, "suggested": 2}}) == [
        "causes.suggested is 0, the balance says 2"
    ]


def test_the_words_are_the_same_registers(world: BenchWorld) -> None:
    deliveries, registrations = in_words(world)
    assert said_of(deliveries, registrations) == said_of(world.deliveries, world.registrations)
    assert deliveries["person_token"].str.len_bytes().unique().to_list() == [64]
    assert deliveries["person_token"].n_unique() == world.deliveries["person"].n_unique()


def test_a_world_is_the_same_every_time_and_sorted(world: BenchWorld) -> None:
    again = bench_world(20_000)
    assert again.deliveries.equals(world.deliveries)
    assert again.registrations.equals(world.registrations)
    assert world.deliveries["dossier"].is_sorted()
    assert world.registrations["reported_dossier"].is_sorted()
    assert world.deliveries.select("dossier", "suspect_number").is_unique().all()
    assert world.registrations["case"].is_unique().all()


def test_a_world_has_the_types_of_a_coded_state(world: BenchWorld) -> None:
    police, om = coded_state(*in_words(world))
    assert world.deliveries.schema == police.schema
    assert world.registrations.schema == om.schema


def test_the_kinds_share_a_thousand() -> None:
    assert sum(kind.of_a_thousand for kind in KINDS.values()) == 1000


@pytest.mark.parametrize("make", CLUSTERS, ids=lambda make: make.__name__)
def test_a_cluster_is_linked_by_the_rule_that_it_is_made_for(make: Callable[..., Any]) -> None:
    assert measure(make, 60)["answer"]["closes"]
