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
from sqlalchemy import Engine, func, select

import ketenbalans.broker.reading
from ketenbalans.broker.errors import TopicUnreachable
from ketenbalans.jobs.loading.ingest import Loaded, ingest, run_totals
from ketenbalans.stack import embedded
from schemas.declaration import Source
from schemas.wire.events import Message
from tests.integration import dying_ingest
from tests.integration.conftest import REPOSITORY
from tests.integration.topics import (
    make_topic,
    messages,
    producer,
    publish,
    send,
    source_with_a_topic_of_its_own,
    waiting,
)
from warehouse.tables.dead_letters import DEAD_LETTER
from warehouse.tables.events import event_table

pytestmark = pytest.mark.stack


@pytest.fixture
def source(bootstrap: str) -> Source:
    own = source_with_a_topic_of_its_own()
    make_topic(bootstrap, own.topic)
    return own


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ketenbalans.broker.reading, "BATCH_MESSAGES", 20)


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
        Message(one.key, one.value, list({**headers, "ce_type": b"nl.keten.police.delivery.v0"}.items())),
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


@pytest.fixture
def silent_broker(servers: embedded.Addresses) -> Iterator[psutil.Process]:
    port = int(servers.kafka_bootstrap.rpartition(":")[2])
    (broker,) = {
        connection.pid
        for connection in psutil.net_connections("tcp")
        if connection.laddr
        and connection.laddr.port == port
        and connection.status == psutil.CONN_LISTEN
        and connection.pid
    }
    process = psutil.Process(broker)
    yield process
    process.resume()


def test_a_broker_that_falls_silent_is_reported_and_nothing_is_lost(
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


def test_no_broker_is_reported_in_time(source: Source, engine: Engine) -> None:
    with pytest.raises(TopicUnreachable, match=r"127\.0\.0\.1:1 cannot be reached .*ketenbalans up"):
        ingest(source, engine=engine, bootstrap="127.0.0.1:1", run="a")


def test_what_lies_before_one_offset_after_another_is_reported(bootstrap: str, source: Source) -> None:
    """Looking up to where two logs are the same asks one partition several times."""
    publish(bootstrap, source.topic, messages(range(1, 41)))
    with ketenbalans.broker.reading.TopicReader(bootstrap, source.topic) as reader:
        state = reader.state()
        assert state is not None
        partition, end = max(state.ends.items(), key=lambda one: one[1])
        found = [reader.proofs({partition: offset}) for offset in (end, end - 1, end)]
    assert [list(one) for one in found] == [[partition]] * 3
    assert found[0] == found[2]
