"""A late batch of 10,000 records on a million: linking only what it can reach, beside linking everything again.

Half of the batch is new and half is another state of a known record; "everything included" is reaching, linking anew
and the balance of the period. The outcome has to be that of the full run, or the bench ends with exit code 1. Seconds
are those of the best of a few runs, for the machine may be shared.
"""

import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import polars as pl

from bench.kinds import AS_OF, PERIOD, POLICY
from bench.worlds import bench_world
from ketenbalans.reconciliation.balance import balance, chain_of
from ketenbalans.reconciliation.chain import Chain
from ketenbalans.reconciliation.relink import relinked

RUNS = 5
LATE = 10_000


def parted(frame: pl.DataFrame, late: int, other: pl.Expr) -> tuple[pl.DataFrame, pl.DataFrame]:
    """A register as it was before a batch, and the batch: half of it new records, half known ones in another state."""
    key = frame.columns[0] if "is_withdrawn" in frame.columns else "reported_dossier"
    place = pl.int_range(pl.len())
    step = frame.height // late
    is_late, is_new = place % step == 0, place % (2 * step) == 0
    before = frame.with_columns(
        pl.when(is_late).then(other).otherwise(other.meta.output_name()).alias(other.meta.output_name())
    )
    before = before.filter(~is_new).with_columns(pl.col(key).set_sorted())
    return before, frame.filter(is_late)


def best(ask: Callable[[], Any]) -> float:
    """Seconds of the best of a few runs."""
    took = []
    for _ in range(RUNS):
        started = time.perf_counter()
        ask()
        took.append(time.perf_counter() - started)
    return min(took)


def answer(chain: Chain) -> dict[str, Any]:
    """The balance of a chain, as ``reconcile --json`` prints it."""
    return balance(chain, PERIOD).answer().to_json()


def main(size: int) -> None:
    """Print one line."""
    world = bench_world(size)
    police, late_police = parted(world.deliveries, LATE // 2, pl.col("is_withdrawn").not_())
    om, late_om = parted(world.registrations, LATE // 2, (pl.col("round") % 3 + 1).cast(pl.Int8).alias("round"))
    link = partial(chain_of, as_of=AS_OF, policy=POLICY)
    before = link(police, om)
    in_full, step = (
        partial(link, world.deliveries, world.registrations),
        partial(relinked, before, late_police, late_om, as_of=AS_OF),
    )
    if answer(in_full()) != answer(step()):
        sys.exit("linking only what the late batch can reach gave another balance than linking everything again")
    whole, part, alone = best(lambda: answer(in_full())), best(lambda: answer(step())), best(step)
    print(
        f"{late_police.height + late_om.height:,} late records on {size:,}: {part:.2f} s "
        f"({alone:.2f} s without the balance), everything again {whole:.2f} s, ratio {part / whole:.2f}; equal"
    )
    print("goal: 0.2 s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
