"""What persons found about drawn links, append-only: written under a lock, so that a file taken twice is kept once."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl
from sqlalchemy import Connection, insert, select
from sqlalchemy.dialects.postgresql import distinct_on

from schemas.link_judgement_frames import JUDGED_LINK
from schemas.link_judgements import LinkJudgement
from schemas.period import Period
from warehouse.copying import read_frame
from warehouse.locks import Lock, hold
from warehouse.tables.linkage import LINK_JUDGEMENT

TABLE = LINK_JUDGEMENT.c


def read_link_judgements(connection: Connection, *, period: Period, as_of: date) -> pl.DataFrame:
    """What was found last about each link and suspect of a period that was drawn (``JUDGED_LINK``).

    What was drawn as known on a later day is left out.
    """
    drawn = (TABLE.period_start == period.start) & (TABLE.period_end == period.end) & (TABLE.as_of <= as_of)
    about = (TABLE.rule.is_(None), TABLE.dossier_number, TABLE.suspect_number, TABLE.case_number)
    query = (
        select(*(TABLE[name] for name in JUDGED_LINK))
        .where(drawn)
        .ext(distinct_on(*about))
        .order_by(*about, TABLE.judgement_number.desc())
    )
    return read_frame(connection, query, JUDGED_LINK)


def hold_link_judgements(connection: Connection) -> None:
    """Let nobody else keep judgements until the transaction ends."""
    hold(connection, Lock.JUDGEMENTS)


def record_new_judgements(connection: Connection, judgements: Sequence[LinkJudgement]) -> int:
    """Keep what the same person did not already find last about the same row of the draw; gives how many those are.

    Args:
        connection: in a transaction that holds the judgements (``hold_link_judgements``).
        judgements: in the order in which they are kept; at most one about each row of a draw.
    """
    if not judgements:
        return 0
    persons = {one.judged_by for one in judgements}
    rows = [_values(one) for one in judgements]
    names = [name for name in rows[0] if name not in ("judgement", "judged_on", "identity")]
    found = connection.execute(
        select(*(TABLE[name] for name in names), TABLE.judgement)
        .where(TABLE.judged_by.in_(persons))
        .order_by(TABLE.judgement_number)
    )
    last = {tuple(row[:-1]): row[-1] for row in found}
    new = [row for row in rows if last.get(tuple(row[name] for name in names)) != row["judgement"]]
    if new:
        connection.execute(insert(LINK_JUDGEMENT), new)
    return len(new)


def _values(judgement: LinkJudgement) -> Mapping[str, Any]:
    draw = judgement.draw
    return {
        "period_start": draw.period.start,
        "period_end": draw.period.end,
        "as_of": draw.as_of,
        "rule": draw.rule,
        "size": draw.size,
        "seed": draw.seed,
        "dossier_number": judgement.dossier_number,
        "suspect_number": judgement.suspect_number,
        "case_number": judgement.case_number,
        "row_digest": judgement.row_digest,
        "judgement": judgement.judgement.value,
        "judged_by": judgement.judged_by,
        "judged_on": judgement.judged_on,
        "identity": judgement.identity.value,
    }
