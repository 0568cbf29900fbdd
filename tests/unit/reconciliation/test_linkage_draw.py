"""What holds for every draw: the same for the same seed whatever the order, and every record may be drawn."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketenbalans.reconciliation.linkage.drawing import drawn
from schemas.link_judgements import LARGEST_DRAW, InvalidDraw, LinkDraw
from schemas.period import InvalidPeriod, Period, read_day

suspects = st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 9)), unique=True, min_size=1, max_size=40).flatmap(
    st.permutations
)
seeds, sizes = st.integers(0, 2**31 - 1), st.integers(1, 50)


def records(keys: list[tuple[int, int]]) -> pl.DataFrame:
    rows = [(f"PL0900-2014{number:06}", suspect) for number, suspect in keys]
    return pl.DataFrame(rows, schema={"dossier_number": pl.String, "suspect_number": pl.Int32}, orient="row")


@given(suspects, seeds, sizes, st.randoms())
def test_a_draw_hangs_on_no_order_and_has_the_size_that_was_asked(
    keys: list[tuple[int, int]], seed: int, size: int, random: st.DataObject
) -> None:
    found = drawn(records(keys), size=size, seed=seed)
    random.shuffle(keys)  # type: ignore[attr-defined]
    assert drawn(records(keys), size=size, seed=seed).equals(found)
    assert found.height == found.unique().height == min(size, len(keys))
    assert found.join(records(keys), on=found.columns, how="semi").height == found.height


@given(suspects, seeds, sizes)
def test_a_larger_draw_begins_with_the_smaller_one(keys: list[tuple[int, int]], seed: int, size: int) -> None:
    larger = drawn(records(keys), size=size + 1, seed=seed)
    assert larger.head(size).equals(drawn(records(keys), size=size, seed=seed))


@given(suspects, seeds, sizes)
def test_a_record_that_comes_or_goes_moves_no_other(keys: list[tuple[int, int]], seed: int, size: int) -> None:
    *others, _ = keys
    fewer, found = drawn(records(others), size=size, seed=seed), drawn(records(keys), size=size, seed=seed)
    gone = records(keys[-1:])
    assert fewer.height >= found.height - 1
    assert found.join(gone, on=found.columns, how="anti").equals(
        fewer.head(found.join(gone, on=found.columns, how="anti").height)
    )


def test_every_record_may_be_drawn_and_about_as_often() -> None:
    """Of 3 out of 12 each comes in a quarter of the seeds: 250 of these 1,000, give or take four times 13.7."""
    every = records([(number, 1) for number in range(12)])
    chosen = pl.concat(drawn(every, size=3, seed=seed) for seed in range(1000))
    often = chosen.group_by("dossier_number").len()
    assert often.height == 12
    assert often["len"].is_between(195, 305).all()


DRAWS = st.builds(
    LinkDraw,
    period=st.sampled_from([Period.of_year(2014), Period.parse("2014-Q1"), Period.parse("2014-12-24/2015-01-02")]),
    as_of=st.just(read_day("2015-01-31")),
    rule=st.none() | st.integers(1, 5),
    size=st.integers(1, LARGEST_DRAW),
    seed=seeds,
)


@given(DRAWS)
def test_a_draw_is_read_as_it_is_written(draw: LinkDraw) -> None:
    assert LinkDraw.parse(f" {draw} ") == draw


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", InvalidDraw),
        ("2014 as of 2015-01-31, rule 6, size 100, seed 1", InvalidDraw),
        ("2014 as of 2015-01-31, rule 3, size 100, seed 99999999999", InvalidDraw),
        ("2014 as of 2015-01-31, rule 3, size 100", InvalidDraw),
        ("2014 as of 2015-02-31, rule 3, size 100, seed 1", InvalidPeriod),
        ("20-14 as of 2015-01-31, unlinked, size 100, seed 1", InvalidPeriod),
    ],
)
def test_what_is_no_draw_is_refused(text: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        LinkDraw.parse(text)
