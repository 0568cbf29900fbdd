"""The measures that are made from what the police deliver and the OM registers, and the targets set for them."""

from datetime import date

from ketenbalans.figures.measure import (
    AGREED,
    DELIVERY,
    NOTHING_CARRIED,
    RECOGNISED,
    SUSPECT_YEARS,
    Derivation,
    Measure,
    Valid,
)
from ketenbalans.figures.published import CountedUnit
from schemas.vocabulary import Qualification

UNION_YEARS = Valid(first=date(2015, 1, 1))
"""Only the share of production and abuse together is published, without a number of cases."""


def _share_of_cases(quality: Qualification) -> Measure:
    return Measure(
        name=f"share_cases_{quality}",
        meaning=f"Share of the delivered cases that the police judge to have {quality}.",
        unit=CountedUnit.PERCENT,
        counted_at=DELIVERY,
        carry_over=NOTHING_CARRIED,
        basis="the police's own judgement; qualities overlap, so shares never add up",
        valid=SUSPECT_YEARS,
        categories=(quality.value,),
        derived=Derivation.SHARE_OF_CASES,
        qualities=(quality,),
    )


CHAIN = (
    Measure(
        name="suspects_delivered_to_om",
        meaning="Suspects whom the police delivered to the OM in a year.",
        unit=CountedUnit.SUSPECTS,
        counted_at=DELIVERY,
        carry_over=NOTHING_CARRIED,
        basis="police data",
        valid=SUSPECT_YEARS,
        derived=Derivation.BALANCE,
        key="delivered",
    ),
    Measure(
        name="suspects_recognisable_at_om",
        meaning="Delivered suspects whom the OM finds in its own systems as such.",
        unit=CountedUnit.SUSPECTS,
        counted_at=DELIVERY,
        carry_over="A December file that is registered in January belongs to the OM's next year.",
        basis="police data, held against the OM's",
        valid=SUSPECT_YEARS,
        derived=Derivation.BALANCE,
        key="recognised",
        decided_in=RECOGNISED,
    ),
    Measure(
        name="cases_delivered_to_om",
        meaning="Files with at least one delivered suspect.",
        unit=CountedUnit.CASES,
        counted_at=DELIVERY,
        carry_over=NOTHING_CARRIED,
        basis="police data; a file may hold several suspects, a case at the OM holds one",
        valid=SUSPECT_YEARS,
        derived=Derivation.BALANCE,
        key="cases_delivered",
        breaks="Cases of the police and cases of the OM are two units: never held against each other.",
    ),
    _share_of_cases(Qualification.DISTRIBUTION),
    _share_of_cases(Qualification.PRODUCTION),
    _share_of_cases(Qualification.ABUSE),
    Measure(
        name="share_cases_production_or_abuse",
        meaning="Share of the delivered cases with production, abuse or both.",
        unit=CountedUnit.PERCENT,
        counted_at=DELIVERY,
        carry_over=NOTHING_CARRIED,
        basis="the police's own judgement; the number of cases is not published",
        valid=UNION_YEARS,
        categories=("production_or_abuse",),
        derived=Derivation.SHARE_OF_CASES,
        qualities=(Qualification.PRODUCTION, Qualification.ABUSE),
        reading="The cases that it is a share of are read as the cases delivered, as in the years before.",
    ),
    Measure(
        name="growth_vs_2010",
        meaning="Growth of the delivered suspects over those of 2010 (475).",
        unit=CountedUnit.PERCENT,
        counted_at=DELIVERY,
        carry_over=NOTHING_CARRIED,
        basis="police data over the published base year",
        valid=SUSPECT_YEARS,
        derived=Derivation.GROWTH,
        key="delivered",
    ),
    Measure(
        name="target_growth_vs_2010",
        meaning="The growth over 2010 that was aimed at.",
        unit=CountedUnit.PERCENT,
        counted_at="set in advance",
        carry_over="None.",
        basis="the agreement of police and OM",
        valid=SUSPECT_YEARS,
        why_not=AGREED,
    ),
    Measure(
        name="target_suspects_delivered",
        meaning="The delivered suspects that were aimed at.",
        unit=CountedUnit.SUSPECTS,
        counted_at="set in advance",
        carry_over="None.",
        basis="475, raised by the agreed growth",
        valid=SUSPECT_YEARS,
        derived=Derivation.TARGET,
    ),
    Measure(
        name="kst_case_files_to_om",
        meaning="Transnational cases that led to a file for the OM, of those that were handled.",
        unit=CountedUnit.CASES,
        counted_at=DELIVERY,
        carry_over=NOTHING_CARRIED,
        basis="police data",
        valid=SUSPECT_YEARS,
        categories=("kst",),
        derived=Derivation.TRANSNATIONAL_CASES,
        reading=(
            'A case "that led to a file towards the OM" is read as a case delivered to the OM in the year and marked '
            "transnational. The letter does not say whether these files are among the 542 delivered."
        ),
        breaks="Never held against the cases that were handled: those are a delivered count of another service.",
    ),
)
"""The chain's own measures."""
