"""Stories of a chain in which nothing strange happens: one file each, delivered on the day that it is given.

Everything is recorded within two working days of what it is about, and what is registered at all is registered at most
``LONGEST_WAIT`` days after its delivery.
"""

from dataclasses import replace
from datetime import date, timedelta

from ketenbalans.scenarios.desk import Clue, Desk
from ketenbalans.scenarios.moments import working_day_from
from ketenbalans.scenarios.numbers import as_typed
from ketenbalans.scenarios.places import MARECHAUSSEE_PREFIX
from ketenbalans.scenarios.rows import Delivery, Registration
from ketenbalans.scenarios.stories_recognised import NUMBER_CLUES, clue_in_a_shared_file

LONGEST_WAIT = 50
"""Days from delivery to registration. The draws stay five below it: a holiday and a weekend may come in between."""


def registered_soon(
    desk: Desk, delivery: Delivery, *, clue: Clue = Clue.DOSSIER_AND_PERSON, classification: str = ""
) -> Registration:
    """Register a delivery 3 to 30 days later; one in twelve takes somewhat longer."""
    wait = desk.rng.randint(31, LONGEST_WAIT - 5) if desk.rng.random() < 1 / 12 else desk.rng.randint(3, 30)
    registered_on = working_day_from(delivery.newest.delivered_on + timedelta(days=wait))
    return desk.register(delivery, registered_on, clue=clue, classification=classification)


def plain_file(desk: Desk, day: date) -> None:
    """One suspect, delivered and registered."""
    registered_soon(desk, desk.deliver_one(day), clue=desk.clue())


def two_suspects(desk: Desk, day: date) -> None:
    """One file, two suspects, each with a case of its own."""
    for delivery in desk.deliver(day, suspects=2):
        registered_soon(desk, delivery, clue=clue_in_a_shared_file(desk))


def corrected_file(desk: Desk, day: date) -> None:
    """The police correct the file within weeks: its judgement, its team, or a person number that was not known."""
    delivery = desk.deliver_one(day)
    right = delivery.rows[0]
    delivery.rows[0] = desk.rng.choice(
        (
            replace(right, qualifications=()),
            replace(right, team="ZEDEN" if right.team == "TBKK" else "TBKK"),
            replace(right, skn=""),
        )
    )
    corrected_at = desk.moment(day + timedelta(days=desk.rng.randint(7, 20)))
    changes = {"qualifications": right.qualifications, "team": right.team, "skn": right.skn}
    delivery.then("gecorrigeerd", corrected_at, **changes)
    registered_soon(desk, delivery)


def reclassified_file(desk: Desk, day: date) -> None:
    """Registered as something else, and classified as it should be within 30 days."""
    registration = registered_soon(desk, desk.deliver_one(day), classification=desk.rng.choice(("ZEDEN", "OVERIG")))
    reclassified_on = registration.newest.registered_on + timedelta(days=desk.rng.randint(8, 25))
    registration.then("geherclassificeerd", desk.moment(reclassified_on), classification="KP")


def file_without_person(desk: Desk, day: date) -> None:
    """One suspect whom the police could not number; the OM's registration has the file's number."""
    registered_soon(desk, desk.deliver_one(day, skn=""), clue=desk.rng.choice(NUMBER_CLUES))


def file_classified_otherwise(desk: Desk, day: date) -> None:
    """Registered as a sex crime or something else, and left so."""
    registered_soon(desk, desk.deliver_one(day), classification=desk.rng.choice(("ZEDEN", "OVERIG")))


def transferred_file(desk: Desk, day: date) -> None:
    """Handed to a sex-crime team, and registered soon all the same."""
    delivery = desk.deliver_one(day)
    transferred_at = desk.moment(day + timedelta(days=desk.rng.randint(7, 14)))
    delivery.then("overgedragen", transferred_at, transferred_to="ZEDEN")
    desk.register(delivery, working_day_from(day + timedelta(days=desk.rng.randint(20, LONGEST_WAIT - 5))))


def lapsed_file(desk: Desk, day: date) -> None:
    """Registered, and lapsed within weeks."""
    registration = registered_soon(desk, desk.deliver_one(day))
    registration.then("vervallen", desk.moment(registration.newest.registered_on + timedelta(days=12)))


def missing_file(desk: Desk, day: date) -> None:
    """Delivered, and never registered."""
    desk.deliver_one(day)


def marechaussee_file(desk: Desk, day: date) -> None:
    """A file of the KMar, registered on the day: its delivery is in no police extract."""
    number = desk.numbers.dossier_number(MARECHAUSSEE_PREFIX, day.year)
    case = desk.register_stray(day, skn=desk.numbers.skn(), unit="PL1500", typed=as_typed(desk.rng, number))
    case.unlinked_cause = "other_deliverer"
