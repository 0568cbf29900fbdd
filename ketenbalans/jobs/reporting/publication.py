"""What the head of a report says of the report itself: its status, whom to ask, and when the next one comes out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from sqlalchemy import Connection

from ketenbalans.jobs.reporting.calendar import scheduled_after
from ketenbalans.settings import Settings
from schemas.period import Period
from schemas.report_status import Reported, final_from, status_of
from warehouse.reports import reports_of


@dataclass(frozen=True, kw_only=True)
class ReportTerms:
    """What reports are made under, beside the policy of the reconciliation.

    Attributes:
        final_after_days: so many days after its period a figure is final.
        contact: whom readers can ask; None: nobody is named.
    """

    final_after_days: int
    contact: str | None

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Those of the settings and the policy file that they name."""
        policy = settings.read_alert_policy()
        return cls(final_after_days=policy.final_after_days, contact=settings.report_contact)


def publication_of(
    connection: Connection, balance: Mapping[str, Any], *, period: Period, as_of: date, terms: ReportTerms
) -> dict[str, Any]:
    """Say what a report of a balance is: ``Report.publication``. It follows from the question, never from the clock."""
    reported = [Reported(as_of=one.as_of, figures=one.figures) for one in reports_of(connection, period=period)]
    status, restated = status_of(
        period, as_of, figures=balance, reported=reported, final_after_days=terms.final_after_days
    )
    scheduled = scheduled_after(as_of)
    return {
        "status": status.value,
        "final_from": final_from(period, final_after_days=terms.final_after_days).isoformat(),
        "restates": restated and {"as_of": restated.as_of.isoformat(), **restated.figures},
        "contact": terms.contact,
        "next_report": {
            "on": scheduled.on.isoformat(),
            "as_of": scheduled.as_of.isoformat(),
            "period": str(scheduled.period),
        },
    }
