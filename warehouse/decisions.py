"""Decisions of persons, append-only: written under a lock, so that of two at once one sees the other."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import polars as pl
from sqlalchemy import Connection, RowMapping, Select, func, insert, or_, select

from schemas.break_frames import BREAK_DECISION, PAIR_DECISION
from schemas.decisions import Decision, Pair
from warehouse.copying import read_frame
from warehouse.locks import Lock, hold
from warehouse.tables.breaks import DECISION


def read_pair_decisions(connection: Connection, *, as_of: date, kept_by: datetime | None = None) -> pl.DataFrame:
    """Every decision about a pair known on a day (``schemas.break_frames.PAIR_DECISION``), in the order of recording.

    With ``kept_by`` without those that were made after that moment.
    """
    query = select(*(DECISION.c[name] for name in PAIR_DECISION)).where(
        DECISION.c.case_number.is_not(None), DECISION.c.decided_on <= as_of
    )
    if kept_by is not None:
        query = query.where(DECISION.c.recorded_at <= kept_by)
    return read_frame(connection, query.order_by(DECISION.c.decision_number), PAIR_DECISION)


def read_break_decisions(connection: Connection, *, year: int) -> pl.DataFrame:
    """Every decision about a break of a year (``schemas.break_frames.BREAK_DECISION``), in the order of recording."""
    query = select(*(DECISION.c[name] for name in BREAK_DECISION)).where(DECISION.c.break_id.startswith(f"{year}-"))
    return read_frame(connection, query.order_by(DECISION.c.decision_number), BREAK_DECISION)


def last_decision(connection: Connection) -> str | None:
    """The id of the decision that was recorded last, whatever it is about; None when nobody ever decided anything."""
    newest = select(DECISION.c.decision_id).order_by(DECISION.c.decision_number.desc()).limit(1)
    return connection.scalar(newest)


def last_decision_number(connection: Connection) -> int:
    """The number of the decision that was recorded last; 0 when nobody ever decided anything.

    Decisions are recorded one after the other, so whoever sees a number sees all before it.
    """
    return int(connection.scalar(select(func.max(DECISION.c.decision_number))) or 0)


def hold_decisions(connection: Connection) -> None:
    """Let nobody else decide until the transaction ends."""
    hold(connection, Lock.DECISIONS)


def decisions_touching(connection: Connection, pair: Pair) -> list[RowMapping]:
    """Every decision about a pair that shares a record with this one, the oldest first."""
    same_suspect = (DECISION.c.dossier_number == pair.dossier_number) & (
        DECISION.c.suspect_number == pair.suspect_number
    )
    return _oldest_first(
        connection, select(DECISION).where(or_(same_suspect, DECISION.c.case_number == pair.case_number))
    )


def decisions_about(connection: Connection, break_id: str) -> list[RowMapping]:
    """Every decision about a break, the oldest first."""
    return _oldest_first(connection, select(DECISION).where(DECISION.c.break_id == break_id))


def record_decision(connection: Connection, decision: Decision) -> RowMapping:
    """Keep a decision and give it as it is kept."""
    pair = decision.pair
    row = {
        "verdict": decision.verdict.value,
        "decided_by": decision.decided_by,
        "decided_on": decision.decided_on,
        "break_id": decision.break_id,
        "owner": decision.owner,
        "note": decision.note,
        "dossier_number": pair.dossier_number if pair else None,
        "suspect_number": pair.suspect_number if pair else None,
        "case_number": pair.case_number if pair else None,
    }
    return connection.execute(insert(DECISION).values(row).returning(DECISION)).mappings().one()


def _oldest_first(connection: Connection, query: Select[Any]) -> list[RowMapping]:
    rows: Sequence[RowMapping] = (
        connection.execute(query.order_by(DECISION.c.decided_on, DECISION.c.decision_number)).mappings().all()
    )
    return list(rows)
