"""An ingest that ends itself with SIGKILL after each of its steps in turn: a process of its own, started by a test.

It imports everything once and forks for each death, before a thread exists.
"""

import os
import signal
import sys
from dataclasses import replace

import ketenbalans.broker.reading
from ketenbalans.jobs.loading.ingest import ingest
from schemas.sources.police_deliveries import SOURCE
from warehouse.database import connect

STEPS = ("read", "decoded", "copied", "persons", "inserted", "dead letters", "totals", "offsets", "committed")


def die_after(step: str, bootstrap: str, url: str, topic: str) -> None:
    """Ingest until that step is done for the first time."""

    def on_step(done: str) -> None:
        if done == step:
            os.kill(os.getpid(), signal.SIGKILL)

    ketenbalans.broker.reading.BATCH_MESSAGES = 20
    ingest(replace(SOURCE, topic=topic), engine=connect(url), bootstrap=bootstrap, run="dying", on_step=on_step)


if __name__ == "__main__":
    for step in STEPS:
        child = os.fork()
        if not child:
            die_after(step, *sys.argv[1:])
            os._exit(1)
        _, status = os.waitpid(child, 0)
        outcome = "killed" if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL else status
        sys.stdout.write(f"{step} {outcome}\n")
