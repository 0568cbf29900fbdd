"""What an alert is: the rule that raises it, how much it matters, and the steps of its life."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from schemas.people import Identity
from schemas.period import Period
from schemas.vocabulary import Vocabulary

Evidence = Mapping[str, str | int | float]
"""The numbers and days that an alert rests on, by name; never a value of a record."""


class Severity(Vocabulary):
    """How soon somebody has to look."""

    CRITICAL = "critical", "kritiek", "Figures cannot be made or trusted: look now, also at night."
    WARNING = "warning", "waarschuwing", "Somebody has to look this working day."
    NOTICE = "notice", "melding", "No figure is wrong; it is sent in the next digest."


@dataclass(frozen=True, kw_only=True)
class AlertRuleRecord:
    """All that is said of one rule (ADR 0039).

    Attributes:
        name: the first half of an alert's id; its English label has spaces for underscores.
        label_nl: the Dutch label.
        meaning: what it means that the rule holds, in one sentence.
        severity: how soon somebody has to look, where a finding does not say otherwise.
        remedy: what to do. ``SUBJECT``, ``PERIOD``, ``CAUSE`` and ``resolve ID`` are filled in for an alert.
    """

    name: str
    label_nl: str
    meaning: str
    severity: Severity
    remedy: str

    @property
    def section(self) -> str:
        """The heading of the runbook under which it stands, which is its anchor."""
        return self.name.replace("_", "-")


class AlertRule(Vocabulary):
    """What is watched. Of each rule and subject there is one alert, however often it fires."""

    record: AlertRuleRecord

    def __new__(cls, record: AlertRuleRecord) -> Self:
        """Make a member of its record; it compares and serialises as the record's name."""
        member = str.__new__(cls, record.name)
        member._value_ = record.name
        member.word = record.label_nl
        member.meaning = record.meaning
        member.record = record
        return member

    INCIDENT = AlertRuleRecord(
        name="incident",
        label_nl="incident",
        meaning="A source cannot be loaded until a person has looked.",
        severity=Severity.CRITICAL,
        remedy="Read the message: it names the remedy. Nothing was moved and nothing is lost; the other sources go "
        "on. `ketenbalans incidents` lists it, `ketenbalans incidents resume NUMBER` lets the source go on, and "
        "docs/runbooks/incidents.md has a section for each kind.",
    )
    BALANCE = AlertRuleRecord(
        name="balance_does_not_close",
        label_nl="balans sluit niet",
        meaning="A balance could not be made; nothing was stored.",
        severity=Severity.CRITICAL,
        remedy="A defect of the rules, never of the data: nothing was stored and the last balance stands. Keep the "
        "log of the task `balance` and report it.",
    )
    CHAIN_KEY = AlertRuleRecord(
        name="chain_key",
        label_nl="andere ketensleutel",
        meaning="An extract was made with another chain key than the others.",
        severity=Severity.CRITICAL,
        remedy="Let the source publish the same extracts again with the right KETENBALANS_CHAIN_KEY: it ends by "
        "itself. Until then nothing is balanced and nothing more of the source is loaded; `ketenbalans incidents "
        "resume NUMBER` goes on as it is.",
    )
    PART_DOWN = AlertRuleRecord(
        name="part_down",
        label_nl="onderdeel antwoordt niet",
        meaning="Kafka, the warehouse or Airflow does not answer.",
        severity=Severity.CRITICAL,
        remedy="`ketenbalans status` says what answers, `ketenbalans up` starts what does not; a server of your own "
        "is started where it runs. Nothing is lost: each source goes on by itself where it stopped, and this ends by "
        "itself.",
    )
    SOURCE_SILENT = AlertRuleRecord(
        name="source_silent",
        label_nl="bron zwijgt",
        meaning="A source has handed over no extract for longer than it may.",
        severity=Severity.WARNING,
        remedy="Ask the source where its extract is. One that holds nothing new is an extract too: it covers a day.",
    )
    DEAD_LETTERS = AlertRuleRecord(
        name="dead_letters",
        label_nl="onleesbare berichten",
        meaning="Messages that are no event of their source are waiting.",
        severity=Severity.WARNING,
        remedy="`ketenbalans deadletters list --source SUBJECT` has place, reason and rule of each. After a fix "
        "redrive them (`deadletters redrive`); of what is no event ask the sender, then discard it with a note "
        "(`deadletters discard`). The alert ends when none waits any more.",
    )
    QUALITY = AlertRuleRecord(
        name="quality",
        label_nl="kwaliteit",
        meaning="What is stored of a source does not meet its declaration.",
        severity=Severity.WARNING,
        remedy="The log of the task `check` in the DAG `quality` names the expectation and the number of rows. Ask "
        "the source for a correction; its next extract mends it.",
    )
    VOLUME = AlertRuleRecord(
        name="volume",
        label_nl="volume",
        meaning="A source, or a unit of it, reported much more or much less than it used to.",
        severity=Severity.WARNING,
        remedy="Ask the source whether its extract is whole, or what happened. Half an extract: let it publish the "
        "whole one; what is loaded already changes nothing. It ends when these days are ordinary; what stays unusual "
        "is ended by you, with a note (`ketenbalans alerts resolve ID --note '...'`).",
    )
    DRIFT = AlertRuleRecord(
        name="drift",
        label_nl="verschuiving",
        meaning="A value of a column became much more common or much rarer than it used to be.",
        severity=Severity.WARNING,
        remedy="Ask the source what changed: a code, a form, a supplier. One that was not meant is mended by "
        "corrected rows; one that was meant is ended by you, with a note (`ketenbalans alerts resolve ID --note "
        "'...'`).",
    )
    UNIT_SILENT = AlertRuleRecord(
        name="unit_silent",
        label_nl="eenheid zwijgt",
        meaning="A unit has delivered nothing for too long to be chance.",
        severity=Severity.WARNING,
        remedy="Ask the unit, or whoever makes the extract, why its files are not there. Until then the unit's "
        "figures are too low. It ends when the unit reports something new; of one that is no more it is ended by you, "
        "with a note (`ketenbalans alerts resolve ID --note '...'`).",
    )
    EXTRACT_REPEATED = AlertRuleRecord(
        name="extract_repeated",
        label_nl="uittreksel herhaald",
        meaning="The same extract came again in place of a new one.",
        severity=Severity.WARNING,
        remedy="When it claims to cover days that nothing reported on: ask for their extract; it ends when their rows "
        "have come. Otherwise nothing is to be done, and the next extract ends this alert.",
    )
    UNEXPLAINED = AlertRuleRecord(
        name="unexplained",
        label_nl="onverklaard",
        meaning="More suspects of a period are missing than is allowed.",
        severity=Severity.WARNING,
        remedy="`ketenbalans breaks --period PERIOD --cause missing` lists them. Look each up at both sides, then "
        "confirm a pair, or take the break with an owner and a note.",
    )
    GAP_OF_UNIT = AlertRuleRecord(
        name="gap_of_unit",
        label_nl="verschil van eenheid",
        meaning="A unit's gap lies outside its own band.",
        severity=Severity.WARNING,
        remedy="`ketenbalans breaks list --unit SUBJECT` says by cause why. Ask the unit about what they have in "
        "common.",
    )
    REPORTED_CHANGED = AlertRuleRecord(
        name="reported_figure_changed",
        label_nl="gemeld cijfer gewijzigd",
        meaning="A reported figure is another now.",
        severity=Severity.WARNING,
        remedy="`ketenbalans restate` says suspect by suspect why. Decide whether those who were given the old figure "
        "are given the new one; a new report ends this alert.",
    )
    NOWCAST_MISSED = AlertRuleRecord(
        name="nowcast_missed",
        label_nl="prognose gemist",
        meaning="In a month far fewer or far more suspects were registered than practice before it explains.",
        severity=Severity.WARNING,
        remedy="Ask the OM what changed: a strike, a new system, a backlog that was worked off. Until months like "
        "this one have passed, what `ketenbalans nowcast` expects rests on practice that is no more: say so where its "
        "numbers are used. One that you know the reason of is ended by you, with a note (`ketenbalans alerts resolve "
        "ID --note '...'`); it ends by itself when records that came later make the month ordinary.",
    )
    SIGNATURE_VOID = AlertRuleRecord(
        name="signature_void",
        label_nl="handtekening vervallen",
        meaning="Figures that two persons signed are others now: what was recorded by their day came in later.",
        severity=Severity.WARNING,
        remedy="`ketenbalans signoff show FIGURE_SET` names the figures that moved, the breaks and the loads. Decide "
        "who has to hear it; then prepare the figures as they are now and let another person approve them, or withdraw "
        "these (`ketenbalans signoff withdraw FIGURE_SET --note '...'`): either ends this alert.",
    )
    FIGURES_SUPERSEDED = AlertRuleRecord(
        name="figures_superseded",
        label_nl="getekende cijfers achterhaald",
        meaning="On a later day a figure that two persons signed is another, by more than was agreed.",
        severity=Severity.WARNING,
        remedy="`ketenbalans signoff show FIGURE_SET` names the figures and the day, `ketenbalans restate` says "
        "suspect by suspect why. What was signed was right as known on its day: decide whether the later "
        "figures are signed too, which ends this alert, or withdraw these (`ketenbalans signoff withdraw FIGURE_SET "
        "--note '...'`).",
    )
    PUBLISHED_DIFFERS = AlertRuleRecord(
        name="published_figure_differs",
        label_nl="gepubliceerd cijfer wijkt af",
        meaning="A letter's figure comes out otherwise.",
        severity=Severity.WARNING,
        remedy="`ketenbalans verify` shows both side by side, `ketenbalans restate` which suspects moved and why. "
        "Decide who has to hear it; it ends with the first nightly check that finds all figures again.",
    )
    AUDIT_BROKEN = AlertRuleRecord(
        name="audit_broken",
        label_nl="auditketen gebroken",
        meaning="An entry of the audit chain does not fit its row, the entry before it or a checkpoint.",
        severity=Severity.CRITICAL,
        remedy="`ketenbalans audit verify` names the first entry that does not fit, and how. Change nothing, keep a "
        "copy of the database, and hold it against checkpoints kept elsewhere (`audit verify --against FILE`). "
        "docs/audit.md says what each finding means. It ends with the first nightly check in which all of it fits.",
    )
    PAST_DUE = AlertRuleRecord(
        name="break_past_due",
        label_nl="openstaand over datum",
        meaning="Nobody took breaks that are past their due day.",
        severity=Severity.WARNING,
        remedy="`ketenbalans breaks --period PERIOD --state open` lists all that are open. Take each with an owner "
        "and a note, or confirm or reject its pair.",
    )
    BREAK_FLOOD = AlertRuleRecord(
        name="break_flood",
        label_nl="veel verschillen ineens",
        meaning="One balance found very many breaks of one cause.",
        severity=Severity.WARNING,
        remedy="`ketenbalans breaks --period PERIOD --cause CAUSE` lists them. So many at once have one reason: look "
        "at three of them at both sides, and ask the source that changed. Mended there, they resolve by themselves; "
        "once you know the reason, end this alert with a note (`ketenbalans alerts resolve ID --note '...'`).",
    )


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

AUDIT = "audit"
"""The subject of an incident that says that the audit chain does not fit."""

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
        period: the days that it is about; None: it is about now.
        amount: how much of it there is, in the unit of its rule; more is worse. None: it has no more and no less.
        held_back_by: the id of the alert that is its reason; None: none does.
        by: who did it; None: by itself.
        identity: how it is known who it was; None: by itself.
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
    identity: Identity | None = None
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
