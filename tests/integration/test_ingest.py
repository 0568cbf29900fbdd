"""Ingest against a real Kafka and a real PostgreSQL: exactly once in effect, or an error that says what to do."""

import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator

import psutil
import pytest
from kafka import TopicPartition
from sqlalchemy import Engine, func, select, update

import jobs.topic_reader
from jobs.incidents import OffsetPastEnd, RecordsGone, TopicGone, TopicRecreated, TopicUnreachable
from jobs.ingest import Loaded, ingest, run_totals
from schemas.declaration import Source
from schemas.events import Message
from stack import embedded
from tests.integration import dying_ingest
from tests.integration.conftest import REPOSITORY
from tests.integration.topics import (
    administration,
    delete_topic,
    make_topic,
    messages,
    producer,
    publish,
    send,
    source_with_a_topic_of_its_own,
    waiting,
)
from warehouse.offsets import stored_offsets
from warehouse.tables import DEAD_LETTER, TOPIC_OFFSET, event_table

pytestmark = pytest.mark.stack


@pytest.fixture
def source(bootstrap: str) -> Source:
    own = source_with_a_topic_of_its_own()
    make_topic(bootstrap, own.topic)
    return own


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs.topic_reader, "BATCH_MESSAGES", 20)


def suspects(engine: Engine, source: Source) -> list[int]:
    table = event_table(source)
    with engine.connect() as connection:
        return list(connection.scalars(select(table.c.suspect_number).order_by(table.c.suspect_number)))


def reasons(engine: Engine) -> Counter[str]:
    with engine.connect() as connection:
        rows = connection.execute(
            select(DEAD_LETTER.c.reason, func.count().label("number")).group_by(DEAD_LETTER.c.reason)
        )
        return Counter({row.reason: row.number for row in rows})


def offsets(engine: Engine, source: Source) -> list[dict[int, int]]:
    with engine.connect() as connection:
        return list(stored_offsets(connection, source).values())


@pytest.mark.usefixtures("small_batches")
def test_what_was_published_is_loaded_once(source: Source, engine: Engine, bootstrap: str) -> None:
    publish(bootstrap, source.topic, messages(range(1, 101)))
    assert waiting(source, engine=engine, bootstrap=bootstrap) == 100
    assert ingest(source, engine=engine, bootstrap=bootstrap, run="a") == Loaded(read=100, inserted=100)
    assert waiting(source, engine=engine, bootstrap=bootstrap) == 0
    assert ingest(source, engine=engine, bootstrap=bootstrap, run="b") == Loaded()
    publish(bootstrap, source.topic, messages(range(91, 111)))
    assert ingest(source, engine=engine, bootstrap=bootstrap, run="b") == Loaded(read=20, inserted=10, duplicates=10)
    assert run_totals(engine, "a", source).read == 100
    assert suspects(engine, source) == list(range(1, 111))


def test_a_topic_that_was_never_made_has_nothing_waiting(engine: Engine, bootstrap: str) -> None:
    own = source_with_a_topic_of_its_own()
    assert waiting(own, engine=engine, bootstrap=bootstrap) == 0
    assert ingest(own, engine=engine, bootstrap=bootstrap, run="a") == Loaded()


def test_killed_after_any_step_it_loses_and_doubles_nothing(source: Source, engine: Engine, bootstrap: str) -> None:
    publish(bootstrap, source.topic, [*messages(range(1, 61)), Message(b"k", b"poison", []), *messages(range(61, 121))])
    url = engine.url.render_as_string(hide_password=False)
    program = [sys.executable, "-m", dying_ingest.__name__, bootstrap, url, source.topic]
    ran = subprocess.run(program, cwd=REPOSITORY, capture_output=True, text=True, timeout=120, check=True)
    assert ran.stdout.splitlines() == [f"{step} killed" for step in dying_ingest.STEPS], ran.stderr
    half_way = run_totals(engine, "dying", source)
    assert 0 < half_way.read < 121
    rest = ingest(source, engine=engine, bootstrap=bootstrap, run="dying")
    assert half_way + rest == Loaded(read=121, inserted=120, dead_letters=1)
    assert run_totals(engine, "dying", source) == half_way + rest
    assert suspects(engine, source) == list(range(1, 121))
    assert reasons(engine) == {"header": 1}
    assert waiting(source, engine=engine, bootstrap=bootstrap) == 0


@pytest.mark.usefixtures("small_batches")
def test_two_at_once_load_everything_once(source: Source, engine: Engine, bootstrap: str) -> None:
    publish(bootstrap, source.topic, messages(range(1, 201)))
    loaded: list[Loaded] = []
    threads = [
        threading.Thread(
            target=lambda run=run: loaded.append(ingest(source, engine=engine, bootstrap=bootstrap, run=run))
        )
        for run in ("a", "b")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum((one.inserted for one in loaded), 0) == 200
    assert sum((one.read for one in loaded), 0) == 200
    assert suspects(engine, source) == list(range(1, 201))


def test_a_bad_message_costs_one_message(source: Source, engine: Engine, bootstrap: str) -> None:
    good = messages(range(1, 11))
    one, other = messages([11, 12])
    headers = dict(one.headers)
    poison = [
        Message(one.key, None, one.headers),
        Message(one.key, b"{", one.headers),
        Message(one.key, b"\xff\xfe", one.headers),
        Message(one.key, b"[]", one.headers),
        Message(b"another", one.value, one.headers),
        Message(one.key, one.value, []),
        Message(one.key, one.value, list({**headers, "ce_type": b"nl.keten.police.delivery.v2"}.items())),
        Message(one.key, one.value, list({**headers, "ce_type": b"something.else"}.items())),
        Message(other.key, (other.value or b"").replace(b'"TBKK"', b'"TBK"'), other.headers),
    ]
    mixed = [message for pair in zip(good, [*poison, good[0]], strict=True) for message in pair]
    publish(bootstrap, source.topic, mixed)
    loaded = ingest(source, engine=engine, bootstrap=bootstrap, run="a")
    assert loaded == Loaded(read=20, inserted=10, duplicates=1, dead_letters=9)
    assert suspects(engine, source) == list(range(1, 11))
    assert reasons(engine) == {
        "tombstone": 1,
        "not_json": 1,
        "not_utf8": 1,
        "schema": 2,
        "key": 1,
        "header": 1,
        "unknown_version": 1,
        "unknown_type": 1,
    }


def test_what_a_foreign_producer_took_back_is_passed_over(source: Source, engine: Engine, bootstrap: str) -> None:
    with producer(bootstrap, transactional_id=source.topic) as client:
        client.init_transactions()
        client.begin_transaction()
        send(client, source.topic, messages(range(1, 31)))
        client.abort_transaction()
        client.begin_transaction()
        send(client, source.topic, messages(range(31, 41)))
        client.commit_transaction()
        client.begin_transaction()
        send(client, source.topic, messages(range(41, 51)))
        client.abort_transaction()
    assert ingest(source, engine=engine, bootstrap=bootstrap, run="a") == Loaded(read=10, inserted=10)
    assert waiting(source, engine=engine, bootstrap=bootstrap) == 0
    assert suspects(engine, source) == list(range(31, 41))


def test_a_recreated_topic_is_an_incident_until_somebody_accepts_it(
    source: Source, engine: Engine, bootstrap: str
) -> None:
    publish(bootstrap, source.topic, messages(range(1, 6)))
    ingest(source, engine=engine, bootstrap=bootstrap, run="a")
    before = offsets(engine, source)
    delete_topic(bootstrap, source.topic)
    assert waiting(source, engine=engine, bootstrap=bootstrap) > 0
    with pytest.raises(TopicGone, match="does not exist"):
        ingest(source, engine=engine, bootstrap=bootstrap, run="a")
    make_topic(bootstrap, source.topic)
    publish(bootstrap, source.topic, messages(range(1, 31)))
    assert waiting(source, engine=engine, bootstrap=bootstrap) == 30
    with pytest.raises(TopicRecreated, match="--accept-recreated-topic"):
        ingest(source, engine=engine, bootstrap=bootstrap, run="a")
    assert offsets(engine, source) == before
    loaded = ingest(source, engine=engine, bootstrap=bootstrap, run="b", accept_recreated_topic=True)
    assert loaded == Loaded(read=30, inserted=25, duplicates=5)
    assert ingest(source, engine=engine, bootstrap=bootstrap, run="b") == Loaded()


def test_an_empty_recreated_topic_is_accepted_for_good(source: Source, engine: Engine, bootstrap: str) -> None:
    publish(bootstrap, source.topic, messages([1]))
    ingest(source, engine=engine, bootstrap=bootstrap, run="a")
    delete_topic(bootstrap, source.topic)
    make_topic(bootstrap, source.topic)
    assert waiting(source, engine=engine, bootstrap=bootstrap) == 1
    assert ingest(source, engine=engine, bootstrap=bootstrap, run="a", accept_recreated_topic=True) == Loaded()
    assert waiting(source, engine=engine, bootstrap=bootstrap) == 0
    publish(bootstrap, source.topic, messages([2]))
    assert ingest(source, engine=engine, bootstrap=bootstrap, run="a").inserted == 1


def test_records_that_are_gone_are_an_incident(source: Source, engine: Engine, bootstrap: str) -> None:
    publish(bootstrap, source.topic, messages(range(1, 41)))
    with administration(bootstrap) as admin:
        admin.delete_records({TopicPartition(source.topic, 2): 1})
    with pytest.raises(RecordsGone, match=r"partition 2 starts at offset 1, .* up to 0: 1 offsets"):
        ingest(source, engine=engine, bootstrap=bootstrap, run="a")
    assert suspects(engine, source) == []
    assert offsets(engine, source) == []


def test_an_offset_past_the_end_is_an_incident(source: Source, engine: Engine, bootstrap: str) -> None:
    publish(bootstrap, source.topic, messages(range(1, 41)))
    ingest(source, engine=engine, bootstrap=bootstrap, run="a")
    with engine.begin() as connection:
        connection.execute(update(TOPIC_OFFSET).where(TOPIC_OFFSET.c.partition == 1).values(next_offset=99))
    assert waiting(source, engine=engine, bootstrap=bootstrap) > 0
    with pytest.raises(OffsetPastEnd, match=r"partition 1 ends at offset .* up to 99"):
        ingest(source, engine=engine, bootstrap=bootstrap, run="a")


@pytest.fixture
def silent_broker(servers: embedded.Addresses) -> Iterator[psutil.Process]:
    port = int(servers.kafka_bootstrap.rpartition(":")[2])
    (broker,) = {
        connection.pid
        for connection in psutil.net_connections("tcp")
        if connection.laddr.port == port and connection.status == psutil.CONN_LISTEN and connection.pid
    }
    process = psutil.Process(broker)
    yield process
    process.resume()


def test_a_broker_that_falls_silent_is_told_and_nothing_is_lost(
    source: Source, engine: Engine, bootstrap: str, silent_broker: psutil.Process
) -> None:
    publish(bootstrap, source.topic, messages(range(1, 41)))

    def stop_the_broker(step: str) -> None:
        if step == "read":
            os.kill(silent_broker.pid, signal.SIGSTOP)

    with pytest.raises(TopicUnreachable, match=f"{bootstrap} cannot be reached") as caught:
        ingest(source, engine=engine, bootstrap=bootstrap, run="a", on_step=stop_the_broker)
    assert source.topic in str(caught.value)
    silent_broker.resume()
    assert ingest(source, engine=engine, bootstrap=bootstrap, run="a").read == 40
    assert run_totals(engine, "a", source) == Loaded(read=40, inserted=40)


def test_no_broker_is_told_in_time(source: Source, engine: Engine) -> None:
    with pytest.raises(TopicUnreachable, match=r"127\.0\.0\.1:1 cannot be reached .*ketenbalans up"):
        ingest(source, engine=engine, bootstrap="127.0.0.1:1", run="a")
