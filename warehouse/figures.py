"""Figures that are counted over the deliveries of a period and bridged to nothing, and from when on a source speaks."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, any_, func, or_, select

from schemas import aggregates, hotline_reports, interventions, investigations, om_registrations, police_deliveries
from schemas.declaration import Source
from schemas.period import Period
from schemas.vocabulary import PoliceMutation, Qualification
from warehouse.state import newest_known
from warehouse.tables import event_table

DATED_BY = {
    police_deliveries.SOURCE.name: "delivered_on",
    om_registrations.SOURCE.name: "registered_on",
    hotline_reports.SOURCE.name: "received_on",
    interventions.SOURCE.name: "realised_on",
    investigations.SOURCE.name: "started_on",
    aggregates.SOURCE.name: "period_start",
}
"""The day of each source that decides where a record counts first."""


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
    row = connection.execute(select(*counted).where(_is_delivered(newest, period))).one()
    return {quality.value: int(cases) for quality, cases in zip(Qualification, row, strict=True)}


def cases_with_any(connection: Connection, qualities: Sequence[Qualification], *, period: Period, as_of: date) -> int:
    """Count the cases of a period with at least one of some qualities; one that has several counts once."""
    newest = newest_known(police_deliveries.SOURCE, as_of=as_of).subquery("newest").c
    has_one = or_(*(any_(newest.qualifications) == quality.value for quality in qualities))
    return _counted(connection, newest.dossier_number.distinct(), and_(_is_delivered(newest, period), has_one))


def transnational_cases(connection: Connection, *, period: Period, as_of: date) -> int:
    """Count the cases of a period with a delivered suspect that is marked transnational, as known on ``as_of``."""
    newest = newest_known(police_deliveries.SOURCE, as_of=as_of).subquery("newest").c
    return _counted(
        connection, newest.dossier_number.distinct(), and_(_is_delivered(newest, period), newest.transnational)
    )


def first_day_told(connection: Connection, source: Source) -> date | None:
    """The first day that any event of a source tells of, by the day that decides where it counts; None without any."""
    first: date | None = connection.scalar(select(func.min(event_table(source).c[DATED_BY[source.name]])))
    return first


def _is_delivered(newest: Any, period: Period) -> ColumnElement[bool]:
    stands = newest.mutation != PoliceMutation.WITHDRAWN.value
    return and_(stands, newest.delivered_on.between(period.start, period.end))


def _counted(connection: Connection, what: ColumnElement[Any], where: ColumnElement[bool]) -> int:
    return int(connection.scalar(select(func.count(what)).where(where)) or 0)
