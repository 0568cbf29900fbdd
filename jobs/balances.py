"""Tell stored balances with what they rest on: quality of the data, what was published, policy, code and input."""

from datetime import date
from typing import Any

from sqlalchemy import Connection, Engine

from jobs.published import published_beside
from jobs.verdicts import judgement_on
from schemas.period import Period
from schemas.policy import Policy
from schemas.verdicts import judged
from warehouse.balances import StoredBalance, stored_balance, stored_balances
from warehouse.database import snapshot
from warehouse.extracts import default_as_of, is_synthetic
from warehouse.quality_results import quality_of


def default_as_of_date(engine: Engine) -> date | None:
    """The latest day that loaded extracts of both registers cover; None while one of them has none."""
    with snapshot(engine) as connection:
        return default_as_of(connection)


def read_balance(
    warehouse: Engine | Connection, *, period: Period, as_of: date, policy: Policy
) -> dict[str, Any] | None:
    """The balance of that question, under that policy, that was made last; None when it was never asked."""
    with snapshot(warehouse) as connection:
        stored = stored_balance(connection, period=period, as_of=as_of, policy=policy.to_dict())
        return None if stored is None else told(connection, stored)


def read_balances(engine: Engine, *, period: Period, policy: Policy) -> list[dict[str, Any]]:
    """Of each as-of date up to the default one the balance under that policy that was made last; by as-of date.

    A question about a later day may have been asked; what is known of that day is not complete, so it does not lead.
    """
    with snapshot(engine) as connection:
        last = default_as_of(connection) or date.max
        stored = stored_balances(connection, period=period, policy=policy.to_dict())
        return [told(connection, one) for one in stored if one.as_of <= last]


def told(connection: Connection, stored: StoredBalance) -> dict[str, Any]:
    """A stored balance with what it comes to, what it rests on, what was published, and whether that was checked."""
    verdicts = set(quality_of(connection, stored.positions).values())
    quality = next(verdict for verdict in ("failed", "not_checked", "passed") if verdict in verdicts)
    return {
        **stored.answer,
        **judged(judgement_on(connection, as_of=stored.as_of)),
        "synthetic": is_synthetic(connection),
        "quality": quality,
        "published": published_beside(stored.period, stored.as_of),
        "policy": stored.policy,
        "code_version": stored.code_version,
        "input_fingerprint": stored.input_fingerprint,
        "made_at": stored.made_at.isoformat(),
    }
