"""Reports that were made: which balance was reported of which question, and what it said."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, RowMapping, Select, select
from sqlalchemy.dialects.postgresql import insert

from schemas.period import Period
from warehouse.tables.watching import REPORT

REPORTED_FIGURES = ("delivered", "recognised")
"""The figures of a report that are held against what the warehouse says later."""


@dataclass(frozen=True, kw_only=True)
class MadeReport:
    """A report that was made.

    Attributes:
        period: what it counts.
        as_of: the day whose knowledge is used.
        balance_id: the balance.
        figures: what it said, by the keys of ``reconcile --json``.
        made_at: when it was first made.
    """

    period: Period
    as_of: date
    balance_id: int
    figures: Mapping[str, int]
    made_at: datetime


def keep_report(
    connection: Connection, *, period: Period, as_of: date, balance_id: int, figures: Mapping[str, int]
) -> None:
    """Write down that a balance was reported; the same again changes nothing."""
    made = insert(REPORT).values(
        period_start=period.start,
        period_end=period.end,
        as_of=as_of,
        balance_id=balance_id,
        figures=dict(figures),
    )
    connection.execute(made.on_conflict_do_nothing())


def last_report(connection: Connection, *, period: Period, before: date | None = None) -> MadeReport | None:
    """The newest report of a period, of those of an earlier day than one; None when there is none."""
    query = _newest().where(REPORT.c.period_start == period.start, REPORT.c.period_end == period.end)
    if before is not None:
        query = query.where(REPORT.c.as_of < before)
    row = connection.execute(query.limit(1)).mappings().one_or_none()
    return None if row is None else _made(row)


def reports_of(connection: Connection, *, period: Period) -> list[MadeReport]:
    """Every report of a period that was made, the newest day first."""
    query = _newest().where(REPORT.c.period_start == period.start, REPORT.c.period_end == period.end)
    return [_made(row) for row in connection.execute(query).mappings()]


def reported_periods(connection: Connection) -> list[Period]:
    """Every period that was ever reported, in order."""
    rows = connection.execute(select(REPORT.c.period_start, REPORT.c.period_end).distinct())
    return sorted(Period(*row) for row in rows)


def _newest() -> Select[tuple[object, ...]]:
    return select(REPORT).order_by(REPORT.c.as_of.desc(), REPORT.c.report_id.desc())


def _made(row: RowMapping) -> MadeReport:
    return MadeReport(
        period=Period(row["period_start"], row["period_end"]),
        as_of=row["as_of"],
        balance_id=row["balance_id"],
        figures=row["figures"],
        made_at=row["made_at"],
    )
