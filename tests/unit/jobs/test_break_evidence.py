"""Persons are distinguished by letters: as many persons, as many letters, and never a token."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from ketenbalans.jobs.breaks.evidence import letters_of, without_tokens


def events(tokens: list[str | None]) -> pl.DataFrame:
    columns = {"person_token": tokens, "ingested_at": [None] * len(tokens), "event_id": list(range(len(tokens)))}
    return pl.DataFrame(columns, schema_overrides={"person_token": pl.String})


@given(st.lists(st.none() | st.integers(0, 2000).map("{:064X}".format), max_size=200))
def test_two_events_have_the_same_letters_when_they_have_the_same_person(tokens: list[str | None]) -> None:
    shown = without_tokens(events(tokens))
    assert {"person_token", "ingested_at"}.isdisjoint(shown.columns)
    persons = shown["person"].to_list()
    assert [person is None for person in persons] == [token is None for token in tokens]
    assert len(set(zip(persons, tokens, strict=True))) == len(set(persons)) == len(set(tokens))


def test_more_persons_than_letters_have_letters_of_their_own() -> None:
    persons = without_tokens(events([f"{number:064X}" for number in range(703)]))["person"].to_list()
    assert len(set(persons)) == 703
    places = {0: "A", 25: "Z", 26: "AA", 27: "AB", 51: "AZ", 52: "BA", 701: "ZZ", 702: "AAA"}
    assert {place: persons[place] for place in places} == places
    assert letters_of(0) == "A"
