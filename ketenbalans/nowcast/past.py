"""How the forecasts of past months turned out, each as it would have been given at the month's end. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from ketenbalans.nowcast.forecast import known_counts, nowcast
from ketenbalans.nowcast.known import KnownSuspects
from ketenbalans.nowcast.question import Question
from schemas.json_object import JsonObject
from schemas.period import Period, first_day_of_month

ENDS = "95"
"""The interval that is shown, in percent."""


@dataclass(frozen=True, kw_only=True)
class PastForecast:
    """How many of a month's suspects were expected to be registered, and how many were.

    Attributes:
        month_end: the last day of the month of delivery.
        known: how many were registered at its end, as the balance counted them.
        expected: the median of the forecast of that day.
        ends: the ends of its interval at 95 %, both included.
        came: how many were registered when all had come.
    """

    month_end: date
    known: int
    expected: int
    ends: tuple[int, int]
    came: int

    @property
    def is_held(self) -> bool:
        """Whether the interval holds what came."""
        return self.ends[0] <= self.came <= self.ends[1]

    def to_json(self) -> JsonObject:
        """The forecast as the JSON of a report has it."""
        return {
            "month_end": self.month_end.isoformat(),
            "known": self.known,
            "expected": self.expected,
            "ends": list(self.ends),
            "came": self.came,
        }


def past_forecasts(
    known: KnownSuspects, *, months: int, horizon_days: int, policy: Mapping[str, Any]
) -> list[PastForecast]:
    """The newest months of which all has come, each asked at its end; the oldest first.

    A forecast uses what was recorded by the end of its month alone, with the links of now (``as_known_on``), so it may
    be off by what was linked later from the one that ``nowcast --backtest`` gives.

    Args:
        known: every delivered suspect as known on a day.
        months: at most so many.
        horizon_days: how long after a month what comes is waited for.
        policy: the numbers that the links were made with.

    Returns:
        Without the months that a nowcast refuses.
    """
    found: list[PastForecast] = []
    end = first_day_of_month(known.as_of - timedelta(days=horizon_days) + timedelta(days=1)) - timedelta(days=1)
    for _ in range(months):
        month = Period(first_day_of_month(end), end)
        question = Question.of(month, as_of=end, horizon_days=horizon_days)
        targets = nowcast(known.as_known_on(end), question, policy=policy).targets if len(known.delivered) else None
        if targets is not None:
            registered = targets["registered"]
            came = known_counts(known.as_known_on(question.known_on), question)[1]
            found.append(
                PastForecast(
                    month_end=end,
                    known=registered.known,
                    expected=registered.median,
                    ends=registered.intervals[ENDS],
                    came=int(came.sum()),
                )
            )
        end = month.start - timedelta(days=1)
    return found[::-1]
