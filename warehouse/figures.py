"""Figures that are counted over the deliveries of a period and bridged to nothing, and from when on a source speaks."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, any_, func, or_, select

from schemas.declaration import Source
from schemas.period import Period
from schemas.sources import (
    aggregates,
    hotline_reports,
    interventions,
    investigations,
    om_registrations,
    police_deliveries,
)
from schemas.vocabulary import PoliceMutation, Qualification
from warehouse.state import newest_known
from warehouse.tables.events import event_table

DATED_BY = {
    police_deliveries.SOURCE.name: "delivered_on",
    om_registrations.SOURCE.name: "registered_on",
    hotline_reports.SOURCE.name: "received_on",
    interventions.SOURCE.name: "realised_on",
    investigations.SOURCE.name: "started_on",
    aggregates.SOURCE.name: "period_start",
}
"""The day of each source that decides where a record counts first."""


def qualities_by_case(*, period: Period, as_of: date) -> Any:
    """The cases of a period as columns of a query, one true or false per quality: the one place that says who has it.

    A case has a quality when one of its suspects who count has it, as the police judge them and as known on a day.
    """
    newest = newest_known(police_deliveries.SOURCE, as_of=as_of).subquery("newest").c
    has = (
        func.coalesce(func.bool_or(any_(newest.qualifications) == quality.value), False).label(quality.value)
        for quality in Qualification
    )
    by_case = select(*has).where(_is_delivered(newest, period)).group_by(newest.dossier_number)
    return by_case.subquery("by_case").c


def cases_by_qualification(connection: Connection, *, period: Period, as_of: date) -> dict[str, int]:
    """Count the cases of a period by quality, as the police judge them: the shares that the letters publish.

    Returns:
        Distinct dossier numbers with a delivered suspect in the period that has the quality, as known on ``as_of``;
        every quality is present, also at 0. A case may have several: they never add up to the cases delivered
        (kst-31015-112, figure 1).
    """
    has = qualities_by_case(period=period, as_of=as_of)
    row = connection.execute(select(*(func.count().filter(has[quality.value]) for quality in Qualification))).one()
    return {quality.value: int(cases) for quality, cases in zip(Qualification, row, strict=True)}


def cases_with_any(connection: Connection, qualities: Sequence[Qualification], *, period: Period, as_of: date) -> int:
    """Count the cases of a period with at least one of some qualities; one that has several counts once."""
    has = qualities_by_case(period=period, as_of=as_of)
    return _counted(connection, or_(*(has[quality.value] for quality in qualities)))


def transnational_cases(connection: Connection, *, period: Period, as_of: date) -> int:
    """Count the cases of a period with a delivered suspect that is marked transnational, as known on ``as_of``."""
    newest = newest_known(police_deliveries.SOURCE, as_of=as_of).subquery("newest").c
    cases = select(newest.dossier_number).where(_is_delivered(newest, period), newest.transnational).distinct()
    return int(connection.scalar(select(func.count()).select_from(cases.subquery("cases"))) or 0)


def first_day_recorded(connection: Connection, source: Source) -> date | None:
    """The first day that any event of a source is about, by the day that decides where it counts; None without any."""
    first: date | None = connection.scalar(select(func.min(event_table(source).c[DATED_BY[source.name]])))
    return first


def _is_delivered(newest: Any, period: Period) -> ColumnElement[bool]:
    stands = newest.mutation != PoliceMutation.WITHDRAWN.value
    return and_(stands, newest.delivered_on.between(period.start, period.end))


def _counted(connection: Connection, where: ColumnElement[bool]) -> int:
    return int(connection.scalar(select(func.count()).where(where)) or 0)
