"""From state frames to the balance with all rules, beside what only joins and what only compares, on the same tables.

A line per decade, from 10,000 deliveries to ``BENCH_TO`` (an environment variable or the argument; a million unless
reported otherwise). The worlds have a known truth: a balance that departs from it ends the run with exit code 1. Every
contender runs in a process of its own, in turns with the others; seconds are those of the best of a few runs, for the
machine may be shared. Times are printed as they are measured; none fails the run.
"""

import json
import math
import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

from bench.contender import CONTENDERS
from bench.truth import departures
from bench.words import in_words
from bench.worlds import bench_world
from ketenbalans.project import PROJECT_FOLDER

Measured: TypeAlias = dict[str, Any]

RUNS = {10_000: 9, 100_000: 9, 1_000_000: 6, 10_000_000: 3}
"""After a first one; of a peer that compares tables a third of them."""

TURNS = 2

COMPARING = ("datacompy", "reladiff")
COMPARED = range(100_000, 1_000_001)
"""The sizes at which the peers that compare tables take part: below they only start up, above they take minutes."""

PEERS_OWN_PYTHON = {"datacompy": PROJECT_FOLDER / ".venv-datacompy" / "bin" / "python"}
"""datacompy is made for the Polars before ours and is measured with it (bench/datacompy.lock)."""

GOALS = (
    "goals: at 1,000,000 at most 4 x DuckDB's join that only counts, and at least 10 x faster than datacompy; "
    "10,000,000 in 2 s and 1.5 GB"
)


def main(up_to: int) -> None:
    """Measure decade after decade."""
    print(HEADING)
    smaller: Measured | None = None
    for size in takewhile(lambda size: size <= up_to, RUNS):
        with TemporaryDirectory() as folder:
            truth = lay_ready(size, Path(folder))
            found = in_turns(size, Path(folder))
        ours = found["balance"]
        if wrong := departures(truth, ours["answer"]):
            sys.exit("\n".join([f"the balance of {size:,} deliveries is wrong:", *wrong]))
        print(line(size, found, smaller), flush=True)
        smaller = ours
    print(GOALS)


def lay_ready(size: int, folder: Path) -> dict[str, Any]:
    """Make the world, write its tables to the folder and give its truth."""
    world = bench_world(size)
    forms = {"coded": (world.deliveries, world.registrations)}
    if size in COMPARED:
        forms["words"] = in_words(world)
    for form, frames in forms.items():
        for name, frame in zip(("police", "om"), frames, strict=True):
            frame.write_ipc(folder / f"{form}-{name}.arrow", record_batch_size=frame.height)  # read back in one piece
    return world.truth


def taking_part(size: int) -> Iterator[str]:
    """The contenders at a size."""
    return (name for name in CONTENDERS if name not in COMPARING or size in COMPARED)


def in_turns(size: int, folder: Path) -> dict[str, Measured]:
    """Measure every contender of a size twice, in turns, and keep the better: the machine's speed drifts."""
    found: dict[str, Measured] = {}
    for name in [*taking_part(size)] * TURNS:
        measured = run(name, size, folder)
        if measured.get("best", math.inf) <= found.get(name, {}).get("best", math.inf):
            found[name] = measured
    return found


def run(name: str, size: int, folder: Path) -> Measured:
    """Measure one contender in a process of its own; ``missing`` says why a peer did not take part."""
    python = PEERS_OWN_PYTHON.get(name, Path(sys.executable))
    if not python.exists():
        return {"missing": "not installed"}
    runs = RUNS[size] // 3 if name in COMPARING else RUNS[size]
    command = [str(python), "-m", "bench.contender", name, str(folder), str(runs)]
    ended = subprocess.run(command, cwd=PROJECT_FOLDER, capture_output=True, text=True, check=False)
    if ended.returncode == 0:
        return dict(json.loads(ended.stdout))
    reason = ended.stderr.strip().splitlines()[-1]
    if name == "balance":
        sys.exit(ended.stderr)
    return {"missing": "not installed" if reason.startswith("ModuleNotFoundError") else reason}


HEADING = f"{'deliveries':>10}  {'balance':>8} {'growth':>6} {'peak (frames)':>14}" + "".join(
    f"  {name:>17}" for name in CONTENDERS if name != "balance"
)


def line(size: int, found: dict[str, Measured], smaller: Measured | None) -> str:
    """What was measured at one size; behind each peer's seconds, how many times the balance's they are."""
    ours = found["balance"]
    growth = f"x{ours['best'] / smaller['best']:.1f}" if smaller else ""
    memory = f"{ours['peak']:.2f} ({ours['before']:.2f}) GB"
    columns = "".join(f"  {beside(found.get(name), ours):>17}" for name in CONTENDERS if name != "balance")
    return f"{size:>10,}  {ours['best']:>6.3f} s {growth:>6} {memory:>14}{columns}"


def beside(peer: Measured | None, ours: Measured) -> str:
    """Seconds of a peer, and how many times as long the balance takes, or how many times as long the peer does."""
    if peer is None or "missing" in peer:
        return peer["missing"][:17] if peer else "-"
    times = ours["best"] / peer["best"]
    return f"{peer['best']:.3f} s " + (f"({times:.1f} x)" if times >= 1 else f"(1/{1 / times:.0f})")


if __name__ == "__main__":
    main(int(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("BENCH_TO", "1_000_000")))
