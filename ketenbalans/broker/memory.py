"""How often Python looks for circles of objects that nobody uses, while many small objects live for a moment."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

OBJECTS_BETWEEN_LOOKS = 200_000
"""By default 700: with a batch of messages in memory each look is long and finds nothing, a quarter of all time."""


@contextmanager
def collected_rarely() -> Iterator[None]:
    """Let Python look for unused circles rarely, and not at all where it did not, for as long as the ``with`` lasts."""
    before = gc.get_threshold()
    gc.set_threshold(OBJECTS_BETWEEN_LOOKS if before[0] else 0, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
