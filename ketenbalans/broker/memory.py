"""What a load does to memory: many small objects live for a moment, and large frames come and go.

Python looks rarely for circles of objects that nobody uses, and Polars gives back to the system what it freed.
"""

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager

OBJECTS_BETWEEN_LOOKS = 200_000
"""By default 700: with a batch of messages in memory each look is long and finds nothing, a quarter of all time."""

RETURNS_FREED_MEMORY = "background_thread:true,muzzy_decay_ms:0,dirty_decay_ms:100"
"""In jemalloc's words."""


@contextmanager
def collected_rarely() -> Iterator[None]:
    """Let Python look for unused circles rarely, and not at all where it did not, for as long as the ``with`` lasts."""
    before = gc.get_threshold()
    gc.set_threshold(OBJECTS_BETWEEN_LOOKS if before[0] else 0, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def return_freed_memory() -> None:
    """Let Polars return memory within a tenth of a second after it was freed. To be called before Polars is imported.

    Without it jemalloc, which Polars allocates with, keeps that for each thread and for longer: a load that makes
    the columns of a million rows at its end holds a third more. Once Polars is there this changes nothing.
    """
    os.environ.setdefault("_RJEM_MALLOC_CONF", RETURNS_FREED_MEMORY)
