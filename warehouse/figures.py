"""Figures that are counted over the deliveries of a period and bridged to nothing."""

from datetime import date

from sqlalchemy import Connection, any_, func, select

from schemas import police_deliveries
from schemas.period import Period
from schemas.vocabulary import PoliceMutation, Qualification
from warehouse.state import newest_known
from warehouse.tables import event_table


def cases_by_qualification(connection: Connection, *, period: Period, as_of: date) -> dict[str, int]:
    """Count the cases of a period by quality, as the police judge them: the shares that the letters publish.

    Returns:
        Distinct dossier numbers with a delivered suspect in the period that has the quality, as known on ``as_of``;
        every quality is present, also at 0. A case may have several: they never add up to the cases delivered
        (kst-31015-112, figure 1).
    """
    newest = newest_known(police_deliveries.SOURCE, as_of=as_of).subquery("newest").c
    counted = [
        func.count(newest.dossier_number.distinct()).filter(any_(newest.qualifications) == quality.value)
        for quality in Qualification
    ]
    is_delivered = (newest.mutation != PoliceMutation.WITHDRAWN.value) & newest.delivered_on.between(
        period.start, period.end
    )
    row = connection.execute(select(*counted).where(is_delivered)).one()
    return {quality.value: int(cases) for quality, cases in zip(Qualification, row, strict=True)}


def first_delivery(connection: Connection) -> date | None:
    """The first day of delivery that any event tells of; None without any."""
    first: date | None = connection.scalar(select(func.min(event_table(police_deliveries.SOURCE).c.delivered_on)))
    return first
