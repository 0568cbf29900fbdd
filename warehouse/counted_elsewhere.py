"""What others count: the reports of the hotlines, and counts that are delivered without any record."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, func, select

from schemas.period import Period
from schemas.sources import aggregates, hotline_reports
from schemas.vocabulary import AggregateMutation, Basis, Outcome, Theme
from warehouse.state import newest_known


@dataclass(frozen=True)
class DeliveredCount:
    """What a delivered count counts: a measure, one of its categories, on one basis."""

    measure: str
    category: str
    basis: Basis


def transnational_reports(connection: Connection, *, outcome: Outcome | None, period: Period, as_of: date) -> int:
    """Count the transnational reports that came in during a period, or those of them with an outcome on ``as_of``.

    Those of the channels that the letters count alone, by the day they came in, whichever owner their record names.
    """
    newest = newest_known(hotline_reports.SOURCE, as_of=as_of).subquery("newest").c
    counted = select(func.count()).where(
        newest.theme == Theme.TRANSNATIONAL.value,
        newest.channel.in_([channel.value for channel in hotline_reports.PUBLISHED_CHANNELS]),
        newest.received_on.between(period.start, period.end),
    )
    if outcome is not None:
        counted = counted.where(newest.outcome == outcome.value)
    return int(connection.scalar(counted) or 0)


def delivered_count(connection: Connection, of: DeliveredCount, *, period: Period, as_of: date) -> int | None:
    """The newest count that was delivered of a period, resting on ``as_of`` or earlier and known on it.

    None when none stands: that nothing was delivered is not the count 0.
    """
    newest = newest_known(aggregates.SOURCE, as_of=as_of).subquery("newest").c
    found: int | None = connection.scalar(
        select(newest.value)
        .where(
            newest.measure == of.measure,
            newest.category == of.category,
            newest.basis == of.basis.value,
            newest.period_start == period.start,
            newest.period_end == period.end,
            newest.as_of <= as_of,
            newest.mutation != AggregateMutation.WITHDRAWN.value,
        )
        .order_by(newest.as_of.desc())
        .limit(1)
    )
    return found
