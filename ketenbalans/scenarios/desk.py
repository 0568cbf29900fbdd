"""The desk where stories are written down: files are opened at the police, cases are registered at the OM.

A story asks for what it needs to say (a day, a suspect, a clue); the desk draws everything else from its seed.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from ketenbalans.scenarios.moments import office_moment, working_day_from, working_days
from ketenbalans.scenarios.numbers import NumberBook, as_typed
from ketenbalans.scenarios.places import UNITS, Unit
from ketenbalans.scenarios.rows import Delivery, DeliveryRow, Registration, RegistrationRow, SyntheticChain

ORDINARY_QUALIFICATIONS = (
    ("bezit",),
    ("bezit", "verspreiding"),
    ("bezit", "productie"),
    ("bezit", "productie", "misbruik"),
    ("misbruik",),
    (),
)


class Clue(StrEnum):
    """What a registration carries of the file it came from: which link rule can find it."""

    DOSSIER_AND_PERSON = "1"
    SUSPECT_NUMBER = "2"
    PERSON_ONLY = "3"
    DOSSIER_ONLY = "4"


@dataclass(frozen=True)
class CaseFacts:
    """What holds for a whole file: the unit, the police's own judgement of the case, transnational or not."""

    unit: Unit
    qualifications: tuple[str, ...]
    transnational: bool = False


@dataclass
class Desk:
    """Writes into ``chain``; equal seeds and equal questions give equal rows.

    ``clue_weights`` is how often a registration carries which clue. ``opened_on`` is the first day that the extracts
    speak of. ``decks`` holds, per year of delivery, the facts of the files still to be opened; a year without a deck
    draws at random.
    """

    rng: random.Random
    clue_weights: dict[Clue, int]
    opened_on: date
    decks: dict[int, list[CaseFacts]] = field(default_factory=dict)
    chain: SyntheticChain = field(default_factory=SyntheticChain)

    def __post_init__(self) -> None:
        self.numbers = NumberBook(self.rng)

    def day(self, first: date, last: date) -> date:
        """Draw a working day between two days, both included."""
        return self.rng.choice(working_days(first, last))

    def moment(self, day: date, *, at_most_later: int = 0) -> datetime:
        """Draw a moment in office hours of ``day`` or of one of the next working days."""
        return office_moment(self.rng, working_day_from(day, later=self.rng.randint(0, at_most_later)))

    def clue(self) -> Clue:
        """Draw what the next registration carries."""
        return self.rng.choices(list(self.clue_weights), weights=list(self.clue_weights.values()))[0]

    def facts(self, year: int) -> CaseFacts:
        """Take the facts of the next file: from the deck of its year, else at random."""
        if year in self.decks:
            return self.decks[year].pop()
        return self.any_facts()

    def any_facts(self) -> CaseFacts:
        """Draw the facts of a file that no published figure counts."""
        return CaseFacts(self.unit(), self.rng.choices(ORDINARY_QUALIFICATIONS, weights=(52, 22, 8, 5, 8, 5))[0])

    def unit(self, *, other_than: str = "") -> Unit:
        """Draw a unit by its share of the files."""
        units = [unit for unit in UNITS if unit.code != other_than]
        return self.rng.choices(units, weights=[unit.share for unit in units])[0]

    def open_from(self, year: int) -> date:
        """Return the first day of ``year`` that the extracts cover."""
        return max(date(year, 1, 1), self.opened_on)

    def deliver(
        self,
        day: date,
        *,
        suspects: int = 1,
        facts: CaseFacts | None = None,
        skns: Sequence[str] = (),
        recorded_at: datetime | None = None,
    ) -> list[Delivery]:
        """Open a file and deliver its suspects on ``day``; recorded then or on the next working day.

        Args:
            day: the day of delivery.
            suspects: how many the file holds.
            facts: what holds for the file; by default the next of the deck of its year.
            skns: the persons, when they are known from elsewhere; by default new ones.
            recorded_at: when the police recorded it, if the story says so.
        """
        facts = facts or self.facts(day.year)
        row = DeliveryRow(
            mutation="aangeleverd",
            dossier_number=self.numbers.dossier_number(self.rng.choice(facts.unit.prefixes), self.year_of_file(day)),
            suspect_number=1,
            skn="",
            unit=facts.unit.code,
            team=self.rng.choices(("TBKK", "ZEDEN"), weights=(85, 15))[0],
            delivered_on=day,
            qualifications=facts.qualifications,
            transnational=facts.transnational,
            recorded_at=recorded_at or self.moment(day, at_most_later=1),
            document_suffix=self.rng.choices(("", "-1"), weights=(92, 8))[0],
        )
        persons = skns or [self.numbers.skn() for _ in range(suspects)]
        return [self.add_suspect(row, number, skn) for number, skn in enumerate(persons, start=1)]

    def deliver_one(self, day: date, *, skn: str | None = None, facts: CaseFacts | None = None) -> Delivery:
        """Deliver a file with one suspect; an empty ``skn`` is a person that the police could not number."""
        (delivery,) = self.deliver(day, facts=facts, skns=() if skn is None else (skn,))
        return delivery

    def add_suspect(self, row: DeliveryRow, suspect_number: int, skn: str) -> Delivery:
        """Deliver one more suspect of the file that ``row`` describes."""
        delivery = Delivery([replace(row, suspect_number=suspect_number, skn=skn)])
        self.chain.deliveries.append(delivery)
        return delivery

    def add_suspect_later(
        self, first: Delivery, day: date, *, suspect_number: int, skn: str, recorded_at: datetime | None = None
    ) -> Delivery:
        """Deliver another suspect of a file that was delivered before; recorded then, or when the story says so."""
        row = replace(first.rows[0], delivered_on=day, recorded_at=recorded_at or self.moment(day, at_most_later=1))
        return self.add_suspect(row, suspect_number, skn)

    def register(
        self,
        delivery: Delivery,
        day: date,
        *,
        clue: Clue = Clue.DOSSIER_AND_PERSON,
        classification: str = "",
        recorded_at: datetime | None = None,
    ) -> Registration:
        """Register the counterpart of a delivery on ``day``; recorded then or at most two working days later."""
        delivered = delivery.newest
        row = RegistrationRow(
            mutation="ingeschreven",
            case_number=self.numbers.case_number(self.office(delivered.unit), day),
            skn=self.person(delivered.skn, clue),
            dossier_number_as_typed=self.typed(delivered.dossier_number, clue),
            suspect_number=delivered.suspect_number if self.names_suspect(clue) else None,
            classification=classification or ("KST" if delivered.transnational else "KP"),
            registered_on=day,
            recorded_at=recorded_at or self.moment(day, at_most_later=2),
        )
        registration = Registration([row], delivery=delivery)
        delivery.registration = registration
        self.chain.registrations.append(registration)
        return registration

    def register_stray(
        self, day: date, *, skn: str, unit: str, typed: str = "", suspect_number: int | None = None
    ) -> Registration:
        """Register a case that the story links to no delivery, at the office of a unit."""
        row = RegistrationRow(
            mutation="ingeschreven",
            case_number=self.numbers.case_number(self.office(unit), day),
            skn=skn,
            dossier_number_as_typed=typed,
            suspect_number=suspect_number,
            classification="KP",
            registered_on=day,
            recorded_at=self.moment(day, at_most_later=2),
        )
        registration = Registration([row])
        self.chain.registrations.append(registration)
        return registration

    def office(self, unit_code: str) -> str:
        """Draw the prosecutor's office that takes a file of the unit."""
        return self.rng.choice(next(unit.offices for unit in UNITS if unit.code == unit_code))

    def person(self, delivered_skn: str, clue: Clue) -> str:
        """Return the person on the registration; where the clue is a number, one side does not know the person."""
        if clue in (Clue.DOSSIER_AND_PERSON, Clue.PERSON_ONLY):
            return delivered_skn
        return "" if delivered_skn or self.rng.random() < 0.5 else self.numbers.skn()

    def typed(self, dossier_number: str, clue: Clue) -> str:
        """Write the police's number as the OM typed it, or what stands there when it was not known."""
        if clue is Clue.PERSON_ONLY:
            return self.rng.choices(("", "onbekend", "zie dossier"), weights=(80, 10, 10))[0]
        return as_typed(self.rng, dossier_number)

    def names_suspect(self, clue: Clue) -> bool:
        """Whether the OM typed the suspect's number: for the second rule always, for the first sometimes."""
        return clue is Clue.SUSPECT_NUMBER or (clue is Clue.DOSSIER_AND_PERSON and self.rng.random() < 0.15)

    def year_of_file(self, delivered_on: date) -> int:
        """Return the year in the dossier number: that of the police's registration, sometimes an earlier one."""
        return delivered_on.year - self.rng.choices((0, 1), weights=(80, 20))[0]
