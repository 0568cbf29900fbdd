"""What can be seen of a release without its key: whether it is what the method gives of any counts at all."""

from collections.abc import Iterator

from schemas.release import ROUNDING, ROW_LINES, Release, ReleasedCell, ReleaseGroup

DELIVERED, RECOGNISED, GAP = ROW_LINES


def faults_of(release: Release) -> list[str]:
    """What no release can have, by table and row; none when it could be one."""
    return [*_not_multiples(release), *_rows_that_differ(release), *_sums_that_differ(release)]


def name_of(table: str, cell: ReleasedCell) -> str:
    """A cell as a person finds it: the table, then its key."""
    return " ".join((table, *cell.key.values()))


def _is_exact(table: str, cell: ReleasedCell) -> bool:
    return ROUNDING in cell.key.values() or (table == "national" and cell.key.get("line") in (*ROW_LINES, "om_count"))


def _not_multiples(release: Release) -> Iterator[str]:
    for table, cells in release.tables.items():
        for cell in cells:
            if not _is_exact(table, cell) and (cell.value < 0 or cell.value % release.threshold):
                yield f"{name_of(table, cell)}: {cell.value} is no multiple of {release.threshold}"


def _rows_that_differ(release: Release) -> Iterator[str]:
    for table in (ReleaseGroup.UNIT.value, ReleaseGroup.MONTH.value):
        rows: dict[str, dict[str, int]] = {}
        for cell in release.tables[table]:
            rows.setdefault(cell.key[table], {})[cell.key["line"]] = cell.value
        for row, found in rows.items():
            if sorted(found) != sorted(ROW_LINES):
                yield f"{table} {row}: it has {', '.join(found)}"
            elif found[DELIVERED] - found[GAP] != found[RECOGNISED]:
                yield f"{table} {row}: delivered less gap is not recognised"


def _sums_that_differ(release: Release) -> Iterator[str]:
    exact = {cell.key["line"]: cell.value for cell in release.tables["national"] if len(cell.key) == 1}
    for table in (ReleaseGroup.UNIT.value, ReleaseGroup.MONTH.value):
        for line in ROW_LINES if table not in release.withheld else ():
            found = sum(cell.value for cell in release.tables[table] if cell.key["line"] == line)
            if found != exact[line]:
                yield f"{table} {line}: the rows come to {found}, and nationally it is {exact[line]}"
    elsewhere = exact["om_count"] - exact[RECOGNISED] + exact.get("registered_earlier", 0)
    for group, line, total in ((ReleaseGroup.CAUSES, "cause", exact[GAP]), (ReleaseGroup.OM, "om_only", elsewhere)):
        found = sum(cell.value for cell in release.tables["national"] if cell.key["line"] == line)
        if group.value not in release.withheld and found != total:
            yield f"national {line}: the causes come to {found}, and they have to come to {total}"
    if exact[DELIVERED] - exact[GAP] != exact[RECOGNISED]:
        yield "national: delivered less gap is not recognised"
