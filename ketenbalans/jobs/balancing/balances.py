"""Report stored balances with what they rest on: quality of the data, what was published, policy, code and input."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import polars as pl
from sqlalchemy import Connection, Engine

from ketenbalans.jobs.balancing.verdicts import Judge
from ketenbalans.jobs.figures.published import published_beside
from schemas.alert_policy import AlertPolicy
from schemas.answer import ShownBalance
from schemas.period import Period
from schemas.policy import Policy
from warehouse.balances import StoredBalance, stored_balance, stored_balances
from warehouse.database import snapshot
from warehouse.extracts import default_as_of, is_synthetic
from warehouse.quality_results import quality_of


def default_as_of_date(engine: Engine) -> date | None:
    """The latest day that loaded extracts of both registers cover; None while one of them has none."""
    with snapshot(engine) as connection:
        return default_as_of(connection)


def read_balance(
    warehouse: Engine | Connection,
    *,
    period: Period,
    as_of: date,
    policy: Policy,
    alert_policy: AlertPolicy,
) -> ShownBalance | None:
    """The balance of that question, under that policy, that was made last; None when it was never asked.

    Args:
        warehouse: which, or the connection of a snapshot.
        period: what is counted.
        as_of: the day whose knowledge is used.
        policy: the numbers that it was made with.
        alert_policy: how many may be missing.
    """
    with snapshot(warehouse) as connection:
        stored = stored_balance(connection, period=period, as_of=as_of, policy=policy.to_dict())
        return None if stored is None else described(connection, stored, policy=policy, alert_policy=alert_policy)


def read_balances(
    warehouse: Engine | Connection, *, period: Period, policy: Policy, alert_policy: AlertPolicy
) -> list[ShownBalance]:
    """Of each as-of date up to the default one the balance under that policy that was made last; by as-of date.

    A question about a later day may have been asked; what is known of that day is not complete, so it does not lead.
    The last one has its verdict; those before it have none, since their breaks may have to be worked out.
    """
    with snapshot(warehouse) as connection:
        last = default_as_of(connection) or date.max
        stored = [
            one for one in stored_balances(connection, period=period, policy=policy.to_dict()) if one.as_of <= last
        ]
        earlier = [_rests_on(connection, one) for one in stored[:-1]]
        return [
            *earlier,
            *(described(connection, one, policy=policy, alert_policy=alert_policy) for one in stored[-1:]),
        ]


def described(
    connection: Connection,
    stored: StoredBalance,
    *,
    policy: Policy,
    alert_policy: AlertPolicy,
    breaks: Callable[[], pl.DataFrame] | None = None,
) -> ShownBalance:
    """A stored balance with what it comes to, what it rests on, what was published, and whether that was checked.

    Args:
        connection: of a snapshot.
        stored: the balance.
        policy: the numbers that it was made with.
        alert_policy: how many may be missing.
        breaks: gives the breaks of its period as they stand on its day; None: they are read, or worked out.
    """

    def stand() -> pl.DataFrame:
        from ketenbalans.jobs.breaks.of_balance import breaks_of_stored  # noqa: PLC0415 (few verdicts hang on breaks)

        return breaks_of_stored(connection, stored, policy=policy).rows

    judge = Judge(connection, alert_policy=alert_policy)
    judgement = judge.judgement(stored.answer, breaks or stand)
    return replace(_rests_on(connection, stored), judgement=judgement)


def _rests_on(connection: Connection, stored: StoredBalance) -> ShownBalance:
    verdicts = set(quality_of(connection, stored.positions).values())
    quality = next(verdict for verdict in ("failed", "not_checked", "passed") if verdict in verdicts)
    return ShownBalance(
        **vars(stored.answer),
        synthetic=is_synthetic(connection),
        quality=quality if stored.answer.counts_anything else "not_checked",  # nothing passes of nothing
        published=published_beside(stored.period, stored.as_of),
        policy=stored.policy,
        code_version=stored.code_version,
        input_fingerprint=stored.input_fingerprint,
        made_at=stored.made_at,
    )
