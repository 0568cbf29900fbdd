"""How long it takes from one published message to the balance that holds it, with everything real.

A stack of its own is started in a folder of its own, the scenario 2014 is loaded, then messages are published one by
one and nobody touches anything. Beside it, in the same run, stands the raw limit: a message through the same broker
to a consumer that waits for it.
"""

import statistics
import tempfile
import time
import uuid
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from sqlalchemy import Engine, text

from jobs.await_balance import Question, await_balance
from jobs.bring_up import bring_up
from jobs.produce import produce
from jobs.servers import chain_key_of
from jobs.settings import PROJECT_FOLDER, Settings
from scenarios.registry import SCENARIOS
from schemas.catalogue import source_named
from schemas.events import Message, encode
from schemas.gate import frame_types
from stack.embedded import down, memory_pss
from warehouse.database import connect

MESSAGES = 10
POLICE = source_named("police")


def one_delivery() -> Message:
    """A delivered suspect that no other run has published."""
    row = {
        "mutation": "delivered",
        "dossier_number": f"PL0900-{uuid.uuid4().int % 10**10:010d}",
        "suspect_number": 1,
        "unit": "PL0900",
        "team": "TBKK",
        "delivered_on": date(2013, 12, 2),
        "transnational": False,
        "recorded_at": datetime(2015, 1, 30, tzinfo=UTC),
    }
    return next(encode(POLICE, pl.DataFrame([row], schema=frame_types(POLICE))))


def main() -> None:
    """Start, load, measure, stop."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder, "stack")
        settings = Settings(home=home, cache=PROJECT_FOLDER / ".ketenbalans" / "cache", kafka_port=0, airflow_port=0)
        try:
            measure(settings, Path(folder, "extracts"))
        finally:
            down(home)


def measure(settings: Settings, extracts: Path) -> None:
    """Load the first set of 2014 and time messages after it."""
    servers = bring_up(settings, with_airflow=True, on_progress=lambda _service, _what: None)
    SCENARIOS["2014"].write(extracts)
    for source, file in (("police", "police-2015-01-31.csv"), ("om", "om-2015-01-31.csv")):
        produce(
            source_named(source),
            extracts / file,
            bootstrap=servers.kafka_bootstrap,
            chain_key=chain_key_of(settings),
            covers_until=None,
            on_progress=lambda _done, _rows: None,
        )
    engine = connect(servers.warehouse_url)
    await_balance(
        engine,
        bootstrap=servers.kafka_bootstrap,
        question=Question(period=None, as_of=None, policy=settings.read_policy()),
        seconds=120,
        on_progress=lambda _what: None,
    )
    time.sleep(20)  # the quality check of what was just loaded ends
    producer = KafkaProducer(bootstrap_servers=servers.kafka_bootstrap)
    timed = [time_one(producer, engine) for _ in range(MESSAGES)]
    raw = raw_limit(producer, servers.kafka_bootstrap)
    for stage, column in (("message to row", 0), ("message to balance", 1)):
        seconds = [one[column] for one in timed]
        print(f"{stage:<20} median {statistics.median(seconds):5.2f} s   worst of {MESSAGES} {max(seconds):5.2f} s")
    print(f"{'raw limit':<20} median {raw:5.3f} s   the broker alone, produce to consume")
    print(f"{'ratio':<20} {statistics.median(one[1] for one in timed) / raw:,.0f} times the broker alone")
    pss = memory_pss(settings.home)
    megabytes = {name: size // 10**6 for name, size in pss.items()}
    print(f"{'memory (PSS)':<20} {sum(pss.values()) / 1e9:.2f} GB: {megabytes}")
    producer.close()
    engine.dispose()


def time_one(producer: KafkaProducer, engine: Engine) -> tuple[float, float]:
    """Seconds from sending one message to its row, and to a balance that was made after it."""
    message = one_delivery()
    dossier = (message.key or b"").decode()
    with engine.connect() as connection:
        before = connection.scalar(text("SELECT max(balance_id) FROM balance"))
    sent = time.monotonic()
    producer.send(POLICE.topic, key=message.key, value=message.value, headers=list(message.headers)).get(timeout=10)
    row = seconds_until(engine, sent, "SELECT 1 FROM police_deliveries WHERE dossier_number = :it", dossier)
    balance = seconds_until(
        engine, sent, "SELECT 1 FROM balance WHERE balance_id > :it AND period_start = '2013-01-01'", before
    )
    time.sleep(12)  # apart from each other, so that each is alone
    return row, balance


def seconds_until(engine: Engine, sent: float, query: str, value: object) -> float:
    """Ask until there is an answer; 60 s at most."""
    while time.monotonic() - sent < 60:
        with engine.connect() as connection:
            if connection.execute(text(query), {"it": value}).first():
                return time.monotonic() - sent
        time.sleep(0.02)
    message = f"nothing after 60 s: {query}"
    raise TimeoutError(message)


def raw_limit(producer: KafkaProducer, bootstrap: str) -> float:
    """Median seconds from sending a message to a consumer that is there already."""
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False, auto_offset_reset="latest")
    place = TopicPartition("extracts.dlq", 0)
    consumer.assign([place])
    consumer.position(place)
    took = []
    for _ in range(MESSAGES):
        sent = time.monotonic()
        producer.send(place.topic, key=b"x", value=b"x" * 463, partition=0)
        while not consumer.poll(timeout_ms=1000):
            pass
        took.append(time.monotonic() - sent)
    consumer.close()
    return statistics.median(took)


if __name__ == "__main__":
    main()
