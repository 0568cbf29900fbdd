"""Persons of a batch by their places: what a row names is found again, and tokens come in one order."""

from dataclasses import replace

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from schemas.catalogue import source_named
from warehouse.persons import PLACE, TOKEN, tokens_in, with_places

POLICE = source_named("police")
PERSON = POLICE.field("person_token")
TWO_PERSONS = replace(POLICE, fields=(*POLICE.fields, replace(PERSON, name="other_token")))
TOKENS = st.none() | st.sampled_from(["a" * 64, "b" * 64, "0" * 64, "é", "Z", ""]) | st.text("0123456789abcdef")


@given(st.lists(st.tuples(TOKENS, TOKENS), max_size=30))
def test_a_place_is_that_of_the_token_and_tokens_are_in_the_order_of_their_bytes(
    named: list[tuple[str | None, str | None]],
) -> None:
    events = pl.DataFrame(
        named, schema={"person_token": pl.String, "other_token": pl.String}, orient="row"
    ).with_row_index("row")
    tokens = tokens_in(TWO_PERSONS, events)
    every = {token for pair in named for token in pair if token is not None}
    assert tokens[TOKEN].to_list() == sorted(every, key=str.encode)
    assert tokens[PLACE].to_list() == list(range(1, len(every) + 1))
    token_of = {None: None, **dict(tokens.select(PLACE, TOKEN).iter_rows())}
    placed = with_places(TWO_PERSONS, events, tokens)
    assert placed["row"].to_list() == events["row"].to_list()
    found = placed.select("person_token", "other_token").iter_rows()
    assert [(token_of[one], token_of[other]) for one, other in found] == named
