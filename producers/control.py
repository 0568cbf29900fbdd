"""The control record: the trailer of an extract, that says how much there was and the last day that it covers."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import orjson
import polars as pl

from ketenbalans.broker.sending import Receipt
from producers.errors import CoverageUnknown
from schemas.declaration import EARLIEST_DAY, LATEST_DAY, Source
from schemas.frame_types import frame_types
from schemas.period import AMSTERDAM
from schemas.sources.extracts import SOURCE as EXTRACTS

SYNTHETIC_PREFIX = "SYN-"
"""How a chain number says that it was made up (glossary)."""

_DATE_AT_THE_END = re.compile(r"(?<![0-9])[0-9]{4}-[0-9]{2}-[0-9]{2}$")


@dataclass(frozen=True, kw_only=True)
class Totals:
    """What an extract held: ``rows`` in the file, of which ``published`` became events and ``rejected`` did not.

    ``synthetic`` says whether its chain numbers are made up; None when it has none (``is_declared_synthetic``).
    """

    extract_id: str
    covers_until: date
    rows: int
    published: int
    rejected: int
    synthetic: bool | None


def covers_until_of(file: Path, newest_recorded_at: datetime | None, given: date | None) -> date:
    """The last day that an extract covers.

    What was said, else the date at the end of the file's name, else the Amsterdam day of the newest mutation.

    Args:
        file: the extract.
        newest_recorded_at: the newest moment of a mutation in it.
        given: ``--covers-until``.

    Raises:
        CoverageUnknown: there is none of these, or it is no day that a register can hold.
    """
    newest_day = newest_recorded_at.astimezone(AMSTERDAM).date() if newest_recorded_at else None
    day = given or _day_in_name(file) or newest_day
    if day is None:
        problem = (
            "nothing says until which day it speaks: its name ends in no date and no row of it has a readable moment"
        )
        raise CoverageUnknown(file, problem)
    if not EARLIEST_DAY <= day <= LATEST_DAY:
        raise CoverageUnknown(file, f"it cannot speak until {day}: a day lies between {EARLIEST_DAY} and {LATEST_DAY}")
    return day


def control_record(source: str, totals: Totals, receipt: Receipt, *, check: str, recorded_at: datetime) -> pl.DataFrame:
    """The control record of one publication, as a frame of one event of ``extracts``."""
    record = {
        "source": source,
        "extract_id": totals.extract_id,
        "covers_until": totals.covers_until,
        "rows": totals.rows,
        "published": totals.published,
        "rejected": totals.rejected,
        "chain_key_check": check,
        "topic_id": receipt.topic_id,
        "offsets": orjson.dumps(
            {str(partition): offset for partition, offset in receipt.offsets.items()}, option=orjson.OPT_SORT_KEYS
        ).decode(),
        "synthetic": totals.synthetic,
        "recorded_at": recorded_at,
    }
    return pl.DataFrame([record], schema=frame_types(EXTRACTS))


def is_declared_synthetic(source: Source, cells: pl.DataFrame) -> bool | None:
    """Whether some rows hold synthetic chain numbers, which start with ``SYN-``; None when they hold none at all.

    Only here can this be seen: after this there are tokens.
    """
    numbers = [cells[field.column].drop_nulls() for field in source.fields if field.is_personal and field.column]
    if not any(len(column) for column in numbers):
        return None
    return any(column.str.starts_with(SYNTHETIC_PREFIX).any() for column in numbers)


def _day_in_name(file: Path) -> date | None:
    found = _DATE_AT_THE_END.search(file.stem) or _DATE_AT_THE_END.search(file.name)
    try:
        return date.fromisoformat(found.group()) if found else None
    except ValueError:
        return None
