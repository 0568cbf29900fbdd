"""Digests of sets of events that do not depend on order or batches: LtHash over their ids, a sum per day (ADR 0045).

An event's id becomes 1,024 words of 16 bits by BLAKE3, and a set is the sum of its events' words, each word modulo
2^16 (Bellare and Micciancio; Lewi et al. 2019). What is added later is added to the sum. Pure: no I/O, no clock.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl
from blake3 import blake3

from schemas.period import AMSTERDAM

WORDS = 1024
BYTES = 2 * WORDS

IDS_AT_ONCE = 128
"""Ids whose words are in memory at a time: a quarter of a megabyte, which the processor keeps close to itself."""

NOTHING_BEFORE = bytes(32)
"""The digest before the first load."""

Words: TypeAlias = npt.NDArray[np.uint16]


@dataclass(frozen=True, eq=False)
class DaySum:
    """The events of one day.

    Attributes:
        events: how many.
        words: the sum of their words.
    """

    events: int
    words: Words

    def __add__(self, other: "DaySum") -> "DaySum":
        return DaySum(self.events + other.events, self.words + other.words)

    @property
    def state(self) -> bytes:
        """The words as they are kept: the smaller byte of each first."""
        return self.words.astype("<u2").tobytes()

    @property
    def digest(self) -> bytes:
        """SHA-256 of the state: two of these are equal only when their events are the same."""
        return hashlib.sha256(self.state).digest()

    @classmethod
    def of_state(cls, events: int, state: bytes) -> "DaySum":
        """The sum that was kept as a state."""
        return cls(events, np.frombuffer(state, dtype="<u2").astype(np.uint16))


DaySums: TypeAlias = Mapping[date, DaySum]


def named_by_day(events: pl.DataFrame) -> pl.DataFrame:
    """What is summed of events, row by row: ``recorded_on``, the day in Amsterdam, and ``name``, the id in whole.

    Args:
        events: ``event_source``, ``event_id`` and ``recorded_at``. No text of the warehouse holds a NUL, so that two
            events have one name only when they have one source and one id.
    """
    return events.select(
        recorded_on=pl.col("recorded_at").dt.convert_time_zone(str(AMSTERDAM)).dt.date(),
        name=pl.concat_str("event_source", pl.lit("\0"), "event_id"),
    )


def sums_of(named: pl.DataFrame) -> dict[date, DaySum]:
    """The sum of each day that has events.

    Args:
        named: events as ``named_by_day`` gives them, each once, in any order.
    """
    days = named.group_by("recorded_on").agg("name")
    return {day: DaySum(len(names), _words_of(names)) for day, names in days.iter_rows()}


def _words_of(names: Sequence[str]) -> Words:
    words = np.zeros(WORDS, dtype=np.uint16)
    for start in range(0, len(names), IDS_AT_ONCE):
        some = b"".join([blake3(name.encode()).digest(length=BYTES) for name in names[start : start + IDS_AT_ONCE]])
        words += np.frombuffer(some, dtype="<u2").reshape(-1, WORDS).sum(axis=0, dtype=np.uint16)
    return words


def load_digest(before: bytes, *, source: str, load_number: int, sums: DaySums) -> bytes:
    """The digest of a load: equal only when this one and all loads of the source before it brought the same events.

    Args:
        before: the digest of the load before; ``NOTHING_BEFORE`` of the first.
        source: whose load.
        load_number: its number.
        sums: the events that it inserted.
    """
    chain = hashlib.sha256(before)
    chain.update(f"{source} {load_number}\n".encode())
    for day in sorted(sums):
        chain.update(f"{day} {sums[day].events} {sums[day].digest.hex()}\n".encode())
    return chain.digest()
