"""Balance a period as known on a day, on request, and keep the balance."""

from datetime import date
from functools import partial
from typing import TYPE_CHECKING

import polars as pl
from sqlalchemy import Engine

from ketenbalans.jobs.balancing.balances import described
from ketenbalans.jobs.balancing.making import balance_and_store
from ketenbalans.settings import Settings
from schemas.alert_policy import AlertPolicy
from schemas.answer import ShownBalance
from schemas.period import Period
from schemas.policy import Policy
from warehouse.database import snapshot

if TYPE_CHECKING:
    from ketenbalans.jobs.balancing.engines import EngineName


def reconcile(  # noqa: PLR0913 (the question and how it is to be answered)
    engine: Engine,
    settings: Settings,
    *,
    period: Period,
    as_of: date,
    policy: Policy,
    keeps_breaks: bool,
    alert_policy: AlertPolicy | None = None,
    on: "EngineName" = "polars",
) -> ShownBalance:
    """Balance one period as known on one day, store the balance and give it as ``reconcile --json`` prints it.

    Asked again from the same input, under the same policy and code, it is the stored one, byte for byte; beside it
    stands the verdict, which is found now.

    Args:
        engine: the warehouse.
        settings: where lineage is sent, and the home, in which Spark keeps its drafts.
        period: the period; the breaks of a calendar year are kept.
        as_of: the day whose knowledge is used.
        policy: the numbers that a person chose.
        keeps_breaks: whether this is the standing policy; under another one nothing is kept but the balance.
        alert_policy: how many may be missing; None: as the settings say.
        on: where the registers are linked; the answer is the same.

    Raises:
        BalanceDoesNotClose: nothing was stored.
        AnswerDiffers: the same question was answered otherwise before; nothing was stored.
        ChainKeyDiffers: an extract was made with another chain key, and nobody resumed that; nothing was linked.
    """
    ((stored, breaks),) = balance_and_store(
        engine, settings, periods=[period], as_of=as_of, policy=policy, keeps_breaks=keeps_breaks, on=on
    )
    with snapshot(engine) as connection:

        def stand(found: pl.DataFrame) -> pl.DataFrame:
            from ketenbalans.jobs.breaks.of_balance import breaks_of  # noqa: PLC0415 (as ``making``)

            return breaks_of(connection, found, period=period, as_of=as_of).rows

        return described(
            connection,
            stored,
            policy=policy,
            alert_policy=alert_policy or settings.read_alert_policy(),
            breaks=None if breaks is None else partial(stand, breaks),
        )
