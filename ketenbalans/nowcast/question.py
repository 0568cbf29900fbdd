"""What is asked of a nowcast, and when it refuses to answer."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from ketenbalans.nowcast.known import NOT_YET, KnownSuspects
from schemas.period import Period, first_day_of_month, last_day_of_month

ENOUGH_MONTHS = 24
ENOUGH_SUSPECTS = 100


@dataclass(frozen=True)
class Question:
    """How many of a period's deliveries are known, registered and recognised in the end.

    Attributes:
        period: P, whole calendar months.
        as_of: A, the day whose knowledge is used.
        delivered_until: C, the last day of delivery that is asked about: not after P.end and A.
        known_on: F, the day on which all that comes has come.
    """

    period: Period
    as_of: date
    delivered_until: date
    known_on: date

    @classmethod
    def of(cls, period: Period, *, as_of: date, horizon_days: int, delivered_until: date | None = None) -> "Question":
        """A question with its days.

        Args:
            period: the deliveries that are asked about, by day of delivery.
            as_of: the day whose knowledge is used.
            horizon_days: how long after the period what comes is waited for. A policy, so it has no default.
            delivered_until: only the deliveries up to this day; None, or later than P.end or A: up to the earlier.
        """
        last = min(period.end, as_of)
        until = last if delivered_until is None else min(last, delivered_until)
        return cls(period, as_of, until, period.end + timedelta(days=horizon_days))

    @property
    def is_over(self) -> bool:
        """Whether all has come by the as-of date, so that the answer is a count."""
        return self.as_of >= self.known_on


def refusal(known: KnownSuspects, question: Question) -> str | None:
    """Why what is known cannot carry an answer, as a sentence; None: it can."""
    period = question.period
    if period.start != first_day_of_month(period.start) or period.end != last_day_of_month(period.end):
        return f"{period} is not made of whole calendar months: ask a month, a quarter or a year"
    start, until = period.start.toordinal(), question.delivered_until.toordinal()
    stands = known.delivered[known.withdrawn >= NOT_YET]
    if not np.any((stands >= start) & (stands <= until)):
        return f"nothing that was delivered from {period.start} to {question.delivered_until} is known"
    first = date.fromordinal(int(stands.min()))
    months = 12 * (period.start.year - first.year) + period.start.month - first.month
    if months < ENOUGH_MONTHS:
        known_months = f"{max(months, 0)} calendar months of deliveries before {period.start} are known"
        return f"{known_months}, {ENOUGH_MONTHS} are needed"
    before = int(np.sum(stands < start))
    if before < ENOUGH_SUSPECTS:
        return f"{before} suspects delivered before {period.start} are known, {ENOUGH_SUSPECTS} are needed"
    return None
