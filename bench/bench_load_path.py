"""The load path beside its limits: produce beside a bare send, ingest beside a bare consume and beside a COPY alone.

Bare means kafka-python as we set it, the same messages, and nothing done with them. A stack of its own is started; each
contender runs in a process of its own, in turn, a few times, and the best counts, for the machine may be shared. No
time fails the run; that a row is missing does. `BENCH_LOAD_TO=1_000_000` measures a million events too.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import polars as pl
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from psycopg import sql

from bench.contender import memory
from ketenbalans.broker.client_settings import reading
from ketenbalans.broker.reading import BATCH_MESSAGES
from ketenbalans.broker.sending import publisher
from ketenbalans.broker.topics import ensure_topics
from ketenbalans.jobs.loading.ingest import ingest
from ketenbalans.jobs.servers.bring_up import bring_up
from ketenbalans.project import PROJECT_FOLDER
from ketenbalans.settings import Settings
from ketenbalans.stack.embedded import down
from schemas.catalogue import source_named
from schemas.declaration import Kind
from schemas.frame_types import frame_types
from schemas.gate import breaches
from schemas.wire.events import encode
from warehouse.binary_rows import SIGNATURE, TRAILER, binary_rows
from warehouse.database import connect, driver_of, migrate

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


def events(size: int) -> pl.DataFrame:
    """That many delivered suspects, of whom a fifth came without a token."""
    number = pl.int_range(size, dtype=pl.Int64)
    columns = {
        "mutation": pl.lit("delivered"),
        "dossier_number": "PL0900-" + (2014 * 10**6 + number // 3).cast(pl.String),
        "suspect_number": (number % 3 + 1).cast(pl.Int32),
        "person_token": pl.when(number % 5 > 0).then(pl.lit("ab" * 24) + number.cast(pl.String).str.pad_start(16, "0")),
        "unit": pl.lit("PL0900"),
        "team": pl.when(number % 2 == 0).then(pl.lit("TBKK")).otherwise(pl.lit("ZEDEN")),
        "delivered_on": pl.lit(date(2014, 1, 1)) + pl.duration(days=number % 300),
        "qualifications": pl.when(number % 4 > 0).then(pl.concat_list(pl.lit("abuse"), pl.lit("production"))),
        "transnational": number % 7 == 0,
        "transferred_to": pl.when(number % 11 == 0).then(pl.lit("een ander team")),
        "recorded_at": pl.lit(datetime(2014, 12, 3, 9, 0, 0, 250_000, tzinfo=UTC)) + pl.duration(seconds=number % 999),
    }
    types: Any = frame_types(POLICE)
    return pl.select([column.alias(name) for name, column in columns.items()]).cast(types)


def bare_send(topic: str, size: int, bootstrap: str, _url: str) -> Took:
    """Seconds of sending the same bytes with kafka-python alone."""
    messages = [(one.key, one.value, list(one.headers)) for one in encode(POLICE, events(size))]
    client = KafkaProducer(bootstrap_servers=bootstrap, **SENT_BY)
    client.partitions_for(topic)
    started = now()
    for key, value, headers in messages:
        client.send(topic, key=key, value=value, headers=headers)
    client.flush()
    seconds = since(started)
    client.close()
    return seconds


def produced(topic: str, size: int, bootstrap: str, _url: str) -> Took:
    """Seconds from a frame to the acknowledgement of every row."""
    frame = events(size)
    with publisher(bootstrap) as to_kafka:
        started = now()
        to_kafka.publish(replace(POLICE, topic=topic), frame, lambda _done, _rows: None)
        return since(started)


def bare_consume(topic: str, size: int, bootstrap: str, _url: str) -> Took:
    """Seconds of reading the topic with kafka-python alone, set as ingest sets it."""
    consumer = KafkaConsumer(max_partition_fetch_bytes=8 * 1024 * 1024, **reading(bootstrap))
    places = [TopicPartition(topic, partition) for partition in range(4)]
    consumer.assign(places)
    started = now()
    consumer.seek_to_beginning(*places)
    received = 0
    while received < size:
        received += sum(map(len, consumer.poll(timeout_ms=200, max_records=BATCH_MESSAGES).values()))
    seconds = since(started)
    consumer.close()
    return seconds


def ingested(topic: str, size: int, bootstrap: str, url: str) -> Took:
    """Seconds of ``ingest`` into an event table of its own, which is empty, up to the last commit."""
    engine = connect(url)
    source = replace(POLICE, name=topic.replace(".", "_"), topic=topic)
    migrate(engine, event_sources=[source])
    started = now()
    loaded = ingest(source, engine=engine, bootstrap=bootstrap, run="bench")
    took = since(started)
    if loaded.inserted != size:
        sys.exit(f"{size:,} events were published and {loaded.inserted:,} loaded")
    return took


def copied(_topic: str, size: int, _bootstrap: str, url: str) -> Took:
    """Seconds of a binary COPY of the same rows into a table without an index."""
    frame = events(size)
    kinds: dict[str, Kind] = {field.name: field.kind for field in POLICE.fields}
    names = sql.SQL(", ").join(map(sql.Identifier, kinds))
    engine = connect(url)
    with engine.begin() as connection, driver_of(connection).cursor() as cursor:
        cursor.execute(
            sql.SQL("CREATE TEMPORARY TABLE copied ON COMMIT DROP AS SELECT {} FROM police_deliveries LIMIT 0").format(
                names
            )
        )
        started = now()
        with cursor.copy(sql.SQL("COPY copied ({}) FROM STDIN (FORMAT BINARY)").format(names)) as copy:
            copy.write(SIGNATURE)
            for rows in frame.iter_slices(10_000):
                copy.write(binary_rows(rows, kinds))
            copy.write(TRAILER)
        return since(started)


def gated(_topic: str, size: int, _bootstrap: str, _url: str) -> Took:
    """Seconds of the gate alone, a micro-batch at a time."""
    frame = events(size)
    started = now()
    for rows in frame.iter_slices(BATCH_MESSAGES):
        breaches(POLICE, rows)
    return since(started)


Contender = Callable[[str, int, str, str], Took]


def with_memory(contender: Contender, *asked: Any) -> tuple[Took, float]:
    """What it took, and the peak of the process's memory in GB."""
    return contender(*asked), memory("VmHWM")


def alone(contender: Contender, *asked: Any) -> tuple[Took, float]:
    """The same in a process of its own."""
    with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as process:
        return process.submit(with_memory, contender, *asked).result()


CONTENDERS: dict[str, Contender] = {
    "bare send": bare_send,
    "produce": produced,
    "bare consume": bare_consume,
    "ingest": ingested,
    "binary COPY": copied,
    "the gate": gated,
}


def measure(size: int, bootstrap: str, url: str) -> float:
    """Print the table of one size; give ingest's peak memory."""
    rounds: list[dict[str, Took]] = []
    peak = 0.0
    for number in range(ROUNDS):
        topics = {kind: f"bench.{kind}.{size}.{number}" for kind in ("bare", "ours")}
        ensure_topics(bootstrap, [replace(POLICE, topic=topic) for topic in topics.values()])
        took = {}
        for name, contender in CONTENDERS.items():
            topic = topics["bare" if name == "bare send" else "ours"]
            took[name], memory_of_this = alone(contender, topic, size, bootstrap, url)
            peak = max(peak, memory_of_this) if name == "ingest" else peak
            print(f"  round {number + 1}: {name} {took[name][0]:.2f} s", file=sys.stderr, flush=True)
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
    print(f"  ingest's peak {peak:.2f} GB", flush=True)
    return peak


def main(largest: int) -> None:
    """Start, measure, stop."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder, "stack")
        settings = Settings(home=home, cache=PROJECT_FOLDER / ".ketenbalans" / "cache", kafka_port=0)
        try:
            servers = bring_up(settings, with_airflow=False, is_open=False, on_progress=lambda _service, _what: None)
            sizes = [size for size in (100_000, 1_000_000) if size <= largest] or [largest]
            peaks = [measure(size, servers.kafka_bootstrap, servers.warehouse_url) for size in sizes]
            if len(peaks) == 2:
                print(f"10 times the events take {peaks[1] / peaks[0]:.2f} times the memory; goal below 2")
        finally:
            down(home)


if __name__ == "__main__":
    main(int(os.environ.get("BENCH_LOAD_TO", "100_000")))
