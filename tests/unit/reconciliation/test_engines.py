"""The same rules on Spark: the same golden cases, the same worlds, the same answers."""

from collections.abc import Iterator
from typing import Any

import polars as pl
import pytest

from ketenbalans.jobs.balancing.spark_session import spark_session
from ketenbalans.reconciliation.balance import Balance, balance_of
from schemas.coded_state import coded_deliveries, coded_registrations
from schemas.period import Period
from tests.reference.golden import world_of
from tests.reference.product import balance_by_the_product, policy_of
from tests.reference.records import World, decisions_frame, frames
from tests.reference.strategies import random_world

pytestmark = [pytest.mark.spark, pytest.mark.timeout(400)]

GOLDEN = (
    "rule_1_dossier_and_person",
    "rule_3_window",
    "rule_4_counts_the_withdrawn",
    "round_3_lapsed_and_joined",
    "suggested_one_edit",
    "duplicate_delivery",
    "om_duplicate_registration",
    "transferred",
)


SHORT_LIVED = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
"""Java that compiles quickly, since these questions are small: a fifth less work."""


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    pytest.importorskip("pyspark", reason="the extra spark is not installed: make setup-all")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JAVA_TOOL_OPTIONS", SHORT_LIVED)
        with spark_session(tmp_path_factory.mktemp("spark")) as session:
            yield session


def on_spark(session: Any, world: World) -> Balance:
    words = pl.col(pl.Categorical).cast(pl.String)
    deliveries, registrations = frames(world)
    state = (coded_deliveries(deliveries), coded_registrations(registrations))
    return balance_of(
        *(session.createDataFrame(frame.with_columns(words).to_arrow()) for frame in state),
        period=Period(world.question.start, world.question.end),
        as_of=world.question.as_of,
        policy=policy_of(world.question),
        decisions=decisions_frame(world) if world.decisions else None,
    )


def same(session: Any, world: World) -> None:
    ours, theirs = balance_by_the_product(world), on_spark(session, world)
    assert theirs.answer() == ours.answer()
    assert theirs.suspects.equals(ours.suspects)
    assert theirs.om_only.equals(ours.om_only)


@pytest.mark.parametrize("name", GOLDEN)
def test_a_golden_case(session: Any, name: str) -> None:
    same(session, world_of(name))


@pytest.mark.parametrize("seed", range(8))
def test_a_dense_world(session: Any, seed: int) -> None:
    same(session, random_world(seed, 60, with_decisions=bool(seed % 2), with_parties=bool(seed % 3)))


def test_a_world_that_is_empty(session: Any) -> None:
    same(session, World((), (), random_world(0, 0).question))
