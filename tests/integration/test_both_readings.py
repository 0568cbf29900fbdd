"""The load tests in both ways: batches read by our hands, and plain reading by a kafka-python that we don't know.

The same rows, dead letters, offsets and incidents, as far as plain reading can know them. It knows less (ADR 0042): a
batch that is damaged, or a record that is none, stops the source in place of becoming a dead letter; a log that went
back is noticed by its length alone and loaded again from its first record, and one that grew again is not noticed.
"""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import confluent_kafka
import pytest
from sqlalchemy import Engine, func, select

import ketenbalans.broker.reading
from ketenbalans.broker import client_hooks
from ketenbalans.incidents.checks import (
    ClockAhead,
    LogDiffers,
    RecordsGone,
    SchemaNewer,
    TopicIncident,
    TopicRecreated,
    TopicUnreadable,
)
from ketenbalans.jobs.loading.dead_letter_outbox import publish_dead_letters
from ketenbalans.jobs.loading.ingest import Loaded, ingest
from schemas.declaration import Source
from schemas.wire.refusals import Reason
from tests.faults.tables import tables_of
from tests.integration.conftest import NewWarehouse
from tests.integration.poison import committed, poison
from tests.integration.raw_batches import raw_batch, records, send_raw
from tests.integration.stopped import FIRST, TROUBLES, Topics, Trouble
from tests.integration.topics import make_topic, messages, publish, source_with_a_topic_of_its_own, suspects, waiting
from warehouse.tables.loading import LOG_PROOF

pytestmark = pytest.mark.stack

HOOKED, PLAIN = "with the hooks", "plain"
SENT = set(poison(2)) - {Reason.OVERSIZED, Reason.TOMBSTONE, Reason.ID_REUSED}
"""What the client sends without more settings."""

STOP = {TopicRecreated, RecordsGone, LogDiffers, SchemaNewer, ClockAhead}
UP_TO = r"up to offset \d+"
"""How far a log is still the one that was loaded: plain reading keeps nothing that says so."""

BOTH = pytest.mark.parametrize("way", [HOOKED, PLAIN])


@contextmanager
def reading(way: str) -> Iterator[None]:
    """Whatever reads within the ``with`` finds the hooks, or a version in which they don't fit."""
    with pytest.MonkeyPatch.context() as patch:
        if way == PLAIN:
            patch.setattr(client_hooks, "reading_misfit", lambda: "a version of tomorrow")
        yield


@pytest.fixture
def source(bootstrap: str) -> Source:
    own = source_with_a_topic_of_its_own()
    make_topic(bootstrap, own.topic)
    return own


def proofs(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.scalar(select(func.count()).select_from(LOG_PROOF)) or 0)


def transactions(bootstrap: str, topic: str) -> None:
    """One that is aborted, one that is committed, and one that is aborted after it: markers at the end."""
    client = confluent_kafka.Producer({"bootstrap.servers": bootstrap, "transactional.id": topic})
    client.init_transactions()
    for numbers, is_kept in ((range(101, 111), False), (range(111, 121), True), (range(121, 131), False)):
        client.begin_transaction()
        for message in messages(numbers):
            client.produce(topic, message.value, message.key, headers=list(message.headers))
        client.flush()
        (client.commit_transaction if is_kept else client.abort_transaction)()


def test_both_load_the_same_rows_dead_letters_and_offsets(
    source: Source, new_warehouse: NewWarehouse, bootstrap: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ketenbalans.broker.reading, "BATCH_MESSAGES", 20)
    publish(bootstrap, source.topic, messages(range(1, 101)))
    publish(bootstrap, source.topic, [message for reason, message in poison(2).items() if reason in SENT])
    transactions(bootstrap, source.topic)
    send_raw(bootstrap, source.topic, 1, raw_batch(records([poison(3)[Reason.TOMBSTONE]])))
    publish(bootstrap, source.topic, messages(range(91, 101)))
    found, engines = {}, {}
    for way in (HOOKED, PLAIN):
        engines[way] = new_warehouse()
        with reading(way):
            loaded = ingest(source, engine=engines[way], bootstrap=bootstrap, run="a")
            assert waiting(source, engine=engines[way], bootstrap=bootstrap) == 0
            assert ingest(source, engine=engines[way], bootstrap=bootstrap, run="a") == Loaded()
            found[way] = loaded, tables_of(engines[way]).rows
    assert found[HOOKED] == found[PLAIN]
    assert found[PLAIN][0].inserted == 110
    assert found[PLAIN][0].dead_letters == len(SENT) + 1
    assert proofs(engines[HOOKED]) > 0
    assert proofs(engines[PLAIN]) == 0


def test_a_warehouse_that_was_loaded_in_one_way_is_loaded_on_in_the_other(
    source: Source, engine: Engine, bootstrap: str
) -> None:
    for number, way in enumerate((PLAIN, HOOKED, PLAIN, HOOKED)):
        publish(bootstrap, source.topic, messages(range(10 * number + 1, 10 * number + 11)))
        with reading(way):
            assert ingest(source, engine=engine, bootstrap=bootstrap, run=way).inserted == 10
            assert waiting(source, engine=engine, bootstrap=bootstrap) == 0
    assert suspects(engine) == list(range(1, 41))
    assert proofs(engine) > 0


@pytest.mark.parametrize("trouble", [one for one in TROUBLES if one.kind in STOP], ids=lambda one: one.kind.__name__)
def test_both_stop_at_the_same_incident_with_the_same_words(
    trouble: Trouble, bootstrap: str, new_warehouse: NewWarehouse
) -> None:
    topics = Topics.made(bootstrap, source_with_a_topic_of_its_own())
    topics.send(topics.police, messages(FIRST))
    engines = {way: new_warehouse() for way in (HOOKED, PLAIN)}
    for way, engine in engines.items():
        with reading(way):
            ingest(topics.police, engine=engine, bootstrap=bootstrap, run="a")
    for engine in engines.values() if trouble.kind is LogDiffers else [engines[HOOKED]]:
        trouble.comes(topics, engine)  # all others change the topic
    said, found = {}, {}
    for way, engine in engines.items():
        with reading(way), pytest.raises(TopicIncident) as stopped:
            ingest(topics.police, engine=engine, bootstrap=bootstrap, run="a")
        assert type(stopped.value) is trouble.kind
        said[way], found[way] = re.sub(UP_TO, "up to offset N", str(stopped.value)), tables_of(engine).rows
    assert said[HOOKED] == said[PLAIN]
    assert found[HOOKED] == found[PLAIN]


def test_plain_reading_stops_at_what_the_hooks_put_aside_and_they_go_on_from_there(
    source: Source, engine: Engine, bootstrap: str
) -> None:
    one, other = messages([2, 3])
    odd = replace(other, headers=[*other.headers, ("\udcff", b"1")])
    send_raw(bootstrap, source.topic, 1, raw_batch(records(messages([1]))))
    with reading(PLAIN):
        assert ingest(source, engine=engine, bootstrap=bootstrap, run="a").inserted == 1
    send_raw(bootstrap, source.topic, 1, raw_batch(records([one, odd])))
    with reading(PLAIN), pytest.raises(TopicUnreadable, match=r"answers \(CorruptRecordError\)"):
        ingest(source, engine=engine, bootstrap=bootstrap, run="a")
    assert suspects(engine) == [1]
    with reading(HOOKED):
        assert ingest(source, engine=engine, bootstrap=bootstrap, run="a").dead_letters == 1
    assert suspects(engine) == [1, 2]


@BOTH
def test_dead_letters_are_sent_once_whichever_way_the_topic_is_read_back(
    way: str, source: Source, engine: Engine, bootstrap: str
) -> None:
    publish(bootstrap, source.topic, [message for reason, message in poison(2).items() if reason in SENT])
    with reading(way):
        loaded = ingest(source, engine=engine, bootstrap=bootstrap, run="a")
        assert publish_dead_letters(source, engine=engine, bootstrap=bootstrap) == loaded.dead_letters > 5
        assert publish_dead_letters(source, engine=engine, bootstrap=bootstrap) == 0
    assert len(committed(bootstrap, source.dead_letter_topic)) == loaded.dead_letters


def test_plain_reading_is_said_once(
    source: Source, engine: Engine, bootstrap: str, caplog: pytest.LogCaptureFixture
) -> None:
    client_hooks._say_once.cache_clear()
    with reading(PLAIN), caplog.at_level(logging.WARNING, "ketenbalans.broker"):
        for numbers in (range(1, 4), range(4, 7)):
            publish(bootstrap, source.topic, messages(numbers))
            ingest(source, engine=engine, bootstrap=bootstrap, run="a")
    (said,) = [one.message for one in caplog.records if one.name == "ketenbalans.broker"]
    assert "plain reading is used" in said
    assert "a version of tomorrow" in said
