"""Dense clusters must not blow up: records that could each be linked with every other one of their kind.

A line per cluster: seconds (the best of a few runs) and peak memory of the whole process, the same of a sparse world
with as many records, and what becomes of the seconds when the cluster is twice as large. A thousand records of one
person offer a million pairs, so twice as many may take four times as long, but no more. What the rules must make of a
cluster is known; anything else ends the run with exit code 1. No time fails the run.
"""

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import partial
from multiprocessing import get_context
from typing import Any

import polars as pl

from bench.contender import measured
from bench.kinds import AS_OF, PERIOD, POLICY
from bench.worlds import bench_world
from ketenbalans.reconciliation.balance import balance_of
from schemas.catalogue import POLICE
from schemas.coded_state import NUMBERS_OF_AN_OFFICE, UNITS_OF_TWO_DIGITS

NUMBER = pl.col("number")
UNIT = 9 * UNITS_OF_TWO_DIGITS
FIRST_DOSSIER = UNIT * NUMBERS_OF_AN_OFFICE + 2014 * 10**6
DAY = pl.lit(date(2014, 1, 1)) + pl.duration(days=NUMBER % 299)
SPARSE = bench_world(1000)
NOTHING, ONE = pl.lit(None), pl.lit(1)
RUNS = 3


@dataclass(frozen=True)
class Cluster:
    """Two coded states, sorted by dossier, and the rule that must link every record (6: suggest)."""

    deliveries: pl.DataFrame
    registrations: pl.DataFrame
    link_rule: str


def one_person(size: int) -> Cluster:
    """One person in every delivery, and in every registration without a dossier."""
    police, om = deliveries(size, person=ONE), registrations(size, person=ONE, dossier=NOTHING)
    return Cluster(police, om, link_rule="3")


def one_person_on_one_day(size: int) -> Cluster:
    """The same on one day: every pair is as near as any other."""
    day = pl.lit(date(2014, 6, 2))
    police = deliveries(size, person=ONE, delivered_on=day)
    return Cluster(police, registrations(size, person=ONE, dossier=NOTHING, registered_on=day), link_rule="3")


def one_dossier_by_token(size: int) -> Cluster:
    """One dossier with every suspect, distinguished by their tokens."""
    dossier = pl.lit(FIRST_DOSSIER)
    police = deliveries(size, dossier=dossier, suspect_number=NUMBER + 1)
    return Cluster(police, registrations(size, dossier=dossier), link_rule="1")


def one_dossier_by_suspect_number(size: int) -> Cluster:
    """One dossier with every suspect, without tokens, distinguished by their numbers."""
    values = {"dossier": pl.lit(FIRST_DOSSIER), "suspect_number": NUMBER + 1, "person": NOTHING}
    police, om = deliveries(size, **values), registrations(size, **values)
    return Cluster(police, om, link_rule="2")


def one_dossier_by_nothing(size: int) -> Cluster:
    """One dossier with every suspect; nothing that the OM typed distinguishes them."""
    values = {"dossier": pl.lit(FIRST_DOSSIER), "person": NOTHING}
    return Cluster(deliveries(size, suspect_number=NUMBER + 1, **values), registrations(size, **values), link_rule="6")


def numbers_one_edit_apart(size: int) -> Cluster:
    """Numbers in a row, half delivered and half typed by the OM: each is one edit from twenty of the other half.

    An even sum of digits is delivered, an odd one is typed; of two that follow each other the days are the same.
    """
    digits = [NUMBER // 10**place % 10 for place in range(6)]
    is_delivered = pl.sum_horizontal(digits) % 2 == 0
    dossier, day = FIRST_DOSSIER + NUMBER, pl.lit(date(2014, 1, 1)) + pl.duration(days=NUMBER // 2 % 299)
    police = deliveries(2 * size, is_delivered, dossier=dossier, delivered_on=day)
    om = registrations(2 * size, ~is_delivered, dossier=dossier, person=NOTHING, registered_on=day)
    return Cluster(police, om, link_rule="6")


CLUSTERS: dict[Callable[[int], Cluster], int] = {
    one_person: 1000,
    one_person_on_one_day: 1000,
    one_dossier_by_token: 1000,
    one_dossier_by_suspect_number: 1000,
    one_dossier_by_nothing: 1000,
    numbers_one_edit_apart: 5000,
}
"""How many records each register has of a cluster."""


def deliveries(size: int, kept: pl.Expr | None = None, **values: pl.Expr) -> pl.DataFrame:
    """Coded deliveries that have nothing in common but what is reported of them."""
    plain = {
        "party": pl.lit(POLICE),
        "dossier": FIRST_DOSSIER + NUMBER,
        "suspect_number": ONE,
        "person": NUMBER,
        "unit": pl.lit(UNIT),
        "team": pl.lit("TBKK"),
        "delivered_on": DAY,
        "is_withdrawn": pl.lit(value=False),
    }
    police = coded(size, kept, {**plain, **values}, like=SPARSE.deliveries)
    return police.sort("dossier", "suspect_number").with_columns(pl.col("dossier").set_sorted())


def registrations(size: int, kept: pl.Expr | None = None, **values: pl.Expr) -> pl.DataFrame:
    """Coded registrations, reported in the words of the deliveries: standing, recognisable, on the days of delivery."""
    plain = {"person": NUMBER, "dossier": FIRST_DOSSIER + NUMBER, "suspect_number": NOTHING, "registered_on": DAY}
    values_of_om = {**plain, **values}
    columns = {
        "case": NUMBER,
        "registered_person": values_of_om["person"],
        "reported_dossier": values_of_om["dossier"],
        "reported_suspect_number": values_of_om["suspect_number"],
        "registered_on": values_of_om["registered_on"],
        "round": ONE,
        "is_joined": pl.lit(value=False),
    }
    om = coded(size, kept, columns, like=SPARSE.registrations)
    return om.sort("reported_dossier", "case").with_columns(pl.col("reported_dossier").set_sorted())


def coded(size: int, kept: pl.Expr | None, columns: dict[str, pl.Expr], *, like: pl.DataFrame) -> pl.DataFrame:
    """A frame of the records with a number below a size, with the columns and types of another one."""
    numbers = pl.select(number=pl.int_range(size, dtype=pl.Int64))
    numbers = numbers if kept is None else numbers.filter(kept)
    typed = {name: columns.get(name, NOTHING).cast(dtype) for name, dtype in like.schema.items()}
    return numbers.with_columns(**typed).select(like.columns)


def measure(make: Callable[[int], Any], size: int) -> dict[str, Any]:
    """Measure the balance of a world, and check the rule that links it where there is but one."""
    world = make(size)
    ask = partial(balance_of, world.deliveries, world.registrations, period=PERIOD, as_of=AS_OF, policy=POLICY)
    found = measured(lambda: ask().answer().to_json(), runs=RUNS)
    links = {rule: suspects for rule, suspects in found["answer"]["links"].items() if suspects}
    if isinstance(world, Cluster) and links != {world.link_rule: size}:
        message = f"{make.__name__}: rule {world.link_rule} must link all of {size:,}, the balance says {links}"
        raise SystemExit(message)
    return found


def alone(make: Callable[[int], Any], size: int) -> dict[str, Any]:
    """Measure in a process of its own."""
    with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as process:
        return process.submit(measure, make, size).result()


def main() -> None:
    """Print a line per cluster."""
    print(f"{'cluster':<30}{'records':>15}{'dense':>18}{'sparse':>18}{'twice as dense':>18}  growth")
    for make, size in CLUSTERS.items():
        dense, sparse, twice = alone(make, size), alone(bench_world, size), alone(make, 2 * size)
        columns = "".join(f"{found['best']:9.3f} s {found['peak']:4.2f} GB" for found in (dense, sparse, twice))
        words, records = make.__name__.replace("_", " "), f"{size:,} x {size:,}"
        print(f"{words:<30}{records:>15}{columns}  x{twice['best'] / dense['best']:.1f}", flush=True)


if __name__ == "__main__":
    main()
