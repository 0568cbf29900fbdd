"""What a report is made of: the numbers of one question, as JSON can hold them. Counts only, no identifiers."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date

from ketenbalans.audit.checkpoint import Checkpoint
from ketenbalans.reconciliation.linkage.quality import LinkQuality
from ketenbalans.reconciliation.triangle import Revision
from ketenbalans.reports.report_parts import (
    ComparedFigure,
    CountedBreaks,
    MayCome,
    Publication,
    SinceLastReport,
    SourceCounts,
)
from ketenbalans.signoff.standing import Signoff
from schemas.answer import ShownBalance
from schemas.breaks import BreakState
from schemas.json_object import JsonObject
from schemas.period import Period

AGES = ((0, 30), (31, 60), (61, 90), (91, 180), (181, 365), (366, None))
"""Days since the delivery or the registration, first and last of each class; the last class is open."""

TO_ACT = (BreakState.OPEN.value, BreakState.ACKNOWLEDGED.value)
"""The states of a break that wait for a person."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """One question and all that a report says of it.

    Attributes:
        balance: the stored balance with what it rests on, without the moment it was made.
        breaks: those of the period that are not resolved, counted.
        since: what changed since the last report of the period; None: there is none.
        revisions: figures of the years as known at each month's end, with their steps.
        sources: how far each is loaded and what was checked.
        published: figures that letters gave of this period, beside ours.
        publication: what the report is.
        link_quality: how good the links are; None: nobody judged any.
        checkpoint: the first one that signed the audit entry of the balance; None: none has yet.
        signoffs: the figures of the period that two persons signed, as they stand, the newest first; None: there are
            none.
        release: the newest release of the period as known on the day that is no draft; None: there is none.
        may_come: what is expected when all has come; None: all has, or it cannot be said.
    """

    balance: ShownBalance
    breaks: Sequence[CountedBreaks]
    since: SinceLastReport | None
    revisions: Sequence[Revision]
    sources: Sequence[SourceCounts]
    published: Sequence[ComparedFigure]
    publication: Publication
    link_quality: LinkQuality | None = None
    checkpoint: Checkpoint | None = None
    signoffs: Sequence[Signoff] | None = None
    release: str | None = None
    may_come: MayCome | None = None

    @property
    def period(self) -> Period:
        """What is counted."""
        return self.balance.period

    @property
    def as_of(self) -> date:
        """The day whose knowledge is used."""
        return self.balance.as_of

    def counted(self, **wanted: str | int | Iterable[str] | None) -> int:
        """How many breaks have these values; a tuple of values wants one of them."""
        return sum(
            one.breaks
            for one in self.breaks
            if all(
                getattr(one, name) in value if isinstance(value, tuple) else getattr(one, name) == value
                for name, value in wanted.items()
            )
        )

    def to_json(self) -> JsonObject:
        """The report as its JSON file holds it."""
        return {
            "balance": self.balance.to_json(),
            "breaks": [one.to_json() for one in self.breaks],
            "since": None if self.since is None else self.since.to_json(),
            "revisions": [one.to_json() for one in self.revisions],
            "sources": [one.to_json() for one in self.sources],
            "published": [one.to_json() for one in self.published],
            "publication": self.publication.to_json(),
            **({} if self.link_quality is None else {"link_quality": self.link_quality.to_json()}),
            **({} if self.checkpoint is None else {"checkpoint": asdict(self.checkpoint)}),
            **({"signoffs": [one.to_json() for one in self.signoffs]} if self.signoffs else {}),
            **({} if self.release is None else {"release": self.release}),
            **({} if self.may_come is None else {"may_come": self.may_come.to_json()}),
        }


def age_class(days: int) -> int:
    """The place in ``AGES`` of an age in days; what lies in the future is new."""
    return next(place for place, (_, last) in enumerate(AGES) if last is None or days <= last)
