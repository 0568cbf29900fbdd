"""Killed with SIGKILL at each step and at random moments: the same tables as if nobody had died."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.extracts import (
    load,
    publish,
    same_extracts_without_the_fault,
    same_topic_without_the_fault,
    write_extract,
)
from tests.faults.fault_stack import REPOSITORY, FaultStack
from tests.faults.lives import Mother
from tests.faults.random_kills import BACKEND, BROKER, INGEST, POSTMASTER, PRODUCER, RandomKills, summary_of
from tests.faults.tables import lost_and_doubled, tables_of
from tests.integration import dying_ingest

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]

A_FEW = {INGEST: 10, PRODUCER: 3, BACKEND: 1}
TWO_HUNDRED = {INGEST: 130, PRODUCER: 40, BACKEND: 14, POSTMASTER: 8, BROKER: 8}


@pytest.mark.stack
def test_killed_at_each_step(stack: FaultStack, tmp_path: Path) -> None:
    source, engine = stack.new_source(), stack.new_warehouse()
    publish(stack, source, write_extract(tmp_path, 240))
    url = engine.url.render_as_string(hide_password=False)
    program = [sys.executable, "-m", dying_ingest.__name__, stack.bootstrap, url, source.topic]
    ran = subprocess.run(program, cwd=REPOSITORY, capture_output=True, text=True, timeout=120, check=True)
    assert ran.stdout.splitlines() == [f"{step} killed" for step in dying_ingest.STEPS], ran.stderr
    load(stack, source, engine, run="dying")
    undisturbed = same_topic_without_the_fault(stack, source, run="dying")
    assert tables_of(engine) == undisturbed
    assert len(undisturbed.events(source)) == 240


def happened(stack: FaultStack, mother: Mother, folder: Path, asked: dict[str, int]) -> str:
    kills = RandomKills(stack, mother, folder, seed=7)
    kills.happen(asked)
    found, undisturbed = tables_of(kills.engine), same_topic_without_the_fault(stack, kills.source)
    lost, doubled = lost_and_doubled(found, undisturbed)
    text = summary_of(kills.places, lost=lost, doubled=doubled)
    assert found == undisturbed, text
    assert found.without_places() == same_extracts_without_the_fault(stack, kills.files).without_places(), text
    assert kills.places.total() == sum(asked.values())
    return text


@pytest.mark.stack
def test_a_few_random_kills(stack: FaultStack, mother: Mother, tmp_path: Path) -> None:
    happened(stack, mother, tmp_path, A_FEW)


@pytest.mark.timeout(2400)
def test_two_hundred_random_kills(stack: FaultStack, mother: Mother, tmp_path: Path, summary: list[str]) -> None:
    summary.append(happened(stack, mother, tmp_path, TWO_HUNDRED))
