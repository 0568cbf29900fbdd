"""Tell stored balances with what they rest on: quality of the data, what was published, policy, code and input."""

from datetime import date
from typing import Any

from sqlalchemy import Connection, Engine

from jobs.published import published_beside
from schemas.period import Period
from warehouse.balances import StoredBalance, stored_balance, stored_balances
from warehouse.database import snapshot
from warehouse.extracts import is_synthetic
from warehouse.quality_results import quality_of


def read_balance(engine: Engine, *, period: Period, as_of: date) -> dict[str, Any] | None:
    """The balance of that question that was made last, or None when it was never asked."""
    with snapshot(engine) as connection:
        stored = stored_balance(connection, period=period, as_of=as_of)
        return None if stored is None else told(connection, stored)


def told(connection: Connection, stored: StoredBalance) -> dict[str, Any]:
    """A stored balance with what it rests on, what was published, and whether its data has been checked by now."""
    verdicts = set(quality_of(connection, stored.positions).values())
    quality = next(verdict for verdict in ("failed", "not_checked", "passed") if verdict in verdicts)
    return {
        **stored.answer,
        "synthetic": is_synthetic(connection),
        "quality": quality,
        "published": published_beside(stored.period, stored.as_of),
        "policy": stored.policy,
        "code_version": stored.code_version,
        "input_fingerprint": stored.input_fingerprint,
        "made_at": stored.made_at.isoformat(),
    }


def read_balances(engine: Engine, *, period: Period) -> list[dict[str, Any]]:
    """Of each as-of date asked for a period the balance that was made last; by as-of date."""
    with snapshot(engine) as connection:
        return [told(connection, stored) for stored in stored_balances(connection, period=period)]
