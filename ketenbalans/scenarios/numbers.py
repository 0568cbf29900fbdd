"""Numbers that look like those of the registers and belong to nobody.

No two dossier numbers of a book are within one edit of each other, whatever their prefix: a mistyped number is a story
that a scenario generates on purpose, never an accident.
"""

import random
from dataclasses import dataclass, field
from datetime import date

SERIAL_DIGITS = 6


@dataclass
class NumberBook:
    """Hands out numbers, each once. The order of asking decides, so a seed gives the same numbers every time."""

    rng: random.Random
    taken_serials: set[str] = field(default_factory=set)
    taken_cases: set[str] = field(default_factory=set)
    persons: int = 0
    reports: int = 0

    def dossier_number(self, prefix: str, year: int) -> str:
        """Draw a dossier number in normal form, more than one edit away from every other."""
        while True:
            serial = f"{self.rng.randrange(10**SERIAL_DIGITS):0{SERIAL_DIGITS}}"
            if self.taken_serials.isdisjoint(within_one_edit(serial)):
                self.taken_serials.add(serial)
                return f"{prefix}-{year}{serial}"

    def case_number(self, office: str, registered_on: date) -> str:
        """Draw a case number in one of the three ways of writing; its year is that of the registration."""
        while True:
            serial = f"{self.rng.randrange(10**SERIAL_DIGITS):0{SERIAL_DIGITS}}"
            year = f"{registered_on:%y}"
            if (plain := f"{office}{serial}{year}") not in self.taken_cases:
                self.taken_cases.add(plain)
                spelled = (f"{office}/{serial}-{year}", f"{office}-{serial}-{year}", plain)
                return self.rng.choices(spelled, weights=(80, 15, 5))[0]

    def skn(self) -> str:
        """Give the next person: opaque, and marked as synthetic."""
        self.persons += 1
        return f"SYN-{self.persons:07}"

    def report_id(self) -> str:
        """Give the next hotline report: opaque, and marked as synthetic."""
        self.reports += 1
        return f"SYN-M{self.reports:06}"


def within_one_edit(serial: str) -> set[str]:
    """List the serials of the same length within one edit: the same, one digit replaced, two neighbours swapped."""
    replaced = {serial[:at] + digit + serial[at + 1 :] for at in range(len(serial)) for digit in "0123456789"}
    swapped = {serial[:at] + serial[at + 1] + serial[at] + serial[at + 2 :] for at in range(len(serial) - 1)}
    return replaced | swapped


def as_typed(rng: random.Random, dossier_number: str) -> str:
    """Write a dossier number as the OM may have typed it; it normalises to the same number."""
    prefix, serial = dossier_number.split("-")
    spelled = (
        dossier_number,
        f"{prefix} {serial}-1",
        f"{prefix} {serial}",
        f"{prefix}{serial}",
        f"{prefix.lower()}-{serial}-{rng.randrange(1, 13)}",
    )
    return rng.choices(spelled, weights=(70, 12, 8, 6, 4))[0]


def normal_case_number(case_number: str) -> str:
    """Return the ten digits of a case number."""
    return case_number.replace("/", "").replace("-", "")
