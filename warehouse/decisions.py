"""Decisions of persons, append-only: written under a lock, so that of two at once one sees the other."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

import polars as pl
from sqlalchemy import ARRAY, ColumnElement, Connection, RowMapping, Select, Text, any_, func, insert, literal, select

from schemas.break_frames import BREAK_DECISION, PAIR_DECISION
from schemas.decisions import Decision
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


def decisions_touching(
    connection: Connection, *, suspects: Iterable[tuple[str, int]], cases: Iterable[str]
) -> list[RowMapping]:
    """Every decision about a pair with one of these suspects (dossier and suspect number) or cases, the oldest first.

    Those about another suspect of such a dossier are among them.
    """
    is_about = (DECISION.c.dossier_number == _any_of({dossier for dossier, _ in suspects})) | (
        DECISION.c.case_number == _any_of(cases)
    )
    return _oldest_first(connection, select(DECISION).where(is_about))


def decisions_about(connection: Connection, break_ids: Iterable[str]) -> list[RowMapping]:
    """Every decision about these breaks, the oldest first."""
    return _oldest_first(connection, select(DECISION).where(DECISION.c.break_id == _any_of(break_ids)))


def read_what_decisions_are_about(
    connection: Connection,
) -> Sequence[tuple[str | None, str | None, int | None, str | None]]:
    """The break, the dossier number, the suspect number and the case number of every decision."""
    what = select(DECISION.c.break_id, DECISION.c.dossier_number, DECISION.c.suspect_number, DECISION.c.case_number)
    return [(row[0], row[1], row[2], row[3]) for row in connection.execute(what)]


def record_decisions(connection: Connection, decisions: Sequence[Decision]) -> Sequence[RowMapping]:
    """Keep decisions in their order, and give them as they are kept, in that order too."""
    if not decisions:
        return []
    statement = insert(DECISION).returning(DECISION, sort_by_parameter_order=True)
    return connection.execute(statement, [_row_of(one) for one in decisions]).mappings().all()


def _row_of(decision: Decision) -> dict[str, Any]:
    pair = decision.pair
    return {
        "verdict": decision.verdict.value,
        "decided_by": decision.decided_by,
        "decided_on": decision.decided_on,
        "break_id": decision.break_id,
        "owner": decision.owner,
        "note": decision.note,
        "accepted_cause": decision.accepted_cause,
        "accepted_until": decision.accepted_until,
        "identity": decision.identity.value,
        "dossier_number": pair.dossier_number if pair else None,
        "suspect_number": pair.suspect_number if pair else None,
        "case_number": pair.case_number if pair else None,
    }


def _any_of(texts: Iterable[str]) -> ColumnElement[Any]:
    """What equals one of the texts, as one parameter however many there are."""
    return any_(literal(sorted(set(texts)), ARRAY(Text)))


def _oldest_first(connection: Connection, query: Select[Any]) -> list[RowMapping]:
    rows: Sequence[RowMapping] = (
        connection.execute(query.order_by(DECISION.c.decided_on, DECISION.c.decision_number)).mappings().all()
    )
    return list(rows)
