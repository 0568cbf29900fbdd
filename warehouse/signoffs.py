"""Figure sets and what persons did with them: written through two functions of the database, which hold the rules."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import JSON, Boolean, Connection, Date, Select, Text, bindparam, func, select, text
from sqlalchemy.exc import DBAPIError

from schemas.catalogue import linked_sources
from schemas.people import Person
from schemas.period import Period
from schemas.signoff import SignoffAct, SignoffStep
from warehouse.errors import SignoffRefused
from warehouse.state import known_on
from warehouse.tables.balances import BALANCE
from warehouse.tables.breaks import DECISION
from warehouse.tables.events import event_table
from warehouse.tables.signoff import FIGURE_SET, SIGNOFF_ACT

REFUSED = "KB020"
"""The SQLSTATE of what the database refuses and a person can do something about (migration 0020)."""

SET_DIGITS = 8
"""A set is named by so many of its digits, or more."""

KEEP = text("SELECT signoff_keep(:named, :first_day, :last_day, :known_on, :content, :standing, :loaded)").bindparams(
    *(bindparam(name, type_=Date) for name in ("first_day", "last_day", "known_on")),
    *(bindparam(name, type_=JSON) for name in ("standing", "loaded")),
)
RECORD = text("SELECT signoff_record(:what, :named, :who, :known_by, :may_be_anybody, :said)").bindparams(
    bindparam("may_be_anybody", type_=Boolean), bindparam("said", type_=Text)
)


@dataclass(frozen=True, kw_only=True)
class KeptFigureSet:
    """A figure set as it is kept.

    Attributes:
        set_id: its name.
        period: what it counts.
        as_of: the day whose knowledge it has.
        document: canonical JSON, of which the name is the digest.
        loads: the newest load of each source when it was prepared, and the number of the last decision.
    """

    set_id: str
    period: Period
    as_of: date
    document: str
    loads: Mapping[str, int]


@dataclass(frozen=True)
class RowsOfALoad:
    """How many events of a source a load brought, of those that are known on some day."""

    source: str
    load_number: int
    rows: int


def keep_figure_set(connection: Connection, kept: KeptFigureSet, breaks: Mapping[str, Sequence[str]]) -> None:
    """Keep a figure set, once, with the breaks that stand in it, by id with state and cause."""
    connection.execute(
        KEEP,
        {
            "named": kept.set_id,
            "first_day": kept.period.start,
            "last_day": kept.period.end,
            "known_on": kept.as_of,
            "content": kept.document,
            "standing": {break_id: list(stands) for break_id, stands in breaks.items()},
            "loaded": dict(kept.loads),
        },
    )


def record_act(connection: Connection, set_id: str, act: SignoffAct, person: Person, *, note: str | None) -> None:
    """Keep what a person did with a figure set. To prepare what is prepared keeps nothing.

    Args:
        connection: in a transaction of its own; the caller ends it soon, for the next who signs waits.
        set_id: of a set that is kept.
        act: what was done.
        person: by whom.
        note: what was said of it.

    Raises:
        SignoffRefused: the database refuses it; the message says why and what to do.
    """
    values: dict[str, Any] = {"what": act.value, "named": set_id, "who": person.handle, "said": note}
    values |= {"known_by": person.identity.value, "may_be_anybody": person.may_be_anybody}
    with _refusals():
        connection.execute(RECORD, values)


def figure_sets(connection: Connection, *, period: Period | None = None) -> list[KeptFigureSet]:
    """Every set that is kept, or those of a period, in the order in which they were first prepared."""
    query = _SETS.order_by(FIGURE_SET.c.kept_at, FIGURE_SET.c.set_id)
    if period is not None:
        table = FIGURE_SET.c
        query = query.where(table.period_start == period.start, table.period_end == period.end)
    return [_kept(row) for row in connection.execute(query)]


def figure_sets_named(connection: Connection, digits: str) -> list[KeptFigureSet]:
    """The sets whose name begins with these digits."""
    query = _SETS.where(FIGURE_SET.c.set_id.startswith(digits, autoescape=True)).order_by(FIGURE_SET.c.set_id)
    return [_kept(row) for row in connection.execute(query)]


def signed_breaks(connection: Connection, set_id: str) -> dict[str, tuple[str, str]]:
    """The breaks that stood when a set was prepared, by id: state and cause."""
    found = connection.scalar(select(FIGURE_SET.c.breaks).where(FIGURE_SET.c.set_id == set_id)) or {}
    return {break_id: (stands[0], stands[1]) for break_id, stands in found.items()}


def acts_of_sets(connection: Connection) -> dict[str, list[SignoffStep]]:
    """What persons did with each set, the oldest first."""
    table = SIGNOFF_ACT.c
    query = select(table.set_id, table.act_number, table.act, table.by, table.at, table.note).order_by(table.act_number)
    found: dict[str, list[SignoffStep]] = {}
    for set_id, number, act, by, at, note in connection.execute(query):
        step = SignoffStep(act_number=number, act=SignoffAct.of(act), by=by, at=at, note=note)
        found.setdefault(set_id, []).append(step)
    return found


def signed_periods(connection: Connection) -> list[Period]:
    """The periods of which a set is signed and was not withdrawn, each once, by day."""
    acts = acts_of_sets(connection)
    signed = {set_id for set_id, steps in acts.items() if steps[-1].act is not SignoffAct.WITHDRAWN}
    table = FIGURE_SET.c
    rows = connection.execute(select(table.period_start, table.period_end).where(table.set_id.in_(signed)).distinct())
    return sorted({Period(start, end) for start, end in rows}, key=lambda one: (one.start, one.end))


def days_balanced(connection: Connection, period: Period, *, after: date, until: date) -> list[date]:
    """The as-of days in a range of which a balance of a period is stored, the last first."""
    table = BALANCE.c
    of_period = (table.period_start == period.start) & (table.period_end == period.end)
    days = select(table.as_of).where(of_period, table.as_of > after, table.as_of <= until).distinct()
    return list(connection.scalars(days.order_by(table.as_of.desc())))


def is_decided_since(connection: Connection, number: int, *, as_of: date) -> bool:
    """Whether anything was decided after the decision of a number that is known on a day."""
    return decisions_since(connection, number, as_of=as_of) > 0


def rows_loaded_since(connection: Connection, loads: Mapping[str, int], *, as_of: date) -> Iterator[RowsOfALoad]:
    """The loads of the linked registers since those of some numbers that brought events known on a day."""
    for source in linked_sources():
        table = event_table(source)
        late = (table.c.load_number > loads.get(source.name, 0)) & known_on(table, as_of)
        by_load = select(table.c.load_number, func.count()).where(late).group_by(table.c.load_number)
        for number, rows in connection.execute(by_load.order_by(table.c.load_number)):
            yield RowsOfALoad(source.name, number, rows)


def decisions_since(connection: Connection, number: int, *, as_of: date) -> int:
    """How many decisions after that of a number are known on a day."""
    return int(connection.scalar(_decided_since(number, as_of)) or 0)


_SETS = select(*(FIGURE_SET.c[name] for name in ("set_id", "period_start", "period_end", "as_of", "document", "loads")))


def _kept(row: Any) -> KeptFigureSet:
    set_id, start, end, as_of, document, loads = row
    return KeptFigureSet(set_id=set_id, period=Period(start, end), as_of=as_of, document=document, loads=loads)


def _decided_since(number: int, as_of: date) -> Select[Any]:
    decided = (DECISION.c.decision_number > number) & (DECISION.c.decided_on <= as_of)
    return select(func.count()).select_from(DECISION).where(decided)


@contextmanager
def _refusals() -> Iterator[None]:
    """Turn a refusal of the database into our own error, with its remedy."""
    try:
        yield
    except DBAPIError as error:
        diagnosis = getattr(error.orig, "diag", None)
        if diagnosis is None or diagnosis.sqlstate != REFUSED:
            raise
        message = f"{diagnosis.message_primary}; {diagnosis.message_hint}"
        raise SignoffRefused(message) from None
