"""From state frames to the balance, beside Polars' own full outer join of the same frames that only counts.

The worlds are random and shaped like the registers: 87 % of the registrations carry both keys, the others lack the
person, the dossier or both. Run with sizes as arguments, by default 10,000 and 100,000 deliveries.
"""

import resource
import sys
import time
from collections.abc import Callable
from datetime import date
from functools import partial
from statistics import median
from typing import Any

import polars as pl

from jobs.settings import PROJECT_FOLDER
from reconciliation.balance import balance_of
from schemas.period import Period
from schemas.policy import Policy

FIRST_DAY = date(2013, 1, 1)
PERIOD, AS_OF = Period.of_year(2014), date(2015, 6, 30)
RUNS = 3


def states(deliveries: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Two state frames; 97 % of the deliveries have a registration, the rest have none."""
    number = pl.int_range(deliveries, dtype=pl.Int64)
    chance = number.hash(seed=7) % 1000
    police = pl.select(number=number).select(
        dossier_number="PL0900-" + pl.col("number").cast(pl.String).str.zfill(10),
        suspect_number=pl.lit(1, pl.Int32),
        person_token=pl.col("number").hash(seed=1).cast(pl.String).str.zfill(64),
        unit="PL" + (pl.col("number") % 11).cast(pl.String).str.zfill(2) + "00",
        team=pl.lit("TBKK"),
        delivered_on=pl.lit(FIRST_DAY) + pl.duration(days=pl.col("number") % 900),
        transferred_to=pl.lit(None, pl.String),
        transferred_on=pl.lit(None, pl.Date),
        mutation=pl.lit("delivered"),
    )
    lag_days = (number.hash(seed=3) % 90).cast(pl.Int64)
    om = police.with_columns(chance=chance, lag=lag_days).filter(pl.col("chance") < 970)
    return police, om.select(
        case_number=pl.int_range(pl.len()).cast(pl.String).str.zfill(10),
        person_token=pl.when(pl.col("chance") % 100 >= 6).then("person_token"),
        dossier_number=pl.when(pl.col("chance") % 100 < 93).then("dossier_number"),
        dossier_number_as_reported=pl.when(pl.col("chance") % 100 < 93).then("dossier_number"),
        suspect_number=pl.when(pl.col("chance") % 3 == 0).then("suspect_number"),
        classification=pl.when(pl.col("chance") < 960).then(pl.lit("KP")).otherwise(pl.lit("OVERIG")),
        registered_on=pl.col("delivered_on") + pl.duration(days="lag"),
        mutation=pl.when(pl.col("chance") > 5).then(pl.lit("registered")).otherwise(pl.lit("lapsed")),
    )


def count_by_a_join(police: pl.DataFrame, om: pl.DataFrame) -> int:
    """What a reconciliation by keys alone does: rows of the full outer join."""
    return police.join(om, on=["dossier_number", "person_token"], how="full").height


def timed(ask: Callable[[], Any]) -> float:
    """Median seconds of a few runs after one that is not counted."""
    ask()
    took = []
    for _ in range(RUNS):
        started = time.perf_counter()
        ask()
        took.append(time.perf_counter() - started)
    return median(took)


def main(sizes: list[int]) -> None:
    """Print a line per size."""
    policy = Policy.parse((PROJECT_FOLDER / "policy.toml").read_text(encoding="utf-8"))
    for size in sizes:
        police, om = states(size)
        ours = timed(partial(balance_of, police, om, period=PERIOD, as_of=AS_OF, policy=policy))
        peer = timed(partial(count_by_a_join, police, om))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        print(
            f"{size:>10,} x {om.height:,}: balance {ours:6.3f} s, full outer join that only counts {peer:6.3f} s, "
            f"ratio {ours / peer:5.1f}, peak {peak:.2f} GB"
        )


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or [10_000, 100_000])
