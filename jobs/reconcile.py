"""Balance a period as known on a day, keep the balance, and show it: on request, or for all that changed."""

from collections.abc import Iterable
from datetime import date
from importlib.metadata import version
from typing import Any

from sqlalchemy import Connection, Engine

from jobs.balance_pages import write_balance_page
from jobs.balances import read_balance
from jobs.settings import Settings
from jobs.warehouse_at_hand import warehouse_at_hand
from reconciliation.balance import balance, chain_of
from schemas.period import Period
from schemas.policy import Policy
from warehouse.balances import (
    Balance,
    StoredBalance,
    input_fingerprint,
    positions,
    store_balance,
    stored_balance,
    years_with_records,
)
from warehouse.database import snapshot
from warehouse.extracts import default_as_of
from warehouse.state import read_deliveries, read_registrations


def default_as_of_date(engine: Engine) -> date | None:
    """The latest day that loaded extracts of both registers cover; None while one of them has none."""
    with snapshot(engine) as connection:
        return default_as_of(connection)


def reconcile(engine: Engine, *, period: Period, as_of: date, policy: Policy) -> dict[str, Any]:
    """Balance one period as known on one day, store the balance and give it as ``reconcile --json`` prints it.

    Raises:
        BalanceDoesNotClose: nothing was stored.
    """
    balance_and_store(engine, periods=[period], as_of=as_of, policy=policy)
    answer = read_balance(engine, period=period, as_of=as_of)
    assert answer is not None, "a balance that was just stored is there"
    return answer


def reconcile_what_changed() -> list[str]:
    """Balance each calendar year whose input changed, as known on the default as-of date, and renew its page.

    Returns:
        One text per question that was answered anew, such as ``2014 as of 2015-01-31``; empty when none was due.
    """
    settings = Settings()
    policy = settings.read_policy()
    with warehouse_at_hand(settings) as engine:
        with snapshot(engine) as connection:
            as_of = default_as_of(connection)
            due = years_due(connection, as_of=as_of, policy=policy) if as_of else []
        if as_of is None or not due:
            return []
        balance_and_store(engine, periods=due, as_of=as_of, policy=policy)
        for period in due:
            write_balance_page(engine, settings=settings, period=period)
        return [f"{period} as of {as_of}" for period in due]


def balance_and_store(engine: Engine, *, periods: Iterable[Period], as_of: date, policy: Policy) -> None:
    """Link the two registers once and store the balance of each period, all of them or none.

    Raises:
        BalanceDoesNotClose: nothing was stored.
    """
    with snapshot(engine) as connection:
        chain = chain_of(
            read_deliveries(connection, as_of=as_of),
            read_registrations(connection, as_of=as_of),
            as_of=as_of,
            policy=policy,
        )
        fingerprint, loaded_until = input_fingerprint(connection, as_of=as_of), positions(connection)
    answers = [(period, balance(chain, period).to_dict()) for period in periods]
    with engine.begin() as connection:
        for period, answer in answers:
            made = Balance(
                period=period,
                as_of=as_of,
                policy=policy.to_dict(),
                code_version=code_version(),
                input_fingerprint=fingerprint,
                positions=loaded_until,
                answer=answer,
            )
            store_balance(connection, made)


def years_due(connection: Connection, *, as_of: date, policy: Policy) -> list[Period]:
    """The calendar years with records whose balance on that day does not rest on all that is known by now.

    Any record may link with any other, so a change anywhere is a change of the input of every year.
    """
    asked_of = (input_fingerprint(connection, as_of=as_of), policy.to_dict(), code_version())
    years = [Period.of_year(year) for year in years_with_records(connection, as_of=as_of)]
    return [year for year in years if _rests_on(stored_balance(connection, period=year, as_of=as_of)) != asked_of]


def _rests_on(stored: StoredBalance | None) -> tuple[str, dict[str, Any], str] | None:
    return None if stored is None else (stored.input_fingerprint, dict(stored.policy), stored.code_version)


def code_version() -> str:
    """The version of the code that makes a balance."""
    return version("ketenbalans")
