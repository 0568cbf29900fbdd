"""Ingest as a person or a DAG asks for it: several sources at once, or one source in all the tries of one run."""

import logging
import uuid
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Engine

from ketenbalans.broker.errors import DeadLettersNotPublished
from ketenbalans.incidents.checks import IngestIncident, TopicIncident
from ketenbalans.incidents.extract_checks import check_extracts, raise_what_stands
from ketenbalans.incidents.kept import incident_kept
from ketenbalans.jobs.loading.dead_letter_outbox import publish_dead_letters
from ketenbalans.jobs.loading.ingest import Loaded, ingest, run_totals
from ketenbalans.jobs.servers.addresses import kafka_bootstrap
from ketenbalans.jobs.servers.warehouse import warehouse_at_hand
from ketenbalans.jobs.watching.request import look_now
from ketenbalans.settings import Settings
from ketenbalans.telemetry import lineage, metrics
from ketenbalans.telemetry.metrics import Metric
from schemas.catalogue import source_named
from schemas.declaration import Source
from schemas.sources.extracts import SOURCE as EXTRACTS

logger = logging.getLogger("ketenbalans.ingest")


def ingest_sources(
    asked: Iterable[Source], *, engine: Engine, bootstrap: str
) -> tuple[dict[str, Loaded], list[Exception]]:
    """Load what waits for each source, once each and one after the other, and publish its dead letters.

    Returns:
        Per source what was done; and what a person has to hear: the incidents that stand of the sources that were asked
        for (of all, when control records were), and dead letters that were kept and could not be sent on.
    """
    run, settings = f"by hand {uuid.uuid4()}", Settings()
    loaded: dict[str, Loaded] = {}
    failed: dict[str, Exception] = {}
    wanted = list(dict.fromkeys(asked))
    for source in wanted:
        try:
            loaded[source.name] = _load(source, engine=engine, bootstrap=bootstrap, run=run, settings=settings)
            publish_dead_letters(source, engine=engine, bootstrap=bootstrap)
        except (IngestIncident, DeadLettersNotPublished) as error:
            failed[str(error)] = error
    names = {source.name for source in wanted}
    for found in check_extracts(engine):
        if found.source in names or EXTRACTS.name in names:
            failed.setdefault(str(found.incident), found.incident)
    return loaded, list(failed.values())


def ingest_for_a_run(source_name: str, *, run: str) -> dict[str, Any]:
    """Load what waits for one source, and give what this run has done over all its tries.

    A try that committed its rows and then died has done them: the next try finds nothing, and still the run did load.
    What control records say after that stops what comes next, not this run: its rows are there.
    """
    settings = Settings()
    source = source_named(source_name)
    with warehouse_at_hand(settings) as engine:
        bootstrap = kafka_bootstrap(settings)
        try:
            loaded = _load(source, engine=engine, bootstrap=bootstrap, run=run, settings=settings)
        except IngestIncident:
            look_now()
            raise
        try:
            publish_dead_letters(source, engine=engine, bootstrap=bootstrap)
        except DeadLettersNotPublished as error:  # what was loaded stays loaded, and the next run sends them
            logger.warning("%s", error)
        metrics.send_metrics(settings.statsd, {}, {Metric.LOADED.of(source.name): loaded.inserted})
        if check_extracts(engine) or loaded.dead_letters:
            look_now()
        return run_totals(engine, run, source).to_dict()


def _load(source: Source, *, engine: Engine, bootstrap: str, run: str, settings: Settings) -> Loaded:
    """Load what waits for a source, unless control records say that it stands still; lineage says how it ended.

    Raises:
        IngestIncident: it stands still until a person has looked.
    """
    read, written = [lineage.topic(source.topic, bootstrap)], lineage.tables([source.name], engine)
    with lineage.run_of(f"ingest_{source.name}", inputs=read, outputs=written, place=settings.lineage) as lineage_run:
        raise_what_stands(engine, [source.name])
        with incident_kept(engine, source.name, TopicIncident):
            loaded = ingest(source, engine=engine, bootstrap=bootstrap, run=run, limits=settings.batch_limits)
        lineage_run.wrote(loaded.inserted)
        return loaded
