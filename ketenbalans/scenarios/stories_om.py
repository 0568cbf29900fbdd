"""Stories that begin at the OM: registrations that are the counterpart of nothing the police delivered in that year.

``year`` is the year of registration, except where a story says otherwise. Files of the December before are told by
``stories_unrecognised``: here are the others.
"""

from collections.abc import Mapping
from datetime import date, timedelta

from ketenbalans.scenarios.desk import Clue, Desk
from ketenbalans.scenarios.moments import working_day_from
from ketenbalans.scenarios.numbers import as_typed
from ketenbalans.scenarios.places import MARECHAUSSEE_PREFIX
from ketenbalans.scenarios.stories_recognised import registered_in_time


def withdrawn_after_registration(desk: Desk, year: int) -> None:
    """Delivered, registered, and then withdrawn by the police: the case stands without a delivery."""
    delivery = desk.deliver_one(desk.day(desk.open_from(year), date(year, 9, 30)), facts=desk.any_facts())
    registration = registered_in_time(desk, delivery)
    later = max(registration.newest.registered_on, delivery.newest.delivered_on) + timedelta(days=20)
    delivery.then("ingetrokken", desk.moment(later))


def withdrawn(desk: Desk, year: int) -> None:
    """Delivered and withdrawn before anybody registered it: in no figure at all."""
    delivery = desk.deliver_one(desk.day(desk.open_from(year), date(year, 10, 31)), facts=desk.any_facts())
    delivery.then("ingetrokken", desk.moment(delivery.newest.delivered_on + timedelta(days=9)))


def registered_twice(desk: Desk, year: int) -> None:
    """One delivery, two cases; the second is joined to the first next spring."""
    delivery = desk.deliver_one(desk.day(desk.open_from(year), date(year, 9, 30)))
    registered_on = working_day_from(delivery.newest.delivered_on + timedelta(days=6))
    first = desk.register(delivery, registered_on)
    row = delivery.newest
    second = desk.register_stray(
        working_day_from(registered_on + timedelta(days=30)),
        skn=row.skn,
        unit=row.unit,
        typed=as_typed(desk.rng, row.dossier_number),
        suspect_number=first.newest.suspect_number,
    )
    second.unlinked_cause = "duplicate_registration"
    joined_at = desk.moment(desk.day(date(year + 1, 3, 10), date(year + 1, 3, 20)))
    second.then("samengevoegd", joined_at, joined_into=first.newest.case_number)


def co_suspect_delivered_next_spring(desk: Desk, year: int) -> None:
    """The OM splits a second suspect off a file; the police deliver that suspect only next spring."""
    first = desk.deliver_one(desk.day(date(year, 8, 1), date(year, 8, 29)))
    desk.register(first, working_day_from(first.newest.delivered_on + timedelta(days=5)))
    row = first.newest
    case = desk.register_stray(
        desk.day(date(year, 10, 1), date(year, 10, 31)),
        skn=desk.numbers.skn(),
        unit=row.unit,
        typed=row.dossier_number,
        suspect_number=2,
    )
    case.unlinked_cause = "suspect_not_delivered"
    delivered_on = desk.day(date(year + 1, 3, 9), date(year + 1, 3, 20))
    second = desk.add_suspect_later(first, delivered_on, suspect_number=2, skn=case.newest.skn)
    second.registration, case.delivery = case, second


def marechaussee_file(desk: Desk, year: int) -> None:
    """A file of the KMar, which delivers from a system of its own."""
    number = desk.numbers.dossier_number(MARECHAUSSEE_PREFIX, year)
    day = desk.day(desk.open_from(year), date(year, 11, 28))
    case = desk.register_stray(day, skn=desk.numbers.skn(), unit="PL1500", typed=as_typed(desk.rng, number))
    case.unlinked_cause = "other_deliverer"


def unknown_file(desk: Desk, year: int) -> None:
    """A case with no dossier number, of a person that no delivery knows."""
    day = desk.day(desk.open_from(year), date(year, 11, 28))
    typed = desk.typed("", Clue.PERSON_ONLY)
    desk.register_stray(day, skn=desk.numbers.skn(), unit=desk.unit().code, typed=typed)


def file_from_before_the_extracts(desk: Desk, year: int) -> None:
    """Delivered before the first day that the extracts speak of: only the OM's side of it is there."""
    unit = desk.unit()
    number = desk.numbers.dossier_number(unit.prefixes[0], year)
    opened_on = desk.open_from(year)
    day = desk.day(opened_on, opened_on + timedelta(days=30))
    desk.register_stray(day, skn=desk.numbers.skn(), unit=unit.code, typed=as_typed(desk.rng, number))


def delivered_after_registration(desk: Desk, year: int) -> None:
    """Registered in December, delivered on paper in January of the year that follows."""
    delivered_on = desk.day(date(year + 1, 1, 6), date(year + 1, 1, 15))
    desk.register(desk.deliver_one(delivered_on), desk.day(date(year, 12, 19), date(year, 12, 30)))


def running_file(desk: Desk, year: int) -> None:
    """A file of the running year (``year`` is that of delivery, until July), registered whenever that comes."""
    delivery = desk.deliver_one(desk.day(date(year, 1, 5), date(year, 6, 30)))
    wait = desk.rng.choices((desk.rng.randint(0, 30), desk.rng.randint(31, 75)), weights=(85, 15))[0]
    desk.register(delivery, working_day_from(delivery.newest.delivered_on + timedelta(days=wait)), clue=desk.clue())


def running_transfer(desk: Desk, year: int) -> None:
    """A file of the running year that is handed to a sex-crime team in spring and not registered yet."""
    delivery = desk.deliver_one(desk.day(date(year, 2, 10), date(year, 4, 30)))
    delivery.then(
        "overgedragen", desk.moment(delivery.newest.delivered_on + timedelta(days=15)), transferred_to="ZEDEN"
    )


def running_missing(desk: Desk, year: int) -> None:
    """A file of the running year that nobody registers."""
    desk.deliver_one(desk.day(date(year, 2, 2), date(year, 4, 17)))


DISPOSALS = {"dagvaarding": 60, "strafbeschikking": 8, "sepot": 17, "voorwaardelijk_sepot": 10, "indigo": 5}
DISPOSALS_WITHOUT_INDIGO = {kind: weight for kind, weight in DISPOSALS.items() if kind != "indigo"}
"""Where every settlement by INDIGO is a story of its own (``scenarios.stories_indigo``)."""


def disposals(desk: Desk, *, share: float, kinds: Mapping[str, int] = DISPOSALS) -> None:
    """Let the OM decide in a share of the standing cases, one to ten months after registration."""
    for registration in desk.chain.registrations:
        disposed_on = registration.newest.registered_on + timedelta(days=desk.rng.randint(30, 300))
        decided = desk.rng.random() < share
        moment = desk.moment(disposed_on, at_most_later=1)
        kind = desk.rng.choices(list(kinds), weights=list(kinds.values()))[0]
        stands = registration.newest.mutation in ("ingeschreven", "geherclassificeerd")
        is_open = stands and not registration.newest.disposal
        if decided and is_open and moment > registration.newest.recorded_at:
            registration.then("afgedaan", moment, disposal=kind)
