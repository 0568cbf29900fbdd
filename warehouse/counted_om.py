"""Settlements of the OM, counted as known on a day over its standing registrations."""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Date, func, select

from schemas.period import Period
from schemas.sources import om_registrations
from schemas.vocabulary import Disposal, OmMutation
from warehouse.state import CLOCK, known_on, newest_known
from warehouse.tables.events import event_table


def indigo_cases(connection: Connection, *, period: Period, as_of: date) -> int:
    """Count the standing registrations that ended with INDIGO, by the Amsterdam day the OM first recorded that.

    A registration that ended otherwise since, or that no longer stands, does not count.
    """
    table = event_table(om_registrations.SOURCE)
    newest = newest_known(om_registrations.SOURCE, as_of=as_of).subquery("newest").c
    settled = (
        select(table.c.case_number, func.timezone(CLOCK, func.min(table.c.recorded_at)).cast(Date).label("settled_on"))
        .where(known_on(table, as_of), ended_with(table.c, Disposal.INDIGO))
        .group_by(table.c.case_number)
        .subquery("settled")
        .c
    )
    counted = select(func.count()).where(
        newest.case_number == settled.case_number,
        is_standing(newest),
        ended_with(newest, Disposal.INDIGO),
        settled.settled_on.between(period.start, period.end),
    )
    return int(connection.scalar(counted) or 0)


def is_standing(registration: Any) -> ColumnElement[bool]:
    """Whether the newest row of a registration neither lapsed nor joined it."""
    stands: ColumnElement[bool] = registration.mutation.not_in([OmMutation.LAPSED.value, OmMutation.JOINED.value])
    return stands


def ended_with(registration: Any, disposal: Disposal) -> ColumnElement[bool]:
    """Whether a row of a registration carries that disposal."""
    carries: ColumnElement[bool] = registration.disposal == disposal.value
    return carries
