"""Prepare, approve and withdraw figures. Who may, and what may follow what, is held by the database too."""

from datetime import date

from sqlalchemy import Connection, Engine

from ketenbalans.jobs.balancing.basis import basis_of
from ketenbalans.jobs.balancing.making import balance_with_breaks
from ketenbalans.jobs.balancing.reconcile import reconcile
from ketenbalans.jobs.breaks.of_balance import breaks_of_stored
from ketenbalans.jobs.reporting.refusals import NotCovered, refuse_what_is_not_known
from ketenbalans.jobs.signoff.answers import standing_of
from ketenbalans.jobs.signoff.reading import find_figure_set, show_signoff
from ketenbalans.reconciliation.bridge import BalanceDoesNotClose
from ketenbalans.settings import Settings
from ketenbalans.signoff.figure_set import FigureSet, count_breaks
from ketenbalans.signoff.standing import Signoff
from schemas.decisions import checked_note
from schemas.people import Person
from schemas.period import Period
from schemas.policy import Policy
from schemas.signoff import SignoffAct, SignoffState
from warehouse.balances import StoredBalance
from warehouse.breaks import DECISIONS
from warehouse.database import snapshot
from warehouse.decisions import last_decision_number
from warehouse.errors import SignoffRefused
from warehouse.extracts import default_as_of, is_synthetic
from warehouse.loads import last_load_numbers
from warehouse.signoffs import KeptFigureSet, keep_figure_set, record_act

TRIES = 4
"""How often a balance of just what is loaded is looked for, which is made in between, while rows come in."""


def prepare(
    engine: Engine, settings: Settings, *, period: Period, person: Person, as_of: date | None = None
) -> Signoff:
    """Keep the figures of a period as known on a day, prepared by a person, and give them as they stand.

    The same figures again are the same set: nothing is kept then, and whoever prepared it first did.

    Args:
        engine: the warehouse.
        settings: the standing policies, and what a balance that is not there yet is made with.
        period: what is counted.
        person: who prepares.
        as_of: the day whose knowledge is used; None: the last one that both registers cover.

    Raises:
        NotReported: the day is not covered by both registers yet, or nothing of the period is known on it.
        BalanceDoesNotClose: nothing was kept.
        ChainKeyDiffers: registers cannot be linked now.
        SignoffRefused: the person may not sign, or rows were loaded each time that it was tried; nothing was kept.
    """
    with snapshot(engine) as connection:
        day = as_of or default_as_of(connection)
        if day is None:
            raise NotCovered(period.end, None)
        refuse_what_is_not_known(connection, period=period, as_of=day)
    kept, breaks = _figures_of_one_moment(engine, settings, period=period, as_of=day)
    with engine.begin() as connection:
        keep_figure_set(connection, kept, breaks)
        record_act(connection, kept.set_id, SignoffAct.PREPARED, person, note=None)
    return show_signoff(engine, kept.set_id)


def approve(engine: Engine, figure_set: str, person: Person) -> Signoff:
    """Keep that a person approves figures that another one prepared, and give them as they stand.

    Args:
        engine: the warehouse.
        figure_set: its name, or the first digits of it.
        person: who approves.

    Raises:
        SignoffRefused: the figures are void, nobody prepared them, they are approved already (by whom), they were
            withdrawn, or the person prepared them or may not sign.
    """
    found = show_signoff(engine, figure_set)
    if found.state is SignoffState.VOID:
        moved = "" if found.movement is None else f": {_in_words(found)}"
        message = (
            f"figure set {found.short_id} is void{moved}; look at it (`ketenbalans signoff show {found.short_id}`), "
            f"then prepare the figures as they are now (`ketenbalans signoff prepare --period {found.period} --as-of "
            f"{found.as_of}`)"
        )
        raise SignoffRefused(message)
    return _recorded(engine, found.set_id, SignoffAct.APPROVED, person, note=None)


def withdraw(engine: Engine, figure_set: str, person: Person, note: str) -> Signoff:
    """Keep that a person takes figures back, and give them as they stand: they are signed no more.

    What nobody approved yet anybody may take back who may sign; what is approved, one of the two who signed.

    Args:
        engine: the warehouse.
        figure_set: its name, or the first digits of it.
        person: who takes them back.
        note: a few words of administration.

    Raises:
        InvalidDecision: the note is none.
        SignoffRefused: nobody signed them, or the person may not take them back.
    """
    checked_note(note)
    with snapshot(engine) as connection:
        set_id = find_figure_set(connection, figure_set).set_id
    return _recorded(engine, set_id, SignoffAct.WITHDRAWN, person, note=note)


def _recorded(engine: Engine, set_id: str, act: SignoffAct, person: Person, *, note: str | None) -> Signoff:
    with engine.begin() as connection:
        record_act(connection, set_id, act, person, note=note)
    return show_signoff(engine, set_id)


def _in_words(found: Signoff) -> str:
    assert found.movement is not None
    moved = [f"{one.figure} {one.signed} is now {one.now}" for one in found.movement.figures[:3]]
    more = len(found.movement.figures) - len(moved)
    return ", ".join([*moved, *([f"and {more} more"] if more else [])])


def _figures_of_one_moment(
    engine: Engine, settings: Settings, *, period: Period, as_of: date
) -> tuple[KeptFigureSet, dict[str, tuple[str, str]]]:
    """The figures in one snapshot that holds just what their balance was made from, which is made when it is not.

    Returns:
        The set as it is kept, and the breaks that stand in it.
    """
    policy = settings.read_policy()
    for looks_left in reversed(range(TRIES)):
        with snapshot(engine) as connection:
            stored = balance_with_breaks(connection, period, basis_of(connection, as_of=as_of, policy=policy))
            if stored is not None:
                return _figures(connection, settings, stored, policy=policy)
        if looks_left:
            reconcile(engine, settings, period=period, as_of=as_of, policy=policy, keeps_breaks=True)
    message = (
        f"the figures of {period} as of {as_of} cannot be prepared now: {TRIES} times their input changed meanwhile; "
        "ask again when the load is done"
    )
    raise SignoffRefused(message)


def _figures(
    connection: Connection, settings: Settings, stored: StoredBalance, *, policy: Policy
) -> tuple[KeptFigureSet, dict[str, tuple[str, str]]]:
    if not stored.answer.closes:
        message = f"the balance of {stored.period} as of {stored.as_of} does not close, so nobody signs it"
        raise BalanceDoesNotClose(message)
    rows = breaks_of_stored(connection, stored, policy=policy).rows
    figures = FigureSet(
        balance=stored.answer,
        breaks=count_breaks(rows),
        policy=stored.policy,
        later_day_may_move=settings.read_signoff_policy().later_day_may_move,
        code_version=stored.code_version,
        input_fingerprint=stored.input_fingerprint,
        synthetic=is_synthetic(connection),
    )
    kept = KeptFigureSet(
        set_id=figures.set_id,
        period=figures.period,
        as_of=figures.as_of,
        document=figures.document,
        loads={**last_load_numbers(connection), DECISIONS: last_decision_number(connection)},
    )
    return kept, standing_of(rows)
