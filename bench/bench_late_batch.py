"""A late batch on a million: linking only what it can reach, beside linking everything again; and a chain that is kept.

A line per batch of 1, 100 and 10,000 records, half of them new and half known ones in another state: relinking from the
chain in memory, the balance of a year of it, and writing what changed. Before them opening and writing the whole chain,
and the balances of thirteen calendar years beside that of one. The outcome has to be that of the full run, or the bench
ends with exit code 1. Seconds are those of the processor, of the best of a few runs, for the machine may be shared.
"""

import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from bench.kinds import AS_OF, PERIOD, POLICY
from bench.worlds import bench_world
from ketenbalans.columns.linked_state import keep_change, keep_whole, kept_chain
from ketenbalans.columns.own_folder import OwnFolder
from ketenbalans.reconciliation.balance import balance, balances, chain_of
from ketenbalans.reconciliation.chain import Chain
from ketenbalans.reconciliation.relink import relinked
from schemas.period import Period

RUNS = 5
BATCHES = (1, 100, 10_000)
YEARS = [Period.of_year(year) for year in range(PERIOD.start.year - 11, PERIOD.start.year + 2)]


def parted(frame: pl.DataFrame, late: int, other: pl.Expr) -> tuple[pl.DataFrame, pl.DataFrame]:
    """A register as it was before a batch, and the batch: half of it new records, half known ones in another state."""
    key = "dossier" if "is_withdrawn" in frame.columns else "reported_dossier"
    place = pl.int_range(pl.len())
    step = frame.height // late
    is_late, is_new = (place % step == 0) & (place // step < late), place % (2 * step) == 0
    name = other.meta.output_name()
    before = frame.with_columns(pl.when(is_late).then(other).otherwise(name).alias(name))
    before = before.filter(~(is_late & is_new)).with_columns(pl.col(key).set_sorted())
    return before, frame.filter(is_late)


def best(ask: Callable[[], Any]) -> float:
    """Seconds of the processor of the best of a few runs."""
    took = []
    for _ in range(RUNS):
        started = time.process_time()
        ask()
        took.append(time.process_time() - started)
    return min(took)


def answer(chain: Chain) -> dict[str, Any]:
    """The balance of a chain, as ``reconcile --json`` prints it."""
    return balance(chain, PERIOD).answer().to_json()


def measure_kept(chain: Chain, place: OwnFolder) -> None:
    """Print what a chain costs to write and to open, and its balances."""
    written = best(lambda: keep_whole(place, chain, {}))
    kept = kept_chain(place)
    assert kept is not None, "it was just written"
    opened = best(lambda: kept.read(as_of=AS_OF, policy=POLICY))
    size = sum(file.stat().st_size for file in place.folder.iterdir()) / 10**6
    print(f"kept: {size:.0f} MB, written in {written:.2f} s, opened in {opened:.2f} s, every byte compared")
    one, all_years = best(lambda: balance(chain, PERIOD)), best(lambda: balances(chain, YEARS))
    print(f"balance of a year {one:.2f} s, of {len(YEARS)} calendar years in one pass {all_years:.2f} s")


def main(size: int) -> None:
    """Print a line per batch."""
    world = bench_world(size)
    link = partial(chain_of, as_of=AS_OF, policy=POLICY)
    in_full = partial(link, world.deliveries, world.registrations)
    expected, whole = answer(in_full()), best(in_full)
    print(f"linking {size:,} in full: {whole:.2f} s")
    with TemporaryDirectory() as folder:
        place = OwnFolder(Path(folder), Path(folder) / "linked")
        measure_kept(in_full(), place)
        for batch in BATCHES:
            police, late_police = parted(world.deliveries, max(batch // 2, 1), pl.col("is_withdrawn").not_())
            other_round = (pl.col("round") % 3 + 1).cast(pl.Int8).alias("round")
            om, late_om = (
                parted(world.registrations, batch // 2, other_round) if batch > 1 else (world.registrations,) * 2
            )
            late_om = late_om if batch > 1 else late_om.clear()
            keep_whole(place, link(police, om), {})
            kept = kept_chain(place)
            assert kept is not None, "it was just written"
            before = kept.read(as_of=AS_OF, policy=POLICY)
            step = partial(relinked, before.chain, late_police, late_om, as_of=AS_OF)
            after = step()
            if answer(after) != expected:
                sys.exit(
                    "linking only what the late batch can reach gave another balance than linking everything again"
                )
            alone, kept_again = best(step), best(lambda: keep_change(kept, before, after, {}))  # noqa: B023 (at once)
            balanced = best(lambda: answer(after))  # noqa: B023 (at once)
            print(
                f"{late_police.height + late_om.height:>6,} late records: relinked in {alone:.3f} s, ratio "
                f"{alone / whole:.2f}; what changed written in {kept_again:.3f} s; balance {balanced:.3f} s; equal",
                flush=True,
            )
    print("goal: one event relinked and kept well below 0.2 s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
