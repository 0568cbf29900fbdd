"""Ask every month of the past as it was known then, and compare the answers with what came."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Engine

from ketenbalans.jobs.balancing.chains import each_chain_on
from ketenbalans.jobs.nowcast.asking import what_is_silent
from ketenbalans.jobs.nowcast.suspects import known_suspects
from ketenbalans.nowcast.forecast import TARGETS, Nowcast, known_counts, nowcast
from ketenbalans.nowcast.known import KnownSuspects
from ketenbalans.nowcast.question import Question
from ketenbalans.nowcast.score import Backtested, TargetScore, last_years_share, target_scores
from schemas.period import Period, first_day_of_month
from schemas.policy import Policy
from warehouse.database import snapshot
from warehouse.extracts import default_as_of


@dataclass(frozen=True)
class Backtest:
    """The months of the past, each as it was asked at its end, and how the answers turned out.

    Attributes:
        questions: one per month, in their order.
        scores: one per target, over the months of which what came is known.
    """

    questions: Sequence[Backtested]
    scores: Sequence[TargetScore]

    def to_json(self) -> dict[str, Any]:
        """The answer as ``nowcast --backtest --json`` prints it."""
        return {
            "questions": [one.to_json() for one in self.questions],
            "scores": [one.to_json() for one in self.scores],
        }


def backtest(
    engine: Engine,
    month_ends: Sequence[date],
    *,
    policy: Policy,
    horizon_days: int,
    on_progress: Callable[[int, int], None],
) -> Backtest:
    """Ask each month at its end, with what was known on that day, and count what came of it by the horizon.

    The registers are linked once per day.

    Args:
        engine: the warehouse.
        month_ends: the last days of the months, ascending.
        policy: the numbers that the registers are linked with.
        horizon_days: how long what comes is waited for.
        on_progress: is given how many of the days are done, and how many there are.
    """
    asked = [
        Question.of(Period(first_day_of_month(end), end), as_of=end, horizon_days=horizon_days) for end in month_ends
    ]
    answers: dict[Question, tuple[Nowcast, float | None]] = {}
    came: dict[Question, dict[str, int]] = {}
    with snapshot(engine) as connection:
        covered = default_as_of(connection)
        for question in asked:
            if (silent := what_is_silent(connection, question.as_of)) is not None:
                answers[question] = Nowcast(question, None, {}, silent), None
        days = sorted(
            {day for one in asked for day in (one.as_of, one.known_on) if covered is not None and day <= covered}
        )
        for place, chain in enumerate(each_chain_on(connection, days, policy=policy), start=1):
            known = known_suspects(connection, chain)
            for question in asked:
                if question.as_of == chain.as_of and question not in answers:
                    share = last_years_share(known, question)
                    answers[question] = nowcast(known, question, policy=policy.to_dict()), share
                if question.known_on == chain.as_of:
                    came[question] = _came(known, question)
            on_progress(place, len(days))
    questions = [Backtested(answer=answers[one][0], came=came.get(one), last_year=answers[one][1]) for one in asked]
    return Backtest(questions, target_scores(questions))


def _came(known: KnownSuspects, question: Question) -> dict[str, int]:
    counts = known_counts(known, question)
    return {target: int(counted.sum()) for target, counted in zip(TARGETS, counts, strict=True)}
