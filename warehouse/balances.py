"""Balances as they were made: each answer to each question, kept once per input, policy and code.

A question is a period and an as-of date. What it was answered from is named by a fingerprint of the events known on
that day, so the same input under the same policy and code is the same balance, whenever and however often it is made.
The answer itself is the domain's (``schemas.answer``); in the table it is JSON.
"""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    Connection,
    RowMapping,
    Select,
    collate,
    exists,
    func,
    literal,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by, distinct_on, insert

from schemas.answer import BalanceAnswer
from schemas.catalogue import linked_sources
from schemas.declaration import Kind
from schemas.json_object import JsonObject
from schemas.period import AMSTERDAM, Period
from warehouse.errors import AnswerDiffers
from warehouse.extracts import REGISTERS_OF_THE_BALANCE
from warehouse.offsets import Positions, positions
from warehouse.state import known_on
from warehouse.tables.balances import BALANCE
from warehouse.tables.breaks import DECISION
from warehouse.tables.events import event_table
from warehouse.tables.loads import EVENT_DAY

__all__ = [
    "AnswerDiffers",
    "BalanceBasis",
    "MadeBalance",
    "StoredBalance",
    "balance_on",
    "confirm_balance",
    "first_recorded_on",
    "input_fingerprint",
    "is_any_record_in",
    "is_any_record_known",
    "positions",
    "store_balance",
    "stored_balance",
    "stored_balances",
]


@dataclass(frozen=True, kw_only=True)
class BalanceBasis:
    """What a balance of a period rests on: the same basis is the same balance.

    Attributes:
        as_of: the day whose knowledge is used.
        policy: the numbers (``Policy.to_dict``).
        code_version: the code.
        input_fingerprint: the events and decisions (``input_fingerprint``).
    """

    as_of: date
    policy: JsonObject
    code_version: str
    input_fingerprint: str


@dataclass(frozen=True, kw_only=True)
class MadeBalance(BalanceBasis):
    """One answer, with all that it depends on.

    Attributes:
        period: the deliveries that were counted.
        positions: how far the topics had been loaded; not part of what makes a balance another one.
        answer: the balance.
    """

    period: Period
    positions: Positions = field(compare=False)
    answer: BalanceAnswer


@dataclass(frozen=True, kw_only=True)
class StoredBalance(MadeBalance):
    """A balance that is kept: its number, when it was first made and when it last came out again."""

    balance_id: int
    made_at: datetime
    confirmed_at: datetime


def input_fingerprint(connection: Connection, *, as_of: date) -> str:
    """SHA-256 over all events of the linked registers, and decisions about pairs, known on ``as_of``.

    Equal only for the same input, in whatever order and batches it came: over each day's digest (ADR 0045), so it
    costs a short query however much there is.
    """
    fingerprint = hashlib.sha256()
    table = EVENT_DAY.c
    names = [source.name for source in linked_sources()]
    line = func.concat(table.source, " ", table.recorded_on, " ", table.events, " ", func.encode(table.digest, "hex"))
    in_order = aggregate_order_by(literal("\n"), collate(table.source, "C"), table.recorded_on)
    days = select(func.string_agg(line, in_order)).where(table.source.in_(names), table.recorded_on <= as_of)
    fingerprint.update(f"{connection.scalar(days) or ''}\n".encode())
    decided = DECISION.c.case_number.is_not(None) & (DECISION.c.decided_on <= as_of)
    for decision_id in connection.scalars(
        select(DECISION.c.decision_id).where(decided).order_by(DECISION.c.decision_number)
    ):
        fingerprint.update(f"decision {decision_id}\n".encode())
    return fingerprint.hexdigest()


def is_any_record_known(connection: Connection, *, as_of: date) -> bool:
    """Whether either register had recorded anything by the end of a day."""
    tables = map(event_table, REGISTERS_OF_THE_BALANCE)
    return any(connection.scalar(select(exists(select(1).where(known_on(table, as_of))))) for table in tables)


def is_any_record_in(connection: Connection, period: Period, *, as_of: date) -> bool:
    """Whether a mutation known on a day says that something was delivered or registered in a period.

    Also one that a later mutation took back: of such a period something is known.
    """
    for source in linked_sources():
        table = event_table(source)
        for day in (table.c[declared.name] for declared in source.fields if declared.kind is Kind.DATE):
            known = select(1).where(known_on(table, as_of), day.between(period.start, period.end))
            if connection.scalar(select(exists(known))):
                return True
    return False


def first_recorded_on(connection: Connection) -> date | None:
    """The Amsterdam day of the first record of either register; None while nothing of them is loaded."""
    tables = map(event_table, REGISTERS_OF_THE_BALANCE)
    firsts = [connection.scalar(select(func.min(table.c.recorded_at))) for table in tables]
    return min((first.astimezone(AMSTERDAM).date() for first in firsts if first is not None), default=None)


def store_balance(connection: Connection, balance: MadeBalance) -> StoredBalance:
    """Keep a balance and give it as it is kept. The same balance again only moves ``confirmed_at``.

    Args:
        connection: in a transaction that may write; the caller ends it.
        balance: what was made.

    Raises:
        AnswerDiffers: the same question was answered otherwise from the same input by the same code. The caller's
            transaction has to be undone.
    """
    policy = dict(balance.policy)
    kept = insert(BALANCE).values(
        period_start=balance.period.start,
        period_end=balance.period.end,
        as_of=balance.as_of,
        policy=policy,
        policy_hash=_hash_of(policy),
        code_version=balance.code_version,
        input_fingerprint=balance.input_fingerprint,
        positions=balance.positions,
        answer=balance.answer.to_json(),
    )
    again = kept.on_conflict_do_update(
        index_elements=["period_start", "period_end", "as_of", "input_fingerprint", "policy_hash", "code_version"],
        set_={"confirmed_at": func.clock_timestamp(), "positions": kept.excluded.positions},
    )
    stored = _stored(connection.execute(again.returning(BALANCE)).mappings().one())
    if stored.answer != balance.answer:
        raise AnswerDiffers(str(balance.period), balance.as_of, stored.balance_id)
    return stored


def balance_on(connection: Connection, period: Period, basis: BalanceBasis) -> StoredBalance | None:
    """The balance of a period that rests on just that; None when it was not made yet."""
    table = BALANCE.c
    same = (
        (table.period_start == period.start)
        & (table.period_end == period.end)
        & (table.as_of == basis.as_of)
        & (table.policy_hash == _hash_of(basis.policy))
        & (table.code_version == basis.code_version)
        & (table.input_fingerprint == basis.input_fingerprint)
    )
    found = connection.execute(select(BALANCE).where(same)).mappings().one_or_none()
    return None if found is None else _stored(found)


def confirm_balance(connection: Connection, balance_id: int, *, reached: Positions) -> StoredBalance:
    """Write down that a balance came out again, and how far the topics were loaded; give it as it is kept then."""
    again = update(BALANCE).where(BALANCE.c.balance_id == balance_id)
    again = again.values(confirmed_at=func.clock_timestamp(), positions=reached)
    return _stored(connection.execute(again.returning(BALANCE)).mappings().one())


def stored_balance(connection: Connection, *, period: Period, as_of: date, policy: JsonObject) -> StoredBalance | None:
    """The balance of that question, under that policy, that came out last; None when it was never asked."""
    found = connection.execute(_newest(period, policy).where(BALANCE.c.as_of == as_of)).mappings().one_or_none()
    return None if found is None else _stored(found)


def stored_balances(connection: Connection, *, period: Period, policy: JsonObject) -> list[StoredBalance]:
    """Of each as-of date asked for a period under a policy the balance that came out last; by as-of date."""
    return [_stored(row) for row in connection.execute(_newest(period, policy)).mappings()]


def _newest(period: Period, policy: JsonObject) -> Select[Any]:
    table = BALANCE.c
    same = (table.period_start == period.start) & (table.period_end == period.end)
    same &= table.policy_hash == _hash_of(policy)
    order = (table.as_of, table.confirmed_at.desc(), table.balance_id.desc())
    return select(BALANCE).ext(distinct_on(table.as_of)).where(same).order_by(*order)


def _stored(row: RowMapping) -> StoredBalance:
    values = dict(row)
    period = Period(values.pop("period_start"), values.pop("period_end"))
    del values["policy_hash"]
    return StoredBalance(period=period, answer=BalanceAnswer.from_json(values.pop("answer")), **values)


def _hash_of(policy: JsonObject) -> str:
    return hashlib.sha256(json.dumps(dict(policy), sort_keys=True).encode()).hexdigest()
