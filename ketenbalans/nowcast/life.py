"""From the rows of the registers to the days of a nowcast: when each thing was recorded, and until when it held."""

import polars as pl

from ketenbalans.nowcast.known import DAYS
from schemas.coded_state import RECOGNISABLE, unit_code

DELIVERY, CASE = ("dossier", "suspect_number"), ("case",)
DELIVERY_ROW, REGISTRATION_ROW = (*DELIVERY, "is_withdrawn"), (*CASE, "round")
"""What is read of each row, beside the day on which it was recorded."""


def days_of_suspects(
    linked: pl.DataFrame, deliveries: pl.DataFrame, registrations: pl.DataFrame, confirmed: pl.DataFrame
) -> pl.DataFrame:
    """The days that a nowcast knows of each delivered suspect.

    Args:
        linked: one row per delivered suspect as known on a day: ``dossier``, ``suspect_number``, ``unit`` (coded),
            ``delivered_on``, and of the registration that it is linked to ``case`` and ``registered_on``, or nulls;
            ``is_confirmed`` where a person's decision made the link.
        deliveries: every row known of them (``DELIVERY_ROW`` and ``recorded_on``), of each record the oldest first.
        registrations: every row known of the OM (``REGISTRATION_ROW`` and ``recorded_on``), likewise.
        confirmed: of each pair that a person confirmed ``dossier``, ``suspect_number``, ``case`` and ``decided_on``.

    Returns:
        One row per suspect: ``unit`` in words and ``known.DAYS``. No key: a nowcast needs none.
    """
    of_deliveries = _since(deliveries, DELIVERY, pl.col("is_withdrawn")).rename({"since": "withdrawn_on"})
    counts = pl.col("round") == RECOGNISABLE
    of_registrations = (
        _since(registrations, CASE, ~counts)
        .join(registrations.filter(counts).group_by(CASE).agg(pl.col("recorded_on").min().alias("counts_on")), on=CASE)
        .select(*CASE, "counts_on", counted_until=pl.col("since").dt.offset_by("-1d"))
    )
    decided = confirmed.group_by(*DELIVERY, *CASE).agg(pl.col("decided_on").max())
    found = (
        linked.join(of_deliveries, on=DELIVERY, how="left")
        .join(of_registrations, on=CASE, how="left")
        .join(decided, on=[*DELIVERY, *CASE], how="left")
    )
    by_hand = pl.when("is_confirmed").then("decided_on")
    counted_from = pl.when(pl.col("counts_on").is_not_null()).then(
        pl.max_horizontal("counts_on", "recorded_on", by_hand)
    )
    return found.with_columns(counted_from=counted_from).select(unit_code(pl.col("unit")).alias("unit"), *DAYS)


def _since(rows: pl.DataFrame, key: tuple[str, ...], holds: pl.Expr) -> pl.DataFrame:
    """Of each record the day of its first row, and since when something holds; null where it does not hold now."""
    newest_first = rows.reverse().with_columns(holds=holds)
    is_of_now = (~pl.col("holds")).cast(pl.Int32).cum_sum().over(key) == 0
    since = newest_first.filter(is_of_now).group_by(key).agg(pl.col("recorded_on").min().alias("since"))
    first = rows.group_by(key).agg(pl.col("recorded_on").min())
    return first.join(since, on=key, how="left")
