"""What a locked Kafka costs: produce and ingest over TLS, signed in and with rights, beside the same without any of it.

Two stacks of their own, one open and one locked (``ketenbalans up --secure``), run side by side; each round asks both
in turn, first one and then the other: whatever else the machine does, both feel it. Each measurement runs in a process
of its own, on topics of its round and with just the rights of its role. No time fails the run; that a row is missing
does. ``BENCH_LOCKED_ROWS`` and ``BENCH_ROUNDS`` say how many rows and rounds.
"""

import os
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from bench.bench_load_path import POLICE, Asked, Contender, Took, alone, ingested, produced
from bench.extracts import Extracts, extract_files
from ketenbalans.broker.access import Kafka
from ketenbalans.broker.granting import grant
from ketenbalans.broker.rights import ADMIN, INGEST, KafkaRight, Operation, Resource, producer_of
from ketenbalans.broker.topics import ensure_topics
from ketenbalans.jobs.servers.bring_up import bring_up
from ketenbalans.jobs.servers.kafka_roles import kafka_for
from ketenbalans.project import PROJECT_FOLDER
from ketenbalans.settings import Settings
from ketenbalans.stack.embedded import down
from schemas.sources.extracts import SOURCE as EXTRACTS

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
OPEN, LOCKED = "open", "locked"
CONTENDERS: dict[str, Contender] = {"produce": produced, "ingest": ingested}


@dataclass(frozen=True)
class Side:
    """One of the two stacks: whom each contender connects as, and the warehouse."""

    kafka: dict[str, Kafka]
    url: str


def main(rows: int) -> None:
    """Start both, measure, stop."""
    topics = [f"bench.locked.{number}" for number in range(ROUNDS)]
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stacks:
        extracts = extract_files(rows, Path(folder, "extracts"))
        sides = {
            name: stacks.enter_context(a_side(Path(folder, name), topics, is_secure=name == LOCKED))
            for name in (OPEN, LOCKED)
        }
        rounds = [measure(number, topic, extracts, sides) for number, topic in enumerate(topics)]
    size = extracts.rows["police"]
    print(f"{size:,} events, {ROUNDS} rounds; load of the machine {os.getloadavg()[0]:.0f}")
    for contender in CONTENDERS:
        show(contender, size, rounds)


@contextmanager
def a_side(home: Path, topics: list[str], *, is_secure: bool) -> Iterator[Side]:
    """Start Kafka and PostgreSQL, with the topics of all rounds and, where rights count, those of the two roles."""
    settings = Settings(home=home, cache=PROJECT_FOLDER / ".ketenbalans" / "cache", kafka_port=0)
    try:
        servers = bring_up(
            settings, with_airflow=False, is_open=False, is_secure=is_secure, on_progress=lambda _service, _what: None
        )
        admin, producer = kafka_for(settings, ADMIN), producer_of(POLICE)
        ensure_topics(admin, [replace(POLICE, topic=topic) for topic in topics])
        if is_secure:
            may = {Operation.WRITE: [*topics, EXTRACTS.topic], Operation.READ: topics}
            rights = {
                operation: tuple(KafkaRight(Resource.TOPIC, topic, operation) for topic in of)
                for operation, of in may.items()
            }
            roles = [replace(producer, rights=rights[Operation.WRITE]), replace(INGEST, rights=rights[Operation.READ])]
            grant(admin, roles)
        yield Side(
            {"produce": kafka_for(settings, producer), "ingest": kafka_for(settings, INGEST)}, servers.warehouse_url
        )
    finally:
        down(home)


def measure(number: int, topic: str, extracts: Extracts, sides: dict[str, Side]) -> dict[tuple[str, str], Took]:
    """One round: each contender on both sides, the side that begins by turns."""
    order = [OPEN, LOCKED] if number % 2 == 0 else [LOCKED, OPEN]
    took: dict[tuple[str, str], Took] = {}
    for name, contender in CONTENDERS.items():
        for side in order:
            asked = Asked(topic, extracts.police, extracts.rows["police"], sides[side].kafka[name], sides[side].url)
            took[name, side], _peak = alone(contender, asked)
            print(f"  round {number + 1}: {name} {side} {took[name, side][0]:.2f} s", file=sys.stderr, flush=True)
    return took


def show(contender: str, rows: int, rounds: list[dict[tuple[str, str], Took]]) -> None:
    """Print the best of both sides, and how fast the locked one is beside the open one in each round."""
    best = {side: min(took[contender, side] for took in rounds) for side in (OPEN, LOCKED)}
    for side, (seconds, computed) in best.items():
        rate = f"{rows / seconds:>10,.0f}/s"
        print(f"  {contender} {side:<8}{seconds:8.2f} s{rate}   itself computing {computed:.2f} s")
    ratios = [took[contender, OPEN][0] / took[contender, LOCKED][0] for took in rounds]
    each = ", ".join(f"{ratio:.2f}" for ratio in ratios)
    print(
        f"  {contender} locked is {best[OPEN][0] / best[LOCKED][0]:.2f} of open "
        f"(median {statistics.median(ratios):.2f}; each round: {each}); goal 0.8",
        flush=True,
    )


if __name__ == "__main__":
    main(int(os.environ.get("BENCH_LOCKED_ROWS", "100_000")))
