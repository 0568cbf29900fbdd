"""Who starts a load, a person or a DAG: lineage, metrics and alerts hear the same of it."""

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine

from ketenbalans.incidents.checks import IngestIncident, TopicGone
from ketenbalans.jobs.loading import ingest_runs
from ketenbalans.settings import Settings
from schemas.catalogue import source_named
from warehouse.loading import Loaded

POLICE = source_named("police_deliveries")
ENGINE = create_engine("postgresql+psycopg://nobody@localhost/nothing")  # never connected
STARTED: dict[str, Callable[[Settings], Any]] = {
    "a person": lambda settings: ingest_runs.ingest_sources(settings, [POLICE], engine=ENGINE, run="by hand"),
    "a DAG": lambda settings: ingest_runs.ingest_for_a_run(settings, POLICE.name, run="a run"),
}
ENDINGS: dict[str, Loaded | IngestIncident] = {
    "nothing to hear": Loaded(read=20, inserted=20),
    "a dead letter": Loaded(read=20, inserted=19, dead_letters=1),
    "it stands still": TopicGone(POLICE, ["its id"]),
}


@pytest.fixture
def statsd() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(0.2)
        yield server


def heard_of(
    start: Callable[[Settings], Any], ending: Loaded | IngestIncident, home: Path, statsd: socket.socket
) -> tuple[list[tuple[str, str]], list[bytes], int, list[str]]:
    """What lineage, the metrics, the alerts and the columns hear of a load, wherever it is started."""
    looks: list[Settings] = []
    columns: list[str] = []
    events = home / "events.jsonl"
    settings = Settings(
        home=home,
        kafka_bootstrap="localhost:9092",
        lineage=f"file:{events}",
        statsd=f"127.0.0.1:{statsd.getsockname()[1]}",
    )

    def ingest(*_: Any, **__: Any) -> Loaded:
        if isinstance(ending, Loaded):
            return ending
        raise ending

    @contextmanager
    def warehouse(_settings: Settings) -> Iterator[Engine]:
        yield ENGINE

    with pytest.MonkeyPatch.context() as patch:
        for name, instead in {
            "raise_what_stands": lambda *_: None,
            "incident_kept": lambda *_: nullcontext(),
            "ingest": ingest,
            "publish_dead_letters": lambda *_, **__: 0,
            "columns_after_load": lambda _engine, source: columns.append(source.name),
            "check_extracts": lambda _engine: [],
            "run_totals": lambda *_: ending,
            "warehouse_from": warehouse,
            "watch_now": looks.append,
        }.items():
            patch.setattr(ingest_runs, name, instead)
        with suppress(IngestIncident):  # which fails a task, and is what a person has reported at the end
            start(settings)
    lines = [json.loads(line) for line in events.read_text(encoding="utf-8").splitlines()]
    events.unlink()
    return [(one["job"]["name"], one["eventType"]) for one in lines], _received(statsd), len(looks), columns


def _received(server: socket.socket) -> list[bytes]:
    found = []
    try:
        while True:
            found.append(server.recv(1024))
    except TimeoutError:
        return found


@pytest.mark.parametrize("ending", ENDINGS)
def test_what_a_person_starts_raises_an_alert_as_what_airflow_starts(
    ending: str, tmp_path: Path, statsd: socket.socket
) -> None:
    person, dag = (heard_of(start, ENDINGS[ending], tmp_path, statsd) for start in STARTED.values())
    assert person == dag
    lineage, metrics, looks, columns = person
    has_loaded = isinstance(ENDINGS[ending], Loaded)
    assert [kind for _, kind in lineage] == ["START", "COMPLETE" if has_loaded else "FAIL"]
    assert bool(metrics) == has_loaded
    assert columns == [POLICE.name] * has_loaded
    assert looks == (ending != "nothing to hear")
