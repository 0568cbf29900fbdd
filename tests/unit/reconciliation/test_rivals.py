"""Choosing among rivals is what one loop over the sorted pairs does; near numbers are what one edit makes."""

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from ketenbalans.reconciliation.greedy import stable_pairs
from ketenbalans.reconciliation.one_edit import Numbers, Texts, one_edit_apart
from schemas.coded_state import dossier_key
from tests.reference.section4 import at_most_one_edit_apart

LAWS = settings(derandomize=True, database=None, deadline=None, max_examples=30)

pairs = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=40, unique=True)


def by_a_loop(rivals: list[tuple[int, int]]) -> list[int]:
    taken: list[int] = []
    for place, (delivery, registration) in enumerate(rivals):
        if all(delivery != rivals[other][0] and registration != rivals[other][1] for other in taken):
            taken.append(place)
    return taken


@settings(LAWS, max_examples=150)
@given(pairs)
def test_the_pairs_of_the_loop_are_taken(rivals: list[tuple[int, int]]) -> None:
    deliveries, registrations = (np.unique(side, return_inverse=True)[1] for side in zip(*rivals, strict=True))
    taken = stable_pairs(deliveries, registrations, np.arange(len(rivals)))
    assert sorted(taken.tolist()) == by_a_loop(rivals)


def test_a_thousand_rivals_that_all_tie_are_paired_one_by_one() -> None:
    records = np.arange(1000)
    taken = stable_pairs(np.repeat(records, 1000), np.tile(records, 1000), np.arange(10**6))
    assert (taken // 1000).tolist() == (taken % 1000).tolist() == records.tolist()


def number(draw: st.DrawFn) -> str:
    digits = "".join(draw(st.sampled_from("01")) for _ in range(12))
    return f"PL{digits[:2]}{draw(st.sampled_from(('00', '0A', 'A0')))}{digits[2:]}"


@st.composite
def numbers_and_slips(draw: st.DrawFn) -> tuple[list[str], list[str | None]]:
    numbers = [number(draw) for _ in range(draw(st.integers(1, 6)))]
    return numbers, [None, "", "X", *(slip(draw, draw(st.sampled_from(numbers))) for _ in range(8))]


def slip(draw: st.DrawFn, text: str) -> str:
    for _ in range(draw(st.integers(0, 2))):
        place = draw(st.integers(0, len(text) - 2))
        first, second, rest = text[:place], text[place], text[place + 1 :]
        typed = draw(st.sampled_from("01A"))
        text = draw(st.sampled_from((first + typed + rest, first + rest, first + typed + second + rest)))
        if draw(st.booleans()) and len(rest) > 0:
            text = first + rest[0] + second + rest[1:]
    return text


@settings(LAWS)
@given(numbers_and_slips())
def test_near_is_what_one_edit_makes(drawn: tuple[list[str], list[str | None]]) -> None:
    numbers, typed = drawn
    written = pl.DataFrame({"number": [f"{text[:6]}-{text[6:]}" for text in numbers]})
    keys = written.select(key=dossier_key(pl.col("number")))["key"]
    near = one_edit_apart(Numbers(keys), Texts(pl.Series(typed, dtype=pl.String)))
    assert set(near.rows()) == {
        (place, other)
        for place, text in enumerate(numbers)
        for other, slipped in enumerate(typed)
        if slipped is not None and at_most_one_edit_apart(text, slipped)
    }
