"""Ingest as a person or a DAG asks for it: several sources at once, or one source in all the tries of one run."""

import uuid
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Engine

from jobs import lineage, metrics
from jobs.incidents import IngestIncident
from jobs.incidents_kept import incident_kept
from jobs.ingest import Loaded, ingest, run_totals
from jobs.looking import look_now
from jobs.metrics import Metric
from jobs.servers import kafka_bootstrap
from jobs.settings import Settings
from jobs.warehouse_at_hand import warehouse_at_hand
from schemas.catalogue import source_named
from schemas.declaration import Source


def ingest_sources(
    asked: Iterable[Source], *, engine: Engine, bootstrap: str, accept_recreated_topic: bool
) -> tuple[dict[str, Loaded], list[IngestIncident]]:
    """Load what waits for each source, once each and one after the other.

    Returns:
        Per source what was done, and the incidents of the sources that cannot be loaded until a person has looked.
    """
    run = f"by hand {uuid.uuid4()}"
    loaded: dict[str, Loaded] = {}
    incidents: list[IngestIncident] = []
    for source in dict.fromkeys(asked):
        try:
            with incident_kept(engine, source.name, IngestIncident):
                loaded[source.name] = ingest(
                    source, engine=engine, bootstrap=bootstrap, run=run, accept_recreated_topic=accept_recreated_topic
                )
        except IngestIncident as incident:
            incidents.append(incident)
    return loaded, incidents


def ingest_for_a_run(source_name: str, *, run: str) -> dict[str, Any]:
    """Load what waits for one source, and give what this run has done over all its tries.

    A try that committed its rows and then died has done them: the next try finds nothing, and still the run did load.
    """
    settings = Settings()
    source = source_named(source_name)
    with warehouse_at_hand(settings) as engine:
        bootstrap = kafka_bootstrap(settings)
        read, written = [lineage.topic(source.topic, bootstrap)], lineage.tables([source.name], engine)
        try:
            with (
                lineage.run_of(f"ingest_{source.name}", inputs=read, outputs=written, settings=settings) as lineage_run,
                incident_kept(engine, source.name, IngestIncident),
            ):
                loaded = ingest(source, engine=engine, bootstrap=bootstrap, run=run)
                lineage_run.wrote(loaded.inserted)
        except IngestIncident:
            look_now()
            raise
        metrics.send_metrics(settings, {}, {Metric.LOADED.of(source.name): loaded.inserted})
        if loaded.dead_letters:
            look_now()
        return run_totals(engine, run, source).to_dict()
