"""What a fault of ``tests.scenarios.faults`` does to rows: mended later, handed over, put off. Copies only; pure."""

import random
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from ketenbalans.scenarios.moments import day_of, office_moment, working_day_from, working_days
from ketenbalans.scenarios.rows import GONE, DeliveryRow, RegistrationRow, Row

WITHDRAWN = "ingetrokken"


def case_of(row: RegistrationRow) -> str:
    """Return what distinguishes the records of the OM."""
    return row.case_number


def suspect_of(row: DeliveryRow) -> tuple[str, int]:
    """Return what distinguishes the records of the police."""
    return row.dossier_number, row.suspect_number


def rows_of_records(rows: Sequence[Row], record: Callable[[Row], Hashable]) -> dict[Hashable, list[Row]]:
    """Give each record its rows, in the order given."""
    of_record: dict[Hashable, list[Row]] = {}
    for row in rows:
        of_record.setdefault(record(row), []).append(row)
    return of_record


def wrong_then_mended(
    rows: Sequence[Row], wrong: Mapping[Row, Row], *, record: Callable[[Row], Hashable], mutation: str, since: datetime
) -> list[Row]:
    """Generate some rows wrongly, and mend each record that was generated wrongly last, a second apart.

    Args:
        rows: those of one source, by ``recorded_at``.
        wrong: what is generated in place of a row; all of it recorded before ``since``.
        record: what distinguishes records.
        mutation: that of the row which mends. A record that was gone is let go once more: such a row brings it back.
        since: when the first is mended; no row of the source follows within minutes.
    """
    given = [wrong.get(row, row) for row in rows]
    last = {record(row): row for row in rows if row.recorded_at < since}
    moment = since
    for right in last.values():
        if wrong.get(right, right) != right:
            for what in (mutation, right.mutation)[: 2 if right.mutation in (*GONE, WITHDRAWN) else 1]:
                given.append(replace(right, mutation=what, recorded_at=moment))
                moment += timedelta(seconds=1)
    return given


def dossier_numbers_of_cases(police: Sequence[DeliveryRow], om: Sequence[RegistrationRow]) -> dict[str, str]:
    """Find the file of each case by the number that the OM typed, else by the person.

    A case without a file is left out. The ordinary scenario has no person in two files.
    """
    files = {plain(row.dossier_number): row.dossier_number for row in police}
    persons = {row.skn: row.dossier_number for row in police if row.skn}
    found = {row.case_number: files.get(plain(row.dossier_number_as_typed)) or persons.get(row.skn) for row in om}
    return {case_number: dossier_number for case_number, dossier_number in found.items() if dossier_number}


def plain(typed: str) -> str:
    """Write a dossier number in capitals and digits alone, without a document suffix."""
    return "".join(filter(str.isalnum, typed.upper()))[:16]


def handed_over_files(
    police: Sequence[DeliveryRow],
    om: Sequence[RegistrationRow],
    *,
    unit: str,
    delivered_from: date,
    handed_over_from: date,
) -> tuple[list[DeliveryRow], list[RegistrationRow]]:
    """Hand the files of a unit's TBKK team over, on the first working day after they were recorded.

    A file that has a registration by then is left alone. The registrations of the others do not come.
    """
    registered: dict[str, date] = {}
    files = dossier_numbers_of_cases(police, om)
    for row in reversed(om):
        if row.case_number in files:
            registered[files[row.case_number]] = day_of(row.recorded_at)
    given, lost = [], set()
    for rows in rows_of_records(police, suspect_of).values():
        first = rows[0]
        day = max(handed_over_from, working_day_from(day_of(first.recorded_at) + timedelta(days=1)))
        is_of_the_team = (first.unit, first.team) == (unit, "TBKK") and first.delivered_on >= delivered_from
        if is_of_the_team and registered.get(first.dossier_number, date.max) > day:
            lost.add(first.dossier_number)
            given += handed_over(rows, office_moment(random.Random(first.dossier_number), day))
        else:
            given += rows
    return given, [row for row in om if files.get(row.case_number) not in lost]


def handed_over(rows: Sequence[DeliveryRow], moment: datetime) -> list[DeliveryRow]:
    """Hand a suspect over to the sex-crime team, and repeat the taker in what follows; once is enough."""
    if any(row.mutation == "overgedragen" for row in rows):
        return list(rows)
    before = [row for row in rows if row.recorded_at < moment]
    transfer = replace(before[-1], mutation="overgedragen", recorded_at=moment, transferred_to="ZEDEN")
    return [*before, transfer, *(replace(row, transferred_to="ZEDEN") for row in rows[len(before) :])]


def put_off(
    cases_of_unit: Mapping[str, Sequence[tuple[str, date]]],
    *,
    share: float,
    month: tuple[date, date],
    at_most_days: int,
) -> dict[str, date]:
    """Draw which cases are registered in a later month, and on which day of it.

    Args:
        cases_of_unit: per unit, the case numbers and the day of delivery of each.
        share: of the cases of each unit, so far as its numbers allow; of all cases together as near as can be.
        month: its first and last day, working days.
        at_most_days: how long after its delivery a case is registered where the month allows; such cases go first.
    """
    rng = random.Random(share)
    first, last = month
    days: dict[str, date] = {}
    counted = 0
    for _, cases in sorted(cases_of_unit.items()):
        drawn = rng.sample(cases, len(cases))
        drawn.sort(key=lambda case: case[1] + timedelta(days=at_most_days) < first)
        counted += len(cases)
        for case_number, delivered_on in drawn[: round(share * counted) - len(days)]:
            latest = min(last, delivered_on + timedelta(days=at_most_days))
            days[case_number] = rng.choice(working_days(first, latest) or [first])
    return days


def registered_later(rows: Sequence[RegistrationRow], day: date) -> list[RegistrationRow]:
    """Register a case on another day; what follows on it comes as long after that as it did before, in office hours."""
    later = day - day_of(rows[0].recorded_at)
    given: list[RegistrationRow] = []
    for row in rows:
        recorded_on = working_day_from(day_of(row.recorded_at) + later)
        recorded_at = datetime.combine(recorded_on, row.recorded_at.timetz())
        if given and recorded_at <= given[-1].recorded_at:
            recorded_at = given[-1].recorded_at + timedelta(minutes=1)
        given.append(replace(row, registered_on=day, recorded_at=recorded_at))
    return given
