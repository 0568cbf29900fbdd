"""A break as it is answered: where it stands, what it rests on, and what persons decided about it.

What ``breaks show --json`` and the verbs that decide print. The words are those of ``schemas.breaks``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from schemas.json_object import JsonObject, fields_to_json, to_json_value


@dataclass(frozen=True, kw_only=True)
class StandingBreak:
    """A break as it stands on a day; the fields are the columns of ``reconciliation.break_life.LIFE``, in their order.

    Attributes:
        break_id: its name, for good.
        side: the register, or the party that delivered.
        dossier_number: of the delivery; None: no delivery is linked or suggested.
        suspect_number: of the delivery, likewise.
        case_number: of the registration, likewise.
        unit: the police unit; None at the OM.
        link_rule: 1 to 5 linked the two records, 6 suggests it; None: there is no other record.
        cause: why there is a break.
        state: whether somebody must act.
        opened_on: the day of the balance that found it, or found it again.
        due_on: the last day of waiting; None: nothing is waited for.
        resolved_on: None: it is not resolved.
        resolved_by: the event or the decision that resolved it; None: no event of its own did.
        age_days: how long it is, or was, open.
        owner: who deals with it; None: nobody.
        note: of whoever took it.
        acknowledged_by: who took it; None: nobody.
        accepted_by: who lets it stand; None: nobody.
        accepted_until: the last day on which it is accepted; None: it is not, or as long as its cause stays.
    """

    break_id: str
    side: str
    dossier_number: str | None
    suspect_number: int | None
    case_number: str | None
    unit: str | None
    link_rule: int | None
    cause: str
    state: str
    opened_on: date
    due_on: date | None
    resolved_on: date | None
    resolved_by: str | None
    age_days: int
    owner: str | None
    note: str | None
    acknowledged_by: str | None
    accepted_by: str | None
    accepted_until: date | None

    def to_json(self) -> JsonObject:
        """The break as ``breaks --json`` prints it."""
        return {field.name: to_json_value(getattr(self, field.name)) for field in fields(StandingBreak)}


@dataclass(frozen=True, kw_only=True)
class PairDecision:
    """What a person decided about a delivered suspect and a registration: confirmed, rejected or taken back.

    ``identity`` says how it is known who that was (``schemas.people.Identity``).
    """

    decision_id: str
    verdict: str
    dossier_number: str
    suspect_number: int
    case_number: str
    decided_by: str
    decided_on: date
    identity: str

    def to_json(self) -> JsonObject:
        """One of ``decisions``, as ``breaks show --json`` prints it."""
        return fields_to_json(self)


@dataclass(frozen=True, kw_only=True)
class BreakHistoryStep:
    """A step of the life of a break, with how it stands after it.

    Attributes:
        on: the day.
        step: a ``BreakStep``.
        cause: that a balance found; None: a person took the step.
        state: after it.
        owner: after it.
        note: after it.
        acknowledged_by: after it.
        accepted_by: after it.
        accepted_until: after it.
        by: the person; None: a balance.
        identity: how it is known who that was (``schemas.people.Identity``); None: a balance.
        event_id: the event that resolved it, or the decision; None: neither.
    """

    on: date
    step: str
    cause: str | None
    state: str
    owner: str | None
    note: str | None
    acknowledged_by: str | None
    accepted_by: str | None
    accepted_until: date | None
    by: str | None
    identity: str | None
    event_id: str | None

    def to_json(self) -> JsonObject:
        """One of ``history``, as ``breaks show --json`` prints it."""
        return fields_to_json(self)


@dataclass(frozen=True, kw_only=True)
class ShownBreak(StandingBreak):
    """A break with its evidence.

    Attributes:
        as_of: the day of the balance that found it.
        cause_means: the cause in a sentence.
        rule: the rule that linked or suggested the other record; None: none did.
        resolved_when: what would end it.
        policy: the numbers that it was found under.
        events: of both records in time order, by the names of their columns; what an event leaves open is left out. A
            ``person`` is letters, the same for the same token and no other.
        decisions: about pairs with either record.
        history: its steps.
    """

    as_of: date
    cause_means: str
    rule: str | None
    resolved_when: str
    policy: Mapping[str, Any]
    events: tuple[Mapping[str, Any], ...]
    decisions: tuple[PairDecision, ...]
    history: tuple[BreakHistoryStep, ...]

    def to_json(self) -> JsonObject:
        """What ``breaks show --json`` prints."""
        return {
            **super().to_json(),
            "as_of": self.as_of.isoformat(),
            "cause_means": self.cause_means,
            "rule": self.rule,
            "resolved_when": self.resolved_when,
            "policy": dict(self.policy),
            "events": [{name: to_json_value(value) for name, value in event.items()} for event in self.events],
            "decisions": [one.to_json() for one in self.decisions],
            "history": [step.to_json() for step in self.history],
        }


@dataclass(frozen=True, kw_only=True)
class KeptDecision:
    """A decision of a person as it is kept: about a break, or about a pair of records; the fields are those columns.

    Attributes:
        decision_number: its place in the order of recording.
        decision_id: its name, for good.
        verdict: a ``BreakStep``.
        dossier_number: of the pair; None: it is about a break.
        suspect_number: likewise.
        case_number: likewise.
        break_id: None: it is about a pair.
        owner: whom the break was given to; None: nobody.
        note: what was said of it; None: nothing.
        decided_by: who.
        decided_on: the day from which it holds.
        recorded_at: when it was kept.
        accepted_cause: the cause for which a break was accepted; None: it was not.
        accepted_until: the last day of that; None: none was named.
        identity: how it is known who decided (``schemas.people.Identity``).
    """

    decision_number: int
    decision_id: str
    verdict: str
    dossier_number: str | None
    suspect_number: int | None
    case_number: str | None
    break_id: str | None
    owner: str | None
    note: str | None
    decided_by: str
    decided_on: date
    recorded_at: datetime
    accepted_cause: str | None
    accepted_until: date | None
    identity: str

    @property
    def about(self) -> str:
        """The break, or the pair of records."""
        return self.break_id or f"{self.dossier_number}/{self.suspect_number} with {self.case_number}"

    def to_json(self) -> JsonObject:
        """The decision as the verbs that decide print it: without its place, and without what it leaves open."""
        printed = fields_to_json(self)
        del printed["decision_number"]
        return {name: value for name, value in printed.items() if value is not None}
