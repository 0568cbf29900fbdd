"""What an alert is: the rule that raises it, how much it matters, and the steps of its life."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from schemas.period import Period
from schemas.vocabulary import Vocabulary

Evidence = Mapping[str, str | int | float]
"""The numbers and days that an alert rests on, by name; never a value of a record."""


class Severity(Vocabulary):
    """How soon somebody has to look."""

    CRITICAL = "critical", "kritiek", "Figures cannot be made or trusted: look now, also at night."
    WARNING = "warning", "waarschuwing", "Somebody has to look this working day."
    NOTICE = "notice", "melding", "No figure is wrong; it is told in the next digest."


class AlertRule(Vocabulary):
    """What is watched. Of each rule and subject there is one alert, however often it fires."""

    INCIDENT = "incident", "incident", "A source cannot be loaded until a person has looked."
    BALANCE = "balance_does_not_close", "balans sluit niet", "A balance could not be made; nothing was stored."
    CHAIN_KEY = "chain_key", "andere ketensleutel", "An extract was made with another chain key than the others."
    PART_DOWN = "part_down", "onderdeel antwoordt niet", "Kafka, the warehouse or Airflow does not answer."
    SOURCE_SILENT = "source_silent", "bron zwijgt", "A source has handed over no extract for longer than it may."
    DEAD_LETTERS = "dead_letters", "onleesbare berichten", "Messages that are no event of their source are waiting."
    QUALITY = "quality", "kwaliteit", "What is stored of a source does not meet its declaration."
    VOLUME = "volume", "volume", "A source, or a unit of it, told much more or much less than it used to."
    DRIFT = "drift", "verschuiving", "A value of a column became much more common or much rarer than it used to be."
    UNIT_SILENT = "unit_silent", "eenheid zwijgt", "A unit has delivered nothing for too long to be chance."
    EXTRACT_REPEATED = "extract_repeated", "uittreksel herhaald", "The same extract came again in place of a new one."
    UNEXPLAINED = "unexplained", "onverklaard", "More suspects of a period are missing than is allowed."
    GAP_OF_UNIT = "gap_of_unit", "verschil van eenheid", "A unit's gap lies outside its own band."
    REPORTED_CHANGED = "reported_figure_changed", "gemeld cijfer gewijzigd", "A reported figure is another now."
    PUBLISHED_DIFFERS = (
        "published_figure_differs",
        "gepubliceerd cijfer wijkt af",
        "A letter's figure comes out otherwise.",
    )
    PAST_DUE = "break_past_due", "openstaand over datum", "Nobody took breaks that are past their due day."
    BREAK_FLOOD = "break_flood", "veel verschillen ineens", "One balance found very many breaks of one cause."


class AlertStep(Vocabulary):
    """What happened to an alert: by itself, or by a person. Only the first and the last are worth a message."""

    RAISED = "raised", "ontstaan", "A rule holds that did not hold before, or it became worse: somebody has to hear it."
    HELD_BACK = "held_back", "valt onder een andere melding", "Its rule holds, and another alert speaks for it."
    REFRESHED = "refreshed", "bijgewerkt", "Its rule still holds, with other numbers."
    ACKNOWLEDGED = "acknowledged", "in behandeling genomen", "A person took it."
    RESOLVED = "resolved", "opgelost", "The rule no longer holds, or a person said that it is dealt with."


class AlertState(Vocabulary):
    """Where an alert stands."""

    RAISED = "raised", "open", "Nobody took it yet."
    HELD_BACK = "held_back", "valt onder een andere melding", "Its rule holds, and another alert speaks for it."
    ACKNOWLEDGED = "acknowledged", "in behandeling genomen", "A person took it, and the rule still holds."
    RESOLVED = "resolved", "opgelost", "It is over."


NO_BALANCE = "reconciliation"
"""The subject of an incident that stops a balance instead of a source."""

PUBLISHED = "published"
"""The subject of an incident that says that a published figure comes out otherwise."""

STANDING = (AlertState.RAISED, AlertState.HELD_BACK, AlertState.ACKNOWLEDGED)
"""The states of an alert that is not over."""


@dataclass(frozen=True, kw_only=True)
class AlertEvent:
    """One step in the life of an alert.

    Attributes:
        rule: the rule.
        subject: what it is about: a source, ``source.column``, a unit, a year.
        step: what happened.
        severity: how soon somebody has to look.
        says: what was found, in one sentence.
        evidence: what it rests on.
        mark: the evidence in short: after a person resolved an alert, only another mark raises it again.
        period: the days that it speaks of; None: it speaks of now.
        amount: how much of it there is, in the unit of its rule; more is worse. None: it has no more and no less.
        held_back_by: the id of the alert that speaks for it; None: none does.
        by: who did it; None: by itself.
        note: what that person said.
        at: when.
        event_number: its place in the order of all; None: not kept yet.
    """

    rule: AlertRule
    subject: str
    step: AlertStep
    severity: Severity
    says: str
    evidence: Evidence = field(default_factory=dict)
    mark: str
    period: Period | None = None
    amount: float | None = None
    held_back_by: str | None = None
    by: str | None = None
    note: str | None = None
    at: datetime
    event_number: int | None = None

    @property
    def alert_id(self) -> str:
        """The id of its alert: one per rule and subject."""
        return f"{self.rule.value}:{self.subject}"

    @property
    def number_in_ids(self) -> str:
        """What stands for it in the id of a message: its number; of one that is not kept, its alert and moment."""
        if self.event_number is not None:
            return str(self.event_number)
        return f"{self.rule.value}-{self.subject}-{self.at.timestamp():.0f}"
