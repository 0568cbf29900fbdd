"""What the police delivered in each month of a period, and how many of those are recognised by its end."""

from collections.abc import Mapping
from datetime import date

import polars as pl
from sqlalchemy import Connection

from ketenbalans.jobs.balancing.chains import chain_on
from ketenbalans.reconciliation.balance import balance
from ketenbalans.release.counts import RowCounts
from schemas.period import Period
from schemas.policy import Policy


def by_month(connection: Connection, *, period: Period, as_of: date, policy: Policy) -> Mapping[str, RowCounts]:
    """Per month of delivery, ``2014-01``, the suspects delivered and those not recognised; none without a delivery.

    Args:
        connection: of the snapshot in which the balance of that question was read.
        period: what is counted.
        as_of: the day whose knowledge is used.
        policy: the numbers that the balance was made with.
    """
    police, *_ = balance(chain_on(connection, as_of, policy=policy), period).delivered
    month = pl.col("delivered_on").dt.strftime("%Y-%m").alias("month")
    counted = police.coded_suspects.group_by(month).agg(delivered=pl.len(), gap=pl.col("cause").is_not_null().sum())
    return {of: RowCounts(delivered, gap) for of, delivered, gap in counted.sort("month").iter_rows()}
