"""What others do to a topic: publish twice, out of order, in transactions, with another library, or far too much."""

import random
from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import confluent_kafka
import polars as pl
import psutil
import pytest
from sqlalchemy import Engine, select

from schemas.frame_types import frame_types
from schemas.wire.events import Message, encode
from tests.faults.extracts import (
    load,
    publish,
    same_extracts_without_the_fault,
    same_topic_without_the_fault,
    write_extract,
)
from tests.faults.fault_stack import FaultStack
from tests.faults.lives import NOTHING_YET, Mother, wait_until
from tests.faults.tables import tables_of
from tests.integration.topics import messages, producer, send, waiting
from tests.integration.topics import publish as publish_messages
from tests.integration.warehouse.rows import MOMENT, POLICE, police
from tests.integration.warehouse.state_by_sql import read_deliveries
from warehouse.loading import Loaded
from warehouse.tables.dead_letters import DEAD_LETTER

pytestmark = [pytest.mark.faults, pytest.mark.stack]

CODECS = ("none", "gzip", "snappy", "lz4", "zstd")
TWO_MEGABYTES = 2 * 1024 * 1024
TAKES_MORE = {"max.message.bytes": str(2 * TWO_MEGABYTES)}


def ours(stack: FaultStack, sent: Iterable[Message]) -> dict[str, Any]:
    """The tables after our own library sent these, each once, in order, to a topic of its own."""
    source = stack.new_source()
    publish_messages(stack.bootstrap, source.topic, sent)
    return same_topic_without_the_fault(stack, source).without_places()


def dead_letters(engine: Engine) -> list[Any]:
    with engine.connect() as connection:
        return list(connection.execute(select(DEAD_LETTER.c.reason, DEAD_LETTER.c.key, DEAD_LETTER.c.value)))


def test_two_ingests_of_one_source_at_once(stack: FaultStack, mother: Mother, tmp_path: Path) -> None:
    source, engine = stack.new_source(), stack.new_warehouse()
    publish(stack, source, write_extract(tmp_path, 400))
    url = engine.url.render_as_string(hide_password=False)
    lives = [mother.ingest(source, url=url, bootstrap=stack.bootstrap) for _ in range(2)]
    assert [life.ended() for life in lives] == [0, 0], [life.said for life in lives]
    assert tables_of(engine) == same_topic_without_the_fault(stack, source)


def test_a_producer_killed_half_way_and_started_again(stack: FaultStack, mother: Mother, tmp_path: Path) -> None:
    source, engine = stack.new_source(), stack.new_warehouse()
    file = write_extract(tmp_path, 4_000)
    life = mother.produce(source, file, bootstrap=stack.bootstrap, stays_half_way=True)
    wait_until(lambda: life.place != NOTHING_YET)
    wait_until(lambda: waiting(source, engine=engine, bootstrap=stack.bootstrap) > 0)
    psutil.Process(life.pid).kill()
    assert life.ended() == -9
    assert life.place == "after a part of the rows"
    assert 0 < load(stack, source, engine).read < 4_000
    publish(stack, source, file)
    load(stack, source, engine)
    assert tables_of(engine) == same_topic_without_the_fault(stack, source)
    assert tables_of(engine).without_places() == same_extracts_without_the_fault(stack, [file]).without_places()


def test_the_same_extract_from_two_producers(stack: FaultStack, mother: Mother, tmp_path: Path) -> None:
    source, engine = stack.new_source(), stack.new_warehouse()
    file = write_extract(tmp_path, 300)
    lives = [mother.produce(source, file, bootstrap=stack.bootstrap) for _ in range(2)]
    assert [life.ended() for life in lives] == [0, 0], [life.said for life in lives]
    assert load(stack, source, engine) == Loaded(read=600, inserted=300, duplicates=300)
    assert tables_of(engine).without_places() == same_extracts_without_the_fault(stack, [file]).without_places()


def test_events_out_of_order_over_partitions(stack: FaultStack) -> None:
    rows = []
    for number in range(1, 41):
        steps = [("delivered", "PL0900"), ("corrected", "PL0600"), ("withdrawn", "PL0600")][: 1 + number % 3]
        rows += [
            police("", MOMENT + timedelta(days=day), suspect_number=number, mutation=mutation, unit=unit)
            for day, (mutation, unit) in enumerate(steps)
        ]
    sent = list(
        encode(POLICE, pl.DataFrame(rows, schema_overrides=frame_types(POLICE)).select(list(frame_types(POLICE))))
    )
    in_order = stack.new_source(), stack.new_warehouse()
    publish_messages(stack.bootstrap, in_order[0].topic, sent)
    shuffled = stack.new_source(), stack.new_warehouse()
    chance = random.Random(7)
    with producer(stack.bootstrap) as client:
        for message in chance.sample(sent, len(sent)):
            client.send(
                shuffled[0].topic,
                key=message.key,
                value=message.value,
                headers=list(message.headers),
                partition=chance.randrange(4),
            )
        client.flush()
    known = []
    for source, engine in (in_order, shuffled):
        assert load(stack, source, engine) == Loaded(read=len(sent), inserted=len(sent))
        with engine.connect() as connection:
            known.append([read_deliveries(connection, as_of=date(2014, 6, day)).rows() for day in (1, 2, 3)])
    assert known[0] == known[1]
    assert len({str(day) for day in known[0]}) == 3
    assert tables_of(in_order[1]).without_places() == tables_of(shuffled[1]).without_places()


def test_an_aborted_transaction_of_a_foreign_producer(stack: FaultStack) -> None:
    source, engine = stack.new_source(), stack.new_warehouse()
    client = confluent_kafka.Producer({"bootstrap.servers": stack.bootstrap, "transactional.id": source.topic})
    client.init_transactions()
    for numbers, is_kept in ((range(1, 31), False), (range(31, 61), True), (range(61, 91), False)):
        client.begin_transaction()
        for message in messages(numbers):
            client.produce(source.topic, message.value, message.key, headers=list(message.headers))
        client.flush()
        load(stack, source, engine)  # in the middle of it: what is not committed is not read
        if is_kept:
            client.commit_transaction()
        else:
            client.abort_transaction()
    publish_messages(stack.bootstrap, source.topic, messages(range(91, 101)))
    load(stack, source, engine)
    kept = [*messages(range(31, 61)), *messages(range(91, 101))]
    assert tables_of(engine).without_places() == ours(stack, kept)
    assert tables_of(engine) == same_topic_without_the_fault(stack, source)


@pytest.fixture(scope="module")
def many(servers: FaultStack) -> tuple[list[Message], dict[str, Any]]:
    """More than a megabyte of events, and the tables that they make."""
    sent = messages(range(1, 2_501))
    return sent, ours(servers, sent)


@pytest.mark.parametrize("codec", CODECS)
def test_messages_from_another_client_library(
    stack: FaultStack, many: tuple[list[Message], dict[str, Any]], codec: str
) -> None:
    """librdkafka: headers as text and as bytes, headers of its own, and each codec, in one batch of two megabytes."""
    source, engine = stack.new_source(**TAKES_MORE), stack.new_warehouse()
    good, expected = many
    settings = {"batch.size": TWO_MEGABYTES, "message.max.bytes": TWO_MEGABYTES, "linger.ms": 500}
    client = confluent_kafka.Producer(
        {
            "bootstrap.servers": stack.bootstrap,
            "compression.type": codec,
            "queue.buffering.max.messages": 10_000,
            **settings,
        }
    )
    for number, message in enumerate(good):
        headers: list[tuple[str, Any]] = list(message.headers)
        if number % 2:
            headers = [(name, (value or b"").decode()) for name, value in headers]
        headers += [("trace", None), ("trace", b"\xff\x00"), ("trace", "")]
        client.produce(source.topic, message.value, message.key, headers=headers, partition=0)
    one = good[0]
    of_null: list[tuple[str, str | bytes | None]] = [
        (name, None if name == "ce_id" else value) for name, value in one.headers
    ]
    client.produce(source.topic, one.value, one.key, headers=of_null, partition=0)
    client.produce(source.topic, one.value, one.key, partition=0)
    assert client.flush(30) == 0
    assert load(stack, source, engine) == Loaded(read=2_502, inserted=2_500, dead_letters=2)
    assert tables_of(engine).without_places() == expected
    assert Counter(letter.reason for letter in dead_letters(engine)) == {"header": 2}


def test_messages_of_two_megabytes(stack: FaultStack) -> None:
    source, engine = stack.new_source(**TAKES_MORE), stack.new_warehouse()
    good = messages(range(1, 101))
    (large,) = messages([1_000])
    noise = random.Random(7).randbytes(TWO_MEGABYTES)
    padded = (large.value or b"")[:-1] + b" " * TWO_MEGABYTES + b"}"
    with producer(stack.bootstrap, max_request_size=2 * TWO_MEGABYTES) as client:
        send(client, source.topic, good[:50])
        send(client, source.topic, [Message(large.key, value, large.headers) for value in (noise, padded)])
        send(client, source.topic, good[50:])
    assert load(stack, source, engine) == Loaded(read=102, inserted=100, dead_letters=2)
    assert tables_of(engine).without_places() == ours(stack, good)
    letters = dead_letters(engine)
    assert {letter.value for letter in letters} == {noise, padded}
    assert {letter.key for letter in letters} == {large.key}
