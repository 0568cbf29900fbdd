"""The measures that others count: reports to the hotlines, and counts that are delivered without any record."""

from datetime import date

from ketenbalans.figures.measure import ALWAYS, COUNTS, INVESTIGATION_YEARS, RECEIPT, Derivation, Measure, Valid
from ketenbalans.figures.published import CountedUnit
from schemas.sources.hotline_reports import ECPAT_FROM
from schemas.vocabulary import Basis, Outcome

BASES = "Two bases exist in 2014: with the sex-crime teams (423) and by the image teams alone (329)."
NEITHER = "basis not stated (combined effort or image teams only)"
VICTIMS_ON = (
    ("combined effort of sex-crime teams (zeden) and child-abuse-image teams, see footnote 1", Basis.COMBINED),
    (NEITHER, Basis.NOT_STATED),
    ("identified by child-abuse-image capacity only", Basis.IMAGE_TEAMS),
    ("by image analysis, by effort of the TBKK teams only", Basis.TBKK),
)
"""Whose work each text of the register covers."""

ONE_POPULATION = (
    "The letter of 2013 counts two channels together, the website and the anonymous crime line; that of 2018 names "
    "none and is read alike. Reports over other channels are kept and not counted. A report counts under the owner of "
    "the day it came in, also where its record names another: the quality check tells of such a record."
)
"""Which reports are the published ones."""


def _of_the_hotline(name: str, meaning: str, outcome: Outcome | None = None) -> Measure:
    return Measure(
        name=name,
        meaning=meaning,
        unit=CountedUnit.REPORTS,
        counted_at=RECEIPT,
        carry_over="None: a period of its own, no calendar year; an outcome is the one known on the day of the figure.",
        basis="the transnational hotline, its website and the anonymous crime line together",
        valid=ALWAYS,
        categories=("kst",),
        derived=Derivation.REPORTS,
        key=outcome.value if outcome else "",
        reading=ONE_POPULATION,
        rule=COUNTS,
    )


def _delivered(name: str, meaning: str, unit: CountedUnit, valid: Valid, **more: str) -> Measure:
    """A measure of one figure and one basis."""
    return Measure(
        name=name,
        meaning=meaning,
        unit=unit,
        counted_at=more.get("counted_at", "not stated"),
        carry_over="not stated",
        basis=more.get("basis", "not stated"),
        valid=valid,
        categories=(more.get("category", ""),),
        derived=Derivation.DELIVERED,
        reading=more.get("reading", ""),
        rule=COUNTS,
        breaks=more.get("breaks", ""),
    )


HOTLINES = (
    _of_the_hotline("hotline_reports", "Reports to the transnational hotline."),
    _of_the_hotline(
        "hotline_reports_leading_to_investigation",
        "Of these: those that led to an investigation.",
        Outcome.INVESTIGATION_STARTED,
    ),
    _of_the_hotline(
        "hotline_reports_on_running_investigation",
        "Of these: those that joined a running investigation.",
        Outcome.ADDED_TO_INVESTIGATION,
    ),
    _of_the_hotline(
        "hotline_reports_still_examined", "Of these: those that were still being examined.", Outcome.UNDER_EXAMINATION
    ),
    _of_the_hotline(
        "hotline_reports_forwarded_abroad",
        "Of these: those that were passed to another country.",
        Outcome.FORWARDED_ABROAD,
    ),
    _of_the_hotline(
        "hotline_reports_insufficient_indication",
        "Of these: those that gave too little to go on.",
        Outcome.INSUFFICIENT,
    ),
)
"""Counted from the reports of the hotlines."""

DELIVERED = (
    Measure(
        name="victims_identified",
        meaning="Victims who were identified in a year.",
        unit=CountedUnit.VICTIMS,
        counted_at="the identification",
        carry_over="not stated",
        basis="as each figure names it",
        valid=ALWAYS,
        derived=Derivation.DELIVERED,
        bases=VICTIMS_ON,
        rule=COUNTS,
    ),
    Measure(
        name="victims_identified_cumulative",
        meaning="Victims who were identified from 2012 to 2019 together.",
        unit=CountedUnit.VICTIMS,
        counted_at="the identification",
        carry_over="not stated",
        basis="not stated",
        valid=Valid(first=date(2012, 1, 1), last=date(2019, 12, 31)),
        derived=Derivation.DELIVERED,
        bases=(("basis not stated", Basis.NOT_STATED),),
        reading="It is no sum of the years: those are published on several bases.",
        rule=COUNTS,
        breaks=BASES,
    ),
    _delivered(
        "kst_cases_handled",
        "Transnational cases that were handled; not stated whether they are among the delivered ones.",
        CountedUnit.CASES,
        ALWAYS,
        category="kst",
        breaks="Never held against the files for the OM, which are counted from the deliveries.",
    ),
    _delivered(
        "kst_cases_under_investigation_at_om",
        "Transnational cases in hand at the OM on the day of the letter.",
        CountedUnit.CASES,
        ALWAYS,
        category="kst",
        counted_at="the day of the letter: a stock",
        basis="as the OM told it",
    ),
    _delivered(
        "cases_with_unconditional_prison_sentence",
        "Cases that ended with an unconditional prison sentence, in part or whole.",
        CountedUnit.CASES,
        ALWAYS,
        basis="an overview of the OM",
    ),
    _delivered(
        "foreign_keyplayers_identified",
        "Key players abroad whose reports were handed to other countries.",
        CountedUnit.PERSONS,
        INVESTIGATION_YEARS,
        category="B",
        basis="the police; outside the delivery to the OM",
    ),
    Measure(
        name="reports_received",
        meaning="Reports of online material that reach the police, mostly through NCMEC.",
        unit=CountedUnit.REPORTS,
        counted_at="not stated",
        carry_over="not stated",
        basis="the police; NCMEC changed its screening in 2019",
        valid=ALWAYS,
        derived=Derivation.DELIVERED,
        rule=COUNTS,
    ),
    _delivered(
        "hotline_reporters_campaign",
        "Persons who reported suspicions in the period of a campaign.",
        CountedUnit.PERSONS,
        Valid(first=ECPAT_FROM),
        category="kst",
        basis="the transnational hotline; its records are reports, never persons",
    ),
    _delivered(
        "travel_ban_measures_applied",
        "Cases in which the measure of the law on long supervision was applied.",
        CountedUnit.CASES,
        ALWAYS,
        category="kst",
        basis="as the letter tells it",
    ),
)
"""Carried as delivered counts, never as records."""
