"""Interventions and investigations, counted as known on a day. A withdrawn record counts nowhere.

An investigation counts at its start, ends on a day of its own, and runs in between: three questions, never derived from
one another (docs/counts.md).
"""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, func, or_, select

from schemas.period import Period
from schemas.sources import interventions, investigations, om_registrations
from schemas.sources.investigations import CARRIED_OVER_ON
from schemas.vocabulary import (
    Disposal,
    InterventionKind,
    InterventionMutation,
    InvestigationKind,
    InvestigationMutation,
    InvestigationResult,
)
from warehouse.counted_om import ended_with, is_standing
from warehouse.state import newest_known


def interventions_realised(connection: Connection, *, period: Period, as_of: date) -> int:
    """Count the interventions of all kinds that were done in a period."""
    newest = newest_known(interventions.SOURCE, as_of=as_of).subquery("newest").c
    return _counted(connection, _is_realised(newest, period))


def indigo_trajectories(connection: Connection, *, period: Period, as_of: date) -> int:
    """Count the simple interventions of a period whose file has a standing registration that ended with INDIGO.

    The registration is of the same suspect where both name one. Each intervention counts once, however many
    registrations its file has.
    """
    newest = newest_known(interventions.SOURCE, as_of=as_of).subquery("newest").c
    registered = newest_known(om_registrations.SOURCE, as_of=as_of).subquery("registered").c
    same_suspect = or_(
        newest.suspect_number.is_(None),
        registered.suspect_number.is_(None),
        registered.suspect_number == newest.suspect_number,
    )
    has_one = exists(
        select(1).where(
            registered.dossier_number == newest.dossier_number,
            same_suspect,
            is_standing(registered),
            ended_with(registered, Disposal.INDIGO),
        )
    )
    is_simple = newest.kind == InterventionKind.SIMPLE.value
    return _counted(connection, _is_realised(newest, period) & is_simple & has_one)


def investigations_started(
    connection: Connection, *, kind: InvestigationKind | None, period: Period, as_of: date
) -> int:
    """Count the investigations that started in a period and, in the one with 1 January 2019, those that ran on it."""
    newest = newest_known(investigations.SOURCE, as_of=as_of).subquery("newest").c
    started = newest.started_on.between(period.start, period.end)
    if not period.start <= CARRIED_OVER_ON <= period.end:
        return _counted(connection, _of_kind(newest, kind) & started)
    still_ran = or_(newest.ended_on.is_(None), newest.ended_on >= CARRIED_OVER_ON)
    carried_over = and_(newest.started_on < CARRIED_OVER_ON, still_ran)
    return _counted(connection, _of_kind(newest, kind) & or_(started, carried_over))


def investigations_finished(
    connection: Connection, *, kind: InvestigationKind | None, period: Period, as_of: date
) -> int:
    """Count the investigations that ended in a period with an identification, whenever they started."""
    newest = newest_known(investigations.SOURCE, as_of=as_of).subquery("newest").c
    ended = newest.ended_on.between(period.start, period.end)
    identified = newest.result == InvestigationResult.IDENTIFICATION.value
    return _counted(connection, _of_kind(newest, kind) & ended & identified)


def investigations_running(connection: Connection, *, on: date, as_of: date) -> int:
    """Count the investigations that had started by the end of a day and had not ended by then: a stock."""
    newest = newest_known(investigations.SOURCE, as_of=as_of).subquery("newest").c
    runs = (newest.started_on <= on) & or_(newest.ended_on.is_(None), newest.ended_on > on)
    return _counted(connection, _of_kind(newest, None) & runs)


def _is_realised(newest: Any, period: Period) -> ColumnElement[bool]:
    stands = newest.mutation != InterventionMutation.WITHDRAWN.value
    return and_(stands, newest.realised_on.between(period.start, period.end))


def _of_kind(newest: Any, kind: InvestigationKind | None) -> ColumnElement[bool]:
    stands: ColumnElement[bool] = newest.mutation != InvestigationMutation.WITHDRAWN.value
    return stands if kind is None else stands & (newest.kind == kind.value)


def _counted(connection: Connection, where: ColumnElement[bool]) -> int:
    return int(connection.scalar(select(func.count()).where(where)) or 0)
