"""Wait until what was published is in a stored balance: what the DAGs do by themselves, followed from outside."""

import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Engine

from ketenbalans.broker.access import Kafka
from ketenbalans.broker.reading import TopicReader
from ketenbalans.jobs.balancing.balances import default_as_of_date, described, read_balance, read_balances
from ketenbalans.jobs.loading.ingest import waiting_on
from schemas.alert_policy import AlertPolicy
from schemas.answer import ShownBalance
from schemas.catalogue import sources
from schemas.period import Period
from schemas.policy import Policy
from warehouse.balances import input_fingerprint, stored_balance
from warehouse.database import snapshot
from warehouse.extracts import default_as_of

LOOK_EVERY_SECONDS = 0.3


class BalanceNotMade(TimeoutError):
    """The balance was not up to date in time; the message says what it still waits for."""


@dataclass(frozen=True, kw_only=True)
class BalanceQuestion:
    """Which balance is asked for; what is left out is the default as-of date and its calendar year."""

    period: Period | None
    as_of: date | None
    policy: Policy
    alert_policy: AlertPolicy


def newest_balance(engine: Engine, question: BalanceQuestion) -> ShownBalance | None:
    """The stored balance of a question; without a day, that of the last day up to the default as-of date.

    None when there is none.
    """
    if question.as_of is None and question.period is not None:
        stored = read_balances(
            engine, period=question.period, policy=question.policy, alert_policy=question.alert_policy
        )
        return next(reversed(stored), None)
    return _balance_of(engine, question)


def await_balance(
    engine: Engine,
    *,
    bootstrap: Kafka,
    question: BalanceQuestion,
    seconds: float,
    on_progress: Callable[[str], None],
) -> ShownBalance:
    """Wait until nothing waits on the topics and the balance of the question rests on all that is loaded.

    Args:
        engine: the warehouse.
        bootstrap: the Kafka whose topics are watched.
        question: which balance.
        seconds: how long at most.
        on_progress: called with what it waits for, at each check.

    Raises:
        BalanceNotMade: it took longer.
    """
    deadline = time.monotonic() + seconds
    with ExitStack() as clients:
        readers = {
            name: clients.enter_context(TopicReader(bootstrap, source.topic)) for name, source in sources().items()
        }
        while True:
            awaited = _what_waits(engine, readers)
            balance = None if awaited else _balance_of_what_is_loaded(engine, question)
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


def _what_waits(engine: Engine, readers: Mapping[str, TopicReader]) -> str:
    lags = {name: waiting_on(reader, sources()[name], engine=engine) for name, reader in readers.items()}
    return ", ".join(f"{name} ({lag} to load)" for name, lag in lags.items() if lag)


def _balance_of_what_is_loaded(engine: Engine, question: BalanceQuestion) -> ShownBalance | None:
    """The balance, once it rests on all that is loaded; it is judged then and not at every look."""
    with snapshot(engine) as connection:
        day = question.as_of or default_as_of(connection)
        if day is None:
            return None
        period, policy = question.period or Period.of_year(day.year), question.policy
        stored = stored_balance(connection, period=period, as_of=day, policy=policy.to_dict())
        if stored is None or stored.input_fingerprint != input_fingerprint(connection, as_of=day):
            return None
        return described(connection, stored, policy=policy, alert_policy=question.alert_policy)


def _balance_of(engine: Engine, question: BalanceQuestion) -> ShownBalance | None:
    day = question.as_of or default_as_of_date(engine)
    if day is None:
        return None
    return read_balance(
        engine,
        period=question.period or Period.of_year(day.year),
        as_of=day,
        policy=question.policy,
        alert_policy=question.alert_policy,
    )
