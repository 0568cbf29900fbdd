"""What an attacker knows of a group of tables: what was published, how it was rounded, and what adds up.

The attacker does not know the key. A count ``a`` is published as the multiple of the threshold ``t`` at or below
``a + u``; the offset ``u`` is one of 0..t-1 and the same in every release of the period. So ``a + u`` lies in a box of
``t`` whole numbers, and every release says something of the same ``u``.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from schemas.release import ROUNDING, Release, ReleaseGroup

DELIVERED, RECOGNISED, GAP = "delivered", "recognised", "gap"
EARLIER = "registered_earlier"


class Cell(NamedTuple):
    """A count with an offset of its own: a row and its line, or a cause (as row) and the line that it stands under."""

    row: str
    line: str


class Box(NamedTuple):
    """What a published value says.

    Attributes:
        lifted_from: the least that the count and its offset can come to.
        lifted_to: the most.
        at_least: what the count is at least, whatever was published.
    """

    lifted_from: int
    lifted_to: int
    at_least: int


class ExactSum(NamedTuple):
    """Counts that add up, each with its sign, to an exact total that was published too."""

    signs: Mapping[Cell, int]
    total: int


@dataclass(frozen=True)
class PublishedGroup:
    """One group of one release, as the attacker reads it.

    Attributes:
        release_id: which release.
        threshold: what was rounded to.
        boxes: per cell.
        sums: what adds up.
    """

    release_id: str
    threshold: int
    boxes: Mapping[Cell, Box]
    sums: Sequence[ExactSum]

    def pairs(self) -> Iterator[tuple[Cell, Cell]]:
        """Delivered and gap of each row: no gap is larger than what was delivered."""
        for cell in self.boxes:
            if cell.line == DELIVERED:
                yield cell, Cell(cell.row, GAP)


def published_of(release: Release, group: ReleaseGroup) -> PublishedGroup | None:
    """What a release says of a group; None where the group is withheld."""
    if group.value in release.withheld:
        return None
    is_of_rows = group in (ReleaseGroup.UNIT, ReleaseGroup.MONTH)
    return _rows_of(release, group.value) if is_of_rows else _causes_of(release, group)


def _rows_of(release: Release, table: str) -> PublishedGroup:
    """Rows of delivered and gap, which have offsets; recognised is the difference of the two.

    Nothing is delivered in a month after the as-of day, but those tables are published from the end of the period on.
    """
    values = {Cell(cell.key[table], cell.key["line"]): cell.value for cell in release.tables[table]}
    rows = dict.fromkeys(cell.row for cell in values if cell.row != ROUNDING)
    boxes = {}
    for row in rows:
        delivered, gap = values[Cell(row, DELIVERED)], values[Cell(row, GAP)]
        highest = delivered + release.threshold - 1
        least = 0 if delivered == gap else delivered  # it was raised to the gap, or may have been
        stands = 1 if table == ReleaseGroup.UNIT.value else 0  # only units with a delivered suspect have a row
        boxes[Cell(row, DELIVERED)] = Box(least, highest, stands)
        boxes[Cell(row, GAP)] = Box(gap, gap + release.threshold - 1, 0)
    totals = {cell.key["line"]: cell.value for cell in release.tables["national"]}
    sums = [ExactSum({Cell(row, line): 1 for row in rows}, totals[line]) for line in (DELIVERED, GAP)]
    return PublishedGroup(release.release_id, release.threshold, boxes, sums)


def _causes_of(release: Release, group: ReleaseGroup) -> PublishedGroup:
    lines = ("cause",) if group is ReleaseGroup.CAUSES else ("om_only", EARLIER)
    boxes = {}
    for published in release.tables["national"]:
        line = published.key["line"]
        row = published.key.get("cause", line)
        if line in lines and row != ROUNDING:
            boxes[Cell(row, line)] = Box(published.value, published.value + release.threshold - 1, 0)
    exact = {cell.key["line"]: cell.value for cell in release.tables["national"] if len(cell.key) == 1}
    is_om = group is ReleaseGroup.OM
    total = exact["om_count"] - exact[RECOGNISED] if is_om else exact[GAP]
    signs = {cell: -1 if cell.line == EARLIER else 1 for cell in boxes}
    return PublishedGroup(release.release_id, release.threshold, boxes, [ExactSum(signs, total)])
