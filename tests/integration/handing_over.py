"""Extracts published to the real Kafka, on topics that no other test knows, and loaded into a warehouse from there."""

from collections import defaultdict
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

from sqlalchemy import Engine

from ketenbalans.broker.reading import TopicReader
from ketenbalans.jobs.loading.produce import produce
from schemas.catalogue import source_to_produce, sources
from schemas.declaration import Source
from schemas.sources import extracts
from tests.integration.by_hand import ingest_by_hand
from warehouse.offsets import Move, Topic, move_offsets, stored_offsets

CHAIN_KEY = "a key for the tests, long enough for any"
_NUMBERS = count(1)


@dataclass(frozen=True)
class HandedOver:
    """A warehouse, and every source on a topic of its own.

    Attributes:
        folder: what the scenario wrote.
        engine: the warehouse.
        bootstrap: Kafka.
        topics: the sources by name; control records stay on the topic that all share, and name the topic they speak of.
    """

    folder: Path
    engine: Engine
    bootstrap: str
    topics: dict[str, Source]

    def publish(self, files: Iterable[Path]) -> int:
        """Publish extracts by what their names begin with, the sources beside each other; gives how many events."""
        of_source = defaultdict(list)
        for file in files:
            of_source[source_to_produce(file.name.partition("-")[0]).name].append(file)
        with ThreadPoolExecutor() as pool:
            return sum(pool.map(self._publish, of_source, of_source.values()))

    def ingest(self) -> int:
        """Load what waits; gives how many events are new. Nothing is refused."""
        asked = [*self.topics.values(), extracts.SOURCE]
        loaded, incidents = ingest_by_hand(asked, engine=self.engine, bootstrap=self.bootstrap)
        assert not incidents
        assert sum(one.dead_letters for one in loaded.values()) == 0
        return sum(one.inserted for name, one in loaded.items() if name != extracts.SOURCE.name)

    def _publish(self, name: str, files: list[Path]) -> int:
        published = [
            produce(
                self.topics[name],
                file,
                bootstrap=self.bootstrap,
                chain_key=CHAIN_KEY,
                covers_until=None,
                on_progress=lambda _done, _of: None,
            )
            for file in files
        ]
        assert not any(one.rejected for one in published)
        return sum(one.published for one in published)


def handed_over_apart(folder: Path, engine: Engine, bootstrap: str) -> HandedOver:
    """A warehouse in which nothing is, and topics of its own; what other tests said of their extracts is behind it."""
    skip_other_extracts(engine, bootstrap)
    return HandedOver(folder, engine, bootstrap, topics_of_their_own())


def skip_other_extracts(engine: Engine, bootstrap: str) -> None:
    """Move a warehouse past the control records of other tests, before it publishes its own.

    They are on one topic that all share, and a source that covers less than before is an incident.
    """
    with TopicReader(bootstrap, extracts.SOURCE.topic) as reader:
        state = reader.state()
    if state is None:
        return
    topic = Topic(extracts.SOURCE.name, extracts.SOURCE.topic, state.topic_id)
    with engine.begin() as connection:
        at = stored_offsets(connection, extracts.SOURCE).get(state.topic_id, {})
        move_offsets(connection, topic, [Move(part, at.get(part), end) for part, end in state.ends.items()])


def topics_of_their_own() -> dict[str, Source]:
    """Every source that hands over extracts, on a topic that no other test knows."""
    number = next(_NUMBERS)
    answer = [source for source in sources().values() if source.command is not None]
    return {source.name: replace(source, topic=f"{source.topic}.handed-over-{number}") for source in answer}
