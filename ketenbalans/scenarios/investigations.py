"""The investigations from 2019 on, of three kinds: counted when they start; those that ran on 1 January 2019 count too.

Published (kst-31015-193, annex): 193, 15 and 632 counted in 2019; 68, 3 and 281 ended in it with an identification;
more than 200 running at its end. How many of the counted ones had started before, what ended without a result, and
every day are assumed.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from ketenbalans.scenarios.desk import Desk
from ketenbalans.scenarios.moments import day_of
from ketenbalans.scenarios.rows import RecordHistory

IDENTIFIED, NOT_IDENTIFIED = "identificatie", "geen_identificatie"
LAST_DAY_OF_2018, LAST_DAY_OF_2019 = date(2018, 12, 31), date(2019, 12, 31)
ENDS_OF_2019 = (date(2019, 1, 2), date(2019, 12, 20))
LAST_START_THAT_ENDS = date(2019, 11, 15)
SHORTEST = timedelta(days=14)


@dataclass(frozen=True, kw_only=True)
class KindOfInvestigation:
    """How many investigations of a kind there are.

    Attributes:
        running_on_1_january: started in 2018 and running on 1 January 2019.
        started_in_2019: with those the counted ones.
        ended_with_identification: of these, in 2019.
        ended_without: likewise, without an identification.
        over_before_2019: started and ended in 2018: in no count.
        started_in_2020: until the end of April: in no count of 2019.
        withdrawn: started in 2019, and never was one.
    """

    running_on_1_january: int
    started_in_2019: int
    ended_with_identification: int
    ended_without: int
    over_before_2019: int
    started_in_2020: int
    withdrawn: int


KINDS = {
    "A": KindOfInvestigation(
        running_on_1_january=71,
        started_in_2019=122,
        ended_with_identification=68,
        ended_without=55,
        over_before_2019=12,
        started_in_2020=37,
        withdrawn=2,
    ),
    "B": KindOfInvestigation(
        running_on_1_january=6,
        started_in_2019=9,
        ended_with_identification=3,
        ended_without=4,
        over_before_2019=1,
        started_in_2020=2,
        withdrawn=0,
    ),
    "C": KindOfInvestigation(
        running_on_1_january=208,
        started_in_2019=424,
        ended_with_identification=281,
        ended_without=199,
        over_before_2019=44,
        started_in_2020=118,
        withdrawn=5,
    ),
}
"""193 - 68 - 55, 15 - 3 - 4 and 632 - 281 - 199 are left at the end of 2019: 70, 8 and 152, together 230 (assumed)."""


@dataclass(frozen=True)
class InvestigationRow:
    """The state of one investigation after one mutation at the police."""

    mutation: str
    investigation_number: str
    kind: str
    unit: str
    started_on: date
    recorded_at: datetime
    ended_on: date | None = None
    result: str = ""

    def cells(self) -> dict[str, str]:
        """Write the row in the columns of its extract."""
        return {
            "mutatie": self.mutation,
            "onderzoeksnummer": self.investigation_number,
            "soort": self.kind,
            "eenheid": self.unit,
            "datum_start": f"{self.started_on:%d-%m-%Y}",
            "datum_einde": f"{self.ended_on:%d-%m-%Y}" if self.ended_on else "",
            "resultaat": self.result,
            "tijdstip_mutatie": self.recorded_at.isoformat(),
        }


Investigation = RecordHistory[InvestigationRow]


@dataclass
class Register:
    """The investigations generated so far; each new one gets the next number."""

    desk: Desk
    investigations: list[Investigation]

    def start(self, kind: str, first: date, last: date) -> Investigation:
        """Start an investigation on a day between two; recorded within days."""
        started_on = self.desk.day(first, last)
        row = InvestigationRow(
            mutation="gestart",
            investigation_number=f"SYN-O{len(self.investigations) + 1:06}",
            kind=kind,
            unit=self.desk.unit().code,
            started_on=started_on,
            recorded_at=self.desk.moment(started_on, at_most_later=3),
        )
        self.investigations.append(Investigation([row]))
        return self.investigations[-1]

    def end(self, one: Investigation, result: str, first: date, last: date) -> None:
        """End an investigation on a day between two, two weeks after its start at the earliest."""
        ended_on = self.desk.day(max(first, one.newest.started_on + SHORTEST), last)
        at = self.desk.moment(ended_on + timedelta(days=1), at_most_later=5)
        one.then("beeindigd", at, ended_on=ended_on, result=result)


def investigation_rows(desk: Desk) -> list[InvestigationRow]:
    """Generate the investigations of every kind, from 2018 to the end of April 2020."""
    register = Register(desk, [])
    for kind, numbers in KINDS.items():
        over_before_2019(register, kind, numbers)
        counted_in_2019(register, kind, numbers)
        for _ in range(numbers.started_in_2020):
            register.start(kind, date(2020, 1, 2), date(2020, 4, 29))
        for _ in range(numbers.withdrawn):
            mistake = register.start(kind, date(2019, 2, 4), date(2019, 11, 29))
            mistake.then("ingetrokken", desk.moment(day_of(mistake.newest.recorded_at) + timedelta(days=30)))
    return [row for one in register.investigations for row in one.rows]


def over_before_2019(register: Register, kind: str, numbers: KindOfInvestigation) -> None:
    """Generate what started and ended in 2018; the last of it ends on the last day of that year."""
    for place in range(numbers.over_before_2019):
        one = register.start(kind, date(2018, 1, 8), date(2018, 9, 28))
        first = LAST_DAY_OF_2018 if place == 0 else one.newest.started_on
        register.end(one, register.desk.rng.choice((IDENTIFIED, NOT_IDENTIFIED)), first, LAST_DAY_OF_2018)


def counted_in_2019(register: Register, kind: str, numbers: KindOfInvestigation) -> None:
    """Generate what counts in 2019: running on its first day or started in it; some end, corrected now and then."""
    desk = register.desk
    running = [register.start(kind, date(2018, 3, 1), LAST_DAY_OF_2018) for _ in range(numbers.running_on_1_january)]
    started = [register.start(kind, date(2019, 1, 2), LAST_DAY_OF_2019) for _ in range(numbers.started_in_2019)]
    correct_the_first_three(desk, kind, started)
    may_end = [one for one in (*running, *started) if one.newest.started_on <= LAST_START_THAT_ENDS]
    identified, without = numbers.ended_with_identification, numbers.ended_without
    ending = desk.rng.sample(may_end, identified + without)
    for place, one in enumerate(ending):
        first, last = ENDS_OF_2019 if place else (LAST_DAY_OF_2019, LAST_DAY_OF_2019)
        register.end(one, IDENTIFIED if place < identified else NOT_IDENTIFIED, first, last)
    result_comes_later(desk, ending[1])
    for one in (*running, *started):
        if one not in ending and desk.rng.random() < 0.3:
            register.end(one, desk.rng.choice((IDENTIFIED, NOT_IDENTIFIED)), date(2020, 1, 6), date(2020, 4, 24))


def correct_the_first_three(desk: Desk, kind: str, started: list[Investigation]) -> None:
    """Correct the unit of one, the kind of another, and the day of a third, which was entered as one of 2018."""
    unit, other_kind, day = started[:3]
    corrected_at = {one: day_of(one.newest.recorded_at) + timedelta(days=7) for one in started[:3]}
    unit.then("gecorrigeerd", desk.moment(corrected_at[unit]), unit=desk.unit(other_than=unit.newest.unit).code)
    other_kind.rows[0] = replace(other_kind.newest, kind="C" if kind != "C" else "A")
    other_kind.then("gecorrigeerd", desk.moment(corrected_at[other_kind]), kind=kind)
    right = day.newest.started_on
    day.rows[0] = replace(day.newest, started_on=right - timedelta(days=365))
    day.then("gecorrigeerd", desk.moment(corrected_at[day]), started_on=right)


def result_comes_later(desk: Desk, one: Investigation) -> None:
    """Enter an end without a result, and the result weeks later."""
    ended = one.newest
    one.rows[-1] = replace(ended, result="")
    one.then("gecorrigeerd", desk.moment(day_of(ended.recorded_at) + timedelta(days=20)), result=ended.result)
