"""Ingest as a person or a DAG asks for it: several sources at once, or one source in all the tries of one run."""

import logging
import uuid
from collections.abc import Iterable

from sqlalchemy import Engine

from jobs import lineage, metrics
from jobs.dead_letter_outbox import publish_dead_letters
from jobs.incidents import IngestIncident
from jobs.incidents_kept import incident_kept
from jobs.ingest import Loaded, ingest, run_totals
from jobs.looking import look_now
from jobs.metrics import Metric
from jobs.servers import kafka_bootstrap
from jobs.settings import Settings
from jobs.warehouse_at_hand import warehouse_at_hand
from producers.errors import DeadLettersNotPublished
from schemas.catalogue import source_named
from schemas.declaration import Source

logger = logging.getLogger("ketenbalans.ingest")


def ingest_sources(
    asked: Iterable[Source], *, engine: Engine, bootstrap: str, accept_recreated_topic: bool
) -> tuple[dict[str, Loaded], list[Exception]]:
    """Load what waits for each source, once each and one after the other, and publish its dead letters.

    Returns:
        Per source what was done; and what a person has to hear: the incidents of sources that cannot be loaded until
        somebody has looked, and dead letters that were kept and could not be sent on.
    """
    run = f"by hand {uuid.uuid4()}"
    loaded: dict[str, Loaded] = {}
    failed: list[Exception] = []
    for source in dict.fromkeys(asked):
        try:
            with incident_kept(engine, source.name, IngestIncident):
                loaded[source.name] = ingest(
                    source, engine=engine, bootstrap=bootstrap, run=run, accept_recreated_topic=accept_recreated_topic
                )
            publish_dead_letters(source, engine=engine, bootstrap=bootstrap)
        except (IngestIncident, DeadLettersNotPublished) as error:
            failed.append(error)
    return loaded, failed


def ingest_for_a_run(source_name: str, *, run: str) -> dict[str, int]:
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
        try:
            publish_dead_letters(source, engine=engine, bootstrap=bootstrap)
        except DeadLettersNotPublished as error:  # what was loaded stays loaded, and the next run sends them
            logger.warning("%s", error)
        metrics.send_metrics(settings, {}, {Metric.LOADED.of(source.name): loaded.inserted})
        if loaded.dead_letters:
            look_now()
        return run_totals(engine, run, source).to_dict()
