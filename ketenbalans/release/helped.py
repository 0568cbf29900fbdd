"""What could be known by more: whoever has a unit's true deliveries from elsewhere knows more of its gap."""

from collections.abc import Sequence
from dataclasses import dataclass

from ketenbalans.release.audit.attack import narrowest
from ketenbalans.release.audit.published import DELIVERED, GAP
from ketenbalans.release.making import KeptRelease, known_of
from schemas.release import ReleaseGroup


@dataclass(frozen=True, kw_only=True)
class Helped:
    """What somebody would know who has the exact deliveries of one unit, in every release, from elsewhere.

    Attributes:
        units: units with a small gap, or a small change of it, of which each was tried.
        narrowed: of how many the threshold would no longer be kept.
        fewest: the fewest values that would be left of a gap.
    """

    units: int
    narrowed: int
    fewest: int


def helped_by_one_unit(kept: Sequence[KeptRelease]) -> Helped | None:
    """Try each unit by itself; None where no gap of a unit is small."""
    published, truths = known_of(ReleaseGroup.UNIT, kept)
    left = []
    for row in dict.fromkeys(cell.row for truth in truths for cell in truth):
        also = {
            (place, cell): truth[cell]
            for place, truth in enumerate(truths)
            for cell in truth
            if cell.row == row and cell.line == DELIVERED
        }
        gaps = [{cell: truth[cell] for cell in truth if cell.row == row and cell.line == GAP} for truth in truths]
        found = narrowest(published, gaps, also=also)
        if found is not None:
            left.append(found.whole_numbers)
    if not left:
        return None
    threshold = published[0].threshold
    return Helped(units=len(left), narrowed=sum(one < threshold for one in left), fewest=min(left))
