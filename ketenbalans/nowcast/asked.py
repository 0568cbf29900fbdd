"""One month of a question, in days after its end."""

from collections.abc import Iterator
from dataclasses import dataclass

from ketenbalans.nowcast.known import Months
from ketenbalans.nowcast.question import Question


@dataclass(frozen=True)
class MonthAsked:
    """One month of the question, in days after its end.

    Attributes:
        place: the month, by its place among all.
        cut: the last day of delivery that is asked about: 0 or below.
        age: the as-of date.
        in_period: the last day on which a registration makes recognised.
        horizon: the day on which all has come.
    """

    place: int
    cut: int
    age: int
    in_period: int
    horizon: int


def months_asked(question: Question, months: Months) -> Iterator[MonthAsked]:
    """The months of a question in which something may have been delivered by its last day of delivery."""
    first, until = question.period.start.toordinal(), question.delivered_until.toordinal()
    for place, (start, end) in enumerate(zip(months.starts.tolist(), months.ends.tolist(), strict=True)):
        if first <= start <= until:
            yield MonthAsked(
                place=place,
                cut=min(0, until - end),
                age=question.as_of.toordinal() - end,
                in_period=question.period.end.toordinal() - end,
                horizon=question.known_on.toordinal() - end,
            )
