"""A publisher of dead letters that ends itself with SIGKILL after each of its steps in turn: a process of its own.

It imports everything once and forks for each death, before a thread exists.
"""

import os
import signal
import sys
from dataclasses import replace

import ketenbalans.jobs.loading.dead_letter_outbox
from ketenbalans.jobs.loading.dead_letter_outbox import publish_dead_letters
from schemas.sources.police_deliveries import SOURCE
from warehouse.database import connect

STEPS = ("held", "found", "begun", "sent", "committed", "marked")
BATCH_LETTERS = 3


def die_after(step: str, bootstrap: str, url: str, topic: str) -> None:
    """Publish until that step is done for the first time."""

    def on_step(done: str) -> None:
        if done == step:
            os.kill(os.getpid(), signal.SIGKILL)

    ketenbalans.jobs.loading.dead_letter_outbox.BATCH_LETTERS = BATCH_LETTERS
    publish_dead_letters(replace(SOURCE, topic=topic), engine=connect(url), bootstrap=bootstrap, on_step=on_step)


if __name__ == "__main__":
    for step in STEPS:
        child = os.fork()
        if not child:
            die_after(step, *sys.argv[1:])
            os._exit(1)
        _, status = os.waitpid(child, 0)
        outcome = "killed" if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL else status
        sys.stdout.write(f"{step} {outcome}\n")
