"""The attack finds exactly what fits: held against every possibility, one by one, where there are few."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ketenbalans.release.audit.attack import narrowest, small_in_one
from ketenbalans.release.audit.closed_form import ranges_of
from ketenbalans.release.audit.programme import NothingFits
from ketenbalans.release.audit.published import DELIVERED, GAP, RECOGNISED, Box, Cell, ExactSum, PublishedGroup

T = 3

Counts = dict[Cell, int]


def lifted(count: int, offset: int) -> int:
    return (count + offset) // T * T


def published(counts: Counts, offsets: Mapping[Cell, int], *, name: str) -> PublishedGroup:
    """What the method would publish of counts: written apart from it, as the attacker knows it."""
    values = {cell: lifted(count, offsets[cell]) for cell, count in counts.items()}
    boxes = {}
    for cell, value in values.items():
        if cell.line == DELIVERED:
            gap = values[Cell(cell.row, GAP)]
            shown = max(value, gap)
            boxes[cell] = Box(0 if shown == gap else shown, shown + T - 1, 1)
        else:
            boxes[cell] = Box(value, value + T - 1, 0)
    lines = dict.fromkeys(cell.line for cell in counts)
    of_line = {line: [cell for cell in counts if cell.line == line] for line in lines}
    sums = [ExactSum(dict.fromkeys(cells, 1), sum(map(counts.__getitem__, cells))) for cells in of_line.values()]
    return PublishedGroup(name, T, boxes, sums)


def fits(counts: Counts, offsets: Mapping[Cell, int], said: PublishedGroup) -> bool:
    """Whether those counts under those offsets give what was published."""
    adds_up = all(sum(sign * counts[cell] for cell, sign in signs.items()) == total for signs, total in said.sums)
    no_gap_too_large = all(counts[Cell(cell.row, GAP)] <= counts[cell] for cell in counts if cell.line == DELIVERED)
    in_boxes = all(
        box.lifted_from <= counts[cell] + offsets[cell] <= box.lifted_to and counts[cell] >= box.at_least
        for cell, box in said.boxes.items()
    )
    return adds_up and no_gap_too_large and in_boxes


def all_counts(said: PublishedGroup) -> Iterator[Counts]:
    ranges = [range(box.lifted_to + 1) for box in said.boxes.values()]
    for values in product(*ranges):
        counts = dict(zip(said.boxes, values, strict=True))
        if all(sum(sign * counts[cell] for cell, sign in signs.items()) == total for signs, total in said.sums):
            yield counts


def with_recognised(counts: Counts) -> Counts:
    rows = {cell.row for cell in counts if cell.line == DELIVERED}
    return counts | {Cell(row, RECOGNISED): counts[Cell(row, DELIVERED)] - counts[Cell(row, GAP)] for row in rows}


def narrowest_by_trying(said: Sequence[PublishedGroup], truths: Sequence[Counts]) -> int | None:
    """The fewest whole numbers between the ends of what is possible, of every small count and small change."""
    cells = list(said[0].boxes)
    found: dict[tuple[Cell, int, int | None], set[int]] = {}
    whole = [with_recognised(truth) for truth in truths]
    targets = [(cell, k, None) for k, truth in enumerate(whole) for cell in truth if 0 < truth[cell] < T]
    changes = [
        (cell, k, j)
        for j, k in combinations(range(len(whole)), 2)
        for cell in whole[0]
        if 0 < abs(whole[k][cell] - whole[j][cell]) < T
    ]
    possible = [list(all_counts(one)) for one in said]
    for values in product(range(T), repeat=len(cells)):
        offsets = dict(zip(cells, values, strict=True))
        fitting = [
            [with_recognised(counts) for counts in possible[k] if fits(counts, offsets, one)]
            for k, one in enumerate(said)
        ]
        if not all(fitting):
            continue
        for cell, k, _ in targets:
            found.setdefault((cell, k, None), set()).update(counts[cell] for counts in fitting[k])
        for cell, k, j in changes:
            after, before = ({counts[cell] for counts in fitting[place]} for place in (k, j))
            found.setdefault((cell, k, j), set()).update((max(after) - min(before), min(after) - max(before)))
    return min((max(values) - min(values) + 1 for values in found.values()), default=None)


causes = st.lists(st.integers(0, 4), min_size=3, max_size=3).map(
    lambda counts: {Cell(f"cause {number}", "cause"): count for number, count in enumerate(counts)}
)
rows = st.lists(st.tuples(st.integers(1, 3), st.integers(0, 2)), min_size=2, max_size=2).map(
    lambda counts: {
        Cell(f"row {number}", line): count
        for number, (delivered, gap) in enumerate(counts)
        for line, count in ((DELIVERED, delivered), (GAP, min(gap, delivered)))
    }
)


@st.composite
def puzzles(draw: st.DrawFn, of: st.SearchStrategy[Counts], releases: int) -> tuple[list[PublishedGroup], list[Counts]]:
    truths = draw(st.lists(of, min_size=1, max_size=releases))
    offsets = {cell: draw(st.integers(0, T - 1)) for cell in truths[0]}
    return [published(truth, offsets, name=str(number)) for number, truth in enumerate(truths)], truths


@given(puzzle=puzzles(causes, 3))
@settings(max_examples=60, deadline=None)
def test_of_causes_it_finds_what_trying_everything_finds(puzzle: tuple[list[PublishedGroup], list[Counts]]) -> None:
    said, truths = puzzle
    found = narrowest(said, truths)
    assert (None if found is None else found.whole_numbers) == narrowest_by_trying(said, truths)


@given(puzzle=puzzles(rows, 2))
@settings(max_examples=25, deadline=None)
def test_of_rows_it_finds_what_trying_everything_finds(puzzle: tuple[list[PublishedGroup], list[Counts]]) -> None:
    said, truths = puzzle
    found = narrowest(said, truths)
    assert (None if found is None else found.whole_numbers) == narrowest_by_trying(said, truths)


@given(puzzle=puzzles(causes, 3))
@settings(max_examples=60, deadline=None)
def test_it_may_stop_where_enough_is_open(puzzle: tuple[list[PublishedGroup], list[Counts]]) -> None:
    said, truths = puzzle
    all_of_it, in_short = narrowest(said, truths), narrowest(said, truths, enough=T)
    assert (all_of_it is None) is (in_short is None)
    if all_of_it and in_short:
        assert min(in_short.whole_numbers, T) == min(all_of_it.whole_numbers, T)


@given(puzzle=puzzles(causes, 1))
@settings(deadline=None)
def test_the_closed_form_is_never_narrower_than_what_fits(puzzle: tuple[list[PublishedGroup], list[Counts]]) -> None:
    ((said,), (truth,)) = puzzle
    found, fewest = narrowest([said], [truth]), small_in_one(said, truth)
    assert all(ranges_of(said)[cell].lowest <= count <= ranges_of(said)[cell].highest for cell, count in truth.items())
    assert (found is None) == (fewest is None)
    if found is not None and fewest is not None:
        assert found.whole_numbers <= fewest


@given(puzzle=puzzles(rows, 2))
@settings(max_examples=40, deadline=None)
def test_who_knows_more_never_knows_less(puzzle: tuple[list[PublishedGroup], list[Counts]]) -> None:
    said, truths = puzzle
    also = {
        (place, cell): truth[cell] for place, truth in enumerate(truths) for cell in truth if cell.line == DELIVERED
    }
    alone, helped = narrowest(said, truths), narrowest(said, truths, also=also)
    if alone and helped:
        assert helped.whole_numbers <= alone.whole_numbers


def test_tables_that_nothing_can_have_given_are_found() -> None:
    cells = {Cell("cause 0", "cause"): 2, Cell("cause 1", "cause"): 7}
    said = published(cells, dict.fromkeys(cells, 0), name="1")
    wrong = PublishedGroup("1", T, said.boxes, [ExactSum(said.sums[0].signs, 40)])
    with pytest.raises(NothingFits, match="was changed"):
        narrowest([wrong], [cells])
