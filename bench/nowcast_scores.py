"""Ask a made-up history at its origins, and hold what is answered against what it came to, beside what others say."""

import json
import subprocess
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import NormalDist
from typing import TypeAlias

import numpy as np

from bench.histories import FIRST, LAST, History
from ketenbalans.nowcast.forecast import ENDS, TARGETS, Forecast, known_counts, nowcast
from ketenbalans.nowcast.known import NOT_YET, KnownSuspects
from ketenbalans.nowcast.question import Question
from ketenbalans.nowcast.score import interval_scores, last_years_share, weighted_interval_score
from schemas.period import Period, last_day_of_next_month, month_ends

HORIZON_DAYS = 400
COLUMNS = 14
"""Months until counted in a triangle of Mack's."""
MANY_WAIT = 20
SLOWEST = "slowest"
Sums: TypeAlias = defaultdict[str, float]
"""What was counted and added up over questions, by name; what is not there is 0."""
PEER_PYTHON = Path(".venv-chainladder/bin/python")


@dataclass(frozen=True)
class Asked:
    """A question of a month or a year, at its end or a month later."""

    kind: str
    question: Question

    @property
    def groups(self) -> list[str]:
        """What it is counted under."""
        december = self.question.period.end.month == 12
        return ["all", self.kind, f"{'December' if december else 'other'}, {self.kind}", *["December"] * december]


def questions() -> Iterator[Asked]:
    """From the third year on each month at its end and a month later, and each calendar year likewise."""
    for end in month_ends(date(FIRST.year + 2, 1, 1), LAST):
        periods = {"month": Period(end.replace(day=1), end)}
        if end.month == 12:
            periods["year"] = Period.of_year(end.year)
        for name, period in periods.items():
            for later, day in (("", end), (" later", last_day_of_next_month(end))):
                yield Asked(name + later, Question.of(period, as_of=day, horizon_days=HORIZON_DAYS))


def score_of(found: NormalDist | float, truth: float) -> float:
    """The weighted interval score of what Mack's method says; of a number alone its distance."""
    if not isinstance(found, NormalDist):
        return abs(truth - found)
    ends = {name: (found.inv_cdf(low), found.inv_cdf(high)) for name, (low, high) in ENDS.items()}
    return interval_scores(found.mean, ends, truth)


def scores_of(history: History) -> dict[tuple[str, str], Sums]:
    """Ask a history everything: sums per target and group, of which every measure is a ratio."""
    found: dict[tuple[str, str], Sums] = {}
    macks = _macks(history)
    for asked in questions():
        question = asked.question
        known = history.known_on(question.as_of)
        begun = time.process_time()
        answer = nowcast(known, question, policy={})
        seconds = time.process_time() - begun
        if answer.targets is None:
            raise AssertionError(answer.refused)
        in_the_end = history.known_on(question.known_on)
        truths = dict(zip(TARGETS, known_counts(in_the_end, question), strict=True))
        for target in TARGETS:
            forecast, truth = answer.targets[target], int(truths[target].sum())
            sums = _sums_of(forecast, truth)
            sums[SLOWEST] = seconds
            of_unit = dict(zip(in_the_end.units, truths[target].tolist(), strict=True))
            for unit, targets in answer.by_unit.items():
                for name, held in _held(targets[target], of_unit.get(unit, 0)).items():
                    sums[f"unit {name}"] += held
                sums["units"] += 1
            if target == "registered" and asked.kind.startswith("month"):
                sums["last year"] = abs(truth - (last_years_share(known, question) or 0.0))
                sums["mack"] = score_of(macks[question], truth)
            groups = asked.groups
            if truth - forecast.known >= MANY_WAIT:
                groups = [*groups, "20 wait"]
            if history.is_changed_by(question.as_of):
                groups = [*groups, "changed"]
            for group in groups:
                add(found.setdefault((target, group), defaultdict(float)), sums)
    return found


def add(so_far: Sums, more: Sums) -> None:
    """Add one to the other; of the seconds of a question the most is kept."""
    for name, value in more.items():
        so_far[name] = max(so_far[name], value) if name == SLOWEST else so_far[name] + value


def _sums_of(forecast: Forecast, truth: int) -> Sums:
    return defaultdict(
        float,
        {
            **_held(forecast, truth),
            "asked": 1.0,
            "bias": float(forecast.median - truth),
            "waits": float(truth - forecast.known),
            "truth": float(truth),
            "score": weighted_interval_score(forecast, truth),
            "nothing": float(abs(truth - forecast.known)),
        },
    )


def _held(forecast: Forecast, truth: int) -> dict[str, int]:
    return {name: int(lower <= truth <= upper) for name, (lower, upper) in forecast.intervals.items()}


def _macks(history: History) -> dict[Question, NormalDist | float]:
    """What Mack's method says of each month, all asked in one process; where it has no spread, a number alone."""
    asked = [one.question for one in questions() if one.kind.startswith("month")]
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as triangles:
        for question in asked:
            triangles.write(json.dumps({"cumulated": _triangle(history.known_on(question.as_of), question)}) + "\n")
        triangles.flush()
        command = [str(PEER_PYTHON), "bench/mack.py", triangles.name]
        printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found: dict[Question, NormalDist | float] = {}
    for question, line in zip(asked, printed.splitlines(), strict=True):
        said = json.loads(line)
        known = float(known_counts(history.known_on(question.as_of), question)[1].sum())
        found[question] = known if said is None else NormalDist(*said) if said[1] > 0 else said[0]
    return found


def _triangle(known: KnownSuspects, question: Question) -> list[list[float | None]]:
    """Months of delivery by months until counted, as far as the as-of date knows; those that count on it alone."""
    ends = month_ends(FIRST, question.period.end)
    seen = np.array([end.toordinal() for end in month_ends(FIRST, question.as_of)])
    counts = (known.withdrawn >= NOT_YET) & (known.counted_from < NOT_YET) & (known.counted_until >= NOT_YET)
    month = np.searchsorted(seen, known.delivered[counts])
    later = np.searchsorted(seen, known.counted_from[counts]) - month
    rows: list[list[float | None]] = []
    for place in range(len(ends)):
        reached = min(COLUMNS, len(seen) - place)
        cumulated = np.cumsum(np.bincount(later[month == place], minlength=COLUMNS)[:COLUMNS])
        rows.append([float(value) if column < reached else None for column, value in enumerate(cumulated)])
    return rows
