"""The watchdog of the embedded stack: starts a look as soon as a part goes silent, and when it is back.

Airflow's tables are in the same PostgreSQL as the warehouse, so the DAG ``watch`` dies with it, and five minutes are
long when nothing can be loaded. The watchdog asks and starts looks; what a look says, and to whom, is
``jobs.watching.watch``. Run as ``python -P -m ketenbalans.jobs.watching.watchdog HOME`` by
``ketenbalans up``, for as long as the stack is up.
"""

import subprocess
import sys
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from ketenbalans.jobs.watching.parts_kept import PartsKept, parts_kept
from ketenbalans.stack.embedded import ask_parts, is_changing
from ketenbalans.stack.postgres import WAREHOUSE

ASK_EVERY_SECONDS = 5.0
ANSWERS_WITHIN_SECONDS = 10.0
SILENT_TIMES = 2
"""So many rounds in a row find a part silent before a look is started, which asks on until it is sure."""

LOOK_SOON_AGAIN_SECONDS = 60.0
"""When a look has not said what there was to say: it failed, or Airflow may be silent for a while longer."""

LOOK_AGAIN_SECONDS = 300.0
"""While a part is down: a channel that failed is tried again, and Alertmanager is sent that it still is."""

LOOK_TAKES_SECONDS = 240.0
"""The longest that a look may take, as in the DAG ``watch``."""

LOOK = (sys.executable, "-P", "-c", "from ketenbalans.cli.start import run; run()", "alerts", "look")

Silent = Collection[str]


@dataclass
class Watchdog:
    """What the watchdog knows between two rounds.

    Attributes:
        look: starts a look and waits for its end.
        clock: seconds that only go on.
        rounds: per part how many rounds in a row found it silent.
        looked_at: when the last look ended, by ``clock``; None: none yet.
        news: what a look was to say last, by part: whether it went down.
    """

    look: Callable[[], None]
    clock: Callable[[], float] = time.monotonic
    rounds: dict[str, int] = field(default_factory=dict)
    looked_at: float | None = None
    news: dict[str, bool] = field(default_factory=dict)

    def round(self, silent: Silent, known_down: Silent) -> None:
        """Start a look when what was found differs from what the last look said, and now and then while that stands.

        Args:
            silent: the parts that do not answer now.
            known_down: those of which a look said so.
        """
        self.rounds = {name: self.rounds.get(name, 0) + 1 for name in silent}
        went_down = {name for name, times in self.rounds.items() if times >= SILENT_TIMES} - {*known_down}
        came_back = {*known_down} - {*silent}
        news = dict.fromkeys(went_down, True) | dict.fromkeys(came_back, False)
        if WAREHOUSE in known_down and WAREHOUSE in silent:
            news = {}  # nothing can be kept of the others meanwhile
        pause = LOOK_SOON_AGAIN_SECONDS if news else LOOK_AGAIN_SECONDS
        is_time = self.looked_at is None or self.clock() - self.looked_at >= pause
        if (news and news != self.news) or (is_time and (news or known_down)):
            self.look()
            self.looked_at = self.clock()
        self.news = news


def main(home: Path) -> None:
    """Ask every few seconds until somebody ends us; nothing that goes wrong with one round ends the next."""
    watchdog = Watchdog(start_look)
    while True:
        try:
            if is_changing(home):
                with parts_kept(home) as kept:
                    kept.note_change()
            else:
                asked = ask_parts(home, within_seconds=ANSWERS_WITHIN_SECONDS)
                with parts_kept(home) as kept:
                    kept.note({name: bool(pieces) for name, pieces in asked.items()}, at=datetime.now(UTC))
                    known_down = reported_down(kept)
                watchdog.round({name for name, pieces in asked.items() if pieces}, known_down)
        except Exception as error:  # noqa: BLE001 (a watchdog that ends says nothing any more)
            say(f"a round failed: {type(error).__name__}")
        time.sleep(ASK_EVERY_SECONDS)


def reported_down(kept: PartsKept) -> set[str]:
    """The parts of which the last look said that they are down."""
    return {name for name, part in kept.parts.items() if part.is_down}


def start_look() -> None:
    """Look as `ketenbalans alerts look` does, in a process that ends; its words are in our log."""
    say("a part went silent, or answers again: a look starts")
    try:
        code = subprocess.run(LOOK, stdin=subprocess.DEVNULL, timeout=LOOK_TAKES_SECONDS, check=False).returncode  # noqa: S603 - the command is ours
    except subprocess.TimeoutExpired:
        say(f"the look was ended: it took more than {LOOK_TAKES_SECONDS:.0f} seconds")
    else:
        say(f"the look ended with {code}")


def say(what: str) -> None:
    """One line in our log."""
    sys.stderr.write(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} {what}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
