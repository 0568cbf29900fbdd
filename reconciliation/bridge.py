"""What a balance is: a bridge per unit and in total, both ways, that closes to the last suspect (design, 4.4)."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from schemas.period import Period


class BalanceDoesNotClose(ArithmeticError):
    """A bridge does not add up: a defect of the rules, never of the data. Nothing may be stored."""


@dataclass(frozen=True)
class Bridge:
    """From delivered to recognised for one unit, or for all together (``unit`` is then None)."""

    unit: str | None
    delivered: int
    recognised: int
    cases_delivered: int
    causes: dict[str, int]

    @property
    def gap(self) -> int:
        """Delivered suspects that the OM cannot recognise."""
        return self.delivered - self.recognised

    @property
    def closes(self) -> bool:
        """Whether the causes explain the gap to the last suspect."""
        return self.gap == sum(self.causes.values())

    def to_dict(self) -> dict[str, Any]:
        """The bridge as ``reconcile --json`` prints it, without the unit."""
        return {
            "delivered": self.delivered,
            "recognised": self.recognised,
            "gap": self.gap,
            "cases_delivered": self.cases_delivered,
            "causes": self.causes,
        }


@dataclass(frozen=True)
class Balance:
    """What one period looks like on one day.

    Attributes:
        period: the deliveries that are counted, by ``delivered_on``.
        as_of: the day whose knowledge is used.
        total: the bridge over all units.
        by_unit: a bridge per police unit with a delivered suspect in the period, sorted.
        links: delivered suspects of the period by the rule that linked them, recognised or not.
        registered_earlier: recognised suspects registered before the period.
        om_count: the OM's own figure, by ``registered_on``.
        om_only_causes: registrations of that figure without a recognised delivery of the period, by cause.
        suspects: one row per delivered suspect: dossier_number, suspect_number, unit, case_number, link_rule,
            cause.
        om_only: one row per registration of the OM's figure that is only there: case_number, cause.
    """

    period: Period
    as_of: date
    total: Bridge
    by_unit: tuple[Bridge, ...]
    links: dict[str, int]
    registered_earlier: int
    om_count: int
    om_only_causes: dict[str, int]
    suspects: Any
    om_only: Any

    @property
    def closes(self) -> bool:
        """Whether both bridges add up, per unit and in total."""
        units = self.by_unit
        adds_up = (
            sum(unit.delivered for unit in units) == self.total.delivered
            and sum(unit.recognised for unit in units) == self.total.recognised
            and all(sum(unit.causes[cause] for unit in units) == total for cause, total in self.total.causes.items())
        )
        to_the_om = self.total.recognised - self.registered_earlier + sum(self.om_only_causes.values())
        return adds_up and all(unit.closes for unit in (*units, self.total)) and to_the_om == self.om_count

    def to_dict(self) -> dict[str, Any]:
        """The balance as ``reconcile --json`` prints it; every cause is present, also at 0."""
        return {
            "period": [self.period.start.isoformat(), self.period.end.isoformat()],
            "as_of": self.as_of.isoformat(),
            "unit": "suspects",
            **self.total.to_dict(),
            "registered_earlier": self.registered_earlier,
            "om_count": self.om_count,
            "om_only": self.om_only_causes,
            "links": self.links,
            "closes": self.closes,
            "by_unit": [{"unit": bridge.unit, **bridge.to_dict()} for bridge in self.by_unit],
        }
