"""One ingest, its dead letters sent on, in a process of its own; prints its peak of memory before and after (bytes)."""

import sys
from dataclasses import replace
from pathlib import Path

from ketenbalans.jobs.loading.dead_letter_outbox import publish_dead_letters
from ketenbalans.jobs.loading.ingest import ingest
from schemas.gate import pandera_schema
from schemas.sources.police_deliveries import SOURCE
from warehouse.database import connect


def peak_bytes() -> int:
    """The most that this process ever had in memory: getrusage would report the one that started it, too."""
    (line,) = (one for one in Path("/proc/self/status").read_text().splitlines() if one.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


if __name__ == "__main__":
    bootstrap, url, topic = sys.argv[1:]
    source, engine = replace(SOURCE, topic=topic), connect(url)
    pandera_schema(source)  # which imports what checks rows: no part of what an ingest costs
    before = peak_bytes()
    ingest(source, engine=engine, bootstrap=bootstrap, run="heavy")
    publish_dead_letters(source, engine=engine, bootstrap=bootstrap)
    sys.stdout.write(f"{before} {peak_bytes()}\n")
