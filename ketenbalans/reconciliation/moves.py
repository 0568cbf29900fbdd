"""The suspects that stand otherwise in a period on a later day: who came, who left, whose case or cause is another one.

Pure: no I/O, no clock, no logging.
"""

import polars as pl

from ketenbalans.reconciliation.bridge import Balance
from ketenbalans.reconciliation.recounted import STANDS
from schemas.coded_state import case_number, dossier_number, unit_code
from schemas.revisions import Movement

SUSPECT = ("dossier", "suspect_number")
COMPARED = ("case", "cause", "link_rule", "delivered_on")
"""How a suspect stands, beside recognised or not; another case or cause is a move."""


def moved(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """The moves between two days, of several periods at once.

    Args:
        before: one row per period and suspect, as it stood on the earlier day (``recounted.STANDS``).
        after: the same on the later day; a suspect who is in neither frame stands as before.

    Returns:
        One row per period and suspect that came, left or changed: ``period``, ``dossier``, ``suspect_number``,
        ``unit``, ``movement``, and of both days (``_before``, ``_after``) ``recognised`` and ``COMPARED``.
    """
    sides = [
        rows.select(
            "period",
            *SUSPECT,
            pl.col("unit").alias(f"unit_{side}"),
            pl.col("cause").is_null().alias(f"recognised_{side}"),
            *(pl.col(name).alias(f"{name}_{side}") for name in COMPARED),
        )
        for side, rows in (("before", before), ("after", after))
    ]
    both = sides[0].join(sides[1], on=["period", *SUSPECT], how="full", coalesce=True)
    was_there, is_there = pl.col("recognised_before").is_not_null(), pl.col("recognised_after").is_not_null()
    differs = pl.any_horizontal(
        pl.col(f"{name}_before").ne_missing(pl.col(f"{name}_after")) for name in ("case", "cause")
    )
    movement = (
        pl.when(~was_there)
        .then(pl.lit(Movement.CAME.value))
        .when(~is_there)
        .then(pl.lit(Movement.LEFT.value))
        .when(differs)
        .then(pl.lit(Movement.CHANGED.value))
    )
    return (
        both.with_columns(movement=movement)
        .filter(pl.col("movement").is_not_null())
        .with_columns(
            pl.col("recognised_before", "recognised_after").fill_null(value=False),
            unit=pl.coalesce("unit_after", "unit_before"),
        )
        .drop("unit_before", "unit_after")
    )


def moved_between(before: Balance, after: Balance) -> pl.DataFrame:
    """The moves between two balances of one period, whatever they were made from."""
    return moved(
        *(balance.police.coded_suspects.with_columns(period=pl.lit(0)).select(STANDS) for balance in (before, after))
    )


def in_words(moves: pl.DataFrame) -> pl.DataFrame:
    """Moves with their numbers and units written out."""
    return moves.with_columns(
        dossier_number=dossier_number(pl.col("dossier")),
        unit=unit_code(pl.col("unit")),
        case_number_before=case_number(pl.col("case_before")),
        case_number_after=case_number(pl.col("case_after")),
    ).drop("period", "dossier", "case_before", "case_after")
