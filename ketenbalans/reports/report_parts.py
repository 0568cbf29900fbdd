"""The parts of a report: counts of breaks and of moves, sources, published figures, and what the report is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ketenbalans.nowcast.forecast import Forecast
from ketenbalans.nowcast.past import PastForecast
from schemas.answer_restated import ShownRestatement
from schemas.json_object import JsonObject, fields_to_json
from schemas.period import Period
from schemas.report_status import EarlierReport, ReportStatus


@dataclass(frozen=True, kw_only=True)
class CountedBreaks:
    """How many breaks have the same values.

    Attributes:
        side: the register, or the party that delivered.
        cause: why.
        state: whether somebody must act.
        unit: the police unit; None at the OM.
        age: the place of its class in ``reports.report.AGES``.
        breaks: how many.
    """

    side: str
    cause: str
    state: str
    unit: str | None
    age: int
    breaks: int

    def to_json(self) -> JsonObject:
        """The count as the JSON of a report has it."""
        return fields_to_json(self)


@dataclass(frozen=True, kw_only=True)
class CountedMove:
    """How many suspects moved in the same way for the same reason.

    Attributes:
        movement: a ``Movement``.
        reason: a ``RevisionReason``.
        before: what they were: ``recognised``, a cause, or None: not delivered in the period.
        after: what they are, likewise.
        suspects: how many.
    """

    movement: str
    reason: str
    before: str | None
    after: str | None
    suspects: int

    def to_json(self) -> JsonObject:
        """The count as the JSON of a report has it."""
        return fields_to_json(self)


@dataclass(frozen=True, kw_only=True)
class SinceLastReport:
    """What changed since the last report of the period.

    Attributes:
        restated: the restatement from its day to that of this report, without its moves: those name records.
        moves: the moves, counted.
    """

    restated: ShownRestatement
    moves: tuple[CountedMove, ...]

    def to_json(self) -> JsonObject:
        """What changed as the JSON of a report has it."""
        return {**self.restated.to_json(), "moves": [move.to_json() for move in self.moves]}


@dataclass(frozen=True, kw_only=True)
class SourceCounts:
    """How far a source is loaded, and what was checked.

    Attributes:
        source: its name in the catalogue.
        covers_until: the last day that a loaded extract covers; None: none is loaded.
        extracts: how many are loaded.
        rows: that they hold.
        rejected: rows that the producer refused.
        dead_letters: messages that wait.
        quality: ``passed``, ``failed`` or ``not_checked``.
    """

    source: str
    covers_until: date | None
    extracts: int
    rows: int
    rejected: int
    dead_letters: int
    quality: str

    def to_json(self) -> JsonObject:
        """The source as the JSON of a report has it."""
        return fields_to_json(self)


@dataclass(frozen=True, kw_only=True)
class ComparedFigure:
    """A figure that a document published of the period, beside ours.

    Attributes:
        figure: the key of ours, or the quality whose share it is.
        published: what the document gives, as it is written there.
        here: ours.
        document: which one, as the register of published figures names it.
        as_of: the day that the published one rests on; None: not stated.
        is_share: whether both are percentages.
    """

    figure: str
    published: str
    here: str
    document: str
    as_of: date | None
    is_share: bool

    def to_json(self) -> JsonObject:
        """The figures as the JSON of a report has them."""
        return fields_to_json(self)


@dataclass(frozen=True, kw_only=True)
class YearTarget:
    """What was agreed on for the period.

    Attributes:
        suspects: how many were to be delivered.
        chance: that as many or more are, when all has come: in a thousand.
    """

    suspects: int
    chance: int

    def to_json(self) -> JsonObject:
        """The target as the JSON of a report has it."""
        return fields_to_json(self)


@dataclass(frozen=True, kw_only=True)
class MayCome:
    """What is expected of the period when all has come (ADR 0059).

    Attributes:
        known_on: the day on which all has come.
        delivered_until: the last day of delivery that is spoken of: the end of the period, or the as-of day inside it.
        counts: delivered, registered and recognised suspects.
        target: what was agreed on; None: nothing was, or the period is not over.
        past: how forecasts of months before turned out, the oldest first; empty where none can be looked at.
    """

    known_on: date
    delivered_until: date
    counts: Mapping[str, Forecast]
    target: YearTarget | None
    past: Sequence[PastForecast] = ()

    def to_json(self) -> JsonObject:
        """What is expected as the JSON of a report has it."""
        return {
            "known_on": self.known_on.isoformat(),
            "delivered_until": self.delivered_until.isoformat(),
            "counts": {name: one.to_json() for name, one in self.counts.items()},
            "target": None if self.target is None else self.target.to_json(),
            **({"past": [one.to_json() for one in self.past]} if self.past else {}),
        }


@dataclass(frozen=True, kw_only=True)
class ScheduledReport:
    """A report of the schedule: the day it comes out, the day whose knowledge it rests on, and what it counts."""

    on: date
    as_of: date
    period: Period

    def to_json(self) -> JsonObject:
        """The report to come as the JSON of a report has it."""
        return {"on": self.on.isoformat(), "as_of": self.as_of.isoformat(), "period": str(self.period)}


@dataclass(frozen=True, kw_only=True)
class Publication:
    """What a report is.

    Attributes:
        status: whether its figures may still move.
        final_from: the first as-of day of final figures.
        restates: the final report that said otherwise; None: none did.
        contact: whom readers can ask; None: nobody is named.
        next_report: of the schedule.
    """

    status: ReportStatus
    final_from: date
    restates: EarlierReport | None
    contact: str | None
    next_report: ScheduledReport

    def to_json(self) -> JsonObject:
        """What the report is as its JSON has it."""
        restated = self.restates
        return {
            "status": self.status.value,
            "final_from": self.final_from.isoformat(),
            "restates": None if restated is None else {"as_of": restated.as_of.isoformat(), **restated.figures},
            "contact": self.contact,
            "next_report": self.next_report.to_json(),
        }
