"""The language in which a published measure is declared: what it counts, when, on which basis, and how we make it.

Two figures belong in one series only when they are counted in one way. Where a series breaks (another unit, another
moment of counting, another basis, another owner) follows from ``figures.series``.
"""

from dataclasses import dataclass
from datetime import date
from enum import Enum

from ketenbalans.figures.published import CountedUnit
from schemas.vocabulary import Basis, Qualification

COUNTING_RULES = "docs/counting-rules.md"
DECIDED_IN = "docs/adr/0019-how-published-measures-are-counted.md"
RECOGNISED = "docs/adr/0005-recognised-is-by-the-year-of-registration.md"
COUNTS = "docs/counts.md"

RECORDS = "records"
DELIVERED_COUNT = "a delivered count"
OTHER_FIGURES = "other published figures"

REGISTERS = ("police_deliveries", "om_registrations")
"""The two registers of a balance."""


class Derivation(Enum):
    """How a figure is made: in words, what it is counted from, and the sources that have to cover its period.

    Attributes:
        says: how, for people.
        counted_from: records, a delivered count, or other published figures.
        sources: by name; the first is the one that is counted.
    """

    says: str
    counted_from: str
    sources: tuple[str, ...]

    def __init__(self, says: str, counted_from: str, *sources: str) -> None:
        """Keep the three apart."""
        self.says, self.counted_from, self.sources = says, counted_from, sources

    BALANCE = "a figure of the balance", RECORDS, *REGISTERS
    SHARE_OF_CASES = "cases with a quality, of all cases delivered", RECORDS, *REGISTERS
    GROWTH = "growth over the base year 2010, as published", RECORDS, *REGISTERS
    TRANSNATIONAL_CASES = "cases delivered in the period as transnational", RECORDS, *REGISTERS
    TARGET = (
        "the base year, raised by the published growth and rounded to the nearest whole suspect",
        OTHER_FIGURES,
    )
    TARGET_TOTAL = "the sum of the published targets of A, B and C", OTHER_FIGURES
    INTERVENTIONS = "interventions done in the period, without the withdrawn ones", RECORDS, "interventions"
    INDIGO_TRAJECTORIES = (
        "simple interventions of the period whose file has a standing registration that ended with INDIGO",
        RECORDS,
        "interventions",
        "om_registrations",
    )
    INDIGO_CASES = (
        "standing registrations that ended with INDIGO, by the day the OM first recorded that",
        RECORDS,
        "om_registrations",
    )
    INVESTIGATIONS = (
        "investigations that started in the period, in 2019 also those that ran on 1 January",
        RECORDS,
        "investigations",
    )
    FINISHED = "investigations that ended in the period with an identification", RECORDS, "investigations"
    RUNNING = "investigations that had started and not ended when the period closed", RECORDS, "investigations"
    REPORTS = (
        "transnational reports over the two published channels that came in during the period, by outcome",
        RECORDS,
        "hotline_reports",
    )
    DELIVERED = "the newest count that was delivered of it, on its basis", DELIVERED_COUNT, "aggregates"


@dataclass(frozen=True, kw_only=True)
class Valid:
    """The days that a measure is counted on: a figure of any other day is not of it.

    Attributes:
        first: the first of them; None: no day is known before which it was counted otherwise.
        last: the last of them; None: likewise, after which.
    """

    first: date | None = None
    last: date | None = None

    def __str__(self) -> str:
        if self.first is None:
            return "no first or last day is known" if self.last is None else f"until {self.last}"
        return f"from {self.first} on" if self.last is None else f"{self.first} to {self.last}"


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One measure.

    Attributes:
        name: as in the register of published figures.
        meaning: what is counted.
        unit: of its figures.
        counted_at: the moment that decides in which period something counts.
        carry_over: what happens to what runs over the end of a period.
        basis: whose data, on what basis.
        valid: from which day to which it is counted so.
        categories: the parts that it is published by, as the register names them; the empty one where it has none.
        derived: how we make it; None: not from what is carried.
        derived_for: the categories that we can make; empty: all of them.
        key: the key of the balance, or the outcome of a report, that it is made from.
        qualities: for a share: a case counts when it has any of them.
        bases: for a delivered count on several bases, which one each text of the register means; empty: it has one.
        reading: what a letter leaves open and we decided; empty when it leaves nothing open.
        why_not: why it, or one of its categories, cannot be derived; empty when all can.
        rule: where its counting rule is written.
        decided_in: the ADR of the rule.
        breaks: what else must not be put beside it, and why; what ``figures.series`` knows is not said twice.
    """

    name: str
    meaning: str
    unit: CountedUnit
    counted_at: str
    carry_over: str
    basis: str
    valid: Valid
    categories: tuple[str, ...] = ("",)
    derived: Derivation | None = None
    derived_for: tuple[str, ...] = ()
    key: str = ""
    qualities: tuple[Qualification, ...] = ()
    bases: tuple[tuple[str, Basis], ...] = ()
    reading: str = ""
    why_not: str = ""
    rule: str = COUNTING_RULES
    decided_in: str = DECIDED_IN
    breaks: str = ""

    @property
    def source(self) -> str:
        """The name of the source that is counted; empty when none is."""
        return self.derived.sources[0] if self.derived is not None and self.derived.sources else ""

    def derivation_of(self, category: str) -> Derivation | None:
        """How a figure of that category is made; None: it cannot be, and ``why_not`` says why."""
        return None if self.derived_for and category not in self.derived_for else self.derived

    def basis_of(self, text: str) -> Basis:
        """The basis that a text of the register means.

        Raises:
            KeyError: the measure has several and this is the text of none.
        """
        return dict(self.bases)[text] if self.bases else Basis.ONLY


ALWAYS = Valid()
SUSPECT_YEARS = Valid(last=date(2014, 12, 31))
"""Results were agreed on in suspects."""
INTERVENTION_YEARS = Valid(first=date(2015, 1, 1), last=date(2018, 12, 31))
"""Results were agreed on in interventions."""
INVESTIGATION_YEARS = Valid(first=date(2019, 1, 1))
"""Results are agreed on in investigations."""

DELIVERY = "the day of the first delivery to the OM"
START = "the start of the investigation"
RECEIPT = "the day the report came in"
NOTHING_CARRIED = "None: what is delivered late or corrected restates the year of its delivery."
AGREED = "It was agreed on and is not counted."
