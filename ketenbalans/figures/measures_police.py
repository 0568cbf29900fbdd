"""The measures of the units that came after suspects: interventions (2015 to 2018) and investigations (from 2019)."""

from ketenbalans.figures.measure import (
    AGREED,
    COUNTS,
    INTERVENTION_YEARS,
    INVESTIGATION_YEARS,
    START,
    Derivation,
    Measure,
)
from ketenbalans.figures.published import CountedUnit

FIRST_YEAR = "2019 also counts all that was running on 1 January 2019; 2020 does not."
KINDS = ("A", "B", "C")
TOTAL = "total"

INTERVENTIONS = (
    Measure(
        name="interventions_realised",
        meaning="Interventions of four kinds: proactive, regular, simple and alternative.",
        unit=CountedUnit.INTERVENTIONS,
        counted_at="the day the intervention was done",
        carry_over="None: an intervention counts on one day.",
        basis="a joint report of OM and police; some kinds deliver nothing to the OM",
        valid=INTERVENTION_YEARS,
        categories=("all",),
        derived=Derivation.INTERVENTIONS,
        reading="The letter does not say which day counts; it is read as the day the intervention was done.",
        rule=COUNTS,
    ),
    Measure(
        name="target_interventions",
        meaning="The interventions that were aimed at.",
        unit=CountedUnit.INTERVENTIONS,
        counted_at="set in advance",
        carry_over="None.",
        basis="the national security agenda 2015 to 2018",
        valid=INTERVENTION_YEARS,
        categories=("all",),
        why_not=AGREED,
    ),
    Measure(
        name="indigo_trajectories",
        meaning="INDIGO trajectories among the simple interventions.",
        unit=CountedUnit.TRAJECTORIES,
        counted_at="the day the intervention was done",
        carry_over="None: what the OM decides later restates the year of the intervention.",
        basis="a joint report of OM and police",
        valid=INTERVENTION_YEARS,
        categories=("simple",),
        derived=Derivation.INDIGO_TRAJECTORIES,
        reading=(
            "A trajectory is read as a simple intervention whose file has a standing registration at the OM that "
            "ended with INDIGO: of the same suspect, where both name one."
        ),
        rule=COUNTS,
        breaks="The OM decides an INDIGO settlement, so it is an outcome of a registration and never a gap.",
    ),
)
"""2015 to 2018."""

INVESTIGATIONS = (
    Measure(
        name="investigations_counted",
        meaning="Investigations of kind A (producers and abusers), B (key players and networks) and C (possessors).",
        unit=CountedUnit.INVESTIGATIONS,
        counted_at=START,
        carry_over=FIRST_YEAR,
        basis="police data",
        valid=INVESTIGATION_YEARS,
        categories=(*KINDS, TOTAL),
        derived=Derivation.INVESTIGATIONS,
        rule=COUNTS,
    ),
    Measure(
        name="target_investigations",
        meaning="The investigations that were aimed at, by kind.",
        unit=CountedUnit.INVESTIGATIONS,
        counted_at="set in advance, for starts",
        carry_over="None.",
        basis="the agreement on results",
        valid=INVESTIGATION_YEARS,
        categories=(*KINDS, TOTAL),
        derived=Derivation.TARGET_TOTAL,
        derived_for=(TOTAL,),
        why_not=AGREED,
        rule=COUNTS,
    ),
    Measure(
        name="finished_with_identification",
        meaning="Investigations that ended in a year with an identification, by kind.",
        unit=CountedUnit.RESULTS,
        counted_at="the end of the investigation",
        carry_over="None: it counts when it ends, whenever it started.",
        basis="police data",
        valid=INVESTIGATION_YEARS,
        categories=KINDS,
        derived=Derivation.FINISHED,
        rule=COUNTS,
    ),
    Measure(
        name="investigations_running_at_year_end",
        meaning="Investigations that ran over into the next year.",
        unit=CountedUnit.INVESTIGATIONS,
        counted_at="31 December: a stock",
        carry_over="All of it: it is what is carried over, and 2020 does not count it again.",
        basis="police data",
        valid=INVESTIGATION_YEARS,
        derived=Derivation.RUNNING,
        rule=COUNTS,
    ),
    Measure(
        name="indigo_cases",
        meaning="Cases that ended with an INDIGO settlement.",
        unit=CountedUnit.CASES,
        counted_at="the day the OM first recorded the settlement",
        carry_over="None: it counts when it is settled, whenever it was registered.",
        basis="OM data",
        valid=INVESTIGATION_YEARS,
        derived=Derivation.INDIGO_CASES,
        reading=(
            '"Finished in 2019" is read as the day the OM first recorded the settlement. The letter does not say '
            "whether these cases are among the results that it gives."
        ),
        rule=COUNTS,
        breaks="Registrations of the OM: not the trajectories of 2017, which are interventions of the police.",
    ),
)
"""From 2019 on."""
