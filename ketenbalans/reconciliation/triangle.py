"""The revision triangle: each period's figures as known on one day after the other, and the reasons of each step.

What a reserving actuary calls a triangle: down the periods, across the days of knowledge. Here every step between two
days is explained suspect by suspect (``reconciliation.restatement``), so its reasons add up to it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from ketenbalans.reconciliation.bridge import Balance
from ketenbalans.reconciliation.restatement import Restatement
from schemas.json_object import JsonObject
from schemas.period import Period
from schemas.revisions import Movement
from schemas.verdicts import Judgement

MEASURES = ("delivered", "recognised")


@dataclass(frozen=True)
class Revision:
    """One figure of one period on one day.

    Attributes:
        measure: delivered or recognised suspects.
        period: the period.
        as_of: the day.
        figure: what it was then.
        step: by how much it differs from the day before it in the triangle; None on the first day.
        more: suspects that came, or became recognised, since then, by reason.
        less: suspects that left, or are no longer recognised, by reason; ``step`` is the difference of the two sums.
        judgement: what the balance that it is of comes to; None: nobody asked.
    """

    measure: str
    period: Period
    as_of: date
    figure: int
    step: int | None
    more: Mapping[str, int]
    less: Mapping[str, int]
    judgement: Judgement | None = None

    def to_json(self) -> JsonObject:
        """The figure as ``revisions --json`` prints it."""
        return {
            "measure": self.measure,
            "period": str(self.period),
            "as_of": self.as_of.isoformat(),
            "figure": self.figure,
            "step": self.step,
            "more": dict(self.more),
            "less": dict(self.less),
            **({} if self.judgement is None else self.judgement.to_dict()),
        }


def revisions_on(
    balances: Sequence[Balance], steps: Sequence[Restatement | None], judgements: Mapping[Period, Judgement]
) -> list[Revision]:
    """The figures of one day, by measure and period.

    Args:
        balances: of that day, one of each period.
        steps: the restatement of each period from the day before it; None on the first day.
        judgements: what the balance of a period comes to; may be empty.
    """
    found = []
    for measure in MEASURES:
        for made, step in zip(balances, steps, strict=True):
            more, less = ({}, {}) if step is None else _both_ways(step, measure)
            figure = getattr(made.total, measure)
            found.append(
                Revision(
                    measure=measure,
                    period=made.period,
                    as_of=made.as_of,
                    figure=figure,
                    step=None if step is None else figure - getattr(step.before.total, measure),
                    more=more,
                    less=less,
                    judgement=judgements.get(made.period),
                )
            )
    return found


def triangle(days: Sequence[Sequence[Revision]]) -> list[Revision]:
    """Lay the figures of some days (``revisions_on``), ascending, side by side: by measure, period and day."""
    return [revision for of_one in zip(*days, strict=True) for revision in of_one]


def as_frame(revisions: Sequence[Revision]) -> pl.DataFrame:
    """The triangle as a long frame: a row per figure and reason of its step, one when nobody moved.

    ``measure``, ``period``, ``as_of``, ``figure``, ``step``, ``reason``, ``more``, ``less``, ``verdict`` (null: nobody
    asked): over the rows of a figure ``more`` less ``less`` adds up to the step.
    """
    schema = {
        "measure": pl.String,
        "period": pl.String,
        "as_of": pl.Date,
        "figure": pl.Int64,
        "step": pl.Int64,
        "reason": pl.String,
        "more": pl.Int64,
        "less": pl.Int64,
        "verdict": pl.String,
    }
    rows = [
        (
            one.measure,
            str(one.period),
            one.as_of,
            one.figure,
            one.step,
            reason,
            one.more.get(reason, 0),
            one.less.get(reason, 0),
            None if one.judgement is None else one.judgement.verdict.value,
        )
        for one in revisions
        for reason in ({**one.more, **one.less} or {"": 0})
    ]
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(pl.col("reason").replace("", None))


def _both_ways(step: Restatement, measure: str) -> tuple[dict[str, int], dict[str, int]]:
    if measure == "delivered":
        return step.counted(Movement.CAME), step.counted(Movement.LEFT)
    return step.became_recognised(), step.no_longer_recognised()
