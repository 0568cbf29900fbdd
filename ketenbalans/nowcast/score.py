"""How good a forecast was, once what came is known."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ketenbalans.nowcast.forecast import ENDS, TARGETS, Forecast, Nowcast, known_counts
from ketenbalans.nowcast.known import KnownSuspects
from ketenbalans.nowcast.question import Question
from schemas.period import Period, last_day_of_month


def weighted_interval_score(forecast: Forecast, truth: float) -> float:
    """The mean distance of the median and the intervals from what came, in suspects (Bracher et al. 2021).

    Of a number without intervals it is the distance from that number.
    """
    ends = {name: (float(lower), float(upper)) for name, (lower, upper) in forecast.intervals.items()}
    return interval_scores(float(forecast.median), ends, truth)


def interval_scores(median: float, intervals: dict[str, tuple[float, float]], truth: float) -> float:
    """The same of a median and of ends that need not be whole; an interval is named by its share in percent."""
    score = abs(truth - median) / 2
    for name, (lower, upper) in intervals.items():
        outside = 1 - int(name) / 100
        missed = max(lower - truth, 0.0) + max(truth - upper, 0.0)
        score += outside / 2 * (upper - lower) + missed
    return score / (len(intervals) + 0.5)


def last_years_share(known: KnownSuspects, question: Question) -> float | None:
    """What a plain rule expects to be registered: as many of those delivered as of the same period a year ago.

    Both as known on the as-of date. None when nothing was delivered a year ago.
    """
    period = question.period
    last_month = period.end.replace(year=period.end.year - 1, day=1)
    before = Period(period.start.replace(year=period.start.year - 1), last_day_of_month(last_month))
    then = Question(before, question.as_of, before.end, question.known_on)
    delivered, registered, _ = (int(counts.sum()) for counts in known_counts(known, then))
    now = int(known_counts(known, question)[0].sum())
    return now * registered / delivered if delivered else None


@dataclass(frozen=True, kw_only=True)
class Backtested:
    """One question of the past with what it came to.

    Attributes:
        answer: what would have been answered then.
        came: the three counts as they are known in the end; None: that day is still to come.
        last_year: what last year's share expected to be registered; None: it expected nothing.
    """

    answer: Nowcast
    came: dict[str, int] | None
    last_year: float | None

    def to_json(self) -> dict[str, Any]:
        """The question as ``nowcast --backtest --json`` prints it."""
        return {**self.answer.to_json(), "came": self.came, "last_year": self.last_year}


@dataclass(frozen=True, kw_only=True)
class TargetScore:
    """How the forecasts of one target turned out.

    Attributes:
        target: which count.
        asked: of how many questions what came is known.
        held: how many of them each interval held.
        score: the mean weighted interval score, in suspects; None: of no question what came is known.
        last_year: the same of last year's share, for what is registered; None: not compared.
    """

    target: str
    asked: int
    held: dict[str, int]
    score: float | None
    last_year: float | None

    def to_json(self) -> dict[str, Any]:
        """The scores as ``nowcast --backtest --json`` prints them."""
        return dict(vars(self))


def target_scores(questions: Sequence[Backtested]) -> list[TargetScore]:
    """How the forecasts of each target turned out, over the questions of which what came is known."""
    found = []
    for target in TARGETS:
        scored = [
            (one.answer.targets[target], one.came[target], one.last_year)
            for one in questions
            if one.answer.targets is not None and one.came is not None
        ]
        rule = [abs(came - share) for _, came, share in scored if share is not None]
        is_compared = target == "registered" and len(rule) == len(scored) > 0
        found.append(
            TargetScore(
                target=target,
                asked=len(scored),
                held={
                    name: sum(one.intervals[name][0] <= came <= one.intervals[name][1] for one, came, _ in scored)
                    for name in ENDS
                },
                score=_mean([weighted_interval_score(one, came) for one, came, _ in scored]),
                last_year=_mean(rule) if is_compared else None,
            )
        )
    return found


def _mean(scores: Sequence[float]) -> float | None:
    return sum(scores) / len(scores) if scores else None
