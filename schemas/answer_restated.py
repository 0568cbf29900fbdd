"""A restatement as it is answered: from the figures of a period on one day to those on a later one, suspect by suspect.

What ``restate --json`` prints. The words are those of ``schemas.revisions``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from schemas.answer_parts import PublishedBeside
from schemas.json_object import JsonObject, fields_to_json
from schemas.period import Period
from schemas.verdicts import Judgement


@dataclass(frozen=True, kw_only=True)
class SuspectMove:
    """A suspect that came, left or changed between two days.

    Attributes:
        dossier_number: of the delivery.
        suspect_number: in the dossier.
        unit: the police unit.
        movement: a ``Movement``.
        reason: a ``RevisionReason``.
        event_id: the event that the reason rests on; None: it rests on none of the suspect's own records.
        recorded_on: the day on which that was recorded; likewise.
        delivered_on_before: None: not delivered in the period on the earlier day.
        delivered_on_after: None: likewise on the later day.
        case_number_before: None: not linked on the earlier day.
        case_number_after: None: likewise on the later day.
        cause_before: None: recognised on the earlier day, or not delivered.
        cause_after: None: likewise on the later day.
        recognised_before: whether it was recognised on the earlier day.
        recognised_after: likewise on the later day.
    """

    dossier_number: str
    suspect_number: int
    unit: str
    movement: str
    reason: str
    event_id: str | None
    recorded_on: date | None
    delivered_on_before: date | None
    delivered_on_after: date | None
    case_number_before: str | None
    case_number_after: str | None
    cause_before: str | None
    cause_after: str | None
    recognised_before: bool
    recognised_after: bool

    def to_json(self) -> JsonObject:
        """One of ``moves``, as ``restate --json`` prints it."""
        return fields_to_json(self)


@dataclass(frozen=True, kw_only=True)
class FigureMove:
    """A figure of two days, and how many suspects made the difference.

    Attributes:
        before: on the earlier day.
        more: suspects that it counts only on the later day, by reason; a reason without any is left out.
        less: suspects that it counted only on the earlier day, likewise.
        after: on the later day: ``before`` with all that is more and without all that is less.
    """

    before: int
    more: Mapping[str, int]
    less: Mapping[str, int]
    after: int

    def to_json(self, more: str, less: str) -> JsonObject:
        """The figure as ``restate --json`` prints it, under these names for what is more and less."""
        return {"before": self.before, more: dict(self.more), less: dict(self.less), "after": self.after}


@dataclass(frozen=True, kw_only=True)
class RestatementAnswer:
    """From the figures of a period on one day to those on a later one.

    Attributes:
        period: what is counted.
        earlier: the first day of knowledge.
        later: the second.
        delivered: suspects that the police delivered: who came and who left.
        recognised: those that the OM recognises: who became so and who is so no longer.
        cases_before: cases with a delivered suspect on the earlier day.
        cases_after: likewise on the later day.
        changed: suspects that were there on both days with another case or cause, by reason.
        closes: whether the moves lead from both figures of the earlier day to those of the later one.
        moves: every suspect that moved, by movement, dossier and suspect number.
    """

    period: Period
    earlier: date
    later: date
    delivered: FigureMove
    recognised: FigureMove
    cases_before: int
    cases_after: int
    changed: Mapping[str, int]
    closes: bool
    moves: tuple[SuspectMove, ...]

    def to_json(self) -> JsonObject:
        """The moves and what they come to, as ``restate --json`` prints them."""
        return {
            "period": [self.period.start.isoformat(), self.period.end.isoformat()],
            "from": self.earlier.isoformat(),
            "to": self.later.isoformat(),
            "unit": "suspects",
            "delivered": self.delivered.to_json("came", "left"),
            "recognised": self.recognised.to_json("became", "no_longer"),
            "cases_delivered": {"before": self.cases_before, "after": self.cases_after},
            "changed": dict(self.changed),
            "closes": self.closes,
            "moves": [move.to_json() for move in self.moves],
        }


@dataclass(frozen=True, kw_only=True)
class ShownRestatement(RestatementAnswer):
    """A restatement with what it rests on: what ``restate --json`` prints.

    Attributes:
        verdicts: what the balance of each day comes to; empty: nobody asked.
        published: per day what documents had given by then, by the key of our figure.
        synthetic: whether a loaded extract was made by a scenario.
        policy: the numbers that it was made with.
    """

    verdicts: Mapping[date, Judgement]
    published: Mapping[date, Mapping[str, PublishedBeside]]
    synthetic: bool
    policy: Mapping[str, Any]

    def to_json(self) -> JsonObject:
        """What ``restate --json`` prints."""
        verdicts = {day.isoformat(): one.to_dict() for day, one in self.verdicts.items()}
        return {
            **super().to_json(),
            **({"verdicts": verdicts} if verdicts else {}),
            "published": {
                day.isoformat(): {key: figure.to_json() for key, figure in figures.items()}
                for day, figures in self.published.items()
            },
            "synthetic": self.synthetic,
            "policy": dict(self.policy),
        }
