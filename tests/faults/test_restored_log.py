"""Kafka's disk goes back to an older copy: nothing is passed over, whatever came under the old offsets since."""

import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ketenbalans.incidents.checks import LogDiffers
from ketenbalans.jobs.loading.resuming import list_incidents, resume_incident
from ketenbalans.stack import processes
from schemas.declaration import Source
from schemas.sources.extracts import SOURCE as EXTRACTS
from tests.faults.extracts import publish, same_extracts_without_the_fault, write_extract
from tests.faults.fault_stack import FaultStack
from tests.faults.tables import tables_of
from tests.integration.by_hand import ingest_by_hand
from warehouse.extracts import control_records

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]


@pytest.fixture
def kept(stack: FaultStack, tmp_path: Path) -> Iterator[Path]:
    """Where a copy of Kafka's disk is kept."""
    yield tmp_path / "kafka"
    stack.again()


def without_kafka(stack: FaultStack) -> Path:
    """Stop Kafka in good order; gives the folder that it keeps everything in."""
    broker = stack.broker
    broker.send_signal(signal.SIGTERM)
    assert not processes.still_living([broker], within_seconds=30)
    return stack.home / "kafka"


def keep_disk(stack: FaultStack, kept: Path) -> None:
    shutil.copytree(without_kafka(stack), kept)
    stack.again()


def restore_disk(stack: FaultStack, kept: Path) -> None:
    disk = without_kafka(stack)
    shutil.rmtree(disk)
    shutil.copytree(kept, disk)
    stack.again()


def load(stack: FaultStack, source: Source, engine: Engine) -> list[Exception]:
    return ingest_by_hand([source, EXTRACTS], engine=engine, bootstrap=stack.bootstrap)[1]


def resume_all(engine: Engine) -> int:
    running = list_incidents(engine, also_over=False)
    for one in running:
        resume_incident(engine, one.incident_id, by="desk-1", note="the disk was restored")
    return len(running)


@pytest.mark.stack
@pytest.mark.parametrize("rows_since", [5, 300], ids=["the log is shorter", "the log has grown over it"])
def test_an_older_copy_stops_the_source_and_nothing_is_passed_over(
    rows_since: int, stack: FaultStack, kept: Path, tmp_path: Path
) -> None:
    source, engine = stack.new_source(), stack.new_warehouse()
    first, lost, since = (write_extract(tmp_path, rows) for rows in (200, 120, rows_since))
    publish(stack, source, first)
    assert load(stack, source, engine) == []
    keep_disk(stack, kept)
    publish(stack, source, lost)
    assert load(stack, source, engine) == []
    before = tables_of(engine)

    restore_disk(stack, kept)
    publish(stack, source, since)
    for _ in range(2):
        stands = load(stack, source, engine)
        assert {type(one) for one in stands} == {LogDiffers}
        assert tables_of(engine) == before

    assert resume_all(engine) == len(stands)
    assert load(stack, source, engine) == []
    publish(stack, source, lost)
    assert load(stack, source, engine) == []
    found = tables_of(engine)
    once = same_extracts_without_the_fault(stack, [first, lost, since])
    assert found.events(source) == once.events(source)
    with engine.connect() as connection:
        ours = [record for record in control_records(connection) if record.extract_id and record.is_loaded]
    assert {record.published for record in ours} == {200, 120, rows_since}
