"""Make the balances of a day, or find that they are there already, and store them with their breaks."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import NamedTuple

import polars as pl
from sqlalchemy import Connection, Engine

from ketenbalans.code_version import code_version
from ketenbalans.incidents.extract_checks import no_chain_key_differs
from ketenbalans.incidents.kept import incident_kept
from ketenbalans.jobs.balancing import engines
from ketenbalans.jobs.balancing.engines import linked_on
from ketenbalans.jobs.balancing.linked import Linked
from ketenbalans.jobs.breaks.of_balance import FoundBreaks, digest_of, keep_breaks
from ketenbalans.jobs.figures.cases import whole_answers
from ketenbalans.reconciliation.balance import Balance, balance, balances
from ketenbalans.reconciliation.breaks import found_breaks
from ketenbalans.reconciliation.bridge import BalanceDoesNotClose
from ketenbalans.reconciliation.chain import Chain
from ketenbalans.settings import Settings
from ketenbalans.telemetry import lineage
from schemas.alerts import NO_BALANCE
from schemas.answer import BalanceAnswer
from schemas.catalogue import linked_sources
from schemas.period import Period
from schemas.policy import Policy
from warehouse.balances import (
    AnswerDiffers,
    BalanceBasis,
    MadeBalance,
    StoredBalance,
    balance_on,
    confirm_balance,
    input_fingerprint,
    is_any_record_known,
    store_balance,
)
from warehouse.breaks import DECISIONS, BreakLook, hold_breaks, last_look, moment_of
from warehouse.database import snapshot
from warehouse.decisions import last_decision_number
from warehouse.extracts import default_as_of
from warehouse.loads import last_load_numbers
from warehouse.offsets import Positions, positions


class Balanced(NamedTuple):
    """A balance as it is stored, and the breaks that it found (``found_breaks``); None: it was there already."""

    stored: StoredBalance
    breaks: pl.DataFrame | None


@dataclass(frozen=True, kw_only=True)
class _Known:
    """What is known when balances of a day are made.

    Attributes:
        basis: what they rest on.
        reached: how far the topics are loaded.
        moment: until when events were read.
        loads: the newest load of each source, and the last decision (``BreakLook.loads``).
        keeps_breaks: whether breaks of calendar years are kept.
        keeps_chain: whether the linked registers are: of the newest day, under the standing policy.
    """

    basis: BalanceBasis
    reached: Positions
    moment: datetime
    loads: Mapping[str, int]
    keeps_breaks: bool
    keeps_chain: bool

    def keeps_breaks_of(self, period: Period) -> bool:
        """Whether the breaks of a period are kept."""
        return self.keeps_breaks and period.is_calendar_year


def balance_and_store(  # noqa: PLR0913 (the question and how it is to be answered)
    engine: Engine,
    settings: Settings,
    *,
    periods: Sequence[Period],
    as_of: date,
    policy: Policy,
    keeps_breaks: bool,
    on: engines.Engine = "polars",
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
            known = _known(connection, as_of=as_of, policy=policy, keeps_breaks=keeps_breaks)
            answered = {} if afresh else _answered(connection, periods, known)
            due = [period for period in periods if period not in answered]
            made: list[_Made] = []
            if due:
                linked = linked_on(
                    on,
                    connection,
                    as_of=as_of,
                    policy=policy,
                    home=settings.home,
                    afresh=afresh,
                    keeps=known.keeps_chain,
                )
                with incident_kept(engine, NO_BALANCE, BalanceDoesNotClose):
                    made = _made(connection, opened.enter_context(linked), due, known, policy=policy)
        if made:  # what is only given again says nothing of whether a balance comes out as it did
            opened.enter_context(incident_kept(engine, NO_BALANCE, AnswerDiffers))
        stored = {}
        with engine.begin() as connection:
            if known.keeps_breaks:
                hold_breaks(connection)  # before any balance: who holds one never waits for who holds the breaks
            for period, balance_id in answered.items():
                stored[period] = Balanced(confirm_balance(connection, balance_id, reached=known.reached), None)
            for found in made:
                stored[found.period] = _stored(connection, found, known)
        run.wrote(len(stored))
        return [stored[period] for period in periods]


def _known(connection: Connection, *, as_of: date, policy: Policy, keeps_breaks: bool) -> _Known:
    """What the balances of a day rest on, as the snapshot has it."""
    covered = default_as_of(connection)
    is_of_a_known_day = covered is not None and as_of <= covered and is_any_record_known(connection, as_of=as_of)
    return _Known(
        basis=basis_of(connection, as_of=as_of, policy=policy),
        reached=positions(connection),
        moment=moment_of(connection),
        loads={**last_load_numbers(connection), DECISIONS: last_decision_number(connection)},
        keeps_breaks=keeps_breaks and is_of_a_known_day,
        keeps_chain=keeps_breaks and as_of == covered,
    )


def basis_of(connection: Connection, *, as_of: date, policy: Policy) -> BalanceBasis:
    """What a balance that is made now of a day rests on."""
    return BalanceBasis(
        as_of=as_of,
        policy=policy.to_dict(),
        code_version=code_version(),
        input_fingerprint=input_fingerprint(connection, as_of=as_of),
    )


def _answered(connection: Connection, periods: Sequence[Period], known: _Known) -> dict[Period, int]:
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


@dataclass(frozen=True, kw_only=True)
class _Made:
    """A balance that is to be stored.

    Attributes:
        period: the period.
        answer: the balance.
        found: the breaks that it found, where they are kept.
        breaks: the same as a frame; None: nothing touched the period, so they are those that are kept.
    """

    period: Period
    answer: BalanceAnswer
    found: FoundBreaks | None
    breaks: pl.DataFrame | None


def _made(
    connection: Connection, linked: Linked, due: Sequence[Period], known: _Known, *, policy: Policy
) -> list[_Made]:
    """The balances of the periods that are due, of registers that were linked.

    One of a period that nothing touched since the same chain was linked before is what it was (``touched``).

    Raises:
        BalanceDoesNotClose: one does not.
    """
    as_before = _as_before(connection, linked, due, known)
    made = []
    for period, (before, digest) in as_before.items():
        work_out = partial(_with_breaks, linked.chain, period, policy)
        found = FoundBreaks(period=period, digest=digest, work_out=work_out) if digest else None
        made.append(_Made(period=period, answer=before.answer, found=found, breaks=None))
    anew = balances(linked.chain, [period for period in due if period not in as_before])
    for one, answer in zip(anew, whole_answers(connection, anew), strict=True):
        breaks = found_breaks(one, policy=policy)
        found = None
        if known.keeps_breaks_of(one.period):
            work_out = partial(_both, one, breaks)
            found = FoundBreaks(period=one.period, digest=digest_of(breaks), work_out=work_out)
        made.append(_Made(period=one.period, answer=answer, found=found, breaks=breaks))
    return made


def _as_before(
    connection: Connection, linked: Linked, due: Sequence[Period], known: _Known
) -> dict[Period, tuple[StoredBalance, str | None]]:
    """The periods that nothing touched, with the balance that they had, and the digest of its breaks if it kept any."""
    if linked.before is None:
        return {}
    basis = replace(known.basis, input_fingerprint=linked.before)
    found: dict[Period, tuple[StoredBalance, str | None]] = {}
    for period in due:
        before = None if linked.touched.touches(period) else balance_on(connection, period, basis)
        if before is None:
            continue
        if not known.keeps_breaks_of(period):
            found[period] = (before, None)
            continue
        last = last_look(connection, year=period.start.year)
        if last is not None and last.balance_id == before.balance_id and last.found_digest is not None:
            found[period] = (before, last.found_digest)
    return found


def _with_breaks(chain: Chain, period: Period, policy: Policy) -> tuple[Balance, pl.DataFrame]:
    made = balance(chain, period)
    return made, found_breaks(made, policy=policy)


def _both(made: Balance, breaks: pl.DataFrame) -> tuple[Balance, pl.DataFrame]:
    return made, breaks


def _stored(connection: Connection, made: _Made, known: _Known) -> Balanced:
    """Store a balance, and what its breaks say otherwise than those before."""
    whole = MadeBalance(**vars(known.basis), period=made.period, positions=known.reached, answer=made.answer)
    stored = store_balance(connection, whole)
    if made.found is not None:
        look = BreakLook(as_of=stored.as_of, balance_id=stored.balance_id, looked_at=known.moment, loads=known.loads)
        keep_breaks(connection, made.found, look=look)
    return Balanced(stored, made.breaks)
