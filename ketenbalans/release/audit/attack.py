"""Attack what was published: how narrowly can every small count, and every small change, be known?

A true count of 1 up to the threshold less one, and a true change of as much between two releases, has to stay open over
at least as many whole numbers as the threshold. The ends of an interval are attained: there are counts, and offsets,
that fit every release of the period and have that value.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ketenbalans.release.audit.closed_form import Range, ranges_of
from ketenbalans.release.audit.programme import Programme, Terms
from ketenbalans.release.audit.published import DELIVERED, GAP, RECOGNISED, Cell, PublishedGroup

Truth: TypeAlias = Mapping[Cell, int]
"""The true counts of a group in one release, by the cells that have an offset."""

ROUNDS = 12
"""So often all that is not proven yet is pulled apart together, before each is looked at by itself."""


class Narrowed(NamedTuple):
    """What can be known of one small count, or of one small change of it.

    Attributes:
        row: the unit, the month or the cause.
        line: what is counted of it.
        release_id: in which release.
        since: the earlier release from which on it changed; None: it is the count itself.
        lowest: the smallest value that fits everything.
        highest: the largest.
    """

    row: str
    line: str
    release_id: str
    since: str | None
    lowest: int
    highest: int

    @property
    def whole_numbers(self) -> int:
        """How many values are left, both ends counted."""
        return self.highest - self.lowest + 1


@dataclass(frozen=True)
class _Target:
    """A small count or change: its name, its linear form, and the range that it has at most."""

    row: str
    line: str
    place: int
    since: int | None
    terms: Terms
    within: Range


def narrowest(
    releases: Sequence[PublishedGroup],
    truths: Sequence[Truth],
    *,
    enough: int | None = None,
    also: Mapping[tuple[int, Cell], int] | None = None,
) -> Narrowed | None:
    """What is known best of all small counts and changes of a group; None when it has none.

    Args:
        releases: of the period in which the group is, in their order.
        truths: the true counts of each: they say what has to be hidden, and are no part of the attack.
        enough: an interval that holds so many whole numbers need not be told from a wider one; None: it is.
        also: counts that the attacker has from elsewhere.

    Raises:
        NothingFits: the tables are of no counts at all.
    """
    if not any(published.boxes for published in releases):
        return None
    programme = Programme(releases, also or {})
    targets = list(_small(programme, releases, truths))
    if not targets:
        programme.lowest(np.zeros(programme.variables))  # whether anything fits
        return None
    return _Search(programme, targets, releases).narrowest(enough)


def small_in_one(published: PublishedGroup, truth: Truth) -> int | None:
    """The fewest whole numbers that the closed form leaves for a small count of one release; None: none is small.

    What it finds too narrow is too narrow. It is the first look, which costs nothing.
    """
    ranges = ranges_of(published)
    return min(
        (ranges[cell].whole_numbers for cell, count in truth.items() if 0 < count < published.threshold), default=None
    )


def _small(programme: Programme, releases: Sequence[PublishedGroup], truths: Sequence[Truth]) -> Iterator[_Target]:
    """Every true count, and every true change, that is small."""
    ranges = [_with_recognised(ranges_of(published)) for published in releases]
    counts = [_with_recognised_counts(truth) for truth in truths]
    forms = [
        {cell: _form(programme, place, cell) for cell in ranges[place] if cell in counts[place]}
        for place in range(len(releases))
    ]
    for place, published in enumerate(releases):
        for cell, terms in forms[place].items():
            if 0 < counts[place][cell] < published.threshold:
                yield _Target(cell.row, cell.line, place, None, terms, ranges[place][cell])
    for since, place in combinations(range(len(releases)), 2):
        for cell in forms[place]:
            if cell in forms[since] and 0 < abs(counts[place][cell] - counts[since][cell]) < releases[place].threshold:
                before, after = ranges[since][cell], ranges[place][cell]
                within = Range(after.lowest - before.highest, after.highest - before.lowest)
                terms = _difference(forms[place][cell], forms[since][cell])
                yield _Target(cell.row, cell.line, place, since, terms, within)


def _form(programme: Programme, place: int, cell: Cell) -> Terms:
    if cell.line != RECOGNISED:
        return programme.count(place, cell)
    return _difference(programme.count(place, Cell(cell.row, DELIVERED)), programme.count(place, Cell(cell.row, GAP)))


def _difference(one: Terms, other: Terms) -> Terms:
    terms = {variable: one.get(variable, 0.0) - other.get(variable, 0.0) for variable in {**one, **other}}
    return {variable: weight for variable, weight in terms.items() if weight}


def _with_recognised(ranges: Mapping[Cell, Range]) -> dict[Cell, Range]:
    """The ranges, with that of what is recognised of a row: what is delivered less the gap."""
    found = dict(ranges)
    for cell, delivered in ranges.items():
        if cell.line == DELIVERED:
            gap = ranges[Cell(cell.row, GAP)]
            ends = Range(max(0, delivered.lowest - gap.highest), delivered.highest - gap.lowest)
            found[Cell(cell.row, RECOGNISED)] = ends
    return found


def _with_recognised_counts(truth: Truth) -> dict[Cell, int]:
    found = dict(truth)
    for cell, delivered in truth.items():
        if cell.line == DELIVERED:
            found[Cell(cell.row, RECOGNISED)] = delivered - truth[Cell(cell.row, GAP)]
    return found


class _Search:
    """The search for the narrowest of all intervals.

    Every solution of the programme gives a value of every target at once, so a few that pull many targets apart prove
    most of them wide; what is left is solved by itself.
    """

    def __init__(self, programme: Programme, targets: Sequence[_Target], releases: Sequence[PublishedGroup]) -> None:
        self._programme, self._targets, self._releases = programme, targets, releases
        self._forms: Any = programme.matrix(target.terms for target in targets)
        self._low = np.full(len(targets), np.inf)
        self._high = np.full(len(targets), -np.inf)
        self._chance = np.random.default_rng(0)  # of no effect on what is found, only on how soon

    def narrowest(self, enough: int | None) -> Narrowed:
        most = np.array([target.within.whole_numbers for target in self._targets], dtype=np.float64)
        self._attain(np.zeros(self._programme.variables))
        limit = most.min() if enough is None else min(most.min(), enough)
        for _ in range(ROUNDS):
            if not self._narrower_than(limit).any():
                break
            self._pull_apart(self._narrower_than(limit))
        while (open_ones := self._narrower_than(limit)).any():
            one = int(np.where(open_ones, self._width(), np.inf).argmin())
            self._solve(one)
            most[one] = self._width()[one]
            limit = min(limit, most[one])
        found = int(most.argmin())
        if enough is None or most[found] <= limit:
            self._solve(found)
        return self._named(found)

    def _width(self) -> NDArray[np.float64]:
        width: NDArray[np.float64] = self._high - self._low + 1
        return width

    def _narrower_than(self, limit: float) -> NDArray[np.bool_]:
        narrower: NDArray[np.bool_] = self._width() < limit
        return narrower

    def _pull_apart(self, which: NDArray[np.bool_]) -> None:
        signs = self._chance.choice((-1.0, 1.0), size=len(self._targets)) * which
        weights = self._forms.T @ signs
        self._attain(weights)
        self._attain(-weights)

    def _solve(self, one: int) -> None:
        weights = self._forms[[one]].toarray()[0]
        self._attain(weights)
        self._attain(-weights)

    def _attain(self, weights: NDArray[np.float64]) -> None:
        values = np.round(self._forms @ self._programme.lowest(weights))
        self._low, self._high = np.minimum(self._low, values), np.maximum(self._high, values)

    def _named(self, one: int) -> Narrowed:
        target = self._targets[one]
        return Narrowed(
            row=target.row,
            line=target.line,
            release_id=self._releases[target.place].release_id,
            since=None if target.since is None else self._releases[target.since].release_id,
            lowest=int(self._low[one]),
            highest=int(self._high[one]),
        )
