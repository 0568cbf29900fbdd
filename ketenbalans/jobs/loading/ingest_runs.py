"""Ingest as a person or a DAG asks for it: several sources at once, or one source in all the tries of one run."""

import logging
from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import Engine

from ketenbalans.broker.access import Kafka
from ketenbalans.broker.errors import DeadLettersNotPublished
from ketenbalans.broker.rights import DEAD_LETTERS, INGEST
from ketenbalans.incidents.checks import IngestIncident, TopicIncident
from ketenbalans.incidents.extract_checks import check_extracts, raise_what_stands
from ketenbalans.incidents.kept import incident_kept
from ketenbalans.jobs.loading.columns_after_load import columns_after_load
from ketenbalans.jobs.loading.dead_letter_outbox import publish_dead_letters
from ketenbalans.jobs.loading.ingest import Loaded, ingest, run_totals
from ketenbalans.jobs.servers.kafka_roles import kafka_for
from ketenbalans.jobs.servers.warehouse import warehouse_from
from ketenbalans.jobs.watching.request import watch_now
from ketenbalans.settings import Settings
from ketenbalans.telemetry import lineage, metrics
from ketenbalans.telemetry.metrics import Metric
from schemas.catalogue import source_named
from schemas.declaration import Source
from schemas.sources.extracts import SOURCE as EXTRACTS

logger = logging.getLogger("ketenbalans.ingest")


class Ingested(NamedTuple):
    """What loading several sources came to.

    Attributes:
        loaded: per source what was done now; a source that stands still has none.
        failed: what a person has to know, each once: the incidents that stand of the sources that were asked for (of
            all, when control records were), and dead letters that were kept and could not be sent on.
    """

    loaded: dict[str, Loaded]
    failed: list[Exception]


def ingest_sources(settings: Settings, asked: Iterable[Source], *, engine: Engine, run: str) -> Ingested:
    """Load what waits for each source, once each and one after the other, and publish its dead letters.

    Whoever starts it, a person or a DAG: lineage says how each load ended, the metrics how many events are new, and
    where something stops a source or became a dead letter somebody is alerted at once. The columns of what
    was loaded are brought up to date.

    Args:
        settings: where Kafka is, how large a batch may be, and where lineage, metrics and alerts go.
        asked: the sources.
        engine: the warehouse.
        run: who loads, as ``run_totals`` counts.
    """
    kafka, for_dead_letters = kafka_for(settings, INGEST), kafka_for(settings, DEAD_LETTERS)
    loaded: dict[str, Loaded] = {}
    failed: dict[str, Exception] = {}
    wanted = list(dict.fromkeys(asked))
    for source in wanted:
        try:
            loaded[source.name] = _load(source, engine=engine, bootstrap=kafka, run=run, settings=settings)
            metrics.send_metrics(settings.statsd, {}, {Metric.LOADED.of(source.name): loaded[source.name].inserted})
            publish_dead_letters(source, engine=engine, bootstrap=for_dead_letters)
            columns_after_load(engine, source)
        except (IngestIncident, DeadLettersNotPublished) as error:
            failed[str(error)] = error
    stand = check_extracts(engine)
    if stand or len(loaded) < len(wanted) or any(one.dead_letters for one in loaded.values()):
        watch_now(settings)
    names = {source.name for source in wanted}
    for found in stand:
        if found.source in names or EXTRACTS.name in names:
            failed.setdefault(str(found.incident), found.incident)
    return Ingested(loaded, list(failed.values()))


def ingest_for_a_run(settings: Settings, source_name: str, *, run: str) -> dict[str, Any]:
    """Load what waits for one source, and give what this run has done over all its tries.

    A try that committed its rows and then died has done them: the next try finds nothing, and still the run did load.
    What control records say after that stops what comes next, not this run: its rows are there.

    Raises:
        IngestIncident: the source stands still until a person has looked.
    """
    source = source_named(source_name)
    with warehouse_from(settings) as engine:
        loaded, failed = ingest_sources(settings, [source], engine=engine, run=run)
        if source.name not in loaded:
            raise failed[0]
        for error in failed:
            if isinstance(error, DeadLettersNotPublished):  # what was loaded stays loaded, and the next run sends them
                logger.warning("%s", error)
        return run_totals(engine, run, source).to_dict()


def _load(source: Source, *, engine: Engine, bootstrap: Kafka, run: str, settings: Settings) -> Loaded:
    """Load what waits for a source, unless control records say that it stands still; lineage says how it ended.

    Raises:
        IngestIncident: it stands still until a person has looked.
    """
    read, written = [lineage.topic(source.topic, str(bootstrap))], lineage.tables([source.name], engine)
    with lineage.run_of(f"ingest_{source.name}", inputs=read, outputs=written, place=settings.lineage) as lineage_run:
        raise_what_stands(engine, [source.name])
        with incident_kept(engine, source.name, TopicIncident):
            loaded = ingest(source, engine=engine, bootstrap=bootstrap, run=run, limits=settings.batch_limits)
        lineage_run.wrote(loaded.inserted)
        return loaded
