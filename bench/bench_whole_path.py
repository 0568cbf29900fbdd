"""The whole path, from extract files through Kafka and PostgreSQL to every answer, and what each decade costs.

For each size, from 10,000 deliveries over ten years to ``BENCH_PATH_TO`` (a million unless said otherwise), a stack of
its own is started and every verb runs as a person runs it, in a process of its own: seconds by the clock, seconds of
computing (of that process alone, not of Kafka and PostgreSQL), the peak of its memory. Beside them, on the same topics
and tables: bare clients, a bare COPY, and two peers that say which keys differ. A balance that departs from the known
truth ends the run. ``BENCH_PATH_AIRFLOW`` is the largest size at which single messages are timed with the DAGs running.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from itertools import takewhile
from pathlib import Path

from kafka import KafkaProducer
from psycopg import sql
from sqlalchemy import Engine, make_url, text

from bench.bench_latency import one_delivery, seconds_until
from bench.bench_load_path import Asked, alone, bare_consume, bare_send
from bench.extracts import Extracts, extract_files
from bench.kinds import TEN_YEARS
from bench.truth import departures
from ketenbalans.broker.topics import ensure_topics
from ketenbalans.jobs.servers.bring_up import bring_up
from ketenbalans.project import PROJECT_FOLDER
from ketenbalans.settings import Settings
from ketenbalans.stack.embedded import Addresses, down
from schemas.catalogue import source_named
from schemas.declaration import Source
from schemas.linked_columns import DELIVERY_COLUMNS, REGISTRATION_COLUMNS, read_of
from warehouse.database import connect, driver_of
from warehouse.tables.events import event_table

SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
MESSAGES = 20
POLICE, OM = source_named("police"), source_named("om")
PEERS_PYTHON = PROJECT_FOLDER / ".venv-table-peers" / "bin" / "python"

AS_OF, PERIOD = str(TEN_YEARS.as_of), str(TEN_YEARS.period.start.year)
RESTATED = str(TEN_YEARS.period.start.year - 1)
STEPS: dict[str, tuple[str, ...]] = {
    "produce police": ("produce", "police", "POLICE"),
    "produce om": ("produce", "om", "OM"),
    "ingest": ("ingest", "police", "om", "extracts"),
    "reconcile": ("reconcile", "--period", PERIOD, "--as-of", AS_OF, "--json"),
    "reconcile again": ("reconcile", "--period", PERIOD, "--as-of", AS_OF, "--json"),
    "restate": ("restate", "--period", RESTATED, "--from", f"{PERIOD}-01-31", "--to", AS_OF, "--brief"),
    "report": ("report", "--period", PERIOD, "--as-of", AS_OF, "--lang", "en", "--out", "OUT"),
    "look": ("alerts", "look"),
    "verify": ("verify",),
}
"""What a person asks, in this order; capitals stand for what belongs to the size."""

MAY_DIFFER = ("verify",)
"""Its answer is that the letters' figures are not these: the data are made."""


@dataclass(frozen=True)
class Cost:
    """What a step took: seconds by the clock, seconds of computing, the peak of memory in GB."""

    seconds: float
    computed: float
    peak: float


def main(up_to: int, with_airflow_up_to: int) -> None:
    """Measure size after size."""
    smaller: dict[str, Cost] = {}
    for size in takewhile(lambda size: size <= up_to, SIZES):
        with tempfile.TemporaryDirectory() as folder:
            extracts = extract_files(size, Path(folder, "extracts"))
            rows = f"{extracts.rows['police']:,} and {extracts.rows['om']:,} rows"
            print(f"{size:,} deliveries, {rows}; load of the machine {os.getloadavg()[0]:.0f}", flush=True)
            with a_stack(Path(folder, "stack"), with_airflow=False) as (settings, servers):
                smaller = measure(settings.home, extracts, smaller)
                beside(extracts, servers)
            if size <= with_airflow_up_to:
                with a_stack(Path(folder, "stack"), with_airflow=True) as (_, servers):
                    one_by_one(servers)


@contextmanager
def a_stack(home: Path, *, with_airflow: bool) -> Iterator[tuple[Settings, Addresses]]:
    """Start what is needed and stop it afterwards; what it keeps stays."""
    settings = Settings(home=home, cache=PROJECT_FOLDER / ".ketenbalans" / "cache", kafka_port=0, airflow_port=0)
    try:
        yield (
            settings,
            bring_up(settings, with_airflow=with_airflow, is_open=False, on_progress=lambda _service, _what: None),
        )
    finally:
        down(home)


def measure(home: Path, extracts: Extracts, smaller: dict[str, Cost]) -> dict[str, Cost]:
    """Run every step once and print what it took, with the growth since the size before."""
    stands_for = {"POLICE": str(extracts.police), "OM": str(extracts.om), "OUT": str(home.parent / "reports")}
    costs = {}
    for name, words in STEPS.items():
        answer, cost = run([stands_for.get(word, word) for word in words], home, may_differ=name in MAY_DIFFER)
        if name.startswith("reconcile") and (wrong := departures(extracts.truth, json.loads(answer))):
            sys.exit("\n".join(["the balance is wrong:", *wrong]))
        before = smaller.get(name)
        growth = f"x{cost.seconds / before.seconds:.1f}, memory x{cost.peak / before.peak:.1f}" if before else ""
        took = f"{cost.seconds:8.2f} s   computing {cost.computed:7.2f} s   peak {cost.peak:5.2f} GB"
        print(f"  {name:<18}{took}   {growth}", flush=True)
        costs[name] = cost
    return costs


def run(words: list[str], home: Path, *, may_differ: bool) -> tuple[bytes, Cost]:
    """Run one verb in a process of its own; give its answer and what it took."""
    command = [sys.executable, "-P", "-m", "ketenbalans", *words]
    with tempfile.TemporaryFile() as answer, tempfile.TemporaryFile() as said:
        started = time.perf_counter()
        process = subprocess.Popen(
            command, stdout=answer, stderr=said, env={**os.environ, "KETENBALANS_HOME": str(home)}
        )
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        if (code := os.waitstatus_to_exitcode(status)) and not (may_differ and code == 1):
            said.seek(0)
            sys.exit(f"{' '.join(words)} ended with {code}\n{said.read().decode()}")
        answer.seek(0)
        return answer.read(), Cost(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024**2)


def beside(extracts: Extracts, servers: Addresses) -> None:
    """Print what bare clients, a bare COPY and the peers take for the same."""
    topic = f"bench.bare.{extracts.rows['police']}"
    ensure_topics(servers.kafka_bootstrap, [replace(POLICE, topic=topic)])
    asked = Asked(topic, extracts.police, extracts.rows["police"], servers.kafka_bootstrap, servers.warehouse_url)
    for name, contender in (("bare send", bare_send), ("bare consume", bare_consume)):
        (seconds, _), _peak = alone(contender, asked)
        print(f"  beside: {name:<22}{seconds:8.2f} s   {asked.rows / seconds:,.0f} police rows a second", flush=True)
    engine = connect(servers.warehouse_url)
    print(f"  beside: {'bare COPY out':<22}{copied_out(engine):8.2f} s   the columns that linking reads", flush=True)
    lay_ready(engine)
    engine.dispose()
    address = make_url(servers.warehouse_url)
    database = {"host": str(address.query["host"]), "dbname": str(address.database), "user": str(address.username)}
    for name in ("duckdb", "reladiff"):
        print(f"  beside: {name:<22}{compared(name, database)}", flush=True)


def copied_out(engine: Engine) -> float:
    """Seconds of a binary COPY of the columns that linking reads, out of both tables, with nothing done with them."""
    started = time.perf_counter()
    for source in (POLICE, OM):
        names = sql.SQL(", ").join(map(sql.Identifier, columns_of(source)))
        asked = sql.SQL("COPY (SELECT {} FROM {}) TO STDOUT (FORMAT BINARY)").format(
            names, sql.Identifier(event_table(source).name)
        )
        with engine.connect() as connection, driver_of(connection).cursor() as cursor, cursor.copy(asked) as copy:
            for _ in copy:
                pass
    return time.perf_counter() - started


def columns_of(source: Source) -> list[str]:
    """The columns of an event table that linking reads: the record, its day, what it is compared by."""
    read = DELIVERY_COLUMNS if source == POLICE else REGISTRATION_COLUMNS
    there = event_table(source).columns
    return [*(name for name in read_of(read) if name in there), "recorded_at"]


def lay_ready(engine: Engine) -> None:
    """Make the tables of the peers: the keys of both registers, each once and none without a person."""
    with engine.begin() as connection:
        for table, source in zip(("bench_police", "bench_om"), (POLICE, OM), strict=True):
            person = next(name for name in ("person_id", "person_token") if name in event_table(source).columns)
            connection.execute(
                text(
                    f"CREATE TABLE {table} AS SELECT DISTINCT dossier_number, {person} AS person "
                    f"FROM {event_table(source).name} WHERE dossier_number IS NOT NULL AND {person} IS NOT NULL"
                )
            )
            connection.execute(text(f"ALTER TABLE {table} ADD PRIMARY KEY (dossier_number, person)"))


def compared(peer: str, database: dict[str, str]) -> str:
    """What a peer took to say which keys differ; why it did not take part."""
    if not PEERS_PYTHON.exists():
        return "not installed"
    command = [str(PEERS_PYTHON), "-m", "bench.table_peers", peer, json.dumps(database)]
    ended = subprocess.run(command, cwd=PROJECT_FOLDER, capture_output=True, text=True, check=False)
    if ended.returncode:
        return ended.stderr.strip().splitlines()[-1]
    found = json.loads(ended.stdout)
    return f"{found['seconds']:8.2f} s   which keys differ: {found['answer']}"


def one_by_one(servers: Addresses) -> None:
    """Print how long single messages take to a stored balance that rests on them, with the DAGs running."""
    engine = connect(servers.warehouse_url)
    producer = KafkaProducer(bootstrap_servers=servers.kafka_bootstrap)
    time_one(producer, engine)  # what was loaded by hand made no DAG run: the first message brings all of it up to date
    took = [time_one(producer, engine) for _ in range(MESSAGES)]
    producer.close()
    engine.dispose()
    print(
        f"  message to balance  median {statistics.median(took):.2f} s   worst of {MESSAGES} {max(took):.2f} s",
        flush=True,
    )


def time_one(producer: KafkaProducer, engine: Engine) -> float:
    """Seconds from sending one delivery to a stored balance of its year that was made after it."""
    message = one_delivery(delivered_on=date(2018, 12, 3), recorded_at=datetime(2020, 1, 30, tzinfo=UTC))
    with engine.connect() as connection:
        newest = connection.scalar(text("SELECT coalesce(max(balance_id), 0) FROM balance"))
    sent = time.monotonic()
    producer.send(POLICE.topic, key=message.key, value=message.value, headers=list(message.headers)).get(timeout=10)
    query = "SELECT 1 FROM balance WHERE balance_id > :it AND period_start = '2018-01-01'"
    seconds = seconds_until(engine, sent, query, newest, within_seconds=600)
    time.sleep(12)  # apart from each other, so that each is alone
    return seconds


if __name__ == "__main__":
    main(int(os.environ.get("BENCH_PATH_TO", "1_000_000")), int(os.environ.get("BENCH_PATH_AIRFLOW", "10_000")))
