"""What one release alone says of a count: its box, and what the exact sum leaves when all others take their ends."""

from collections.abc import Mapping
from typing import NamedTuple

from ketenbalans.release.audit.published import Cell, PublishedGroup


class Range(NamedTuple):
    """The smallest and the largest value that a count can have."""

    lowest: int
    highest: int

    @property
    def whole_numbers(self) -> int:
        """How many there are, both ends counted; 0 or less: none fits."""
        return self.highest - self.lowest + 1


def ranges_of(published: PublishedGroup) -> Mapping[Cell, Range]:
    """The range of each count of one release; what is known of other releases can only narrow it."""
    most = published.threshold - 1
    found = {
        cell: Range(max(box.at_least, box.lifted_from - most), box.lifted_to) for cell, box in published.boxes.items()
    }
    left = dict(found)
    for signs, total in published.sums:
        lowest = sum(sign * (found[cell].lowest if sign > 0 else found[cell].highest) for cell, sign in signs.items())
        highest = sum(sign * (found[cell].highest if sign > 0 else found[cell].lowest) for cell, sign in signs.items())
        for cell, sign in signs.items():
            ends = found[cell]
            if sign > 0:  # the others at their highest leave it the least
                least, greatest = total - (highest - ends.highest), total - (lowest - ends.lowest)
            else:
                least, greatest = (lowest + ends.highest) - total, (highest + ends.lowest) - total
            left[cell] = Range(max(left[cell].lowest, least), min(left[cell].highest, greatest))
    return left
