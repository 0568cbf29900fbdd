"""Every cause of a break, declared once: its place in the order, its state, what resolves it, and its words.

The order of the members is the order of the rules (docs/counting-rules.md): the first that holds decides, and the last
one holds when no other does. The rule itself stands in ``ketenbalans.reconciliation.explain``; what counts, lists,
draws or completes causes asks this declaration (ADR 0039).
"""

from dataclasses import dataclass
from typing import Self

from schemas.breaks import BreakState
from schemas.vocabulary import Vocabulary


@dataclass(frozen=True, kw_only=True)
class CauseRecord:
    """All that is said of one cause.

    Attributes:
        name: the word of the answers; its English label has spaces for underscores.
        label_nl: the Dutch label.
        meaning: one English sentence.
        meaning_nl: the same in Dutch, as a report prints it.
        state: what a break of this cause asks for. Open: somebody has to act whatever the day. Waiting: until its due
            day it may be solved by itself, then it is open; where nothing is waited for any more, it is explained.
        waits_from: the day from which the transit allowance runs, a column of the break's own side; None: there is no
            due day. A delivered suspect waits only while it has no link and nobody delivered it again.
        may_still_come: whether the registration may still come, or came after the period: it says nothing of a unit.
        resolved_when: what would resolve such a break.
    """

    name: str
    label_nl: str
    meaning: str
    meaning_nl: str
    state: BreakState
    waits_from: str | None = None
    may_still_come: bool = False
    resolved_when: str

    def __post_init__(self) -> None:
        """Refuse a state that no cause brings about, and one that waits for no day."""
        if self.state not in (BreakState.OPEN, BreakState.WAITING, BreakState.EXPLAINED):
            message = f"{self.name} cannot leave a break {self.state}; a cause leaves it open, waiting or explained"
            raise ValueError(message)
        if self.state is BreakState.WAITING and self.waits_from is None:
            message = f"{self.name} waits, so it needs waits_from: the day from which the transit allowance runs"
            raise ValueError(message)


class BreakCause(Vocabulary):
    """A cause of either side. ``word`` is the Dutch label of a report, ``record`` all that is declared."""

    record: CauseRecord

    def __new__(cls, record: CauseRecord) -> Self:
        """Make a member of its record; it compares and serialises as the record's name."""
        member = str.__new__(cls, record.name)
        member._value_ = record.name
        member.word = record.label_nl
        member.meaning = record.meaning
        member.record = record
        return member

    @classmethod
    def of_state(cls, *states: BreakState) -> tuple[Self, ...]:
        """The causes that leave a break in one of some states, in their order."""
        return tuple(cause for cause in cls if cause.record.state in states)


class Cause(BreakCause):
    """Why a delivered suspect is not recognised at the OM. The first that holds decides."""

    JOINED = CauseRecord(
        name="joined",
        label_nl="gevoegd",
        meaning="The registration was joined into another case.",
        meaning_nl="De inschrijving is in een andere zaak gevoegd.",
        state=BreakState.EXPLAINED,
        resolved_when="The OM takes the registration out of the other case again (a later mutation).",
    )
    LAPSED = CauseRecord(
        name="lapsed",
        label_nl="vervallen",
        meaning="The registration lapsed.",
        meaning_nl="De inschrijving is vervallen.",
        state=BreakState.EXPLAINED,
        resolved_when="The OM brings the registration back, or registers the suspect anew in time.",
    )
    OTHER_CLASSIFICATION = CauseRecord(
        name="other_classification",
        label_nl="andere classificatie",
        meaning="Registered, but not as KP or KST.",
        meaning_nl="Wel ingeschreven, maar niet als KP of KST.",
        state=BreakState.EXPLAINED,
        resolved_when="The OM reclassifies the registration to KP or KST.",
    )
    TRANSFERRED = CauseRecord(
        name="transferred",
        label_nl="overgedragen",
        meaning="Another unit or team took the file over, so it comes in later.",
        meaning_nl="Een andere eenheid of een ander team heeft het dossier overgenomen; daardoor komt het later bij "
        "het OM binnen.",
        state=BreakState.WAITING,
        waits_from="transferred_on",
        resolved_when="The unit or team that took the file over delivers it and the OM registers it in time.",
    )
    PERIOD_BOUNDARY = CauseRecord(
        name="period_boundary",
        label_nl="periodegrens",
        meaning="Delivered in the last month, registered in the next one.",
        meaning_nl="Aangeleverd in de laatste maand van de periode en ingeschreven in de maand daarna.",
        state=BreakState.EXPLAINED,
        may_still_come=True,
        resolved_when="Nothing: the OM counts it in its next period. It stays explained.",
    )
    REGISTERED_LATE = CauseRecord(
        name="registered_late",
        label_nl="later ingeschreven",
        meaning="Registered after the period.",
        meaning_nl="Na de periode ingeschreven.",
        state=BreakState.EXPLAINED,
        may_still_come=True,
        resolved_when="Nothing: the OM counts it in a later period. It stays explained.",
    )
    SUGGESTED = CauseRecord(
        name="suggested",
        label_nl="mogelijke koppeling",
        meaning="A registration looks like it; a person has to confirm or reject the pair.",
        meaning_nl="Er is een inschrijving die erop lijkt; de koppeling moet nog worden bevestigd of afgewezen.",
        state=BreakState.OPEN,
        resolved_when="Somebody confirms the pair, or rejects it so that the next cause holds.",
    )
    IN_TRANSIT = CauseRecord(
        name="in_transit",
        label_nl="onderweg",
        meaning="Delivered so recently that the registration may still come.",
        meaning_nl="Zo kort geleden aangeleverd dat de inschrijving nog kan volgen.",
        state=BreakState.WAITING,
        waits_from="delivered_on",
        may_still_come=True,
        resolved_when="The OM registers it; after the due day it is missing.",
    )
    DUPLICATE_DELIVERY = CauseRecord(
        name="duplicate_delivery",
        label_nl="dubbele aanlevering",
        meaning="The same person's other delivery has it.",
        meaning_nl="De inschrijving hoort bij een andere aanlevering van dezelfde persoon.",
        state=BreakState.OPEN,
        resolved_when="The police withdraw one of the two deliveries of this person.",
    )
    MISSING = CauseRecord(
        name="missing",
        label_nl="onverklaard",
        meaning="None of these: unexplained, and somebody has to look.",
        meaning_nl="Geen van de andere oorzaken is van toepassing; dit moet worden uitgezocht.",
        state=BreakState.OPEN,
        waits_from="delivered_on",
        resolved_when="The OM registers it in time, the police correct or withdraw it, or somebody confirms a pair.",
    )


class OmOnlyCause(BreakCause):
    """Why a registration of the OM's own figure has no recognised delivery of the period; the first that holds."""

    DELIVERED_EARLIER_PERIOD = CauseRecord(
        name="delivered_earlier_period",
        label_nl="eerder aangeleverd",
        meaning="Its delivery falls before the period.",
        meaning_nl="De aanlevering valt vóór de periode.",
        state=BreakState.EXPLAINED,
        resolved_when="Nothing: the delivery counts in an earlier period. It stays explained.",
    )
    DELIVERED_LATER = CauseRecord(
        name="delivered_later",
        label_nl="later aangeleverd",
        meaning="Its delivery falls after the period.",
        meaning_nl="De aanlevering valt na de periode.",
        state=BreakState.EXPLAINED,
        resolved_when="Nothing: the delivery counts in a later period. It stays explained.",
    )
    SUGGESTED = CauseRecord(
        name="suggested",
        label_nl="mogelijke koppeling",
        meaning="A delivery looks like it; a person has to confirm or reject the pair.",
        meaning_nl="Er is een aanlevering die erop lijkt; de koppeling moet nog worden bevestigd of afgewezen.",
        state=BreakState.OPEN,
        resolved_when="Somebody confirms the pair, or rejects it so that the next cause holds.",
    )
    DELIVERY_WITHDRAWN = CauseRecord(
        name="delivery_withdrawn",
        label_nl="aanlevering ingetrokken",
        meaning="The police withdrew its delivery.",
        meaning_nl="De politie heeft de aanlevering ingetrokken.",
        state=BreakState.OPEN,
        resolved_when="The police deliver again, or the registration lapses.",
    )
    DUPLICATE_REGISTRATION = CauseRecord(
        name="duplicate_registration",
        label_nl="dubbele inschrijving",
        meaning="Another registration has its delivery.",
        meaning_nl="Een andere inschrijving hoort al bij de aanlevering.",
        state=BreakState.OPEN,
        resolved_when="The OM lets one of the two registrations lapse or joins it into the other.",
    )
    SUSPECT_NOT_DELIVERED = CauseRecord(
        name="suspect_not_delivered",
        label_nl="verdachte niet aangeleverd",
        meaning="The file is known, this suspect not.",
        meaning_nl="Het dossier is bekend, maar deze verdachte is niet aangeleverd.",
        state=BreakState.OPEN,
        resolved_when="The police deliver this suspect of the file, or the OM corrects the number.",
    )
    OTHER_DELIVERER = CauseRecord(
        name="other_deliverer",
        label_nl="andere aanleveraar",
        meaning="Delivered by a service outside the police extract.",
        meaning_nl="Aangeleverd door een andere dienst dan de politie.",
        state=BreakState.EXPLAINED,
        resolved_when="Nothing: its deliverer is not in a police extract. It stays explained.",
    )
    NO_POLICE_DELIVERY = CauseRecord(
        name="no_police_delivery",
        label_nl="geen aanlevering bekend",
        meaning="None of these.",
        meaning_nl="Geen van de andere oorzaken is van toepassing; dit moet worden uitgezocht.",
        state=BreakState.WAITING,
        waits_from="registered_on",
        resolved_when="The police deliver it; after the due day somebody has to look.",
    )
