"""Which count of the warehouse answers which derivation."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from ketenbalans.figures.measure import Derivation, Measure
from ketenbalans.figures.measures_police import TOTAL
from ketenbalans.jobs.figures.cases import delivered_cases, indigo_cases
from schemas.period import Period
from schemas.sources.aggregates import NO_CATEGORY
from schemas.vocabulary import Basis, InvestigationKind, Outcome
from warehouse.counted_elsewhere import DeliveredCount, delivered_count, transnational_reports
from warehouse.counted_police import (
    indigo_trajectories,
    interventions_realised,
    investigations_finished,
    investigations_running,
    investigations_started,
)


@dataclass(frozen=True)
class MeasureQuestion:
    """What is asked: a measure, one of its categories, the period, the day whose knowledge is used, and the basis."""

    measure: Measure
    category: str
    period: Period
    as_of: date
    basis: str


Answer = Callable[[Connection, MeasureQuestion], int | str]
"""A count, or why there is none."""


def _kind(asked: MeasureQuestion) -> InvestigationKind | None:
    return None if asked.category in ("", TOTAL) else InvestigationKind.of(asked.category)


def _delivered(connection: Connection, asked: MeasureQuestion) -> int | str:
    bases = {basis for _, basis in asked.measure.bases} or {Basis.ONLY}
    if asked.basis not in (*bases, *([""] if len(bases) == 1 else [])):
        names = ", ".join(sorted(bases))
        return f"{asked.measure.name} is delivered on the bases {names}, which never mix; ask for one of these"
    basis = Basis.of(asked.basis) if asked.basis else bases.pop()
    of = DeliveredCount(asked.measure.name, asked.category or NO_CATEGORY, basis)
    counted = delivered_count(connection, of, period=asked.period, as_of=asked.as_of)
    return f"no such count is delivered that rests on {asked.as_of} or earlier" if counted is None else counted


COUNTED: dict[Derivation, Answer] = {
    Derivation.TRANSNATIONAL_CASES: lambda connection, asked: len(
        delivered_cases(connection, asked.period, as_of=asked.as_of).dossiers(transnational=True)
    ),
    Derivation.INTERVENTIONS: lambda connection, asked: interventions_realised(
        connection, period=asked.period, as_of=asked.as_of
    ),
    Derivation.INDIGO_TRAJECTORIES: lambda connection, asked: indigo_trajectories(
        connection, period=asked.period, as_of=asked.as_of
    ),
    Derivation.INDIGO_CASES: lambda connection, asked: indigo_cases(connection, asked.period, as_of=asked.as_of),
    Derivation.INVESTIGATIONS: lambda connection, asked: investigations_started(
        connection, kind=_kind(asked), period=asked.period, as_of=asked.as_of
    ),
    Derivation.FINISHED: lambda connection, asked: investigations_finished(
        connection, kind=_kind(asked), period=asked.period, as_of=asked.as_of
    ),
    Derivation.RUNNING: lambda connection, asked: investigations_running(
        connection, on=asked.period.end, as_of=asked.as_of
    ),
    Derivation.REPORTS: lambda connection, asked: transnational_reports(
        connection,
        outcome=Outcome.of(asked.measure.key) if asked.measure.key else None,
        period=asked.period,
        as_of=asked.as_of,
    ),
    Derivation.DELIVERED: _delivered,
}
"""How to count what is neither of the balance nor follows from other published figures."""
