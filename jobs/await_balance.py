"""Wait until what was published is in a stored balance: what the DAGs do by themselves, followed from outside."""

import time
from collections.abc import Callable
from datetime import date
from typing import Any

from sqlalchemy import Engine

from jobs.balances import read_balance, read_balances
from jobs.ingest import waiting
from schemas.catalogue import sources
from schemas.period import Period
from warehouse.balances import input_fingerprint
from warehouse.database import snapshot
from warehouse.extracts import default_as_of

LOOK_EVERY_SECONDS = 0.3


class BalanceNotMade(TimeoutError):
    """The balance was not up to date in time; the message says what it still waits for."""


def newest_balance(engine: Engine, *, period: Period | None, as_of: date | None) -> dict[str, Any] | None:
    """The stored balance of a question; of the newest day asked when no day is given. None when there is none."""
    if as_of is None and period is not None:
        return next(reversed(read_balances(engine, period=period)), None)
    day = as_of or _default_as_of(engine)
    return None if day is None else read_balance(engine, period=period or Period.of_year(day.year), as_of=day)


def await_balance(
    engine: Engine,
    *,
    bootstrap: str,
    question: tuple[Period | None, date | None],
    seconds: float,
    on_progress: Callable[[str], None],
) -> dict[str, Any]:
    """Wait until nothing waits on the topics and the balance of the question rests on all that is loaded.

    Args:
        engine: the warehouse.
        bootstrap: the Kafka whose topics are watched.
        question: period and as-of date; what is left out is the default as-of date and its calendar year.
        seconds: how long at most.
        on_progress: told what it waits for, whenever it looked.

    Raises:
        BalanceNotMade: it took longer.
    """
    deadline = time.monotonic() + seconds
    while True:
        awaited = _what_waits(engine, bootstrap)
        balance = None if awaited else _balance_of_what_is_loaded(engine, *question)
        if balance is not None:
            return balance
        still = awaited or "the balance of what was loaded"
        if time.monotonic() > deadline:
            message = (
                f"after {seconds:.0f} s this still waits for {still}; look at the DAGs in the Airflow UI "
                "(`ketenbalans status` gives its address), or load and balance by hand: "
                "`ketenbalans ingest`, `ketenbalans reconcile`"
            )
            raise BalanceNotMade(message)
        on_progress(f"waiting for {still}")
        time.sleep(LOOK_EVERY_SECONDS)


def _what_waits(engine: Engine, bootstrap: str) -> str:
    lags = {name: waiting(source, engine=engine, bootstrap=bootstrap) for name, source in sources().items()}
    return ", ".join(f"{name} ({lag} to load)" for name, lag in lags.items() if lag)


def _balance_of_what_is_loaded(engine: Engine, period: Period | None, as_of: date | None) -> dict[str, Any] | None:
    day = as_of or _default_as_of(engine)
    if day is None:
        return None
    balance = read_balance(engine, period=period or Period.of_year(day.year), as_of=day)
    if balance is None:
        return None
    with snapshot(engine) as connection:
        is_current = balance["input_fingerprint"] == input_fingerprint(connection, as_of=day)
    return balance if is_current else None


def _default_as_of(engine: Engine) -> date | None:
    with snapshot(engine) as connection:
        return default_as_of(connection)
