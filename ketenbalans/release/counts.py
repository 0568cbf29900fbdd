"""The exact counts that a release is made of. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple, Self

from schemas.answer import BalanceAnswer
from schemas.json_object import JsonObject
from schemas.period import Period, month_ends


class RowCounts(NamedTuple):
    """What was delivered in one unit or month, and how many of those are not recognised."""

    delivered: int
    gap: int


class CountsDiffer(ValueError):
    """The counts that a release is to be made of do not belong together; the message names the table."""


@dataclass(frozen=True, kw_only=True)
class ExactCounts:
    """What the balance of a calendar year counts, to the suspect.

    Attributes:
        period: the calendar year.
        as_of: the day whose knowledge is used.
        national: delivered, recognised, gap and om_count.
        causes: the gap by cause; every cause that is counted, also at 0.
        om_only: registrations without a recognised delivery, by cause; likewise.
        registered_earlier: recognised suspects that the OM counts before the period.
        units: per unit with a delivered suspect.
        months: per month of the period, ``2014-01``; every one of them.

    Raises:
        CountsDiffer: a table does not add up to its national line.
    """

    period: Period
    as_of: date
    national: Mapping[str, int]
    causes: Mapping[str, int]
    om_only: Mapping[str, int]
    registered_earlier: int
    units: Mapping[str, RowCounts]
    months: Mapping[str, RowCounts]

    def __post_init__(self) -> None:
        """Refuse tables that do not add up: what is rounded of them would be wrong, whatever the offsets."""
        exact = RowCounts(self.national["delivered"], self.national["gap"])
        sums = {
            "unit": RowCounts(*(sum(row[place] for row in self.units.values()) for place in (0, 1))),
            "month": RowCounts(*(sum(row[place] for row in self.months.values()) for place in (0, 1))),
        }
        wrong = [name for name, found in sums.items() if found != exact]
        wrong += ["causes"] if sum(self.causes.values()) != exact.gap else []
        elsewhere = sum(self.om_only.values()) - self.registered_earlier
        wrong += ["om"] if elsewhere != self.national["om_count"] - self.national["recognised"] else []
        if wrong:
            message = f"the counts of {self.period} as known on {self.as_of} do not add up: {', '.join(wrong)}"
            raise CountsDiffer(message)

    @classmethod
    def of(cls, answer: BalanceAnswer, *, by_month: Mapping[str, RowCounts]) -> Self:
        """The counts of a balance, with those of its months of delivery; a month without a delivery may be left out.

        Raises:
            CountsDiffer: the months do not add up to the balance.
        """
        months = [end.isoformat()[:7] for end in month_ends(answer.period.start, answer.period.end)]
        if outside := sorted(set(by_month) - set(months)):
            message = f"the counts of {answer.period} name a month outside it: {', '.join(outside)}"
            raise CountsDiffer(message)
        return cls(
            period=answer.period,
            as_of=answer.as_of,
            national={
                "delivered": answer.delivered,
                "recognised": answer.recognised,
                "gap": answer.gap,
                "om_count": answer.om_count,
            },
            causes=dict(answer.causes),
            om_only=dict(answer.om_only),
            registered_earlier=answer.registered_earlier,
            units={str(bridge.unit): RowCounts(bridge.delivered, bridge.gap) for bridge in answer.by_unit},
            months={month: by_month.get(month, RowCounts(0, 0)) for month in months},
        )

    def to_json(self) -> JsonObject:
        """The counts as they are kept beside the release that was made of them."""
        return {
            "period": [self.period.start.isoformat(), self.period.end.isoformat()],
            "as_of": self.as_of.isoformat(),
            "national": dict(self.national),
            "causes": dict(self.causes),
            "om_only": dict(self.om_only),
            "registered_earlier": self.registered_earlier,
            "units": _rows_to_json(self.units),
            "months": _rows_to_json(self.months),
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Read what ``to_json`` wrote.

        Raises:
            KeyError: a key is missing.
            CountsDiffer: the counts do not add up.
        """
        return cls(
            period=Period(*map(date.fromisoformat, document["period"])),
            as_of=date.fromisoformat(document["as_of"]),
            national=dict(document["national"]),
            causes=dict(document["causes"]),
            om_only=dict(document["om_only"]),
            registered_earlier=document["registered_earlier"],
            units=_rows_from_json(document["units"].items()),
            months=_rows_from_json(document["months"].items()),
        )


def _rows_to_json(rows: Mapping[str, RowCounts]) -> JsonObject:
    return {name: {"delivered": row.delivered, "gap": row.gap} for name, row in rows.items()}


def _rows_from_json(rows: Iterable[tuple[str, Mapping[str, int]]]) -> dict[str, RowCounts]:
    return {name: RowCounts(row["delivered"], row["gap"]) for name, row in rows}
