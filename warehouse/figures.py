"""From when on a source says anything: the first day that any of its events is about."""

from datetime import date

from sqlalchemy import Connection, func, select

from schemas.declaration import Source
from schemas.sources import (
    aggregates,
    hotline_reports,
    interventions,
    investigations,
    om_registrations,
    police_deliveries,
)
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


def first_day_recorded(connection: Connection, source: Source) -> date | None:
    """The first day that any event of a source is about, by the day that decides where it counts; None without any."""
    first: date | None = connection.scalar(select(func.min(event_table(source).c[DATED_BY[source.name]])))
    return first
