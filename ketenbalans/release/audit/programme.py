"""All releases of a group as one programme in whole numbers: what every count can be that fits all of them.

Variables are the lifted counts ``a + u`` of each release, which lie in boxes, and the offsets ``u``, which are the same
in all. It is solved as a linear programme; where a corner is not whole, in whole numbers.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from ketenbalans.release.audit.published import Box, Cell, PublishedGroup

Terms: TypeAlias = Mapping[int, float]
"""A linear form: the coefficient of each variable that it has."""

Point: TypeAlias = NDArray[np.float64]

OPTIMAL, INFEASIBLE = 0, 2
WHOLE = 1e-6


class NothingFits(ValueError):
    """No counts at all can have given these tables: one of them was changed, or is of another release."""


class NotSolved(RuntimeError):
    """The solver gave up; the message has its own words."""


@dataclass
class Programme:
    """The counts that fit all releases of a group.

    Attributes:
        releases: what each says, in their order.
        also: counts that the attacker has from elsewhere, by the place of the release and the cell.
    """

    releases: Sequence[PublishedGroup]
    also: Mapping[tuple[int, Cell], int] = field(default_factory=dict)
    _offsets: dict[Cell, int] = field(init=False, default_factory=dict)
    _lifted: dict[tuple[int, Cell], int] = field(init=False, default_factory=dict)
    _bounds: list[tuple[float, float]] = field(init=False, default_factory=list)
    _rows: list[tuple[Terms, float, float]] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        """Write down what is known."""
        for place, published in enumerate(self.releases):
            for cell, box in published.boxes.items():
                if cell not in self._offsets:
                    self._offsets[cell] = self._variable(0, published.threshold - 1)
                self._lifted[place, cell] = self._variable(box.lifted_from, box.lifted_to)
                if _has_to_say(box, published.threshold):
                    self._rows.append((self.count(place, cell), box.at_least, np.inf))
        for place, published in enumerate(self.releases):
            for signs, total in published.sums:
                self._rows.append((self._sum(place, signs), total, total))
            for delivered, gap in published.pairs():
                difference = {**self.count(place, delivered), **_negative(self.count(place, gap))}
                self._rows.append((difference, 0, np.inf))
        self._rows += [(self.count(*about), known, known) for about, known in self.also.items()]
        self._constraint = LinearConstraint(
            self.matrix(terms for terms, _, _ in self._rows),
            [lowest for _, lowest, _ in self._rows],
            [highest for _, _, highest in self._rows],
        )
        self._box = Bounds(*map(np.array, zip(*self._bounds, strict=True)))

    @property
    def variables(self) -> int:
        """How many there are."""
        return len(self._bounds)

    def count(self, place: int, cell: Cell) -> Terms:
        """A count of a release: what was lifted, less its offset."""
        return {self._lifted[place, cell]: 1.0, self._offsets[cell]: -1.0}

    def change(self, place: int, since: int, cell: Cell) -> Terms:
        """How a count moved since an earlier release: its offset is the same in both."""
        return {self._lifted[place, cell]: 1.0, self._lifted[since, cell]: -1.0}

    def matrix(self, forms: Iterable[Terms]) -> csr_array[Any]:
        """Linear forms as the rows of a matrix."""
        columns: list[int] = []
        values: list[float] = []
        starts = [0]
        for terms in forms:
            columns += terms.keys()
            values += terms.values()
            starts.append(len(columns))
        return csr_array((values, columns, starts), shape=(len(starts) - 1, self.variables))

    def lowest(self, weights: Point) -> Point:
        """Whole counts and offsets that fit, and give a linear form the smallest value that it can have.

        Raises:
            NothingFits: no counts do.
        """
        for integrality in (0, 1):
            solved = milp(weights, integrality=integrality, bounds=self._box, constraints=self._constraint)
            if solved.status == INFEASIBLE:
                message = "no counts at all can have given these tables: one was changed, or is of another release"
                raise NothingFits(message)
            if solved.status != OPTIMAL:
                raise NotSolved(str(solved.message))
            whole: Point = np.round(solved.x)
            if np.abs(solved.x - whole).max() < WHOLE:
                break
        return whole

    def _variable(self, lowest: float, highest: float) -> int:
        self._bounds.append((lowest, highest))
        return len(self._bounds) - 1

    def _sum(self, place: int, signs: Mapping[Cell, int]) -> Terms:
        terms: dict[int, float] = {}
        for cell, sign in signs.items():
            for variable, weight in self.count(place, cell).items():
                terms[variable] = terms.get(variable, 0.0) + sign * weight
        return terms


def _has_to_say(box: Box, threshold: int) -> bool:
    """Whether the box alone leaves a count lower than it can be."""
    return box.lifted_from - (threshold - 1) < box.at_least


def _negative(terms: Terms) -> Terms:
    return {variable: -weight for variable, weight in terms.items()}
