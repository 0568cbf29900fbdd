"""The answer: three counts as they will be known in the end, with what they may be, in total and per unit."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np

from ketenbalans.nowcast.asked import months_asked
from ketenbalans.nowcast.draws import Draws
from ketenbalans.nowcast.known import NOT_YET, Days, KnownSuspects
from ketenbalans.nowcast.months import MonthsKnown
from ketenbalans.nowcast.one_month import Practice, month_drawn
from ketenbalans.nowcast.question import Question, refusal
from schemas.rounding import half_up

TARGETS = ("delivered", "registered", "recognised")
ENDS = {"50": (0.25, 0.75), "80": (0.10, 0.90), "95": (0.025, 0.975)}


@dataclass(frozen=True)
class Forecast:
    """One count: what is known of it, and what it will be.

    Attributes:
        known: what the balance counts on the as-of date; it may lie above an interval.
        median: half of the draws are not above it.
        intervals: by their name in percent the lower and the upper end, both included.
        drawn: how many draws came to each number; one draw where all has come.
    """

    known: int
    median: int
    intervals: Mapping[str, tuple[int, int]]
    drawn: Mapping[int, int]

    def chance_of(self, number: Decimal) -> int:
        """How many in a thousand draws come to a number or more, rounded half up."""
        met = sum(draws for count, draws in self.drawn.items() if count >= number)
        return int(half_up(Decimal(1000 * met) / sum(self.drawn.values()), 0))

    def to_json(self) -> dict[str, Any]:
        """The count as ``nowcast --json`` prints it."""
        return {
            "known": self.known,
            "median": self.median,
            "intervals": {name: list(ends) for name, ends in self.intervals.items()},
        }


@dataclass(frozen=True)
class Nowcast:
    """What a question is answered with.

    Attributes:
        question: the question.
        targets: the three counts in total; None when it is refused.
        by_unit: the same of every unit with a delivery that is known, sorted.
        refused: why it is not answered; None: it is.
    """

    question: Question
    targets: Mapping[str, Forecast] | None
    by_unit: Mapping[str, Mapping[str, Forecast]]
    refused: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The answer as ``nowcast --json`` prints it."""
        asked = self.question
        return {
            "period": [asked.period.start.isoformat(), asked.period.end.isoformat()],
            "as_of": asked.as_of.isoformat(),
            "known_on": asked.known_on.isoformat(),
            "delivered_until": asked.delivered_until.isoformat(),
            "unit": "suspects",
            "targets": None if self.targets is None else _targets_json(self.targets),
            "by_unit": [{"unit": unit, "targets": _targets_json(found)} for unit, found in self.by_unit.items()],
            "refused": self.refused,
        }


def _targets_json(targets: Mapping[str, Forecast]) -> dict[str, Any]:
    return {name: found.to_json() for name, found in targets.items()}


def nowcast(known: KnownSuspects, question: Question, *, policy: Mapping[str, Any]) -> Nowcast:
    """How many of a period's deliveries will be known, registered and recognised in the end.

    Args:
        known: every delivered suspect as known on the as-of date.
        question: what is asked.
        policy: the numbers that the links and the question were made with; with what is known they choose the draws.
    """
    refused = refusal(known, question)
    if refused is not None:
        return Nowcast(question, None, {}, refused)
    counted = known_counts(known, question)
    drawn = (
        [np.broadcast_to(one, (1, len(one))) for one in counted]
        if question.is_over
        else _draws(known, question, policy)
    )
    total = {
        name: _forecast(int(now.sum()), draws.sum(axis=1))
        for name, now, draws in zip(TARGETS, counted, drawn, strict=True)
    }
    by_unit = {
        code: {
            name: _forecast(int(now[place]), draws[:, place])
            for name, now, draws in zip(TARGETS, counted, drawn, strict=True)
        }
        for place, code in enumerate(known.units)
    }
    return Nowcast(question, total, by_unit)


def known_counts(known: KnownSuspects, question: Question) -> tuple[Days, Days, Days]:
    """Delivered, registered and recognised per unit, as the balance counts them on the as-of date."""
    start, until = question.period.start.toordinal(), question.delivered_until.toordinal()
    delivered = (known.delivered >= start) & (known.delivered <= until) & (known.withdrawn >= NOT_YET)
    registered = delivered & (known.counted_from < NOT_YET) & (known.counted_until >= NOT_YET)
    recognised = registered & (known.registered <= question.period.end.toordinal())
    count = [
        np.bincount(known.unit[which], minlength=len(known.units)) for which in (delivered, registered, recognised)
    ]
    return count[0], count[1], count[2]


def _draws(known: KnownSuspects, question: Question, policy: Mapping[str, Any]) -> list[Draws]:
    """What each target comes to: a row per draw, a column per unit."""
    rng = np.random.default_rng(_seed(known, question, policy))
    months = MonthsKnown.of(known)
    practice = Practice.of(rng, months, (question.known_on - question.period.end).days)
    drawn = [month_drawn(rng, practice, asked) for asked in months_asked(question, months.months)]
    return [np.sum([getattr(month, target) for month in drawn], axis=0) for target in TARGETS]


def _seed(known: KnownSuspects, question: Question, policy: Mapping[str, Any]) -> int:
    asked = [str(question.period), str(question.as_of), str(question.delivered_until), str(question.known_on)]
    rest = json.dumps([asked, dict(policy)], sort_keys=True).encode()
    return int.from_bytes(hashlib.sha256(known.digest() + rest).digest())


def _forecast(known: int, draws: Draws) -> Forecast:
    """The smallest whole numbers whose share of the draws reaches each end."""
    levels = [0.5, *(end for ends in ENDS.values() for end in ends)]
    median, *ends = (int(value) for value in np.quantile(draws, levels, method="inverted_cdf"))
    counts, times = np.unique(draws, return_counts=True)
    drawn = dict(zip(counts.tolist(), times.tolist(), strict=True))
    return Forecast(known, median, {name: (ends[2 * i], ends[2 * i + 1]) for i, name in enumerate(ENDS)}, drawn)
