"""Counts over what a scenario says is true."""

from collections.abc import Sequence
from datetime import date

from ketenbalans.scenarios.truth import Truth


def count_of(truths: Sequence[Truth], *, side: str, period: int, as_of: date) -> dict[str, int]:
    """Count the lines of one side, period and day per cause; the recognised under the empty word."""
    counts: dict[str, int] = {}
    for truth in truths:
        if (truth.side, truth.period, truth.as_of) == (side, period, as_of):
            counts[truth.cause] = counts.get(truth.cause, 0) + 1
    return counts
