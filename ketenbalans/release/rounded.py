"""The tables of a release: exact national lines, every other count rounded by its offset, and what rounding moved.

Whatever the offsets, every table adds up to its exact total: the row ``rounding`` is what is left of that.
"""

from collections.abc import Mapping
from typing import TypeAlias

from ketenbalans.release.counts import ExactCounts, RowCounts
from ketenbalans.release.offsets import Offsets
from schemas.release import NATIONAL_LINES, ROUNDING, ROW_LINES, ReleasedCell, ReleaseGroup

Cells: TypeAlias = tuple[ReleasedCell, ...]

DELIVERED, RECOGNISED, GAP = ROW_LINES


def exact_cells(counts: ExactCounts) -> Cells:
    """The lines of the table ``national`` that are exact."""
    return tuple(ReleasedCell(key={"line": line}, value=counts.national[line]) for line in NATIONAL_LINES)


def rounded_cells(counts: ExactCounts, group: ReleaseGroup, offsets: Offsets) -> Cells:
    """The cells of a group, the rounding last of each line (of ``om``: before those registered earlier)."""
    match group:
        case ReleaseGroup.UNIT:
            return _rows("unit", counts.units, counts, offsets)
        case ReleaseGroup.MONTH:
            return _rows("month", counts.months, counts, offsets)
        case ReleaseGroup.CAUSES:
            return _causes("cause", counts.causes, counts.national["gap"], offsets)
        case ReleaseGroup.OM:
            return _om(counts, offsets)


def roundings(cells: Cells) -> list[int]:
    """What rounding moved, of every line of a group."""
    return [cell.value for cell in cells if ROUNDING in cell.key.values()]


def _rows(of: str, rows: Mapping[str, RowCounts], counts: ExactCounts, offsets: Offsets) -> Cells:
    """Delivered and gap have an offset each; what is recognised follows, so that a gap moves only when it moved."""
    cells = []
    left = {line: counts.national[line] for line in ROW_LINES}
    for row, exact in rows.items():
        gap = offsets.rounded(row, GAP, exact.gap)
        delivered = max(offsets.rounded(row, DELIVERED, exact.delivered), gap)
        for line, value in zip(ROW_LINES, (delivered, delivered - gap, gap), strict=True):
            cells.append(ReleasedCell(key={of: row, "line": line}, value=value))
            left[line] -= value
    cells += [ReleasedCell(key={of: ROUNDING, "line": line}, value=value) for line, value in left.items()]
    return tuple(cells)


def _causes(line: str, causes: Mapping[str, int], total: int, offsets: Offsets) -> Cells:
    cells = [
        ReleasedCell(key={"line": line, "cause": cause}, value=offsets.rounded(cause, line, suspects))
        for cause, suspects in causes.items()
    ]
    left = total - sum(cell.value for cell in cells)
    return *cells, ReleasedCell(key={"line": line, "cause": ROUNDING}, value=left)


def _om(counts: ExactCounts, offsets: Offsets) -> Cells:
    line = "registered_earlier"
    earlier = ReleasedCell(key={"line": line}, value=offsets.rounded(line, line, counts.registered_earlier))
    total = counts.national["om_count"] - counts.national["recognised"] + earlier.value
    return *_causes("om_only", counts.om_only, total, offsets), earlier
