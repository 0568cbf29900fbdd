"""Persons are distinguished by letters: as many persons, as many letters, and never a number."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from ketenbalans.jobs.breaks.evidence import letters_of, with_letters


def events(numbers: list[int | None]) -> pl.DataFrame:
    columns = {"person_id": numbers, "ingested_at": [None] * len(numbers), "event_id": list(range(len(numbers)))}
    return pl.DataFrame(columns, schema_overrides={"person_id": pl.Int64})


@given(st.lists(st.none() | st.integers(0, 2000), max_size=200))
def test_two_events_have_the_same_letters_when_they_have_the_same_person(numbers: list[int | None]) -> None:
    shown = with_letters(events(numbers))
    assert {"person_id", "ingested_at"}.isdisjoint(shown.columns)
    persons = shown["person"].to_list()
    assert [person is None for person in persons] == [number is None for number in numbers]
    assert len(set(zip(persons, numbers, strict=True))) == len(set(persons)) == len(set(numbers))


@given(st.lists(st.none() | st.integers(0, 9), max_size=20), st.permutations(range(10)))
def test_letters_say_nothing_of_the_numbers(numbers: list[int | None], others: list[int]) -> None:
    other_numbers = [None if number is None else others[number] for number in numbers]
    assert with_letters(events(numbers)).equals(with_letters(events(other_numbers)))


def test_more_persons_than_letters_have_letters_of_their_own() -> None:
    persons = with_letters(events(list(range(703))))["person"].to_list()
    assert len(set(persons)) == 703
    places = {0: "A", 25: "Z", 26: "AA", 27: "AB", 51: "AZ", 52: "BA", 701: "ZZ", 702: "AAA"}
    assert {place: persons[place] for place in places} == places
    assert letters_of(0) == "A"
