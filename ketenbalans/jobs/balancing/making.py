"""Give the balances of a day as they are stored, or make those that are not there yet and store them with their breaks.

What links and works out (``due``) is loaded only when something is due: a stored answer waits for none of it.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

import polars as pl
from sqlalchemy import Connection, Engine

from ketenbalans.incidents.extract_checks import no_chain_key_differs
from ketenbalans.incidents.kept import incident_kept
from ketenbalans.jobs.balancing.basis import DayBasis, known_on
from ketenbalans.settings import Settings
from ketenbalans.telemetry import lineage
from schemas.alerts import NO_BALANCE
from schemas.catalogue import linked_sources
from schemas.period import Period
from schemas.policy import Policy
from warehouse.balances import AnswerDiffers, BalanceBasis, StoredBalance, balance_on, confirm_balance
from warehouse.breaks import hold_breaks, last_look
from warehouse.database import snapshot

if TYPE_CHECKING:
    from ketenbalans.jobs.balancing.due import DueBalance
    from ketenbalans.jobs.balancing.engines import EngineName


class Balanced(NamedTuple):
    """A balance as it is stored, and the breaks that it found (``found_breaks``); None: it was there already."""

    stored: StoredBalance
    breaks: pl.DataFrame | None


def balance_and_store(  # noqa: PLR0913 (the question and how it is to be answered)
    engine: Engine,
    settings: Settings,
    *,
    periods: Sequence[Period],
    as_of: date,
    policy: Policy,
    keeps_breaks: bool,
    on: "EngineName" = "polars",
    afresh: bool = False,
    inside: Connection | None = None,
) -> list[Balanced]:
    """Store the balance of each period and its breaks, of registers that are linked once: all of them or none.

    Whoever asks, lineage says that it began and how it ended.

    Breaks are kept of calendar years, from the first record of the registers up to the last day that both cover: what
    is known of another day is not complete, and breaks only move forward.

    A balance that is there already, of the same input, policy and code, is given as it is stored; with ``afresh`` it is
    made again, of registers that are linked in full, and has to come out the same. They are made ``inside`` a snapshot,
    in which the registers may have been read already, or in one of their own.

    Raises:
        BalanceDoesNotClose: nothing was stored.
        AnswerDiffers: the same question was answered otherwise before; nothing was stored.
        ChainKeyDiffers: an extract was made with another chain key, and nobody resumed that; nothing was linked.
    """
    read = lineage.tables([source.name for source in linked_sources()], engine)
    written = lineage.tables(["balance"], engine)
    with (
        lineage.run_of("reconcile", inputs=read, outputs=written, place=settings.lineage) as run,
        ExitStack() as opened,
    ):
        with snapshot(engine if inside is None else inside) as connection:
            no_chain_key_differs(connection)
            known = known_on(connection, as_of=as_of, policy=policy, keeps_breaks=keeps_breaks)
            answered = {} if afresh else _answered(connection, periods, known)
            due = [period for period in periods if period not in answered]
            made: list[DueBalance] = []
            if due:
                from ketenbalans.jobs.balancing.due import due_balances, store_due  # noqa: PLC0415 (what a stored answer saves)

                question = due_balances(
                    engine, connection, due, known, policy=policy, on=on, home=settings.home, afresh=afresh
                )
                made = opened.enter_context(question)
        if made:  # what is only given again says nothing of whether a balance comes out as it did
            opened.enter_context(incident_kept(engine, NO_BALANCE, AnswerDiffers))
        stored = {}
        with engine.begin() as connection:
            if known.keeps_breaks:
                hold_breaks(connection)  # before any balance: who holds one never waits for who holds the breaks
            for period, balance_id in answered.items():
                stored[period] = Balanced(confirm_balance(connection, balance_id, reached=known.reached), None)
            for found in made:
                stored[found.period] = Balanced(store_due(connection, found, known), found.breaks)
        run.wrote(len(stored))
        return [stored[period] for period in periods]


def _answered(connection: Connection, periods: Sequence[Period], known: DayBasis) -> dict[Period, int]:
    """The periods whose balance is there already, with its number."""
    found = {}
    for period in periods:
        ask = balance_with_breaks if known.keeps_breaks_of(period) else balance_on
        if (stored := ask(connection, period, known.basis)) is not None:
            found[period] = stored.balance_id
    return found


def balance_with_breaks(connection: Connection, period: Period, basis: BalanceBasis) -> StoredBalance | None:
    """The balance of a period that rests on just that, once its breaks are kept, where those of the period are.

    None when there is none, or when its breaks are still to be kept: they were asked for under another policy.
    """
    stored = balance_on(connection, period, basis)
    if stored is None or not period.is_calendar_year:
        return stored
    last = last_look(connection, year=period.start.year)
    is_done = last is not None and (
        last.as_of > stored.as_of or (last.as_of, last.balance_id) == (stored.as_of, stored.balance_id)
    )
    return stored if is_done else None
