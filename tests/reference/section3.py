"""docs/counting-rules.md (State on a day), plainly: state as known on day A, from a list of events.

An event is a dict with the fields of its source (docs/sources) and `event_id` and `recorded_at` (a datetime with an
offset). The fields of a state record are copied from the newest event; only `transferred_on` (docs/counting-rules.md)
rests on earlier ones.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.reference.records import Delivery, Registration

AMSTERDAM = ZoneInfo("Europe/Amsterdam")

# the order in which docs/counting-rules.md lists the mutations
POLICE_MUTATIONS = ["delivered", "transferred", "corrected", "withdrawn"]
OM_MUTATIONS = ["registered", "reclassified", "disposed", "lapsed", "joined"]

Event = Mapping[str, Any]


def amsterdam_day(moment: datetime) -> date:
    """Give the day in Europe/Amsterdam; 'midnight itself is the next day'."""
    assert moment.tzinfo is not None, "a moment without an offset is no moment"
    return moment.astimezone(AMSTERDAM).date()


def known_on(events: Iterable[Event], as_of: date) -> list[Event]:
    """'events with `recorded_at` up to the end of day A in Europe/Amsterdam'."""
    return [event for event in events if amsterdam_day(event["recorded_at"]) <= as_of]


def from_old_to_new(events: Iterable[Event], mutations: list[str]) -> list[Event]:
    """'latest `recorded_at`, then latest in the order the mutations are listed [...], highest `event_id`': last."""
    return sorted(
        events,
        key=lambda event: (event["recorded_at"], mutations.index(event["mutation"]), str(event["event_id"])),
    )


def histories(events: Iterable[Event], key: tuple[str, ...], mutations: list[str]) -> list[list[Event]]:
    """Give the events of each record from old to new; records by key."""
    by_record: dict[tuple[Any, ...], list[Event]] = {}
    for event in events:
        by_record.setdefault(tuple(event[name] for name in key), []).append(event)
    return [from_old_to_new(by_record[record], mutations) for record in sorted(by_record)]


def day_of_the_transfer(history: list[Event]) -> date | None:
    """'the Amsterdam day of the newest `overgedragen` row or, where there is none, of the first row that fills
    `overgedragen_aan`'; 'a later row without it ends the transfer'.
    """
    current: list[Event] = []  # the rows of the transfer that is going on; what ended is over
    for event in history:
        current = [*current, event] if event["transferred_to"] is not None else []
    handed_over = [event for event in current if event["mutation"] == "transferred"]
    if handed_over:
        return amsterdam_day(handed_over[-1]["recorded_at"])
    return amsterdam_day(current[0]["recorded_at"]) if current else None


def deliveries_known_on(events: Iterable[Event], as_of: date) -> list[Delivery]:
    """'newest mutation per record', the record being (dossier number, suspect number)."""
    state = []
    for history in histories(known_on(events, as_of), ("dossier_number", "suspect_number"), POLICE_MUTATIONS):
        newest = history[-1]
        state.append(
            Delivery(
                dossier_number=newest["dossier_number"],
                suspect_number=newest["suspect_number"],
                person_token=newest["person_token"],
                unit=newest["unit"],
                team=newest["team"],
                delivered_on=newest["delivered_on"],
                transferred_to=newest["transferred_to"],
                transferred_on=day_of_the_transfer(history),
                mutation=newest["mutation"],
            )
        )
    return state


def registrations_known_on(events: Iterable[Event], as_of: date) -> list[Registration]:
    """'newest mutation per record', the record being the case number."""
    state = []
    for history in histories(known_on(events, as_of), ("case_number",), OM_MUTATIONS):
        newest = history[-1]
        state.append(
            Registration(
                case_number=newest["case_number"],
                person_token=newest["person_token"],
                dossier_number=newest["dossier_number"],
                dossier_number_as_reported=newest["dossier_number_as_reported"],
                suspect_number=newest["suspect_number"],
                classification=newest["classification"],
                registered_on=newest["registered_on"],
                mutation=newest["mutation"],
            )
        )
    return state
