"""How good a nowcast is, on made-up histories whose end is known, beside Mack's method and last year's share.

A history has six years; from the third on each month is asked at its end and a month later, and each calendar year
likewise. A line per measure: what it is, its standard error over the histories (jackknife), and the goal. No number
fails the run.

``python bench/bench_nowcast.py [HISTORIES] [FIRST_SEED]``; a quarter of a minute a history.
"""

import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt

from bench import nowcast_missed
from bench.histories import CHANGES, history
from bench.nowcast_scores import SLOWEST, Sums, add, scores_of

HISTORIES, FIRST_SEED = 8, 1000

Measure = Callable[[Sums], float]
Scores = dict[tuple[str, str], Sums]


def per_cent(part: str, whole: str) -> Measure:
    return lambda sums: 100 * sums[part] / sums[whole] if sums[whole] else float("nan")


def ratio(part: str, whole: str) -> Measure:
    return lambda sums: sums[part] / sums[whole] if sums[whole] else float("nan")


@dataclass(frozen=True)
class Line:
    """One measure of one target in one group of questions, with its goal in words."""

    target: str
    group: str
    name: str
    measure: Measure
    goal: str


def lines() -> list[Line]:
    found = []
    for target in ("delivered", "registered", "recognised"):
        for name, least in (("95", 92), ("80", 75), ("50", 44)):
            found.append(Line(target, "all", f"held by {name} %", per_cent(name, "asked"), f">= {least}"))
            found.append(
                Line(target, "all", f"units held by {name} %", per_cent(f"unit {name}", "units"), f">= {least}")
            )
        whole, most = ("waits", 2) if target == "registered" else ("truth", 1)
        found.append(Line(target, "all", f"bias, % of {whole}", per_cent("bias", whole), f"within {most}"))
        nothing = {"delivered": 0.45, "registered": 0.10, "recognised": 0.60}[target]
        found.append(Line(target, "December", "score / nothing more comes", ratio("score", "nothing"), f"<= {nothing}"))
    for name, most in (("95", 98), ("80", 87), ("50", 58)):
        found.append(Line("registered", "20 wait", f"held by {name} %", per_cent(name, "asked"), f"<= {most}"))
    for group, mack, last_year in (
        ("December, month", 0.3, 0.6),
        ("December, month later", 0.3, 0.6),
        ("other, month", 0.6, 0.6),
        ("other, month later", 0.6, 0.6),
    ):
        found.append(Line("registered", group, "score / Mack", ratio("score", "mack"), f"<= {mack}"))
        found.append(Line("registered", group, "score / last year", ratio("score", "last year"), f"<= {last_year}"))
    return found


def with_error(measure: Measure, each: Sequence[Sums]) -> tuple[float, float]:
    """A ratio of sums over histories, and its standard error: leaving out one history at a time."""
    whole = measure(_added(each))
    if len(each) < 2:
        return whole, float("nan")
    without = [measure(_added([*each[:place], *each[place + 1 :]])) for place in range(len(each))]
    mean = sum(without) / len(without)
    return whole, sqrt((len(each) - 1) / len(each) * sum((one - mean) ** 2 for one in without))


def _added(each: Sequence[Sums]) -> Sums:
    total: Sums = defaultdict(float)
    for sums in each:
        add(total, sums)
    return total


def show(change: str, scores: Sequence[Scores]) -> None:
    print(f"\n{change}: {len(scores)} histories")
    for line in lines():
        each = [one[line.target, line.group] for one in scores if (line.target, line.group) in one]
        value, error = with_error(line.measure, each)
        print(f"  {line.target:10} {line.group:22} {line.name:27} {value:8.2f} +- {error:5.2f}   {line.goal}")
    if change != "none":
        for target in ("delivered", "registered", "recognised"):
            each = [one[target, "changed"] for one in scores if (target, "changed") in one]
            value, error = with_error(per_cent("95", "asked"), each)
            print(f"  {target:10} {'after the change':22} {'held by 95 %':27} {value:8.2f} +- {error:5.2f}   >= 85")
    slowest = max(sums[SLOWEST] for one in scores for sums in one.values())
    print(f"  slowest question {slowest:.2f} s   <= 1")


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:3]]
    histories, first = given + [HISTORIES, FIRST_SEED][len(given) :]
    for kind in CHANGES:
        show(kind, [scores_of(history(seed, kind)) for seed in range(first, first + histories)])
    nowcast_missed.show(first, histories)
