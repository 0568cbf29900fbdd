"""Stories of delivered suspects that the OM cannot recognise by the end of the year, one function for each.

``year`` is the year of delivery. What happens "next spring" is recorded after January of the year that follows, so only
a second set of extracts knows it. Every suspect here is the only one of the file, unless the story says otherwise.
"""

from datetime import UTC, date, datetime, timedelta

from ketenbalans.scenarios.desk import CaseFacts, Desk
from ketenbalans.scenarios.moments import working_day_from
from ketenbalans.scenarios.rows import Delivery
from ketenbalans.scenarios.stories_recognised import registered_in_time

POSSESSION = ("bezit",)


def autumn_file(desk: Desk, year: int) -> Delivery:
    """Deliver one suspect between September and mid-November: long enough ago to be missed by January."""
    return desk.deliver_one(desk.day(date(year, 9, 1), date(year, 11, 14)))


def joined_case(desk: Desk, year: int) -> None:
    """One suspect in two files; the case of the first is joined to that of the second, which stands."""
    first = desk.deliver_one(desk.day(date(year, 7, 1), date(year, 8, 31)))
    second = desk.deliver_one(desk.day(date(year, 9, 15), date(year, 10, 31)), skn=first.newest.skn)
    joined = desk.register(first, working_day_from(first.newest.delivered_on + timedelta(days=8)))
    into = desk.register(second, working_day_from(second.newest.delivered_on + timedelta(days=8)))
    joined_on = into.newest.registered_on + timedelta(days=14)
    joined.then("samengevoegd", desk.moment(joined_on), joined_into=into.newest.case_number)


def lapsed_case(desk: Desk, year: int) -> None:
    """Registered, and lapsed before the year is out."""
    delivery = desk.deliver_one(desk.day(desk.open_from(year), date(year, 10, 15)))
    registration = registered_in_time(desk, delivery)
    registration.then("vervallen", desk.moment(registration.newest.registered_on + timedelta(days=12)))


def classified_otherwise(desk: Desk, year: int) -> None:
    """Registered in time, as a sex crime or something else: there, but not recognisable as such."""
    delivery = desk.deliver_one(desk.day(desk.open_from(year), date(year, 11, 14)))
    registered_on = working_day_from(delivery.newest.delivered_on + timedelta(days=desk.rng.randint(2, 25)))
    desk.register(delivery, registered_on, classification=desk.rng.choice(("ZEDEN", "OVERIG")))


def reclassified_away(desk: Desk, year: int) -> None:
    """Registered as it should be, then classified as a sex crime."""
    delivery = desk.deliver_one(desk.day(desk.open_from(year), date(year, 10, 15)))
    registration = registered_in_time(desk, delivery)
    reclassified_on = registration.newest.registered_on + timedelta(days=15)
    registration.then("geherclassificeerd", desk.moment(reclassified_on), classification="ZEDEN")


def reclassified_next_spring(desk: Desk, year: int) -> None:
    """Registered in time as something else; recognisable only once it is reclassified, after the first set."""
    delivery = desk.deliver_one(desk.day(desk.open_from(year), date(year, 11, 14)))
    registered_on = working_day_from(delivery.newest.delivered_on + timedelta(days=9))
    registration = desk.register(delivery, registered_on, classification="OVERIG")
    right = "KST" if delivery.newest.transnational else "KP"
    reclassified_at = desk.moment(desk.day(date(year + 1, 5, 6), date(year + 1, 5, 22)))
    registration.then("geherclassificeerd", reclassified_at, classification=right)


def half_a_file(desk: Desk, year: int) -> None:
    """One file, two suspects: the first recognised, the second classified otherwise."""
    day = desk.day(desk.open_from(year), date(year, 11, 14))
    recognised, other = desk.deliver(day, suspects=2)
    registered_in_time(desk, recognised)
    desk.register(other, working_day_from(day + timedelta(days=6)), classification="OVERIG")


def hand_over(desk: Desk, delivery: Delivery, *, to: str) -> Delivery:
    """Hand a delivered file over to a team or a unit within weeks."""
    transferred_on = delivery.newest.delivered_on + timedelta(days=desk.rng.randint(7, 24))
    delivery.then("overgedragen", desk.moment(transferred_on), transferred_to=to)
    return delivery


def transferred(desk: Desk, year: int) -> Delivery:
    """Deliver in autumn and hand the file over to a sex-crime team."""
    return hand_over(desk, autumn_file(desk, year), to="ZEDEN")


def transfer_registered_in_january(desk: Desk, year: int) -> None:
    """Handed to a sex-crime team; the team's file reaches the OM in January. A late correction repeats the taker."""
    delivery = transferred(desk, year)
    corrected_on = date(year, 12, 16) + timedelta(days=desk.rng.randint(0, 2))
    delivery.then("gecorrigeerd", desk.moment(corrected_on), qualifications=delivery.newest.qualifications)
    desk.register(delivery, desk.day(date(year + 1, 1, 7), date(year + 1, 1, 27)))


def transfer_registered_next_spring(desk: Desk, year: int) -> None:
    """Handed to a sex-crime team; registered between February and May."""
    desk.register(transferred(desk, year), desk.day(date(year + 1, 2, 9), date(year + 1, 5, 29)))


def transfer_delivered_again(desk: Desk, year: int) -> None:
    """Handed to another unit, which delivers the suspect next spring under a number of its own."""
    delivery = autumn_file(desk, year)
    taker = desk.unit(other_than=delivery.newest.unit)
    hand_over(desk, delivery, to=taker.code)
    again_on = desk.day(date(year + 1, 3, 2), date(year + 1, 3, 13))
    facts = CaseFacts(taker, delivery.newest.qualifications)
    again = desk.deliver_one(again_on, skn=delivery.newest.skn, facts=facts)
    desk.register(again, working_day_from(again_on + timedelta(days=12)))


def transfer_ended_next_spring(desk: Desk, year: int) -> None:
    """Handed over, but the file comes back (a row without a taker ends the transfer) and is registered in March."""
    delivery = transferred(desk, year)
    delivery.then(
        "gecorrigeerd", desk.moment(desk.day(date(year + 1, 2, 16), date(year + 1, 2, 20))), transferred_to=""
    )
    desk.register(delivery, desk.day(date(year + 1, 3, 9), date(year + 1, 3, 20)))


def transfer_lost(desk: Desk, year: int) -> None:
    """Handed over, and never registered again."""
    transferred(desk, year)


def december_file(desk: Desk, year: int) -> None:
    """Sent in December, registered in January: the letter's own example."""
    delivery = desk.deliver_one(desk.day(date(year, 12, 3), date(year, 12, 31)))
    desk.register(delivery, desk.day(date(year + 1, 1, 5), date(year + 1, 1, 27)), clue=desk.clue())


def december_file_known_after_midnight(desk: Desk, year: int) -> None:
    """Registered on the last working days of January, recorded just after midnight of 1 February in Amsterdam.

    In UTC it is still January: who cuts the day in UTC knows it one set too early.
    """
    delivery = desk.deliver_one(desk.day(date(year, 12, 15), date(year, 12, 19)))
    just_after_midnight = datetime(year + 1, 1, 31, 23, 10, tzinfo=UTC)
    desk.register(delivery, working_day_from(date(year + 1, 1, 29)), recorded_at=just_after_midnight)


def december_file_next_spring(desk: Desk, year: int) -> None:
    """Sent in December, still on its way at the end of January, registered in February."""
    delivery = desk.deliver_one(desk.day(date(year, 12, 8), date(year, 12, 23)))
    desk.register(delivery, desk.day(date(year + 1, 2, 9), date(year + 1, 2, 20)))


def december_file_lost(desk: Desk, year: int) -> None:
    """Sent in December and never registered: on its way at first, missing once the allowance is over."""
    desk.deliver_one(desk.day(date(year, 12, 8), date(year, 12, 23)))


def registered_late(desk: Desk, year: int) -> None:
    """Delivered in autumn, registered in February or March."""
    desk.register(autumn_file(desk, year), desk.day(date(year + 1, 2, 3), date(year + 1, 3, 20)))


def missing_classified_otherwise_next_spring(desk: Desk, year: int) -> None:
    """Delivered in autumn; what turns up in April is classified as a sex crime."""
    registered_on = desk.day(date(year + 1, 4, 7), date(year + 1, 4, 24))
    desk.register(autumn_file(desk, year), registered_on, classification="ZEDEN")


def missing(desk: Desk, year: int) -> None:
    """Delivered in autumn, and no register knows why it is not there."""
    autumn_file(desk, year)


def duplicate_withdrawn_next_spring(desk: Desk, year: int) -> None:
    """One suspect, one case, two deliveries; the police find the second number in March and withdraw it."""
    first = desk.deliver_one(desk.day(date(year, 7, 1), date(year, 8, 31)))
    registered_in_time(desk, first)
    second_on = first.newest.delivered_on + timedelta(days=28)
    facts = CaseFacts(desk.unit(), POSSESSION)
    second = desk.deliver_one(working_day_from(second_on), skn=first.newest.skn, facts=facts)
    second.unlinked_cause = "duplicate_delivery"
    second.then("ingetrokken", desk.moment(desk.day(date(year + 1, 3, 3), date(year + 1, 3, 27))))


def delivery_recorded_next_spring(desk: Desk, year: int) -> None:
    """Delivered on one of the last days of the year, recorded in February: no first set can know it."""
    facts = CaseFacts(desk.unit(), POSSESSION)
    recorded_at = desk.moment(date(year + 1, 2, 5))
    (delivery,) = desk.deliver(working_day_from(date(year, 12, 29)), facts=facts, recorded_at=recorded_at)
    desk.register(delivery, desk.day(date(year + 1, 2, 16), date(year + 1, 2, 27)))
