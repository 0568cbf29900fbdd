"""What the KMar delivers, from a system of its own: the files that the OM holds, and some that it does not.

How much that is, and every day and brigade of it, is assumed; the letters give no figure of the KMar apart.
"""

import re
from dataclasses import replace
from datetime import date, timedelta

from ketenbalans.scenarios.desk import Desk
from ketenbalans.scenarios.moments import day_of, working_day_from
from ketenbalans.scenarios.places import MARECHAUSSEE_PREFIX
from ketenbalans.scenarios.rows import KmarDelivery, KmarRow, Registration

BRIGADES = (MARECHAUSSEE_PREFIX, "PL27SH", "PL27ZW")
UNREGISTERED_A_YEAR = 1
PREFIX_LENGTH, SERIAL_LENGTH = 6, 10


def kmar_rows(desk: Desk) -> list[KmarRow]:
    """Generate a delivery for every file of the KMar at the OM, and in each of those years one that nobody registered.

    Generated after the police's stories: these know the KMar's files as registrations only.
    """
    registered = [one for one in desk.chain.registrations if one.unlinked_cause == "other_deliverer"]
    histories = [delivered_before(desk, one) for one in registered]
    for year in sorted({one.rows[0].registered_on.year for one in registered}):
        histories += [never_registered(desk, year) for _ in range(UNREGISTERED_A_YEAR)]
    desk.chain.kmar = histories
    return [row for one in histories for row in one.rows]


def delivered_before(desk: Desk, registration: Registration) -> KmarDelivery:
    """Deliver what the OM registered, one to three weeks before; the person number now and then comes later."""
    registered = registration.rows[0]
    day = working_day_from(registered.registered_on - timedelta(days=desk.rng.randint(8, 21)))
    one = delivery(desk, day, normal_number(registered.dossier_number_as_typed), registered.skn)
    one.registration = registration
    if desk.rng.random() < 0.25:
        one.rows[0] = replace(one.newest, skn="")
        one.then("gecorrigeerd", desk.moment(day + timedelta(days=6)), skn=registered.skn)
    return one


def never_registered(desk: Desk, year: int) -> KmarDelivery:
    """Deliver what the OM never registers: handed to a police unit, withdrawn, or just never registered again."""
    number = desk.numbers.dossier_number(MARECHAUSSEE_PREFIX, year)
    day = desk.day(desk.open_from(year), date(year, 10, 31))
    one = delivery(desk, day, number, desk.numbers.skn())
    later = desk.moment(day_of(one.newest.recorded_at) + timedelta(days=12))
    what = desk.rng.choice(("overgedragen", "ingetrokken", ""))
    if what == "overgedragen":
        one.then(what, later, transferred_to=desk.unit().code)
    elif what:
        one.then(what, later)
    return one


def delivery(desk: Desk, day: date, number: str, skn: str) -> KmarDelivery:
    """Deliver one suspect on a day; recorded then or on the next working day."""
    row = KmarRow(
        mutation="aangeleverd",
        dossier_number=number,
        suspect_number=1,
        skn=skn,
        brigade=desk.rng.choices(BRIGADES, weights=(70, 20, 10))[0],
        delivered_on=day,
        recorded_at=desk.moment(day, at_most_later=1),
    )
    return KmarDelivery([row])


def normal_number(typed: str) -> str:
    """Return a dossier number as the KMar writes it, from what the OM typed."""
    cleaned = re.sub(r"[^A-Z0-9]", "", typed.upper())
    return f"{cleaned[:PREFIX_LENGTH]}-{cleaned[PREFIX_LENGTH : PREFIX_LENGTH + SERIAL_LENGTH]}"
