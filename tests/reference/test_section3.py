"""State as known on day A, by example: the clock, the ties, the day of a transfer."""

from datetime import UTC, date, datetime
from typing import Any

from tests.reference.section3 import deliveries_known_on, registrations_known_on

DAY = date(2014, 12, 31)


def police(mutation: str, recorded_at: datetime, event_id: str = "0", **fields: Any) -> dict[str, Any]:
    return {
        "event_id": event_id,
        "recorded_at": recorded_at,
        "mutation": mutation,
        "dossier_number": "PL0900-2014000001",
        "suspect_number": 1,
        "person_token": None,
        "unit": "PL0900",
        "team": "TBKK",
        "delivered_on": date(2014, 6, 1),
        "transferred_to": None,
        **fields,
    }


def om(mutation: str, recorded_at: datetime, event_id: str = "0", **fields: Any) -> dict[str, Any]:
    return {
        "event_id": event_id,
        "recorded_at": recorded_at,
        "mutation": mutation,
        "case_number": "0900000114",
        "person_token": None,
        "dossier_number": None,
        "dossier_number_as_reported": None,
        "suspect_number": None,
        "classification": "KP",
        "registered_on": date(2014, 6, 1),
        **fields,
    }


def test_midnight_in_amsterdam_is_the_next_day() -> None:
    last_moment = datetime(2014, 12, 31, 22, 59, 59, 999999, tzinfo=UTC)  # 23:59:59.999999 in Amsterdam, in winter
    midnight = datetime(2014, 12, 31, 23, 0, tzinfo=UTC)
    assert len(deliveries_known_on([police("delivered", last_moment)], DAY)) == 1
    assert deliveries_known_on([police("delivered", midnight)], DAY) == []
    in_summer = datetime(2014, 6, 30, 22, 0, tzinfo=UTC)
    assert deliveries_known_on([police("delivered", in_summer)], date(2014, 6, 30)) == []


def test_the_newest_row_says_all() -> None:
    first = police("delivered", datetime(2014, 6, 1, 9, tzinfo=UTC), unit="PL0900")
    second = police("corrected", datetime(2014, 6, 2, 9, tzinfo=UTC), unit="PL0600")
    assert [state.unit for state in deliveries_known_on([second, first], DAY)] == ["PL0600"]
    assert [state.unit for state in deliveries_known_on([second, first], date(2014, 6, 1))] == ["PL0900"]


def test_a_tie_goes_to_the_mutation_listed_last_then_to_the_highest_event_id() -> None:
    moment = datetime(2014, 6, 1, 9, tzinfo=UTC)
    events = [om("lapsed", moment, "9"), om("joined", moment, "1"), om("registered", moment, "5")]
    assert [state.mutation for state in registrations_known_on(events, DAY)] == ["joined"]
    events = [om("disposed", moment, "a", classification="KST"), om("disposed", moment, "b", classification="ZEDEN")]
    assert [state.classification for state in registrations_known_on(events, DAY)] == ["ZEDEN"]
    assert [state.classification for state in registrations_known_on(events[::-1], DAY)] == ["ZEDEN"]


def test_the_day_of_the_transfer_is_that_of_the_newest_transferred_row() -> None:
    events = [
        police("transferred", datetime(2014, 6, 1, 9, tzinfo=UTC), transferred_to="ZEDEN"),
        police("transferred", datetime(2014, 6, 3, 22, 30, tzinfo=UTC), transferred_to="PL0600"),
        police("corrected", datetime(2014, 6, 9, 9, tzinfo=UTC), transferred_to="PL0600"),
    ]
    assert [state.transferred_on for state in deliveries_known_on(events, DAY)] == [date(2014, 6, 4)]
    assert [state.transferred_on for state in deliveries_known_on(events, date(2014, 6, 3))] == [date(2014, 6, 1)]


def test_without_a_transferred_row_it_is_that_of_the_first_row_that_fills_it() -> None:
    events = [
        police("delivered", datetime(2014, 6, 1, 9, tzinfo=UTC)),
        police("corrected", datetime(2014, 6, 5, 9, tzinfo=UTC), transferred_to="ZEDEN"),
        police("corrected", datetime(2014, 6, 9, 9, tzinfo=UTC), transferred_to="ZEDEN"),
    ]
    assert [state.transferred_on for state in deliveries_known_on(events, DAY)] == [date(2014, 6, 5)]


def test_a_later_row_without_it_ends_the_transfer() -> None:
    events = [
        police("transferred", datetime(2014, 6, 1, 9, tzinfo=UTC), transferred_to="ZEDEN"),
        police("corrected", datetime(2014, 6, 5, 9, tzinfo=UTC)),
    ]
    (state,) = deliveries_known_on(events, DAY)
    assert (state.transferred_to, state.transferred_on) == (None, None)
    again = police("corrected", datetime(2014, 6, 9, 9, tzinfo=UTC), transferred_to="PL0600")
    assert [state.transferred_on for state in deliveries_known_on([*events, again], DAY)] == [date(2014, 6, 9)]
