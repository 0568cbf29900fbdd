"""How many messages wait on each topic: the end of the topic less what is loaded."""

from sqlalchemy import Engine

from ketenbalans.broker.errors import BrokerError
from ketenbalans.broker.reading import TopicReader
from ketenbalans.broker.rights import INGEST
from ketenbalans.jobs.loading.ingest import waiting_on
from ketenbalans.jobs.servers.kafka_roles import kafka_for
from ketenbalans.settings import Settings
from schemas.catalogue import sources


def lags(engine: Engine, settings: Settings) -> dict[str, int]:
    """Per source how many offsets wait; a source whose topic can't be read now is left out."""
    found = {}
    for name, source in sources().items():
        try:
            with TopicReader(kafka_for(settings, INGEST), source.topic) as reader:
                found[name] = waiting_on(reader, source, engine=engine)
        except BrokerError:
            continue
    return found
