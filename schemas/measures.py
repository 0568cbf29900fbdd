"""Every measure that a letter published, declared once: what it counts, when, on which basis, and if we can count it.

Two figures belong in one series only when they are of one measure. What breaks a series (another unit, another moment
of counting, another basis, another owner) makes another measure, or is said in ``breaks``.
"""

from dataclasses import dataclass
from enum import Enum

from schemas.published import CountedUnit

COUNTING_RULES = "docs/counting-rules.md"
RECOGNISED = "docs/adr/0005-recognised-is-by-the-year-of-registration.md"

NO_INTERVENTIONS = "Interventions of 2015 to 2018 are in no extract that is carried."
NO_INVESTIGATIONS = "Starts and ends of investigations are in no extract that is carried."
NO_VICTIMS = "Victims are never carried as records, and no aggregate of them is loaded yet."
NO_CHANNELS = "The register gives one period over two channels; the hotline's extracts of it are not carried."


class Derivation(Enum):
    """How a figure is made from what the warehouse holds."""

    BALANCE = "a figure of the balance"
    SHARE_OF_CASES = "cases with a quality, of all cases delivered"
    GROWTH = "growth over the base year 2010, as published"
    TARGET = "the base year, raised by the published growth and rounded to the nearest whole suspect"


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
        years: the first and the last year that it was used for.
        derived: how we make it; None: not from what is carried.
        key: the key of the balance, or the quality, that it is made from.
        why_not: why it cannot be derived; empty when it can.
        rule: where its counting rule is written.
        breaks: what must not be put in one series with it, and why.
    """

    name: str
    meaning: str
    unit: CountedUnit
    counted_at: str
    carry_over: str
    basis: str
    years: tuple[int, int]
    derived: Derivation | None = None
    key: str = ""
    why_not: str = ""
    rule: str = COUNTING_RULES
    breaks: str = ""


DELIVERY = "the day of the first delivery to the OM"
START = "the start of the investigation"
RECEIPT = "the day the report came in"
NOTHING_CARRIED = "None: what is delivered late or corrected restates the year of its delivery."
FIRST_YEAR = "2019 also counts all that was running on 1 January 2019; 2020 does not."
UNIT_CHANGED = "Suspects (2012 to 2014), interventions (2015 to 2018) and investigations (from 2019) are three series."
BASES = "Two bases exist in 2014: with the sex-crime teams (423) and by the image teams alone (329)."
POPULATIONS = "Reports to a hotline and reports that the police get (through NCMEC) are two populations: never added."
UNION = "A union of two former categories: not the sum of their shares, and no count follows without its denominator."
OWNERS = "Meldpunt until 31 March 2016, EOKM from 1 April 2016, Defence for Children-ECPAT from 1 June 2018."


def _of_the_hotline(name: str, meaning: str) -> Measure:
    return Measure(
        name=name,
        meaning=meaning,
        unit=CountedUnit.REPORTS,
        counted_at=RECEIPT,
        carry_over="None: a period of its own that is no calendar year.",
        basis="the transnational hotline, its website and the anonymous crime line together",
        years=(2012, 2018),
        why_not=NO_CHANNELS,
        breaks=f"{OWNERS} {POPULATIONS}",
    )


def _share_of_cases(quality: str) -> Measure:
    return Measure(
        name=f"share_cases_{quality}",
        meaning=f"Share of the delivered cases that the police judge to have {quality}.",
        unit=CountedUnit.PERCENT,
        counted_at=DELIVERY,
        carry_over=NOTHING_CARRIED,
        basis="the police's own judgement; qualities overlap, so shares never add up",
        years=(2012, 2014),
        derived=Derivation.SHARE_OF_CASES,
        key=quality,
        breaks="From 2015 on only the union of production and abuse is published.",
    )


def _other(name: str, meaning: str, unit: CountedUnit, year: int, **said: str) -> Measure:
    return Measure(
        name=name,
        meaning=meaning,
        unit=unit,
        counted_at=said.get("counted_at", "not stated"),
        carry_over=said.get("carry_over", "not stated"),
        basis=said.get("basis", "not stated"),
        years=(year, year),
        why_not=said["why_not"],
        breaks=said.get("breaks", ""),
    )


ALL = (
    Measure(
        name="suspects_delivered_to_om",
        meaning="Suspects whom the police delivered to the OM in a year.",
        unit=CountedUnit.SUSPECTS,
        counted_at=DELIVERY,
        carry_over=NOTHING_CARRIED,
        basis="police data",
        years=(2010, 2014),
        derived=Derivation.BALANCE,
        key="delivered",
        breaks=UNIT_CHANGED,
    ),
    Measure(
        name="suspects_recognisable_at_om",
        meaning="Delivered suspects whom the OM finds in its own systems as such.",
        unit=CountedUnit.SUSPECTS,
        counted_at=DELIVERY,
        carry_over="A December file that is registered in January belongs to the OM's next year.",
        basis="police data, held against the OM's",
        years=(2014, 2014),
        derived=Derivation.BALANCE,
        key="recognised",
        rule=RECOGNISED,
        breaks=UNIT_CHANGED,
    ),
    Measure(
        name="cases_delivered_to_om",
        meaning="Files with at least one delivered suspect.",
        unit=CountedUnit.CASES,
        counted_at=DELIVERY,
        carry_over=NOTHING_CARRIED,
        basis="police data; a file may hold several suspects, a case at the OM holds one",
        years=(2012, 2014),
        derived=Derivation.BALANCE,
        key="cases_delivered",
        breaks="Cases of the police and cases of the OM are two units: never held against each other.",
    ),
    _share_of_cases("distribution"),
    _share_of_cases("production"),
    _share_of_cases("abuse"),
    Measure(
        name="growth_vs_2010",
        meaning="Growth of the delivered suspects over those of 2010 (475).",
        unit=CountedUnit.PERCENT,
        counted_at=DELIVERY,
        carry_over=NOTHING_CARRIED,
        basis="police data over the published base year",
        years=(2012, 2014),
        derived=Derivation.GROWTH,
        key="delivered",
        breaks=UNIT_CHANGED,
    ),
    Measure(
        name="target_growth_vs_2010",
        meaning="The growth over 2010 that was aimed at.",
        unit=CountedUnit.PERCENT,
        counted_at="set in advance",
        carry_over="None.",
        basis="the agreement of police and OM",
        years=(2012, 2014),
        why_not="It was agreed on and is not counted.",
        breaks=UNIT_CHANGED,
    ),
    Measure(
        name="target_suspects_delivered",
        meaning="The delivered suspects that were aimed at.",
        unit=CountedUnit.SUSPECTS,
        counted_at="set in advance",
        carry_over="None.",
        basis="475, raised by the agreed growth",
        years=(2012, 2014),
        derived=Derivation.TARGET,
        breaks=UNIT_CHANGED,
    ),
    Measure(
        name="victims_identified",
        meaning="Victims who were identified in a year.",
        unit=CountedUnit.VICTIMS,
        counted_at="the identification",
        carry_over="not stated",
        basis="as each figure names it",
        years=(2012, 2019),
        why_not=NO_VICTIMS,
        breaks=BASES,
    ),
    Measure(
        name="victims_identified_cumulative",
        meaning="Victims who were identified from 2012 to 2019 together.",
        unit=CountedUnit.VICTIMS,
        counted_at="the identification",
        carry_over="not stated",
        basis="not stated",
        years=(2012, 2019),
        why_not=NO_VICTIMS,
        breaks=BASES,
    ),
    _other(
        "kst_cases_handled",
        "Transnational cases that were handled; not stated whether they are among the delivered ones.",
        CountedUnit.CASES,
        2014,
        why_not="The letter does not say whether these cases are among the delivered ones.",
    ),
    _other(
        "kst_case_files_to_om",
        "Transnational cases that led to a file for the OM, of those that were handled.",
        CountedUnit.CASES,
        2014,
        why_not="The letter does not say whether these files are among the delivered ones.",
    ),
    _other(
        "kst_cases_under_investigation_at_om",
        "Transnational cases in hand at the OM on the day of the letter.",
        CountedUnit.CASES,
        2013,
        counted_at="the day of the letter: a stock",
        why_not="A stock of running cases follows from no extract that is carried.",
    ),
    _other(
        "cases_with_unconditional_prison_sentence",
        "Cases that ended with an unconditional prison sentence, in part or whole.",
        CountedUnit.CASES,
        2013,
        basis="an overview of the OM",
        why_not="Sentences are in no extract that is carried.",
    ),
    Measure(
        name="interventions_realised",
        meaning="Interventions of four kinds: proactive, regular, simple and alternative.",
        unit=CountedUnit.INTERVENTIONS,
        counted_at="not stated",
        carry_over="not stated",
        basis="a joint report of OM and police; some kinds deliver nothing to the OM",
        years=(2017, 2017),
        why_not=NO_INTERVENTIONS,
        breaks=UNIT_CHANGED,
    ),
    Measure(
        name="target_interventions",
        meaning="The interventions that were aimed at.",
        unit=CountedUnit.INTERVENTIONS,
        counted_at="set in advance",
        carry_over="None.",
        basis="the national security agenda 2015 to 2018",
        years=(2015, 2018),
        why_not="It was agreed on and is not counted.",
        breaks=UNIT_CHANGED,
    ),
    _other(
        "indigo_trajectories",
        "INDIGO trajectories among the simple interventions.",
        CountedUnit.TRAJECTORIES,
        2017,
        why_not=NO_INTERVENTIONS,
        breaks="The OM decides an INDIGO settlement, so it is an outcome of a registration and never a gap.",
    ),
    Measure(
        name="share_cases_production_or_abuse",
        meaning="Share of the delivered cases with production, abuse or both.",
        unit=CountedUnit.PERCENT,
        counted_at=DELIVERY,
        carry_over="not stated",
        basis="the police's own judgement; the number of cases is not published",
        years=(2015, 2019),
        why_not="The cases of 2015 to 2019 are in no extract that is carried, and their number is not published.",
        breaks=UNION,
    ),
    Measure(
        name="investigations_counted",
        meaning="Investigations of kind A (producers and abusers), B (key players and networks) and C (possessors).",
        unit=CountedUnit.INVESTIGATIONS,
        counted_at=START,
        carry_over=FIRST_YEAR,
        basis="police data",
        years=(2019, 2019),
        why_not=NO_INVESTIGATIONS,
        breaks=f"{UNIT_CHANGED} 2019 and 2020 are counted under two rules for what was running.",
    ),
    Measure(
        name="target_investigations",
        meaning="The investigations that were aimed at, by kind.",
        unit=CountedUnit.INVESTIGATIONS,
        counted_at="set in advance, for starts",
        carry_over="None.",
        basis="the agreement on results",
        years=(2019, 2019),
        why_not="It was agreed on and is not counted.",
        breaks=UNIT_CHANGED,
    ),
    _other(
        "finished_with_identification",
        "Investigations that ended in a year with an identification, by kind.",
        CountedUnit.RESULTS,
        2019,
        counted_at="the end of the investigation",
        why_not=NO_INVESTIGATIONS,
        breaks="Counted at the end: never divided by what started in the same year.",
    ),
    _other(
        "investigations_running_at_year_end",
        "Investigations that ran over into the next year.",
        CountedUnit.INVESTIGATIONS,
        2019,
        counted_at="31 December: a stock",
        why_not=NO_INVESTIGATIONS,
    ),
    _other(
        "indigo_cases",
        "Cases that ended with an INDIGO settlement.",
        CountedUnit.CASES,
        2019,
        counted_at="the end",
        why_not="The letter does not say whether they are among the results that it gives.",
    ),
    _other(
        "foreign_keyplayers_identified",
        "Key players abroad whose reports were handed to other countries.",
        CountedUnit.PERSONS,
        2019,
        why_not="What is handed abroad is outside the delivery to the OM, and in no extract that is carried.",
    ),
    Measure(
        name="reports_received",
        meaning="Reports of online material that reach the police, mostly through NCMEC.",
        unit=CountedUnit.REPORTS,
        counted_at="not stated",
        carry_over="not stated",
        basis="the police; NCMEC changed its screening in 2019",
        years=(2014, 2019),
        why_not="These reports are in no extract that is carried; those of the hotline are another population.",
        breaks=f"{POPULATIONS} 2018 and 2019 are on two sides of NCMEC's other screening.",
    ),
    _of_the_hotline("hotline_reports", "Reports to the transnational hotline."),
    _of_the_hotline("hotline_reports_leading_to_investigation", "Of these: those that led to an investigation."),
    _of_the_hotline("hotline_reports_on_running_investigation", "Of these: those that joined a running investigation."),
    _of_the_hotline("hotline_reports_still_examined", "Of these: those that were still being examined."),
    _of_the_hotline("hotline_reports_forwarded_abroad", "Of these: those that were passed to another country."),
    _of_the_hotline("hotline_reports_insufficient_indication", "Of these: those that gave too little to go on."),
    _other(
        "hotline_reporters_campaign",
        "Persons who reported suspicions in the period of a campaign.",
        CountedUnit.PERSONS,
        2018,
        why_not="The hotline's extracts hold reports, never persons.",
        breaks=OWNERS,
    ),
    _other(
        "travel_ban_measures_applied",
        "Cases in which the measure of the law on long supervision was applied.",
        CountedUnit.CASES,
        2018,
        why_not="The measure is in no extract that is carried.",
    ),
)
"""Every measure of the register, in an order for reading; a test holds the two against each other."""

MEASURES: dict[str, Measure] = {measure.name: measure for measure in ALL}
