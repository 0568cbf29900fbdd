"""What an answer about a balance is made of: a bridge, what one party delivered, and a published figure beside ours."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from schemas.json_object import JsonObject


@dataclass(frozen=True, kw_only=True)
class Bridge:
    """From delivered to recognised suspects, for one unit or for several together.

    Attributes:
        unit: the police unit; None: all units of a party together.
        delivered: suspects that were delivered.
        recognised: of these, how many the OM recognises.
        cases_delivered: cases with a delivered suspect; one in two units counts in both, and once in the total.
        causes: suspects that are not recognised, by cause; every cause that was counted, also at 0, in the order of
            the rules.
        registered: suspects linked to a standing registration classified KP or KST, whatever its day; None: kept
            before these were counted.
    """

    unit: str | None = None
    delivered: int
    recognised: int
    cases_delivered: int
    causes: Mapping[str, int]
    registered: int | None = None

    @property
    def gap(self) -> int:
        """Delivered suspects that the OM cannot recognise."""
        return self.delivered - self.recognised

    @property
    def closes(self) -> bool:
        """Whether the causes explain the gap to the last suspect."""
        return self.gap == sum(self.causes.values())

    def to_json(self) -> JsonObject:
        """The bridge as ``reconcile --json`` prints it, without the unit."""
        return {
            "delivered": self.delivered,
            "recognised": self.recognised,
            "gap": self.gap,
            **({} if self.registered is None else {"registered": self.registered}),
            "cases_delivered": self.cases_delivered,
            "causes": dict(self.causes),
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Read what ``to_json`` wrote, and the unit where it stands beside that.

        Raises:
            KeyError: a key is missing.
        """
        return cls(
            unit=document.get("unit"),
            delivered=document["delivered"],
            recognised=document["recognised"],
            cases_delivered=document["cases_delivered"],
            causes=dict(document["causes"]),
            registered=document.get("registered"),
        )


@dataclass(frozen=True, kw_only=True)
class MonthBridge:
    """What the police delivered in one calendar month of a period, and how many of those the OM recognises.

    Attributes:
        month: the month of delivery, as ``2014-01``.
        delivered: suspects that were delivered in it.
        recognised: of these, how many are recognised by the end of the period, not of the month.
    """

    month: str
    delivered: int
    recognised: int

    @property
    def gap(self) -> int:
        """Delivered suspects that the OM cannot recognise."""
        return self.delivered - self.recognised

    def to_json(self) -> JsonObject:
        """One of ``by_month``, as ``reconcile --json`` prints it."""
        return {"month": self.month, "delivered": self.delivered, "recognised": self.recognised, "gap": self.gap}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Read what ``to_json`` wrote.

        Raises:
            KeyError: a key is missing.
        """
        return cls(month=document["month"], delivered=document["delivered"], recognised=document["recognised"])


@dataclass(frozen=True, kw_only=True)
class PartyBridge:
    """What one party delivered in a period: the bridge in total, and per unit.

    Attributes:
        party: who delivered, as the catalogue names it.
        total: over all its units.
        by_unit: one per unit with a delivered suspect in the period, sorted.
    """

    party: str
    total: Bridge
    by_unit: tuple[Bridge, ...]

    def to_json(self) -> JsonObject:
        """One of ``other_parties``, as ``reconcile --json`` prints it."""
        by_unit = [{"unit": bridge.unit, **bridge.to_json()} for bridge in self.by_unit]
        return {"party": self.party, **self.total.to_json(), "by_unit": by_unit}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Read what ``to_json`` wrote.

        Raises:
            KeyError: a key is missing.
        """
        return cls(
            party=document["party"],
            total=Bridge.from_json({**document, "unit": None}),
            by_unit=tuple(map(Bridge.from_json, document["by_unit"])),
        )


@dataclass(frozen=True, kw_only=True)
class PublishedBeside:
    """What a document published of the same measure and period.

    Attributes:
        value: the figure that it gives, in whole suspects or cases.
        document: which one, as the register of published figures names it.
        as_of: the day that the figure rests on; None: the document does not say.
    """

    value: int
    document: str
    as_of: date | None

    def to_json(self) -> JsonObject:
        """The figure as ``reconcile --json`` prints it under ``published``."""
        as_of = None if self.as_of is None else self.as_of.isoformat()
        return {"value": self.value, "document": self.document, "as_of": as_of}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Read what ``to_json`` wrote.

        Raises:
            KeyError: a key is missing.
            ValueError: the day is none.
        """
        as_of = document["as_of"]
        return cls(
            value=document["value"],
            document=document["document"],
            as_of=None if as_of is None else date.fromisoformat(as_of),
        )
