"""Series of twelve releases of one year, in three sizes: what is hidden, what moves, and how long it takes.

Per size: releases made, groups of tables withheld, how far a count lies from the true one, the narrowest interval that
the audit finds of any small count or small change once all twelve are out, and the seconds of a release with its audit.
A table that does not add up, or an interval below the threshold, ends the run with exit code 1; no time does. Beside it
acro (``release_peers.py``) on the same tables of units, which looks at one table at a time: totals that are no longer
exact, rows that do not add up, counts that moved although nothing changed, and small counts and changes of which its
tables leave fewer values than the threshold.

Arguments: series per size (100), and of those how many acro takes part in (5; 0 leaves it out).
"""

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import mean
from typing import Any

from bench.release_series import SIZES, series
from ketenbalans.project import PROJECT_FOLDER
from ketenbalans.release.counts import ExactCounts, RowCounts
from ketenbalans.release.making import (
    KeptRelease,
    ReleaseRefused,
    ReleaseTerms,
    make_release,
    narrowest_of,
    true_cells,
)
from ketenbalans.release.offsets import ReleaseKey
from schemas.disclosure import DisclosurePolicy
from schemas.release import ROUNDING, ROW_LINES, Release, ReleaseGroup

THRESHOLD = DisclosurePolicy.parse((PROJECT_FOLDER / "policy.toml").read_text("utf-8")).threshold
TERMS = ReleaseTerms(threshold=THRESHOLD, draft=True, synthetic=True)
PEERS = PROJECT_FOLDER / ".venv-release-peers" / "bin" / "python"

HEADER = (
    f"{'suspects':>10} {'made':>5} {'refused':>7} {'withheld (unit month causes om)':>32} {'moved':>6} "
    f"{'narrowest':>9} {'below':>5} {'not adding up':>13} {'seconds: mean':>13} {'99 %':>6} {'most':>6}"
)


@dataclass
class Found:
    """What was measured of one size."""

    made: int = 0
    refused: int = 0
    withheld: Counter[str] = field(default_factory=Counter)
    moved: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    narrowest: list[int] = field(default_factory=list)
    not_adding_up: int = 0


def main() -> None:
    """Measure every size, and say whether the rule held."""
    per_size = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    with_peer = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    print(f"{per_size} series of twelve releases per size, threshold {THRESHOLD}")
    print(HEADER)
    broken = False
    for size, suspects in SIZES.items():
        found = Found()
        for seed in range(per_size):
            _measure(size, seed, found)
        below = sum(width < THRESHOLD for width in found.narrowest)
        broken |= bool(below or found.not_adding_up)
        withheld = "  ".join(f"{found.withheld[group.value]}" for group in ReleaseGroup)
        ordered = sorted(found.seconds)
        print(f"{suspects:>10,} {found.made:>5} {found.refused:>7} {withheld:>32} {mean(found.moved):>6.2f} "
              f"{min(found.narrowest):>9} {below:>5} {found.not_adding_up:>13} {mean(ordered):>13.3f} "
              f"{ordered[int(len(ordered) * 0.99)]:>6.3f} {ordered[-1]:>6.3f}", flush=True)  # fmt: skip
    print("goals: 0 intervals below the threshold, 0 tables that do not add up, moved at most 2, at most 1 s a release")
    if with_peer:
        _beside_the_peer(with_peer)
    sys.exit(broken)


def _measure(size: str, seed: int, found: Found) -> None:
    key = ReleaseKey(seed.to_bytes(32, "big"))
    kept: list[KeptRelease] = []
    for counts in series(size, seed):
        begun = time.process_time()
        try:
            release = make_release(counts, key=key, terms=TERMS, earlier=kept)
        except ReleaseRefused:
            found.refused += 1
            continue
        found.seconds.append(time.process_time() - begun)
        found.made += 1
        found.withheld.update(release.withheld)
        found.moved += _movements(release, counts)
        found.not_adding_up += not _adds_up(release, counts)
        kept.append(KeptRelease(release, counts))
    narrowest = [narrowest_of(group, kept) for group in ReleaseGroup]
    found.narrowest += [one.whole_numbers for one in narrowest if one is not None]


def _movements(release: Release, counts: ExactCounts) -> Iterator[int]:
    """How far each count that was rounded lies from the true one; of a row all three."""
    for table, rows in (("unit", counts.units), ("month", counts.months)):
        for cell in release.tables[table]:
            if cell.key[table] != ROUNDING:
                row = rows[cell.key[table]]
                yield abs(cell.value - _line(row, cell.key["line"]))
    for group in (ReleaseGroup.CAUSES, ReleaseGroup.OM):
        for (row_name, line), count in true_cells(counts, group).items():
            key = {"line": line} if row_name == line else {"line": line, "cause": row_name}
            value = release.value("national", **key)
            if value is not None:
                yield abs(value - count)


def _line(row: RowCounts, line: str) -> int:
    return {"delivered": row.delivered, "recognised": row.delivered - row.gap, "gap": row.gap}[line]


def _adds_up(release: Release, counts: ExactCounts) -> bool:
    sums: Counter[tuple[str, str]] = Counter()
    for table, cells in release.tables.items():
        for cell in cells:
            sums[table, cell.key["line"]] += cell.value
    exact = counts.national
    wanted = {(table, line): exact[line] for table in ("unit", "month") if release.tables[table] for line in ROW_LINES}
    if "causes" not in release.withheld:
        wanted["national", "cause"] = exact["gap"]
    if "om" not in release.withheld:
        elsewhere = exact["om_count"] - exact["recognised"]
        wanted["national", "om_only"] = elsewhere + sums["national", "registered_earlier"]
    return all(sums[key] == total for key, total in wanted.items())


def _beside_the_peer(many: int) -> None:
    if not PEERS.is_file():
        print("acro is not there: make bench installs it into .venv-release-peers")
        return
    print(f"\nbeside acro, {many} series per size, the tables of units alone")
    print(f"{'suspects':>10} {'who':>14} {'tables':>6} {'totals not exact':>16} {'rows not adding up':>18} "
          f"{'moved without cause':>19} {'small':>6} {'left with fewer':>15} {'seconds a table':>15}")  # fmt: skip
    for size, suspects in SIZES.items():
        worlds = [[counts.units for counts in series(size, seed)] for seed in range(many)]
        tables = [
            {unit: [row.delivered - row.gap, row.gap] for unit, row in table.items()}
            for world in worlds
            for table in world
        ]
        asked = json.dumps({"threshold": THRESHOLD, "tables": tables})
        answer = subprocess.run(
            [str(PEERS), str(PROJECT_FOLDER / "bench" / "release_peers.py")],
            input=asked, capture_output=True, text=True, check=True,
        )  # fmt: skip
        for way, published in json.loads(answer.stdout).items():
            _print_peer(suspects, way, published, tables, releases=len(worlds[0]))


def _print_peer(
    suspects: int,
    way: str,
    published: Sequence[Mapping[str, Any]],
    tables: Sequence[Mapping[str, Sequence[int]]],
    *,
    releases: int,
) -> None:
    wrong_totals = rows_wrong = without_cause = small = fewer = 0
    for place, (answer, truth) in enumerate(zip(published, tables, strict=True)):
        cells = answer["cells"]
        exact = [sum(row[line] for row in truth.values()) for line in (0, 1)]
        wrong_totals += cells["All"] != [*exact, sum(exact)]
        rows_wrong += sum(
            None not in row[:2] and row[0] + row[1] != row[2] for unit, row in cells.items() if unit != "All"
        )
        for unit, row in truth.items():
            for line in (0, 1):
                if 0 < row[line] < THRESHOLD:
                    small += 1
                    fewer += _values_left(_ends(cells[unit][line], way)) < THRESHOLD
        for other in range(place - place % releases, place):
            before, earlier = tables[other], published[other]["cells"]
            for unit in truth.keys() & before.keys():
                for line in (0, 1):
                    change = truth[unit][line] - before[unit][line]
                    ends = _ends(cells[unit][line], way), _ends(earlier[unit][line], way)
                    if 0 < abs(change) < THRESHOLD:
                        small += 1
                        fewer += _values_left((ends[0][0] - ends[1][1], ends[0][1] - ends[1][0])) < THRESHOLD
                    without_cause += not change and cells[unit][line] != earlier[unit][line]
    seconds = mean(answer["seconds"] for answer in published)
    share = fewer / small if small else 0
    print(f"{suspects:>10,} {'acro ' + way:>14} {len(tables):>6} {wrong_totals:>16} {rows_wrong:>18} "
          f"{without_cause:>19} {small:>6} {share:>15.1%} {seconds:>15.3f}", flush=True)  # fmt: skip


def _ends(value: int | None, way: str) -> tuple[int, int]:
    """What a reader of one table knows of a cell: suppressed is below the threshold, rounded is at most half away."""
    if value is None:
        return 0, THRESHOLD - 1
    if way == "suppress":
        return value, value
    return max(0, value - THRESHOLD // 2), value + THRESHOLD // 2


def _values_left(ends: tuple[int, int]) -> int:
    return ends[1] - ends[0] + 1


if __name__ == "__main__":
    main()
