"""Topics of a test's own on the real Kafka, and the shortest way to fill them."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from typing import Any

import polars as pl
from kafka import KafkaAdminClient, KafkaProducer
from sqlalchemy import Engine, select

from ketenbalans.broker.reading import TopicReader
from ketenbalans.jobs.loading.ingest import waiting_on
from schemas.declaration import Source
from schemas.frame_types import frame_types
from schemas.wire.events import Message, encode
from tests.integration.warehouse.rows import POLICE, police
from warehouse.tables.events import event_table

_NUMBERS = count(1)


def source_with_a_topic_of_its_own() -> Source:
    """The police source, on a topic that no other test knows."""
    return replace(POLICE, topic=f"police.deliveries.{next(_NUMBERS)}")


def messages(suspects: Iterable[int], **fields: Any) -> list[Message]:
    """One delivery per suspect number, as our own producer sends it."""
    rows = [
        police("", suspect_number=number, dossier_number=f"PL0900-20140000{number % 90:02d}", **fields)
        for number in suspects
    ]
    frame = pl.DataFrame(rows, schema_overrides=frame_types(POLICE)).select(list(frame_types(POLICE)))
    return list(encode(POLICE, frame))


def suspects(engine: Engine) -> list[int]:
    """The suspect numbers of the deliveries that are loaded, in order."""
    table = event_table(POLICE)
    with engine.connect() as connection:
        return list(connection.scalars(select(table.c.suspect_number).order_by(table.c.suspect_number)))


@contextmanager
def administration(bootstrap: str) -> Iterator[Any]:
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        yield admin
    finally:
        admin.close()


def waiting(source: Source, *, engine: Engine, bootstrap: str) -> int:
    """How many offsets wait, asked once."""
    with TopicReader(bootstrap, source.topic) as reader:
        return waiting_on(reader, source, engine=engine)


def make_topic(bootstrap: str, topic: str) -> None:
    with administration(bootstrap) as admin:
        admin.create_topics({topic: {"num_partitions": 4, "configs": {"retention.ms": "-1"}}}, wait_for_metadata=True)


def ends_of(bootstrap: str, topic: str) -> tuple[str, dict[int, int]]:
    """A topic's id, and per partition the next offset."""
    with TopicReader(bootstrap, topic) as reader:
        state = reader.state()
    assert state is not None
    return state.topic_id, dict(state.ends)


def delete_topic(bootstrap: str, topic: str) -> None:
    with administration(bootstrap) as admin:
        admin.delete_topics([topic])
        while not admin.describe_topics([topic])[0]["error_code"]:
            pass


@contextmanager
def producer(bootstrap: str, **settings: Any) -> Iterator[Any]:
    client = KafkaProducer(bootstrap_servers=bootstrap, linger_ms=5, **settings)
    try:
        yield client
    finally:
        client.close()


def send(client: Any, topic: str, sent: Iterable[Message]) -> None:
    for message in sent:
        client.send(topic, key=message.key, value=message.value, headers=list(message.headers))
    client.flush()


def publish(bootstrap: str, topic: str, sent: Iterable[Message]) -> None:
    with producer(bootstrap) as client:
        send(client, topic, sent)
