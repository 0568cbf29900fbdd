"""The process that sees whether the services of a stack go on answering, when nothing inside them can say so.

Airflow keeps its own tables in the stack's PostgreSQL: when that dies no DAG runs, and none can report. What the
process does is not the stack's to know: ``up`` is given its command.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ketenbalans.stack import processes
from ketenbalans.stack.home import Home
from ketenbalans.stack.startup import Startup

WATCHDOG = "watchdog"
STOPS_WITHIN_SECONDS = 2.0


@dataclass(frozen=True)
class WatchdogProcess:
    """The watchdog of one home."""

    home: Home

    def start(self, startup: Startup, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Start it, unless it runs; it is not waited for, since nothing needs it."""
        if processes.living(self.home, WATCHDOG) is None:
            startup.spawn(WATCHDOG, command, environment=processes.child_environment(self.home, WATCHDOG, environment))

    def stop(self) -> None:
        """Stop it and what it has started."""
        processes.stop(processes.marked(self.home, WATCHDOG), grace_seconds=STOPS_WITHIN_SECONDS)
        processes.forget(self.home, WATCHDOG)
