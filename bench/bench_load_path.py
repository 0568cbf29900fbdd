"""The load path beside its limits: produce beside a bare send, ingest beside a bare consume and beside a COPY alone.

Produce is the whole of it: from an extract file, read, mapped and checked, to the last acknowledgement. Bare means
kafka-python as we set it, the same messages, and nothing done with them. A stack of its own is started; each contender
runs in a process of its own, in turn, a few times, and the best counts, for the machine may be shared. No time fails
the run; that a row is missing does. `BENCH_LOAD_TO=1_000_000` measures a million events too.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

import polars as pl
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from psycopg import sql

from bench.contender import memory
from bench.extracts import Extracts, extract_files
from ketenbalans.broker.access import Kafka
from ketenbalans.broker.client_settings import reading
from ketenbalans.broker.reading import BATCH_MESSAGES
from ketenbalans.broker.topics import ensure_topics
from ketenbalans.jobs.loading.ingest import ingest
from ketenbalans.jobs.loading.produce import produce
from ketenbalans.jobs.servers.bring_up import bring_up
from ketenbalans.project import PROJECT_FOLDER
from ketenbalans.settings import Settings
from ketenbalans.stack.embedded import down
from producers.catalogue import producer_of
from producers.content import opened
from producers.pseudonyms import ChainKey
from producers.two_readings import checked, good_rows
from schemas.catalogue import source_named
from schemas.declaration import Kind
from schemas.gate import breaches
from schemas.wire.events import encode
from schemas.wire.extract_rows import ExtractRows, rows_key
from warehouse.binary_rows import SIGNATURE, TRAILER, binary_rows
from warehouse.database import connect, driver_of, migrate

CHAIN_KEY = "the key of a bench, that nobody else has"
KEY = ChainKey.of(CHAIN_KEY)
POLICE = source_named("police")
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
SENT_BY = {"linger_ms": 20, "batch_size": 256 * 1024, "compression_type": "lz4", "acks": "all"}


Took = tuple[float, float]
"""Seconds by the clock, and seconds in which this process computed."""


def now() -> Took:
    """Both clocks, in seconds from moments of their own: only differences mean anything."""
    return time.perf_counter(), time.process_time()


def since(started: Took) -> Took:
    """The seconds that passed on both clocks."""
    return time.perf_counter() - started[0], time.process_time() - started[1]


class Asked(NamedTuple):
    """What a contender is to work on: a topic, an extract with so many rows, Kafka's address, the warehouse's."""

    topic: str
    file: Path
    rows: int
    bootstrap: Kafka
    url: str


@cache
def events_of(file: Path) -> pl.DataFrame:
    """The events of an extract."""
    producer = producer_of(POLICE)
    with opened(file) as content:
        rejected = checked(producer, content).rejected
        return pl.concat([events for events, _ in good_rows(producer, content, KEY, rejected)])


def bare_send(asked: Asked) -> Took:
    """Seconds of sending the same bytes with kafka-python alone."""
    events = events_of(asked.file)
    rows = ExtractRows(rows_key("0" * 64, KEY.check), pl.int_range(1, events.height + 1, eager=True)).headers()
    messages = [
        (one.key, one.value, [*one.headers, *of_row]) for one, of_row in zip(encode(POLICE, events), rows, strict=True)
    ]
    client = KafkaProducer(bootstrap_servers=str(asked.bootstrap), **SENT_BY)
    client.partitions_for(asked.topic)
    started = now()
    for key, value, headers in messages:
        client.send(asked.topic, key=key, value=value, headers=headers)
    client.flush()
    seconds = since(started)
    client.close()
    return seconds


def produced(asked: Asked) -> Took:
    """Seconds from an extract file to the acknowledgement of every row and of the control record."""
    source = replace(POLICE, topic=asked.topic)
    with patch("ketenbalans.jobs.loading.produce.producer_of", lambda _: replace(producer_of(POLICE), source=source)):
        started = now()
        produce(
            source,
            asked.file,
            bootstrap=asked.bootstrap,
            chain_key=CHAIN_KEY,
            covers_until=None,
            on_progress=lambda _done, _rows: None,
        )
        return since(started)


def bare_consume(asked: Asked) -> Took:
    """Seconds of reading the topic with kafka-python alone, set as ingest sets it."""
    consumer = KafkaConsumer(max_partition_fetch_bytes=8 * 1024 * 1024, **reading(asked.bootstrap))
    places = [TopicPartition(asked.topic, partition) for partition in range(4)]
    consumer.assign(places)
    started = now()
    consumer.seek_to_beginning(*places)
    received = 0
    while received < asked.rows:
        received += sum(map(len, consumer.poll(timeout_ms=200, max_records=BATCH_MESSAGES).values()))
    seconds = since(started)
    consumer.close()
    return seconds


def ingested(asked: Asked) -> Took:
    """Seconds of ``ingest`` into an event table of its own, which is empty, up to the last commit."""
    engine = connect(asked.url)
    source = replace(POLICE, name=asked.topic.replace(".", "_"), topic=asked.topic)
    migrate(engine, event_sources=[source])
    started = now()
    loaded = ingest(source, engine=engine, bootstrap=asked.bootstrap, run="bench")
    took = since(started)
    if loaded.inserted != asked.rows:
        sys.exit(f"{asked.rows:,} events were published and {loaded.inserted:,} loaded")
    return took


def copied(asked: Asked) -> Took:
    """Seconds of a binary COPY of the same rows into a table without an index."""
    frame = events_of(asked.file)
    kinds: dict[str, Kind] = {field.name: field.kind for field in POLICE.fields}
    names = sql.SQL(", ").join(map(sql.Identifier, kinds))
    as_they_come = sql.SQL(", ").join(
        sql.SQL("CAST(NULL AS text) AS {}").format(sql.Identifier(one.name))
        if one.is_personal
        else sql.Identifier(one.name)
        for one in POLICE.fields
    )
    engine = connect(asked.url)
    with engine.begin() as connection, driver_of(connection).cursor() as cursor:
        cursor.execute(
            sql.SQL("CREATE TEMPORARY TABLE copied ON COMMIT DROP AS SELECT {} FROM police_deliveries LIMIT 0").format(
                as_they_come
            )
        )
        started = now()
        with cursor.copy(sql.SQL("COPY copied ({}) FROM STDIN (FORMAT BINARY)").format(names)) as copy:
            copy.write(SIGNATURE)
            for rows in frame.iter_slices(10_000):
                copy.write(binary_rows(rows, kinds))
            copy.write(TRAILER)
        return since(started)


def gated(asked: Asked) -> Took:
    """Seconds of the gate alone, a micro-batch at a time."""
    frame = events_of(asked.file)
    started = now()
    for rows in frame.iter_slices(BATCH_MESSAGES):
        breaches(POLICE, rows)
    return since(started)


Contender = Callable[[Asked], Took]


def with_memory(contender: Contender, asked: Asked) -> tuple[Took, float]:
    """What it took, and the peak of the process's memory in GB."""
    return contender(asked), memory("VmHWM")


def alone(contender: Contender, asked: Asked) -> tuple[Took, float]:
    """The same in a process of its own."""
    with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as process:
        return process.submit(with_memory, contender, asked).result()


CONTENDERS: dict[str, Contender] = {
    "bare send": bare_send,
    "produce": produced,
    "bare consume": bare_consume,
    "ingest": ingested,
    "binary COPY": copied,
    "the gate": gated,
}


def measure(extracts: Extracts, bootstrap: str, url: str) -> dict[str, float]:
    """Print the table of one size; give the peaks of memory of produce and ingest."""
    rounds: list[dict[str, Took]] = []
    peaks = {"produce": 0.0, "ingest": 0.0}
    size = extracts.rows["police"]
    for number in range(ROUNDS):
        topics = {kind: f"bench.{kind}.{size}.{number}" for kind in ("bare", "ours")}
        ensure_topics(bootstrap, [replace(POLICE, topic=topic) for topic in topics.values()])
        took = {}
        for name, contender in CONTENDERS.items():
            topic = topics["bare" if name == "bare send" else "ours"]
            took[name], peak = alone(contender, Asked(topic, extracts.police, size, bootstrap, url))
            if name in peaks:
                peaks[name] = max(peaks[name], peak)
            print(f"  round {number + 1}: {name} {took[name][0]:.2f} s, {peak:.2f} GB", file=sys.stderr, flush=True)
        rounds.append(took)
    best = {name: min(took[name] for took in rounds) for name in CONTENDERS}
    print(f"{size:,} events, best of {ROUNDS}; load of the machine {os.getloadavg()[0]:.0f}")
    for name, (seconds, computed) in best.items():
        print(f"  {name:<14}{seconds:8.2f} s{size / seconds:>10,.0f}/s   itself computing {computed:.2f} s")
    for name, bare in (("produce", "bare send"), ("ingest", "bare consume")):
        each = ", ".join(f"{took[bare][0] / took[name][0]:.2f}" for took in rounds)
        print(f"  {name} is {best[bare][0] / best[name][0]:.2f} of the {bare} (each round: {each}); goal 0.8")
    of_copy, of_gate = best["ingest"][0] / best["binary COPY"][0], best["the gate"][1] / best["ingest"][1]
    print(f"  ingest takes {of_copy:.1f} times a binary COPY alone; the gate is {of_gate:.0%} of what it computes")
    print("  " + ", ".join(f"{name}'s peak {peak:.2f} GB" for name, peak in peaks.items()), flush=True)
    return peaks


def main(largest: int) -> None:
    """Start, measure, stop."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder, "stack")
        settings = Settings(home=home, cache=PROJECT_FOLDER / ".ketenbalans" / "cache", kafka_port=0)
        try:
            servers = bring_up(settings, with_airflow=False, is_open=False, on_progress=lambda _service, _what: None)
            sizes = [size for size in (100_000, 1_000_000) if size <= largest] or [largest]
            peaks = [
                measure(extract_files(size, Path(folder, str(size))), servers.kafka_bootstrap, servers.warehouse_url)
                for size in sizes
            ]
            if len(peaks) == 2:
                growth = ", ".join(
                    f"{peaks[1][name] / peak:.2f} times the memory of {name}" for name, peak in peaks[0].items()
                )
                print(f"10 times the events take {growth}; goals below 1.5 and 2")
        finally:
            down(home)


if __name__ == "__main__":
    main(int(os.environ.get("BENCH_LOAD_TO", "100_000")))
