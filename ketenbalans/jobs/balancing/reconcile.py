"""Balance a period as known on a day and keep the balance: on request, or for all that changed."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import date

import polars as pl
from sqlalchemy import Connection, Engine

from ketenbalans.code_version import code_version
from ketenbalans.incidents.checks import ChainKeyDiffers
from ketenbalans.incidents.extract_checks import no_chain_key_differs
from ketenbalans.incidents.kept import incident_kept
from ketenbalans.jobs.balancing import engines
from ketenbalans.jobs.balancing.balances import described
from ketenbalans.jobs.balancing.engines import state_on
from ketenbalans.jobs.breaks.of_balance import breaks_of, keep_breaks
from ketenbalans.jobs.pages.balance_pages import write_balance_page
from ketenbalans.jobs.servers.warehouse import warehouse_from
from ketenbalans.jobs.watching.request import watch_now
from ketenbalans.reconciliation.balance import balance, chain_of
from ketenbalans.reconciliation.breaks import found_breaks
from ketenbalans.reconciliation.bridge import BalanceDoesNotClose
from ketenbalans.settings import Settings
from ketenbalans.telemetry import lineage
from schemas.alert_policy import AlertPolicy
from schemas.alerts import NO_BALANCE
from schemas.answer import ShownBalance
from schemas.catalogue import linked_sources
from schemas.causes import Cause
from schemas.period import Period
from schemas.policy import Policy
from warehouse.balances import (
    AnswerDiffers,
    MadeBalance,
    StoredBalance,
    input_fingerprint,
    is_any_record_known,
    positions,
    store_balance,
    stored_balance,
    years_with_records,
)
from warehouse.breaks import moment_of
from warehouse.database import snapshot
from warehouse.decisions import read_pair_decisions
from warehouse.extracts import default_as_of
from warehouse.figures import cases_by_qualification


def reconcile(  # noqa: PLR0913 (the question and how it is to be answered)
    engine: Engine,
    settings: Settings,
    *,
    period: Period,
    as_of: date,
    policy: Policy,
    keeps_breaks: bool,
    alert_policy: AlertPolicy | None = None,
    on: engines.Engine = "polars",
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
    ((stored, found),) = _in_a_run(
        engine, settings, periods=[period], as_of=as_of, policy=policy, keeps_breaks=keeps_breaks, on=on
    )
    with snapshot(engine) as connection:
        return described(
            connection,
            stored,
            policy=policy,
            alert_policy=alert_policy or settings.read_alert_policy(),
            breaks=lambda: breaks_of(connection, found, period=period, as_of=as_of).rows,
        )


def reconcile_what_changed(settings: Settings) -> list[StoredBalance]:
    """Balance each calendar year whose input changed, as known on the default as-of date, and renew the pages.

    Returns:
        The balances that were made anew, the newest year first; empty when none was due.
    """
    policy = settings.read_policy()
    with warehouse_from(settings) as engine:
        with snapshot(engine) as connection:
            as_of = default_as_of(connection)
            if as_of is None:
                return []
            years = [Period.of_year(year) for year in years_with_records(connection, as_of=as_of)]
            due = _not_answered_yet(connection, years, as_of=as_of, policy=policy)
        stored = _stored_or_worked_out(engine, settings, due, as_of=as_of, policy=policy) if due else []
        for period in years:  # also of a year that a person asked for first
            write_balance_page(engine, settings=settings, period=period)
        return stored[::-1]


def _stored_or_worked_out(
    engine: Engine, settings: Settings, due: list[Period], *, as_of: date, policy: Policy
) -> list[StoredBalance]:
    """Store what is due; when that cannot be, somebody is notified at once."""
    try:
        return balance_and_store(engine, settings, periods=due, as_of=as_of, policy=policy, keeps_breaks=True)
    except (AnswerDiffers, BalanceDoesNotClose, ChainKeyDiffers):
        watch_now(settings)
        raise


def balance_and_store(  # noqa: PLR0913 (the question and how it is to be answered)
    engine: Engine,
    settings: Settings,
    *,
    periods: Sequence[Period],
    as_of: date,
    policy: Policy,
    keeps_breaks: bool,
    on: engines.Engine = "polars",
) -> list[StoredBalance]:
    """Link the two registers once and store the balance of each period and its breaks, all of them or none.

    Whoever asks, lineage says that it began and how it ended.

    Breaks are kept of calendar years, from the first record of the registers up to the last day that both cover: what
    is known of another day is not complete, and breaks only move forward.

    Raises:
        BalanceDoesNotClose: nothing was stored.
        AnswerDiffers: the same question was answered otherwise before; nothing was stored.
        ChainKeyDiffers: an extract was made with another chain key, and nobody resumed that; nothing was linked.
    """
    balanced = _in_a_run(
        engine, settings, periods=periods, as_of=as_of, policy=policy, keeps_breaks=keeps_breaks, on=on
    )
    return [stored for stored, _ in balanced]


def _in_a_run(  # noqa: PLR0913 (the question and how it is to be answered)
    engine: Engine,
    settings: Settings,
    *,
    periods: Sequence[Period],
    as_of: date,
    policy: Policy,
    keeps_breaks: bool,
    on: engines.Engine,
) -> list[tuple[StoredBalance, pl.DataFrame]]:
    """Balance inside a run that lineage reports; each balance with the breaks that it found (``found_breaks``)."""
    read = lineage.tables([source.name for source in linked_sources()], engine)
    written = lineage.tables(["balance"], engine)
    with lineage.run_of("reconcile", inputs=read, outputs=written, place=settings.lineage) as run:
        balanced = _balanced(
            engine, settings, periods=periods, as_of=as_of, policy=policy, keeps_breaks=keeps_breaks, on=on
        )
        run.wrote(len(balanced))
        return balanced


def _balanced(  # noqa: PLR0913 (the question and how it is to be answered)
    engine: Engine,
    settings: Settings,
    *,
    periods: Sequence[Period],
    as_of: date,
    policy: Policy,
    keeps_breaks: bool,
    on: engines.Engine,
) -> list[tuple[StoredBalance, pl.DataFrame]]:
    with ExitStack() as opened:
        with snapshot(engine) as connection:
            no_chain_key_differs(connection)
            state = opened.enter_context(state_on(on, connection, as_of=as_of, home=settings.home))
            decisions = read_pair_decisions(connection, as_of=as_of)
            fingerprint, loaded_until = input_fingerprint(connection, as_of=as_of), positions(connection)
            qualities = {asked: cases_by_qualification(connection, period=asked, as_of=as_of) for asked in periods}
            covered, looked_at = default_as_of(connection), moment_of(connection)
            is_any_known = is_any_record_known(connection, as_of=as_of)
        with incident_kept(engine, NO_BALANCE, BalanceDoesNotClose):
            chain = chain_of(*state, as_of=as_of, policy=policy, decisions=decisions)
            made = [balance(chain, period) for period in periods]
        is_of_a_known_day = covered is not None and as_of <= covered and is_any_known
        balanced = []
        with incident_kept(engine, NO_BALANCE, AnswerDiffers), engine.begin() as connection:
            for found in made:
                made_balance = MadeBalance(
                    period=found.period,
                    as_of=as_of,
                    policy=policy.to_dict(),
                    code_version=code_version(),
                    input_fingerprint=fingerprint,
                    positions=loaded_until,
                    answer=replace(found.answer(), qualifications=qualities[found.period]),
                )
                kept, breaks = store_balance(connection, made_balance), found_breaks(found, policy=policy)
                if keeps_breaks and is_of_a_known_day and found.period.is_calendar_year:
                    keep_breaks(connection, found, breaks, balance_id=kept.balance_id, looked_at=looked_at)
                balanced.append((kept, breaks))
        return balanced


def _not_answered_yet(connection: Connection, years: list[Period], *, as_of: date, policy: Policy) -> list[Period]:
    """The years whose balance on that day does not rest on all that is known by now.

    Any record may link with any other, so a change anywhere is a change of the input of every year (ADR 0006).
    """
    asked_of = (input_fingerprint(connection, as_of=as_of), code_version())
    return [
        year
        for year in years
        if _rests_on(stored_balance(connection, period=year, as_of=as_of, policy=policy.to_dict())) != asked_of
    ]


def _rests_on(stored: StoredBalance | None) -> tuple[str, str] | None:
    return None if stored is None else (stored.input_fingerprint, stored.code_version)


def in_short(stored: StoredBalance) -> str:
    """``2014 as of 2015-01-31: 560 delivered, 516 recognised, 44 in between, 3 unexplained``."""
    answer = stored.answer
    return (
        f"{stored.period} as of {stored.as_of}: {answer.delivered} delivered, {answer.recognised} recognised, "
        f"{answer.gap} in between, {answer.causes[Cause.MISSING.value]} unexplained"
    )
