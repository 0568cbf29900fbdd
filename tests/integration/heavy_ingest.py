"""One ingest, its dead letters sent on, in a process of its own; prints its peak of memory before and after (bytes)."""

import resource
import sys
from dataclasses import replace

from jobs.dead_letter_outbox import publish_dead_letters
from jobs.ingest import ingest
from schemas.police_deliveries import SOURCE
from warehouse.database import connect


def peak_bytes() -> int:
    """The most that this process ever had in memory."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    bootstrap, url, topic = sys.argv[1:]
    source, engine, before = replace(SOURCE, topic=topic), connect(url), peak_bytes()
    ingest(source, engine=engine, bootstrap=bootstrap, run="heavy")
    publish_dead_letters(source, engine=engine, bootstrap=bootstrap)
    sys.stdout.write(f"{before} {peak_bytes()}\n")
