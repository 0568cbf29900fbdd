"""Stories of files that the OM settles by INDIGO: an outcome of a registration, so never a gap.

``year`` is the year of delivery. One suspect of mere possession in each file, and a registration that carries the
file's number, so that an intervention which led to it can be derived from the two registers.
"""

from datetime import date, timedelta

from ketenbalans.scenarios.desk import CaseFacts, Clue, Desk
from ketenbalans.scenarios.moments import working_day_from
from ketenbalans.scenarios.rows import Registration
from ketenbalans.scenarios.stories_unrecognised import POSSESSION

INDIGO = "indigo"
CLUES = (Clue.DOSSIER_AND_PERSON, Clue.SUSPECT_NUMBER, Clue.DOSSIER_ONLY)


def registered_file(desk: Desk, first: date, last: date) -> Registration:
    """Deliver a file between two days and register it within weeks."""
    delivery = desk.deliver_one(desk.day(first, last), facts=CaseFacts(desk.unit(), POSSESSION))
    registered_on = working_day_from(delivery.newest.delivered_on + timedelta(days=desk.rng.randint(3, 25)))
    return desk.register(delivery, registered_on, clue=desk.rng.choice(CLUES))


def settle(desk: Desk, registration: Registration, first: date, last: date) -> None:
    """Settle a case between two days."""
    registration.then("afgedaan", desk.moment(desk.day(first, last)), disposal=INDIGO)


def settled(desk: Desk, year: int) -> None:
    """Delivered, registered and settled within the year."""
    registration = registered_file(desk, date(year, 1, 8), date(year, 8, 31))
    settle(desk, registration, registration.newest.registered_on + timedelta(days=20), date(year, 12, 13))


def settled_next_year(desk: Desk, year: int) -> None:
    """Delivered and registered in autumn, settled in the year that follows."""
    registration = registered_file(desk, date(year, 9, 1), date(year, 11, 14))
    settle(desk, registration, date(year + 1, 1, 14), date(year + 1, 4, 12))


def settlement_repeated(desk: Desk, year: int) -> None:
    """Settled in December; a row of January says so again, and makes no settlement of the year that follows."""
    registration = registered_file(desk, date(year, 9, 1), date(year, 10, 12))
    settle(desk, registration, date(year, 12, 2), date(year, 12, 13))
    registration.then("geherclassificeerd", desk.moment(desk.day(date(year + 1, 1, 13), date(year + 1, 1, 24))))


def settlement_failed(desk: Desk, year: int) -> None:
    """Settled before summer, and summoned in autumn after all: no settlement."""
    registration = registered_file(desk, date(year, 1, 8), date(year, 4, 12))
    settle(desk, registration, date(year, 5, 20), date(year, 6, 28))
    registration.then("afgedaan", desk.moment(desk.day(date(year, 9, 16), date(year, 10, 25))), disposal="dagvaarding")
