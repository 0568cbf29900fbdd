"""Digests of days: the same for the same events, in any order and any parts, and another one for any other events."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from warehouse.day_digests import (
    IDS_AT_ONCE,
    NOTHING_BEFORE,
    WORDS,
    DaySum,
    load_digest,
    named_by_day,
    sums_of,
)

MIDNIGHT = datetime(2014, 6, 30, 22, tzinfo=UTC)
"""When the first of July begins in Amsterdam."""

Event = tuple[str, str, datetime]

NAMES = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=3)
EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["/a", "/ab", "/b"]) | NAMES,
        st.sampled_from(["b1", "1", "2"]) | NAMES,
        st.integers(-3, 3).map(lambda hours: MIDNIGHT + timedelta(hours=13 * hours)),
    ),
    unique_by=lambda event: event[:2],
    max_size=12,
)


def sums(events: list[Event]) -> dict[date, DaySum]:
    schema = {"event_source": pl.String(), "event_id": pl.String(), "recorded_at": pl.Datetime("us", "UTC")}
    return sums_of(named_by_day(pl.DataFrame(events, schema=schema, orient="row")))


def said(of: dict[date, DaySum]) -> dict[date, tuple[int, bytes]]:
    return {day: (one.events, one.digest) for day, one in of.items()}


def together(first: dict[date, DaySum], other: dict[date, DaySum]) -> dict[date, DaySum]:
    both = {day: first[day] + other[day] for day in first.keys() & other.keys()}
    return {**first, **other, **both}


@given(EVENTS, st.data())
def test_order_and_parts_make_no_difference(events: list[Event], data: st.DataObject) -> None:
    in_another_order = data.draw(st.permutations(events))
    cut = data.draw(st.integers(0, len(events)))
    in_parts = together(sums(in_another_order[:cut]), sums(in_another_order[cut:]))
    assert said(in_parts) == said(sums(events))


@given(EVENTS, EVENTS)
def test_other_events_have_another_digest(events: list[Event], others: list[Event]) -> None:
    def of_days(some: list[Event]) -> Counter[tuple[str, str, date]]:
        amsterdam = ZoneInfo("Europe/Amsterdam")
        return Counter((source, event_id, moment.astimezone(amsterdam).date()) for source, event_id, moment in some)

    assert (said(sums(events)) == said(sums(others))) == (of_days(events) == of_days(others))


@given(EVENTS.filter(bool), st.data())
def test_one_event_more_less_or_moved_to_another_day_shows(events: list[Event], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(events) - 1))
    source, event_id, moment = events[place]
    changed = [
        events[:place] + events[place + 1 :],
        [*events[:place], (source, event_id, moment + timedelta(days=1)), *events[place + 1 :]],
        [*events[:place], (source, event_id + "-", moment), *events[place + 1 :]],
        [*events[:place], (source + "-", event_id, moment), *events[place + 1 :]],
    ]
    assert all(said(sums(one)) != said(sums(events)) for one in changed)


def test_many_events_are_added_as_one_by_one() -> None:
    number = IDS_AT_ONCE + 3
    events = [("/a", str(place), MIDNIGHT) for place in range(number)]
    words = np.zeros(WORDS, dtype=np.uint16)
    for event in events:
        (one,) = sums([event]).values()
        words += one.words
    (found,) = sums(events).values()
    assert (found.events, found.words.tolist()) == (number, words.tolist())


def test_a_state_comes_back_as_it_went() -> None:
    (one,) = sums([("/a", "1", MIDNIGHT), ("/a", "2", MIDNIGHT)]).values()
    again = DaySum.of_state(one.events, one.state)
    assert (again.events, again.digest, len(again.state)) == (2, one.digest, 2048)
    assert (again + one).digest == (one + again).digest != one.digest


def test_a_day_is_that_of_amsterdam_whatever_the_season() -> None:
    amsterdam = ZoneInfo("Europe/Amsterdam")
    moments = [datetime(1990, 1, 1, tzinfo=UTC) + timedelta(minutes=30 * step) for step in range(0, 1_900_000, 37)]
    frame = pl.DataFrame({"event_source": "/a", "event_id": "1", "recorded_at": moments})
    days = named_by_day(frame.with_columns(pl.col("recorded_at").cast(pl.Datetime("us", "UTC"))))["recorded_on"]
    assert days.to_list() == [moment.astimezone(amsterdam).date() for moment in moments]


LOADS = st.lists(EVENTS.filter(bool), min_size=1, max_size=4)


def chain(loads: list[list[Event]], source: str = "police_deliveries") -> bytes:
    digest = NOTHING_BEFORE
    for number, events in enumerate(loads, 1):
        digest = load_digest(digest, source=source, load_number=number, sums=sums(events))
    return digest


@given(LOADS, LOADS)
def test_one_digest_stands_for_all_loads_up_to_it(loads: list[list[Event]], others: list[list[Event]]) -> None:
    same = [said(sums(events)) for events in loads] == [said(sums(events)) for events in others]
    assert (chain(loads) == chain(others)) == same
    assert chain(loads) != chain(loads, source="om_registrations")
