"""What the head of a report says of the report itself: its status, whom to ask, and when the next one comes out."""

from dataclasses import dataclass
from datetime import date
from typing import Self

from sqlalchemy import Connection

from ketenbalans.jobs.reporting.calendar import scheduled_after
from ketenbalans.reports.report_parts import Publication
from ketenbalans.settings import Settings
from schemas.answer import COUNTS, BalanceAnswer
from schemas.period import Period
from schemas.report_status import EarlierReport, final_from, status_of
from warehouse.reports import reports_of


@dataclass(frozen=True, kw_only=True)
class ReportTerms:
    """What reports are made under, beside the policy of the reconciliation.

    Attributes:
        final_after_days: so many days after its period a figure is final.
        contact: whom readers can ask; None: nobody is named.
        nowcast_horizon_days: so many days after its period all that comes has come.
    """

    final_after_days: int
    contact: str | None
    nowcast_horizon_days: int

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Those of the settings and the policy file that they name."""
        policy = settings.read_alert_policy()
        return cls(
            final_after_days=policy.final_after_days,
            contact=settings.report_contact,
            nowcast_horizon_days=settings.read_nowcast_policy().nowcast_horizon_days,
        )


def publication_of(
    connection: Connection, balance: BalanceAnswer, *, period: Period, as_of: date, terms: ReportTerms
) -> Publication:
    """Say what a report of a balance is. It follows from the question, never from the clock."""
    reported = [EarlierReport(as_of=one.as_of, figures=one.figures) for one in reports_of(connection, period=period)]
    figures = {name: balance.figure(name) for name in COUNTS}
    status, restated = status_of(
        period, as_of, figures=figures, reported=reported, final_after_days=terms.final_after_days
    )
    return Publication(
        status=status,
        final_from=final_from(period, final_after_days=terms.final_after_days),
        restates=restated,
        contact=terms.contact,
        next_report=scheduled_after(as_of),
    )
