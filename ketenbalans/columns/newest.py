"""Of each record the newest row that was known on a day: a law of docs/counting-rules.md (State on a day), in columns.

Newest is the latest ``recorded_at``, then the latest in the declared order of mutations, then the highest ``event_id``
and ``event_source``, byte by byte. A record with one row needs no comparing, so only those with several are sorted, and
ids are read only when something ties. Pure: frames in, a frame out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from ketenbalans.columns.coding import (
    EVENT_ID,
    EVENT_SOURCE,
    IS_ALONE,
    LOAD_NUMBER,
    MUTATION,
    RECORDED_AT,
    CodedSource,
    rank_of,
)
from ketenbalans.columns.segment import RowSegment, is_other_than_before
from schemas.vocabulary import PoliceMutation
from warehouse.state import CLOCK, end_of_day

PLACE = SEGMENT, ROW = "segment", "row"
BEGAN = "began"


@dataclass(frozen=True, kw_only=True)
class KnownRows:
    """Which rows of a register are known.

    Attributes:
        as_of: what the source had recorded by the end of this day, in Amsterdam.
        without_loads: loads that are left out.
    """

    as_of: date
    without_loads: Sequence[int] = ()

    def rows(self) -> pl.Expr:
        """Whether a coded row is known."""
        known = is_recorded_by(self.as_of)
        if self.without_loads:
            known &= ~pl.col(LOAD_NUMBER).is_in(list(self.without_loads))
        return known


def is_recorded_by(day: date) -> pl.Expr:
    """Whether the source had recorded a row by the end of a day in Amsterdam."""
    return pl.col(RECORDED_AT) < _moment(end_of_day(day))


def amsterdam_day(moment: pl.Expr) -> pl.Expr:
    """The day in Amsterdam on which a moment lies."""
    return moment.dt.convert_time_zone(CLOCK).dt.date()


def newest_rows(
    coded: CodedSource, segments: Sequence[RowSegment], known: KnownRows, *, of_records_with: pl.Expr | None = None
) -> pl.DataFrame:
    """The newest known row of each record in the order of the state, with ``transferred_on`` where there are transfers.

    Args:
        coded: how the register is coded.
        segments: all that is loaded of it.
        known: which rows count.
        of_records_with: only records of which one known row is such; None for all.

    Returns:
        The columns of a segment but ``is_alone``.
    """
    if of_records_with is not None:
        return _of_some_records(coded, segments, known, known.rows() & of_records_with)
    base = max(range(len(segments)), key=lambda number: segments[number].rows.height)
    largest = segments[base].rows
    others = [_placed(one.rows, number) for number, one in enumerate(segments) if number != base]
    is_single = pl.col(IS_ALONE)
    if others:
        first = coded.record_key[0]
        elsewhere = pl.concat([one.select(first) for one in others])[first].unique()
        is_single &= ~pl.col(first).is_in(elsewhere.implode())
    is_newest = largest.select(known.rows() & is_single).to_series()
    several = [_placed(largest, base).filter(known.rows() & ~is_single), *(one.filter(known.rows()) for one in others)]
    newest = _newest_of_several(coded, segments, pl.concat(several))
    here, there = newest.filter(pl.col(SEGMENT) == base), newest.filter(pl.col(SEGMENT) != base)
    began = largest[RECORDED_AT].clone().scatter(here[ROW], here[BEGAN])  # of a single row the transfer begins with it
    rows = largest.with_columns(began.alias(BEGAN)).filter(is_newest.scatter(here[ROW], values=True))
    if not there.is_empty():
        rows = pl.concat([rows, there.select(rows.columns)]).sort(coded.order)
    return _with_transfers(rows).drop(IS_ALONE, BEGAN)


def _of_some_records(
    coded: CodedSource, segments: Sequence[RowSegment], known: KnownRows, has: pl.Expr
) -> pl.DataFrame:
    """The newest known rows of the records of which some row is such: few, or it would be faster to take them all."""
    keys = pl.concat([one.rows.filter(has).select(coded.record_key) for one in segments]).unique()
    first = coded.record_key[0]
    may_be_one = known.rows() & pl.col(first).is_in(keys[first].implode())
    rows = pl.concat([_placed(one.rows, number).filter(may_be_one) for number, one in enumerate(segments)])
    newest = _newest_of_several(coded, segments, rows.join(keys, on=coded.record_key, how="semi"))
    return _with_transfers(newest.sort(coded.order)).drop(IS_ALONE, BEGAN, *PLACE)


def _placed(frame: pl.DataFrame, number: int) -> pl.DataFrame:
    """The rows of a segment with their places, by which their ids are found."""
    return frame.with_row_index(ROW).with_columns(pl.lit(number, pl.UInt32).alias(SEGMENT))


def _newest_of_several(coded: CodedSource, segments: Sequence[RowSegment], rows: pl.DataFrame) -> pl.DataFrame:
    """The newest row of each record, of rows of which a record may have several, with when its transfer began."""
    age = (RECORDED_AT, MUTATION)
    falling = [*(False for _ in coded.record_key), True, True]
    rows = rows.sort(*coded.record_key, *age, descending=falling)
    same = ~is_other_than_before(*coded.record_key, *age)
    ties = rows.select(same | same.shift(-1, fill_value=False)).to_series()
    if ties.any():
        rows = (
            _with_ids(segments, rows, ties)
            .sort(*coded.record_key, *age, EVENT_ID, EVENT_SOURCE, descending=[*falling, True, True])
            .drop(EVENT_ID, EVENT_SOURCE)
        )
    newest = rows.filter(is_other_than_before(*coded.record_key))
    if "transferred_to" not in rows.columns:
        return newest.with_columns(pl.col(RECORDED_AT).alias(BEGAN))
    concerned = newest.filter(pl.col("transferred_to").is_not_null()).select(coded.record_key)
    histories = rows.join(concerned, on=coded.record_key, how="semi", maintain_order="left")
    return newest.join(_transfers(coded, histories), on=coded.record_key, how="left", maintain_order="left")


def _with_ids(segments: Sequence[RowSegment], rows: pl.DataFrame, ties: pl.Series) -> pl.DataFrame:
    """Rows with the ids of those that tie; null for all others, which nothing compares."""
    places = rows.select(SEGMENT, ROW).filter(ties)
    found = [
        pl.concat([of_one, segments[int(number)].read_ids()[of_one[ROW]].cast(pl.String)], how="horizontal")
        for (number,), of_one in places.group_by(SEGMENT)
    ]
    return rows.join(pl.concat(found), on=[SEGMENT, ROW], how="left")


def _transfers(coded: CodedSource, newest_first: pl.DataFrame) -> pl.DataFrame:
    """When the transfer began that the newest row of a record is about; of records of which it is about one.

    It is the moment of the newest ``transferred`` row or, where there is none, of the first row that fills
    ``transferred_to``. A row without it ends a transfer, so only the rows since the last of these count.
    """
    is_empty = pl.col("transferred_to").is_null()
    since = newest_first.filter(is_empty.cast(pl.Int32).cum_sum().over(coded.record_key) == 0)
    handed_over = pl.col(RECORDED_AT).filter(pl.col(MUTATION) == rank_of(PoliceMutation.TRANSFERRED)).max()
    return since.group_by(coded.record_key).agg(pl.coalesce(handed_over, pl.col(RECORDED_AT).min()).alias(BEGAN))


def _with_transfers(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with ``transferred_on`` where they say of a transfer when it began."""
    if "transferred_to" not in rows.columns:
        return rows
    is_transferred = pl.col("transferred_to").is_not_null()
    days = rows.filter(is_transferred).select(amsterdam_day(pl.col(BEGAN))).to_series()  # few: a clock is read for each
    none = pl.Series([None], dtype=pl.Date).new_from_index(0, rows.height)
    return rows.with_columns(transferred_on=none.scatter(rows.select(is_transferred.arg_true()).to_series(), days))


def _moment(moment: datetime) -> pl.Expr:
    return pl.lit(moment, pl.Datetime("us", "UTC"))
