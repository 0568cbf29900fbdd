"""A stage ahead: the same things in the same order, errors where they are taken, and no thread left behind."""

import threading
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ketenbalans.broker.prefetch import prefetch


@settings(max_examples=20)
@given(st.lists(st.integers() | st.none(), max_size=20), st.integers(0, 25))
def test_the_same_things_in_the_same_order_and_the_thread_ends(things: list[int | None], taken: int) -> None:
    before = threading.active_count()
    with prefetch(iter(things)) as made:
        assert [thing for thing, _ in zip(made, range(taken), strict=False)] == things[:taken]
    assert threading.active_count() == before


def test_no_more_is_made_than_one_ahead_of_whoever_takes() -> None:
    made: list[int] = []

    def make() -> Iterator[int]:
        for number in range(100):
            made.append(number)
            yield number

    with prefetch(make()) as things:
        for taken, _ in enumerate(things, 1):
            assert len(made) <= taken + 2  # one waits, and one is made that waits for its place
            if taken == 5:
                break
    assert len(made) <= 7


def test_an_error_is_raised_where_things_are_taken_after_what_came_before_it() -> None:
    def make() -> Iterator[int]:
        yield 1
        raise KeyError("two")

    taken = []
    with (
        pytest.raises(KeyError, match="two"),
        prefetch(make()) as things,
        prefetch(number + 1 for number in things) as more,
    ):
        for thing in more:
            taken.append(thing)  # noqa: PERF402 (what came before the error is kept)
    assert taken == [2]


def test_who_gives_up_waits_for_nothing() -> None:
    given_up = threading.Event()

    def make() -> Iterator[int]:
        yield 1
        given_up.wait()

    with (
        pytest.raises(ZeroDivisionError),
        prefetch(make(), give_up=given_up.set) as things,
        prefetch(map(float, things), give_up=given_up.set) as more,
    ):
        next(more)
        raise ZeroDivisionError
    assert given_up.is_set()
