"""The figure set: a balance and its breaks' counts with all that they rest on, named by its digest.

Equal content is the same set, whoever prepares it and in whatever order its parts came. Pure: no I/O, no clock.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Self

import polars as pl

from ketenbalans.audit.content import canonical
from schemas.answer import BY_CAUSE, COUNTS, BalanceAnswer
from schemas.breaks import BreakState
from schemas.json_object import JsonObject
from schemas.period import Period

NAMED_BY = ("party", "unit")
"""The keys that tell the entries of a list apart, in the JSON of a balance."""

BREAKS = "breaks"

COMPARED_BETWEEN_DAYS = frozenset({*COUNTS, *BY_CAUSE})
"""What is held against a later day: the counts of the balance, in all and by cause."""


@dataclass(frozen=True, kw_only=True)
class FigureSet:
    """What two persons sign.

    Attributes:
        balance: the balance of a period as known on a day.
        breaks: of the breaks that stand on that day how many, by state and cause; what is resolved is not counted.
        policy: the numbers that the balance was made with.
        later_day_may_move: a later day may move a figure by so many before these are superseded.
        code_version: the code that made the balance.
        input_fingerprint: the events and decisions that it was made from.
        synthetic: whether a loaded extract was made by a scenario.
    """

    balance: BalanceAnswer
    breaks: Mapping[str, Mapping[str, int]]
    policy: Mapping[str, Any]
    later_day_may_move: int
    code_version: str
    input_fingerprint: str
    synthetic: bool

    @property
    def period(self) -> Period:
        """What is counted."""
        return self.balance.period

    @property
    def as_of(self) -> date:
        """The day whose knowledge is used."""
        return self.balance.as_of

    @cached_property
    def document(self) -> str:
        """The set as canonical JSON (RFC 8785)."""
        return canonical(self.to_json()).decode()

    @property
    def set_id(self) -> str:
        """Its name: the SHA-256 of its document, in hex."""
        return id_of(self.document)

    @cached_property
    def figures(self) -> dict[str, int]:
        """Every number by name: ``gap``, ``causes.missing``, ``breaks.open.missing``."""
        return figures_of(self.balance, self.breaks)

    @property
    def counted(self) -> frozenset[str]:
        """What it counts at all: what a later version of the code counts beside that is compared with nothing."""
        return frozenset({*self.balance.to_json(), BREAKS})

    def to_json(self) -> JsonObject:
        """All of it, as its digest covers it."""
        return {
            "balance": self.balance.to_json(),
            BREAKS: {state: dict(counts) for state, counts in self.breaks.items()},
            "policy": dict(self.policy),
            "later_day_may_move": self.later_day_may_move,
            "code_version": self.code_version,
            "input_fingerprint": self.input_fingerprint,
            "synthetic": self.synthetic,
        }

    @classmethod
    def read(cls, document: str) -> Self:
        """Read what ``document`` gave.

        Raises:
            InvalidAnswer: its balance is of a newer version.
            KeyError: a key is missing.
        """
        found = json.loads(document)
        return cls(**{**found, "balance": BalanceAnswer.from_json(found["balance"])})


def id_of(document: str) -> str:
    """The name of the set that has this document: SHA-256, in hex."""
    return hashlib.sha256(document.encode()).hexdigest()


def count_breaks(breaks: pl.DataFrame) -> dict[str, dict[str, int]]:
    """How many breaks (``break_life.LIFE``) stand in each state for each cause; what is resolved is left out."""
    stand = breaks.filter(pl.col("state") != BreakState.RESOLVED.value)
    counted: dict[str, dict[str, int]] = {}
    for state, cause, number in stand.group_by("state", "cause").len().sort("state", "cause").iter_rows():
        counted.setdefault(state, {})[cause] = number
    return counted


def figures_of(balance: BalanceAnswer, breaks: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    """Every number of a balance and of its breaks' counts, by name."""
    return dict(_numbers("", {**balance.to_json(), BREAKS: breaks}))


def _numbers(path: str, value: object) -> Iterator[tuple[str, int]]:
    """Every whole number in a JSON value, with the keys that lead to it."""
    if isinstance(value, bool):
        return
    if isinstance(value, int):
        yield path, value
    elif isinstance(value, Mapping):
        for key, below in value.items():
            yield from _numbers(f"{path}.{key}" if path else str(key), below)
    elif isinstance(value, list | tuple):
        for entry in value:
            if isinstance(entry, Mapping):
                name = next(str(entry[key]) for key in NAMED_BY if entry.get(key) is not None)
                yield from _numbers(f"{path}.{name}", entry)
