"""Stories that end well: suspects delivered in a year and recognised by the end of it.

Each function generates one story once: ``year`` is the year of delivery. "Next spring" is recorded after January of the
year that follows, so only a second set of extracts knows it.
"""

from dataclasses import replace
from datetime import date, timedelta

from ketenbalans.scenarios.desk import Clue, Desk
from ketenbalans.scenarios.moments import working_day_from
from ketenbalans.scenarios.rows import Delivery, Registration

NUMBER_CLUES = (Clue.SUSPECT_NUMBER, Clue.DOSSIER_ONLY)


def registered_in_time(desk: Desk, delivery: Delivery, *, clue: Clue = Clue.DOSSIER_AND_PERSON) -> Registration:
    """Register a delivery after an ordinary wait (days to weeks, now and then months), within its year."""
    delivered_on = delivery.newest.delivered_on
    wait = desk.rng.choices(
        (desk.rng.randint(-3, 2), desk.rng.randint(3, 30), desk.rng.randint(31, 110)), weights=(8, 80, 12)
    )[0]
    registered_on = working_day_from(delivered_on + timedelta(days=wait))
    if registered_on.year != delivered_on.year:
        registered_on = desk.day(delivered_on, date(delivered_on.year, 12, 31))
    return desk.register(delivery, registered_on, clue=clue)


def clue_in_a_shared_file(desk: Desk) -> Clue:
    """Draw a clue that distinguishes the suspects of one file."""
    return desk.rng.choices((Clue.DOSSIER_AND_PERSON, Clue.SUSPECT_NUMBER), weights=(75, 25))[0]


def delivery_day(desk: Desk, year: int) -> date:
    """Draw a day of delivery that leaves time to be registered within the year, a little busier before summer."""
    first, last = desk.open_from(year), date(year, 12, 19)
    return desk.day(first, last) if desk.rng.random() < 0.85 else desk.day(max(first, date(year, 5, 1)), last)


def plain_file(desk: Desk, year: int) -> None:
    """One suspect, delivered and registered within the year; now and then without a person number."""
    if desk.rng.random() < 0.04:
        delivery = desk.deliver_one(delivery_day(desk, year), skn="")
        registered_in_time(desk, delivery, clue=desk.rng.choice(NUMBER_CLUES))
    else:
        registered_in_time(desk, desk.deliver_one(delivery_day(desk, year)), clue=desk.clue())


def two_suspects(desk: Desk, year: int) -> None:
    """One file, two suspects, each with a case of its own."""
    for delivery in desk.deliver(delivery_day(desk, year), suspects=2):
        registered_in_time(desk, delivery, clue=clue_in_a_shared_file(desk))


def three_suspects(desk: Desk, year: int) -> None:
    """One file, three suspects, each with a case of its own."""
    for delivery in desk.deliver(delivery_day(desk, year), suspects=3):
        registered_in_time(desk, delivery, clue=clue_in_a_shared_file(desk))


def two_files(desk: Desk, year: int) -> None:
    """One suspect in two files of different months, each registered under its own number."""
    first = desk.deliver_one(desk.day(date(year, 7, 1), date(year, 8, 31)))
    second = desk.deliver_one(desk.day(date(year, 9, 15), date(year, 11, 15)), skn=first.newest.skn)
    registered_in_time(desk, first)
    registered_in_time(desk, second)


def registered_in_the_old_year(desk: Desk, year: int) -> None:
    """Registered in December, the delivery dated in January: recognised, but in the OM's figure of the year before."""
    delivery = desk.deliver_one(desk.day(date(year, 1, 6), date(year, 1, 15)))
    desk.register(delivery, desk.day(date(year - 1, 12, 19), date(year - 1, 12, 31)))


def corrected_file(desk: Desk, year: int) -> None:
    """The police correct the file within weeks: its judgement, its team, or a person number that was not known."""
    delivery = desk.deliver_one(desk.day(desk.open_from(year), date(year, 11, 14)))
    row = delivery.rows[0]
    wrong = desk.rng.choice(("qualifications", "team", "skn"))
    other_team = "ZEDEN" if row.team == "TBKK" else "TBKK"
    first_rows = {
        "qualifications": replace(row, qualifications=()),
        "team": replace(row, team=other_team),
        "skn": replace(row, skn=""),
    }
    delivery.rows[0] = first_rows[wrong]
    corrected_at = desk.moment(row.delivered_on + timedelta(days=desk.rng.randint(4, 20)))
    delivery.then("gecorrigeerd", corrected_at, **{wrong: getattr(row, wrong)})
    registered_in_time(desk, delivery)


def corrected_next_spring(desk: Desk, year: int) -> None:
    """The team turns out to be the other one, long after everything was counted: no figure changes."""
    delivery = desk.deliver_one(delivery_day(desk, year))
    registered_in_time(desk, delivery)
    team = "ZEDEN" if delivery.newest.team == "TBKK" else "TBKK"
    delivery.then("gecorrigeerd", desk.moment(desk.day(date(year + 1, 2, 9), date(year + 1, 5, 29))), team=team)


def transferred_in_time(desk: Desk, year: int) -> None:
    """Handed to a sex-crime team, and registered within the year all the same."""
    delivery = desk.deliver_one(desk.day(desk.open_from(year), date(year, 9, 30)))
    transferred_on = delivery.newest.delivered_on + timedelta(days=10)
    delivery.then("overgedragen", desk.moment(transferred_on), transferred_to="ZEDEN")
    desk.register(delivery, desk.day(transferred_on + timedelta(days=5), date(year, 12, 12)))


def reclassified_in_time(desk: Desk, year: int) -> None:
    """Registered as something else, and classified as it should be before the year is out."""
    delivery = desk.deliver_one(desk.day(desk.open_from(year), date(year, 10, 15)))
    right = "KST" if delivery.newest.transnational else "KP"
    first = desk.rng.choice(("ZEDEN", "OVERIG"))
    registered_on = working_day_from(delivery.newest.delivered_on + timedelta(days=desk.rng.randint(2, 25)))
    registration = desk.register(delivery, registered_on, classification=first)
    reclassified_on = registered_on + timedelta(days=desk.rng.randint(7, 30))
    registration.then("geherclassificeerd", desk.moment(reclassified_on), classification=right)


def lapse_undone(desk: Desk, year: int) -> None:
    """A registration lapses by mistake and is brought back: a later mutation of another kind."""
    delivery = desk.deliver_one(desk.day(desk.open_from(year), date(year, 9, 30)))
    registration = registered_in_time(desk, delivery)
    lapsed_on = registration.newest.registered_on + timedelta(days=10)
    registration.then("vervallen", desk.moment(lapsed_on, at_most_later=1))
    registration.then("geherclassificeerd", desk.moment(lapsed_on + timedelta(days=9)))


def withdrawal_undone(desk: Desk, year: int) -> None:
    """A delivery is withdrawn by mistake and brought back by a correction."""
    delivery = desk.deliver_one(desk.day(desk.open_from(year), date(year, 10, 31)))
    withdrawn_on = delivery.newest.delivered_on + timedelta(days=6)
    delivery.then("ingetrokken", desk.moment(withdrawn_on))
    delivery.then("gecorrigeerd", desk.moment(withdrawn_on + timedelta(days=5)))
    registered_in_time(desk, delivery)


def lapses_next_spring(desk: Desk, year: int) -> None:
    """Recognised for a while: the registration lapses after the first set."""
    delivery = desk.deliver_one(delivery_day(desk, year))
    registration = registered_in_time(desk, delivery)
    registration.then("vervallen", desk.moment(desk.day(date(year + 1, 4, 1), date(year + 1, 4, 30))))
