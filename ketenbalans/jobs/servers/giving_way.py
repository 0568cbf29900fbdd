"""Let what somebody waits for go first: a balance before a look, a look before a check of quality."""

import os
from enum import IntEnum


class Waits(IntEnum):
    """How long a task may wait for the cores, as niceness."""

    SHORTLY = 10
    LONG = 19


def give_way(waits: Waits) -> None:
    """Let this process wait for others from now on; for good, and never less than it does already."""
    os.nice(max(0, waits - os.nice(0)))
