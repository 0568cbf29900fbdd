"""Ten faults over the sets of the scenario ``ordinary``: what goes wrong between the sources and us, one at a time.

Each fault is a pure function of the ordinary sets and leaves them as they are. Before the set that it begins in nothing
differs. Where a source would notice, the set of November repairs it. A row is never generated in two ways: a file that
is wrong as a whole repeats no row of the set before.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from ketenbalans.scenarios.extract_sets import ExtractSet
from ketenbalans.scenarios.moments import AMSTERDAM, day_of
from ketenbalans.scenarios.rows import DeliveryRow, RegistrationRow
from ketenbalans.scenarios.sources import HOTLINE, OM, POLICE
from tests.scenarios.extract_sets import distinct_rows, place_of, redistributed, with_rows, without_repeats
from tests.scenarios.fault_rows import (
    case_of,
    dossier_numbers_of_cases,
    handed_over_files,
    put_off,
    registered_later,
    rows_of_records,
    suspect_of,
    wrong_then_mended,
)

AUGUST, OCTOBER, NOVEMBER = date(2014, 8, 31), date(2014, 10, 31), date(2014, 11, 30)
"""The sets of the faults, by the day that they cover."""
OCTOBER_BEGINS = date(2014, 10, 1)
MENDED_FROM = datetime(2014, 11, 3, 7, tzinfo=AMSTERDAM)
"""A source repairs its records in one go, before anybody works on them in November."""

SILENT_UNIT = TRANSFERRING_UNIT = "PL0600"
TRANSFERS_DELIVERED_FROM, TRANSFERS_FROM = date(2014, 9, 1), date(2014, 10, 16)
LATE_FROM, LATE_UNTIL = date(2014, 8, 4), date(2014, 9, 30)
LATE_SHARE = 0.45
LATE_AT_MOST_DAYS = 55

Sets = Sequence[ExtractSet]


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong, generated over the ordinary sets.

    Attributes:
        name: what it is called.
        description: one line.
        alerts: (rule, subject) of the alerts that a person would want, no more and no less.
        generate: gives the sets as they are handed over when it happens.
        begins: the first set that differs, by the day that it covers.
    """

    name: str
    description: str
    alerts: tuple[tuple[str, str], ...]
    generate: Callable[[Sets], list[ExtractSet]]
    begins: date = OCTOBER


def unit_falls_silent(sets: Sets) -> list[ExtractSet]:
    """Leave a unit out of the police's extracts."""
    return [
        with_rows(one, POLICE, (row for row in one.police if row.unit != SILENT_UNIT)) if one.covers >= OCTOBER else one
        for one in sets
    ]


def extract_sent_twice(sets: Sets) -> list[ExtractSet]:
    """Hand over the police's rows of September as those of October, and October's with November's."""
    place, changed = place_of(OCTOBER, sets), list(sets)
    changed[place] = with_rows(sets[place], POLICE, sets[place - 1].police)
    both = distinct_rows([sets[place].police, sets[place + 1].police])
    changed[place + 1] = with_rows(sets[place + 1], POLICE, both)
    return changed


def half_an_extract(sets: Sets) -> list[ExtractSet]:
    """Break off the OM's file of October halfway, and hand over the rest with November's."""
    place, changed = place_of(OCTOBER, sets), list(sets)
    rows = sets[place].om
    half = len(rows) // 2
    changed[place] = with_rows(sets[place], OM, rows[:half])
    changed[place + 1] = with_rows(sets[place + 1], OM, distinct_rows([rows[half:], sets[place + 1].om]))
    return changed


def classification_mapped_wrongly(sets: Sets) -> list[ExtractSet]:
    """Write one classification on whatever the OM recorded in October, and the right one in November."""
    om = om_of(sets)
    wrong = {row: replace(row, classification="OVERIG") for row in om if is_of_october(row)}
    return without_repeats(redistributed(sets, {OM: mended_at_the_om(om, wrong)}), OM, OCTOBER)


def persons_missing(sets: Sets) -> list[ExtractSet]:
    """Leave the person out of whatever the police recorded in October, and give it in November."""
    police = police_of(sets)
    wrong = {row: replace(row, skn="") for row in police if is_of_october(row)}
    mended = wrong_then_mended(police, wrong, record=suspect_of, mutation="gecorrigeerd", since=MENDED_FROM)
    return without_repeats(redistributed(sets, {POLICE: mended}), POLICE, OCTOBER)


def another_chain_key(sets: Sets) -> list[ExtractSet]:
    """Pseudonymise the OM's file of October with another key; no row of it is ever generated under the usual one."""
    changed = without_repeats(without_repeats(sets, OM, OCTOBER), OM, NOVEMBER)
    place = place_of(OCTOBER, changed)
    changed[place] = replace(changed[place], other_chain_key=frozenset({OM}))
    return changed


def wrong_year(sets: Sets) -> list[ExtractSet]:
    """Date the registrations that the OM recorded first in October a year early, and mend them in November."""
    om = om_of(sets)
    wrong = {
        row: replace(row, registered_on=a_year_earlier(row.registered_on))
        for rows in rows_of_records(om, case_of).values()
        if is_of_october(rows[0])
        for row in rows
        if is_of_october(row)
    }
    return redistributed(sets, {OM: mended_at_the_om(om, wrong)})


def team_files_transferred(sets: Sets) -> list[ExtractSet]:
    """Hand a team's files that are not registered yet over to the sex-crime team, from mid-October on."""
    police, om = handed_over_files(
        police_of(sets),
        om_of(sets),
        unit=TRANSFERRING_UNIT,
        delivered_from=TRANSFERS_DELIVERED_FROM,
        handed_over_from=TRANSFERS_FROM,
    )
    return redistributed(sets, {POLICE: police, OM: om})


def late_burst(sets: Sets) -> list[ExtractSet]:
    """Put off a share of each unit's registrations of August and September, with what follows on them, to October."""
    police, om = police_of(sets), om_of(sets)
    files = dossier_numbers_of_cases(police, om)
    deliveries = {row.dossier_number: row for row in police}
    rows_of_case = rows_of_records(om, case_of)
    cases_of_unit: dict[str, list[tuple[str, date]]] = {}
    for case_number, rows in rows_of_case.items():
        if LATE_FROM <= day_of(rows[0].recorded_at) <= LATE_UNTIL and case_number in files:
            delivery = deliveries[files[case_number]]
            cases_of_unit.setdefault(delivery.unit, []).append((case_number, delivery.delivered_on))
    days = put_off(cases_of_unit, share=LATE_SHARE, month=(OCTOBER_BEGINS, OCTOBER), at_most_days=LATE_AT_MOST_DAYS)
    for case_number, registered_on in days.items():
        rows_of_case[case_number] = registered_later(rows_of_case[case_number], registered_on)
    return redistributed(sets, {OM: [row for rows in rows_of_case.values() for row in rows]})


def hotline_owner_changes(sets: Sets) -> list[ExtractSet]:
    """Put another owner on whatever the hotline records from October on."""
    reports = distinct_rows(one.hotline for one in sets)
    changed = [replace(row, hotline="eokm") if day_of(row.recorded_at) >= OCTOBER_BEGINS else row for row in reports]
    return without_repeats(redistributed(sets, {HOTLINE: changed}), HOTLINE, OCTOBER)


def police_of(sets: Sets) -> list[DeliveryRow]:
    """List what the police generated over all sets, once."""
    return distinct_rows(one.police for one in sets)


def om_of(sets: Sets) -> list[RegistrationRow]:
    """List what the OM generated over all sets, once."""
    return distinct_rows(one.om for one in sets)


def is_of_october(row: DeliveryRow | RegistrationRow) -> bool:
    """Whether a row is news of the set of October."""
    return OCTOBER_BEGINS <= day_of(row.recorded_at) <= OCTOBER


def mended_at_the_om(
    om: Sequence[RegistrationRow], wrong: dict[RegistrationRow, RegistrationRow]
) -> list[RegistrationRow]:
    """Generate rows of the OM wrongly and mend their records in November."""
    return wrong_then_mended(om, wrong, record=case_of, mutation="geherclassificeerd", since=MENDED_FROM)


def a_year_earlier(day: date) -> date:
    """Return the same day of the year before; 28 February for the 29th."""
    return date(day.year - 1, day.month, min(day.day, 28) if day.month == 2 else day.day)


FAULTS: dict[str, Fault] = {
    fault.name: fault
    for fault in (
        Fault(
            "unit_falls_silent",
            "PL0600 is not in the police's extracts from October on; the OM goes on registering its files",
            (("unit_silent", SILENT_UNIT),),
            unit_falls_silent,
        ),
        Fault(
            "extract_sent_twice",
            "the police's file of September comes again as that of October; November's brings both months",
            (("extract_repeated", POLICE),),
            extract_sent_twice,
        ),
        Fault(
            "half_an_extract",
            "the transfer of the OM's file of October breaks off halfway; November's repeats what was lost",
            (("volume", OM),),
            half_an_extract,
        ),
        Fault(
            "classification_mapped_wrongly",
            "every row of the OM's file of October says OVERIG; mended in November",
            (("drift", f"{OM}.classification"),),
            classification_mapped_wrongly,
        ),
        Fault(
            "persons_missing",
            "no row of the police's file of October has a person; mended in November",
            (("drift", f"{POLICE}.person_token"),),
            persons_missing,
        ),
        Fault(
            "another_chain_key",
            "the OM's file of October is pseudonymised under another key; never repaired",
            (("chain_key", OM),),
            another_chain_key,
        ),
        Fault(
            "wrong_year",
            "registrations first recorded in October are dated a year early; mended in November",
            (("drift", f"{OM}.registered_on"),),
            wrong_year,
        ),
        Fault(
            "team_files_transferred",
            "PL0600's TBKK team hands its files over to ZEDEN from mid-October on, and the OM registers none of them",
            (("gap_of_unit", TRANSFERRING_UNIT),),
            team_files_transferred,
        ),
        Fault(
            "late_burst",
            "45 % of the OM's registrations of 4 August to 30 September come only in October; starts in August",
            (("nowcast_missed", "2014-08"), ("volume", OM)),
            late_burst,
            begins=AUGUST,
        ),
        Fault(
            "hotline_owner_changes",
            "every hotline report says eokm from October on",
            (("drift", f"{HOTLINE}.hotline"),),
            hotline_owner_changes,
        ),
    )
}
