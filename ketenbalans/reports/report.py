"""What a report is made of: the numbers of one question, as JSON can hold them. Counts only, no identifiers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from schemas.breaks import BreakState
from schemas.period import Period

AGES = ((0, 30), (31, 60), (61, 90), (91, 180), (181, 365), (366, None))
"""Days since the delivery or the registration, first and last of each class; the last class is open."""

TO_ACT = (BreakState.OPEN.value, BreakState.ACKNOWLEDGED.value)
"""The states of a break that wait for a person."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """One question and all that a report says of it.

    Attributes:
        balance: the stored balance with what it rests on (``jobs.balancing.balances.told``), without the moment it was
            made.
        breaks: how many breaks have the same ``side``, ``cause``, ``state``, ``unit`` (null at the OM) and ``age``
            (the place of its class in ``AGES``); key ``breaks``.
        since: the restatement from the last report of the period; its moves without records, counted by ``movement``,
            ``reason``, ``before`` and ``after`` (``recognised``, a cause, or null: not delivered). None: there is none.
        revisions: figures of the years as known at each month's end, with their steps (``Revision.to_dict``).
        sources: per source how far it is loaded and what was checked.
        published: figures that letters gave of this period: ``figure``, ``published``, ``here``, ``document``,
            ``as_of`` (null: not stated), ``is_share``.
        publication: what the report is: ``status``, ``final_from`` (the first as-of day of final figures), ``restates``
            (the final report that said otherwise, or null), ``contact`` (or null) and ``next_report``.
    """

    balance: Mapping[str, Any]
    breaks: Sequence[Mapping[str, Any]]
    since: Mapping[str, Any] | None
    revisions: Sequence[Mapping[str, Any]]
    sources: Sequence[Mapping[str, Any]]
    published: Sequence[Mapping[str, Any]]
    publication: Mapping[str, Any]

    @property
    def period(self) -> Period:
        """What is counted."""
        return Period(*map(date.fromisoformat, self.balance["period"]))

    @property
    def as_of(self) -> date:
        """The day whose knowledge is told."""
        return date.fromisoformat(self.balance["as_of"])

    def counted(self, **wanted: str | int | Iterable[str] | None) -> int:
        """How many breaks have these values; a tuple of values wants one of them."""
        return sum(
            row["breaks"]
            for row in self.breaks
            if all(
                row[name] in value if isinstance(value, tuple) else row[name] == value for name, value in wanted.items()
            )
        )

    def to_dict(self) -> dict[str, Any]:
        """The report as its JSON file holds it."""
        return {
            "balance": dict(self.balance),
            "breaks": [dict(row) for row in self.breaks],
            "since": None if self.since is None else dict(self.since),
            "revisions": [dict(row) for row in self.revisions],
            "sources": [dict(row) for row in self.sources],
            "published": [dict(row) for row in self.published],
            "publication": dict(self.publication),
        }


def age_class(days: int) -> int:
    """The place in ``AGES`` of an age in days; what lies in the future is new."""
    return next(place for place, (_, last) in enumerate(AGES) if last is None or days <= last)
