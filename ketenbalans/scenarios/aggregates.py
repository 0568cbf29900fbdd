"""Counts that are delivered as counts, because their records are never carried: victims, sentences, hand-overs abroad.

Every value that a letter gives exactly is the published one. Three are published as more or less than a figure: there
the value is invented and merely agrees. The days on which they were counted and handed over are assumed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ketenbalans.scenarios.desk import Desk

COMBINED, IMAGE_TEAMS, TBKK, NOT_STATED, ONLY = "gezamenlijk", "beeldteams", "tbkk", "niet_vermeld", "enig"
ALL = "all"


@dataclass(frozen=True)
class Count:
    """A count as its source hands it over.

    Attributes:
        measure: what is counted.
        value: how many.
        as_of: the day whose knowledge it rests on.
        first: the first day that is counted.
        last: the last one.
        category: what it is limited to.
        basis: whose work it counts.
        at_first: what it said before a correction; None without one.
    """

    measure: str
    value: int
    as_of: date
    first: date
    last: date
    category: str = ALL
    basis: str = ONLY
    at_first: int | None = None


def year(number: int) -> tuple[date, date]:
    """Return the first and the last day of a calendar year."""
    return date(number, 1, 1), date(number, 12, 31)


VICTIMS, VICTIMS_SINCE_2012 = "slachtoffers", "slachtoffers_cumulatief"
SENTENCES, ABROAD = "zaken_met_onvoorwaardelijke_gevangenisstraf", "sleutelspelers_buitenland"
REPORTS_OF_THE_POLICE, REPORTERS = "meldingen_politie", "melders_campagne"
KST, KST_HANDLED, KST_AT_THE_OM, TRAVEL_BANS = (
    "kst",
    "kst_zaken_behandeld",
    "kst_zaken_in_onderzoek_om",
    "uitreisverboden",
)
SPRING_2013, LETTER_2013, SPRING_2014 = date(2013, 3, 1), date(2013, 5, 6), date(2014, 3, 3)
JANUARY_2015, SPRING_2015, SPRING_2019 = date(2015, 1, 26), date(2015, 3, 2), date(2019, 3, 4)
AUTUMN_2018, LETTER_2018, SPRING_2020 = date(2018, 10, 15), date(2018, 11, 16), date(2020, 3, 2)

COUNTS = (
    Count(VICTIMS, 239, SPRING_2013, *year(2012), basis=NOT_STATED, at_first=236),
    Count(KST_AT_THE_OM, 4, LETTER_2013, LETTER_2013, LETTER_2013, category=KST),
    Count(VICTIMS, 130, SPRING_2014, *year(2013), basis=NOT_STATED),
    Count(SENTENCES, 131, SPRING_2014, *year(2013)),
    Count(SENTENCES, 135, SPRING_2015, *year(2013)),
    Count(VICTIMS, 423, JANUARY_2015, *year(2014), basis=COMBINED),
    Count(VICTIMS, 329, JANUARY_2015, *year(2014), basis=IMAGE_TEAMS),
    Count(KST_HANDLED, 6, JANUARY_2015, *year(2014), category=KST),
    Count(REPORTS_OF_THE_POLICE, 2914, SPRING_2015, *year(2014)),
    Count(REPORTERS, 22, AUTUMN_2018, date(2018, 6, 1), date(2018, 9, 30), category=KST),
    Count(TRAVEL_BANS, 0, LETTER_2018, date(2018, 1, 1), LETTER_2018, category=KST),
    Count(REPORTS_OF_THE_POLICE, 31_207, SPRING_2019, *year(2018)),
    Count(REPORTS_OF_THE_POLICE, 25_628, SPRING_2020, *year(2019), at_first=25_268),
    Count(VICTIMS, 187, SPRING_2020, *year(2019), basis=TBKK),
    Count(ABROAD, 16, SPRING_2020, *year(2019), category="B"),
    Count(VICTIMS_SINCE_2012, 1562, SPRING_2020, date(2012, 1, 1), date(2019, 12, 31), basis=NOT_STATED),
)
"""Invented: 2914 (published: fewer than 3,000), 31,207 (more than 30,000) and 1562 (more than 1,500); the 131, known a
year before the 135; and what two counts said before they were corrected."""


@dataclass(frozen=True)
class AggregateRow:
    """One count after one mutation at its source."""

    mutation: str
    count: Count
    value: int
    recorded_at: datetime

    def cells(self) -> dict[str, str]:
        """Write the row in the columns of its extract."""
        return {
            "mutatie": self.mutation,
            "maat": self.count.measure,
            "categorie": self.count.category,
            "grondslag": self.count.basis,
            "periode_van": f"{self.count.first:%d-%m-%Y}",
            "periode_tot_en_met": f"{self.count.last:%d-%m-%Y}",
            "peildatum": f"{self.count.as_of:%d-%m-%Y}",
            "aantal": str(self.value),
            "tijdstip_mutatie": self.recorded_at.isoformat(),
        }


def aggregate_rows(desk: Desk, *, since: date = date.min) -> list[AggregateRow]:
    """Hand over the counts known from ``since`` on, each on the day whose knowledge it rests on."""
    return [row for count in COUNTS if count.as_of >= since for row in handed_over(desk, count)]


def handed_over(desk: Desk, count: Count) -> Iterator[AggregateRow]:
    """Hand a count over; one that was wrong at first is corrected within two weeks."""
    first = count.value if count.at_first is None else count.at_first
    yield AggregateRow("opgeleverd", count, first, desk.moment(count.as_of))
    if count.at_first is not None:
        yield AggregateRow("gecorrigeerd", count, count.value, desk.moment(count.as_of + timedelta(days=10)))
