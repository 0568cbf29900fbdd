"""Link the registers, make the balances that are due, and store them with what their breaks say otherwise than before.

A balance of a period that nothing touched since the same chain was linked before is what it was
(``reconciliation.touched``), and so are its breaks: neither is worked out again.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import polars as pl
from sqlalchemy import Connection, Engine

from ketenbalans.incidents.kept import incident_kept
from ketenbalans.jobs.balancing.basis import DayBasis
from ketenbalans.jobs.balancing.engines import EngineName, linked_on
from ketenbalans.jobs.balancing.linked import Linked
from ketenbalans.jobs.breaks.of_balance import FoundBreaks, digest_of, keep_breaks
from ketenbalans.jobs.figures.cases import whole_answers
from ketenbalans.reconciliation.balance import Balance, balance, balances
from ketenbalans.reconciliation.breaks import found_breaks
from ketenbalans.reconciliation.bridge import BalanceDoesNotClose
from ketenbalans.reconciliation.chain import Chain
from schemas.alerts import NO_BALANCE
from schemas.answer import BalanceAnswer
from schemas.period import Period
from schemas.policy import Policy
from warehouse.balances import MadeBalance, StoredBalance, balance_on, store_balance
from warehouse.breaks import BreakLook, last_look


@dataclass(frozen=True, kw_only=True)
class DueBalance:
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


@contextmanager
def due_balances(  # noqa: PLR0913 (what is due, and where and how it is made)
    engine: Engine,
    connection: Connection,
    due: Sequence[Period],
    known: DayBasis,
    *,
    policy: Policy,
    on: EngineName,
    home: Path,
    afresh: bool,
) -> Iterator[list[DueBalance]]:
    """Make the balances that are due; what was linked for them is there as long as this lasts.

    Args:
        engine: the warehouse, in which an incident is kept when a balance does not close.
        connection: of the snapshot that is balanced.
        due: the periods.
        known: what their balances rest on.
        policy: the numbers that a person chose.
        on: where the registers are linked.
        home: the folder under which Spark keeps what it needs meanwhile.
        afresh: whether all is linked in full and worked out, whatever is kept.

    Raises:
        BalanceDoesNotClose: one does not.
        ChainKeyDiffers: an extract was made with another chain key, and nobody resumed that; nothing was linked.
    """
    as_of = known.basis.as_of
    keeps = known.keeps_chain
    with linked_on(on, connection, as_of=as_of, policy=policy, home=home, afresh=afresh, keeps=keeps) as linked:
        with incident_kept(engine, NO_BALANCE, BalanceDoesNotClose):
            made = _made(connection, linked, due, known, policy=policy)
        yield made


def _made(
    connection: Connection, linked: Linked, due: Sequence[Period], known: DayBasis, *, policy: Policy
) -> list[DueBalance]:
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
        made.append(DueBalance(period=period, answer=before.answer, found=found, breaks=None))
    anew = balances(linked.chain, [period for period in due if period not in as_before])
    for one, answer in zip(anew, whole_answers(connection, anew), strict=True):
        breaks = found_breaks(one, policy=policy)
        found = None
        if known.keeps_breaks_of(one.period):
            work_out = partial(_both, one, breaks)
            found = FoundBreaks(period=one.period, digest=digest_of(breaks), work_out=work_out)
        made.append(DueBalance(period=one.period, answer=answer, found=found, breaks=breaks))
    return made


def _as_before(
    connection: Connection, linked: Linked, due: Sequence[Period], known: DayBasis
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


def store_due(connection: Connection, made: DueBalance, known: DayBasis) -> StoredBalance:
    """Store a balance, and what its breaks say otherwise than those before."""
    whole = MadeBalance(**vars(known.basis), period=made.period, positions=known.reached, answer=made.answer)
    stored = store_balance(connection, whole)
    if made.found is not None:
        look = BreakLook(as_of=stored.as_of, balance_id=stored.balance_id, looked_at=known.moment, loads=known.loads)
        keep_breaks(connection, made.found, look=look)
    return stored
