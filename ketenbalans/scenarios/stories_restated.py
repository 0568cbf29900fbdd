"""Stories that change a figure after it was counted: recorded late, corrected, withdrawn, merged, linked anew.

``year`` is the year of delivery. "After the count" is between 4 March and 15 November of the year that follows, so
that a figure as of 1 March does not know it and one as of the end of November does. Files that come and go are of mere
possession: they change no share.
"""

from datetime import date, timedelta

from ketenbalans.scenarios.desk import CaseFacts, Clue, Desk
from ketenbalans.scenarios.moments import day_of, working_day_from
from ketenbalans.scenarios.rows import Delivery
from ketenbalans.scenarios.stories_recognised import registered_in_time
from ketenbalans.scenarios.stories_unrecognised import POSSESSION, autumn_file

OTHER_THAN_THE_FIRST = 2


def day_after_the_count(desk: Desk, year: int) -> date:
    """Draw a working day after the first count."""
    return desk.day(date(year + 1, 3, 4), date(year + 1, 11, 15))


def passing_file(desk: Desk, day: date) -> Delivery:
    """Deliver a file that is not always of its year: its facts are in no published share."""
    return desk.deliver_one(day, facts=CaseFacts(desk.unit(), POSSESSION))


def suspect_recorded_late(desk: Desk, year: int) -> None:
    """A second suspect of a known file, delivered in the year and recorded after the count; two in three in time."""
    first = desk.deliver_one(desk.day(desk.open_from(year), date(year, 10, 31)))
    registered_in_time(desk, first)
    delivered_on = working_day_from(first.newest.delivered_on + timedelta(days=21))
    recorded_on = day_after_the_count(desk, year)
    second = desk.add_suspect_later(
        first,
        delivered_on,
        suspect_number=OTHER_THAN_THE_FIRST,
        skn=desk.numbers.skn(),
        recorded_at=desk.moment(recorded_on),
    )
    if desk.rng.random() < 2 / 3:
        registered_on = working_day_from(delivered_on + timedelta(days=9))
        desk.register(second, registered_on, recorded_at=desk.moment(recorded_on, at_most_later=5))
    else:
        desk.register(second, recorded_on)


def file_recorded_late(desk: Desk, year: int) -> None:
    """A whole file, delivered in December and recorded after the count."""
    day = desk.day(date(year, 12, 3), date(year, 12, 21))
    facts = CaseFacts(desk.unit(), POSSESSION)
    recorded_on = day_after_the_count(desk, year)
    (delivery,) = desk.deliver(day, facts=facts, recorded_at=desk.moment(recorded_on))
    desk.register(delivery, recorded_on)


def moved_into_the_year(desk: Desk, year: int) -> None:
    """Entered as delivered in January; after the count the day turns out to be one in December."""
    delivery = passing_file(desk, desk.day(date(year + 1, 1, 7), date(year + 1, 1, 18)))
    desk.register(delivery, working_day_from(delivery.newest.delivered_on + timedelta(days=12)))
    right = desk.day(date(year, 12, 3), date(year, 12, 21))
    delivery.then("gecorrigeerd", desk.moment(day_after_the_count(desk, year)), delivered_on=right)


def moved_out_of_the_year(desk: Desk, year: int) -> None:
    """Entered as delivered in December; after the count the day turns out to be one in January."""
    delivery = passing_file(desk, desk.day(date(year, 12, 3), date(year, 12, 21)))
    right = desk.day(date(year + 1, 1, 7), date(year + 1, 1, 18))
    desk.register(delivery, working_day_from(right + timedelta(days=5)))
    delivery.then("gecorrigeerd", desk.moment(day_after_the_count(desk, year)), delivered_on=right)


def withdrawn_after_the_count(desk: Desk, year: int) -> None:
    """Delivered and never registered; withdrawn after the count."""
    delivery = passing_file(desk, desk.day(date(year, 9, 3), date(year, 11, 14)))
    delivery.then("ingetrokken", desk.moment(day_after_the_count(desk, year)))


def reinstated_after_the_count(desk: Desk, year: int) -> None:
    """Withdrawn by mistake in December, brought back after the count."""
    delivery = passing_file(desk, desk.day(date(year, 9, 3), date(year, 11, 14)))
    delivery.then("ingetrokken", desk.moment(date(year, 12, 10)))
    delivery.then("gecorrigeerd", desk.moment(day_after_the_count(desk, year)))
    desk.register(delivery, working_day_from(delivery.newest.recorded_at.date() + timedelta(days=3)))


def two_suspects_are_one_person(desk: Desk, year: int) -> None:
    """Two suspects of one file turn out to be one person: the second gets the first one's SKN and is withdrawn."""
    first, second = desk.deliver(desk.day(desk.open_from(year), date(year, 9, 28)), suspects=2)
    registered_in_time(desk, first)
    merged_at = desk.moment(day_after_the_count(desk, year))
    second.then("gecorrigeerd", merged_at, skn=first.newest.skn)
    second.then("ingetrokken", merged_at + timedelta(minutes=20))


def person_merged(desk: Desk, year: int) -> None:
    """The registers know one person under two SKNs, and the OM typed no file: nothing links them until the merge."""
    delivery = autumn_file(desk, year)
    first_skn = delivery.newest.skn
    case = desk.register_stray(
        working_day_from(delivery.newest.delivered_on + timedelta(days=20)),
        skn=desk.numbers.skn(),
        unit=delivery.newest.unit,
    )
    merged_on = day_after_the_count(desk, year)
    case.then("geherclassificeerd", desk.moment(merged_on), skn=first_skn)
    delivery.registration, case.delivery = case, delivery
    delivery.since = case.since = merged_on


def case_replaced(desk: Desk, year: int) -> None:
    """Recognised by one case; after the count it goes into another one of the same file and person."""
    delivery = desk.deliver_one(desk.day(desk.open_from(year), date(year, 9, 28)))
    old = registered_in_time(desk, delivery)
    replaced_at = desk.moment(day_after_the_count(desk, year))
    registered_on = working_day_from(old.newest.registered_on + timedelta(days=1))
    new = desk.register(delivery, registered_on, recorded_at=replaced_at)
    old.then("samengevoegd", replaced_at + timedelta(minutes=5), joined_into=new.newest.case_number)
    delivery.earlier, delivery.since = old, day_of(replaced_at)
    old.until = day_of(replaced_at)


def found_after_the_count(desk: Desk, year: int) -> None:
    """Missing at the count; the OM had registered it in time and recorded it only later."""
    delivery = autumn_file(desk, year)
    registered_on = working_day_from(delivery.newest.delivered_on + timedelta(days=16))
    recorded_at = desk.moment(day_after_the_count(desk, year))
    desk.register(delivery, registered_on, recorded_at=recorded_at, clue=Clue.SUSPECT_NUMBER)


def mistyped_number(desk: Desk, year: int) -> None:
    """The OM typed one digit of the number wrong and knows no person: a person has to look (rule 6c)."""
    delivery = autumn_file(desk, year)
    number = delivery.newest.dossier_number
    place = len(number) - desk.rng.randint(1, 4)
    digit = str((int(number[place]) + desk.rng.randint(1, 9)) % 10)
    looks_like(desk, delivery, skn="", typed=number[:place] + digit + number[place + 1 :])


def known_person_other_file(desk: Desk, year: int) -> None:
    """The OM knows the person, but under the number of a file that no delivery carries (rule 6a)."""
    delivery = autumn_file(desk, year)
    other = desk.numbers.dossier_number(delivery.newest.dossier_number[:6], year)
    looks_like(desk, delivery, skn=delivery.newest.skn, typed=other)


def known_file_other_person(desk: Desk, year: int) -> None:
    """The OM knows the file, but under another person, and no suspect number (rule 6b)."""
    delivery = autumn_file(desk, year)
    looks_like(desk, delivery, skn=desk.numbers.skn(), typed=delivery.newest.dossier_number)


def looks_like(desk: Desk, delivery: Delivery, *, skn: str, typed: str) -> None:
    """Register what looks like the counterpart of a delivery, and is none until a person says so."""
    registered_on = working_day_from(delivery.newest.delivered_on + timedelta(days=14))
    case = desk.register_stray(registered_on, skn=skn, unit=delivery.newest.unit, typed=typed)
    delivery.looks_like, case.looks_like = case, delivery
