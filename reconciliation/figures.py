"""Figures beside the balance: counted over the same deliveries, bridged to nothing."""

import polars as pl

from schemas.period import Period
from schemas.vocabulary import PoliceMutation, Qualification


def cases_by_qualification(deliveries: pl.DataFrame, period: Period) -> dict[str, int]:
    """Count the cases of a period by quality, as the police judge them: the shares that the letters publish.

    Args:
        deliveries: one row per delivered suspect known, as the warehouse reads them.
        period: the deliveries that are counted, by ``delivered_on``; both ends included.

    Returns:
        Distinct dossier numbers with a delivered suspect in the period that has the quality; every quality is present,
        also at 0. A case may have several: they never add up to the cases delivered (kst-31015-112, figure 1).
    """
    counted = deliveries.filter(
        pl.col("delivered_on").is_between(period.start, period.end),
        pl.col("mutation") != PoliceMutation.WITHDRAWN.value,
    )
    return {
        quality.value: counted.filter(pl.col("qualifications").list.contains(quality.value))[
            "dossier_number"
        ].n_unique()
        for quality in Qualification
    }
