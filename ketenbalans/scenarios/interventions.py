"""The interventions of 2015 to 2018: of four kinds, some of them with a delivery to the OM, others without.

Published (kst-31015-157): 712 in 2017, and 37 INDIGO trajectories among the simple ones. The split over the kinds, all
other years, and which intervention led to which delivery are assumed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from ketenbalans.scenarios.desk import Desk
from ketenbalans.scenarios.moments import day_of
from ketenbalans.scenarios.rows import Delivery, RecordHistory
from ketenbalans.scenarios.stories_indigo import INDIGO

PROACTIVE, REGULAR, SIMPLE, ALTERNATIVE = "proactief", "regulier", "eenvoudig", "alternatief"
WITH_DELIVERY = {REGULAR: 1.0, SIMPLE: 0.45, PROACTIVE: 0.0, ALTERNATIVE: 0.0}
"""The share of a kind that led to a delivery (assumed)."""
WITHDRAWN_A_YEAR = 3
MOVED_INTO_NEXT_YEAR = 1
CORRECTED_SHARE = 0.04


@dataclass(frozen=True, kw_only=True)
class InterventionYear:
    """How many interventions of each kind stand in the end.

    Attributes:
        of_kind: the numbers.
        simple_with_indigo: how many simple ones led to a case that the OM settled by INDIGO.
        regular_with_indigo: how many regular ones did: they are in no published figure.
    """

    of_kind: Mapping[str, int]
    simple_with_indigo: int
    regular_with_indigo: int = 1


YEARS = {
    2015: InterventionYear(of_kind={PROACTIVE: 41, REGULAR: 238, SIMPLE: 214, ALTERNATIVE: 94}, simple_with_indigo=19),
    2016: InterventionYear(of_kind={PROACTIVE: 52, REGULAR: 241, SIMPLE: 262, ALTERNATIVE: 101}, simple_with_indigo=27),
    2017: InterventionYear(of_kind={PROACTIVE: 58, REGULAR: 246, SIMPLE: 301, ALTERNATIVE: 107}, simple_with_indigo=37),
    2018: InterventionYear(of_kind={PROACTIVE: 63, REGULAR: 229, SIMPLE: 318, ALTERNATIVE: 112}, simple_with_indigo=31),
}


@dataclass(frozen=True)
class InterventionRow:
    """The state of one intervention after one mutation at the police."""

    mutation: str
    intervention_number: str
    kind: str
    unit: str
    realised_on: date
    dossier_number: str
    suspect_number: int | None
    recorded_at: datetime

    def cells(self) -> dict[str, str]:
        """Write the row in the columns of its extract."""
        return {
            "mutatie": self.mutation,
            "interventienummer": self.intervention_number,
            "soort": self.kind,
            "eenheid": self.unit,
            "datum_realisatie": f"{self.realised_on:%d-%m-%Y}",
            "registratienummer": self.dossier_number,
            "volgnummer_verdachte": "" if self.suspect_number is None else str(self.suspect_number),
            "tijdstip_mutatie": self.recorded_at.isoformat(),
        }


def intervention_rows(desk: Desk) -> list[InterventionRow]:
    """Generate the interventions of every year, beside what the police delivered in it."""
    histories: list[RecordHistory[InterventionRow]] = []
    for year, numbers in YEARS.items():
        for kind, delivery in interventions_of(desk, year, numbers):
            histories.append(intervention(desk, len(histories) + 1, year, kind, delivery))
            if desk.rng.random() < CORRECTED_SHARE:
                correct(desk, histories[-1])
        for _ in range(WITHDRAWN_A_YEAR):
            histories.append(intervention(desk, len(histories) + 1, year, SIMPLE, None))
            histories[-1].then("ingetrokken", desk.moment(histories[-1].newest.realised_on + timedelta(days=60)))
        for _ in range(MOVED_INTO_NEXT_YEAR if year + 1 in YEARS else 0):
            histories.append(dated_too_early(desk, len(histories) + 1, year))
    return [row for one in histories for row in one.rows]


def interventions_of(desk: Desk, year: int, numbers: InterventionYear) -> Iterator[tuple[str, Delivery | None]]:
    """Give every intervention that stands in the end its kind, and its delivery if it led to one.

    What was dated too early in the year before counts too: it is one of the alternative ones.
    """
    settled, others = deliveries_of(desk, year)
    came_over = {ALTERNATIVE: MOVED_INTO_NEXT_YEAR if year - 1 in YEARS else 0}
    with_indigo = {SIMPLE: numbers.simple_with_indigo, REGULAR: numbers.regular_with_indigo}
    for kind, standing in numbers.of_kind.items():
        with_delivery = round(standing * WITH_DELIVERY[kind])
        for place in range(standing - came_over.get(kind, 0)):
            is_settled = place < with_indigo.get(kind, 0)
            yield kind, (settled if is_settled else others).pop() if place < with_delivery else None


def deliveries_of(desk: Desk, year: int) -> tuple[list[Delivery], list[Delivery]]:
    """List the suspects delivered in a year and never withdrawn, in a drawn order: settled by INDIGO, and the others.

    One whose settlement failed is neither: whether an intervention led to it is left open.
    """
    delivered = [
        one
        for one in desk.chain.deliveries
        if {row.delivered_on.year for row in one.rows} == {year} and "ingetrokken" not in {r.mutation for r in one.rows}
    ]
    desk.rng.shuffle(delivered)
    words = [{row.disposal for row in one.registration.rows} if one.registration else set() for one in delivered]
    settled = [one for one in delivered if one.registration is not None and one.registration.newest.disposal == INDIGO]
    return settled, [one for one, word in zip(delivered, words, strict=True) if INDIGO not in word]


def intervention(
    desk: Desk, number: int, year: int, kind: str, delivery: Delivery | None
) -> RecordHistory[InterventionRow]:
    """Realise an intervention: within weeks of its delivery, or on any day of the year; recorded within weeks."""
    if delivery is None:
        known_on = realised_on = desk.day(date(year, 1, 5), date(year, 12, 20))
    else:
        wait = timedelta(days=desk.rng.randint(0, 28))
        realised_on = min(delivery.newest.delivered_on + wait, date(year, 12, 31))
        known_on = max(day_of(delivery.rows[0].recorded_at), realised_on)
    names_suspect = delivery is not None and desk.rng.random() < 0.8
    row = InterventionRow(
        mutation="gerealiseerd",
        intervention_number=f"SYN-I{number:06}",
        kind=kind,
        unit=delivery.newest.unit if delivery else desk.unit().code,
        realised_on=realised_on,
        dossier_number=delivery.newest.dossier_number if delivery else "",
        suspect_number=delivery.newest.suspect_number if delivery and names_suspect else None,
        recorded_at=desk.moment(known_on + timedelta(days=1), at_most_later=12),
    )
    return RecordHistory([row])


def correct(desk: Desk, one: RecordHistory[InterventionRow]) -> None:
    """Correct an intervention within weeks: its unit, or its kind, which was entered as another one."""
    right, at = one.newest, desk.moment(day_of(one.newest.recorded_at) + timedelta(days=desk.rng.randint(5, 40)))
    if desk.rng.random() < 0.5:
        one.rows[0] = replace(right, kind=ALTERNATIVE if right.kind == PROACTIVE else PROACTIVE)
        one.then("gecorrigeerd", at, kind=right.kind)
    else:
        one.then("gecorrigeerd", at, unit=desk.unit(other_than=right.unit).code)


def dated_too_early(desk: Desk, number: int, year: int) -> RecordHistory[InterventionRow]:
    """Entered as realised in December; the day turns out to be one of January: it counts in the year that follows."""
    one = intervention(desk, number, year, ALTERNATIVE, None)
    in_december = date(year, 12, 14)
    one.rows[0] = replace(one.newest, realised_on=in_december, recorded_at=desk.moment(in_december))
    right = desk.day(date(year + 1, 1, 5), date(year + 1, 1, 12))
    one.then("gecorrigeerd", desk.moment(date(year + 1, 2, 5)), realised_on=right)
    return one
