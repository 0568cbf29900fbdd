"""A run of loads as coded rows, sorted as the state is; and runs made one."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import polars as pl

from ketenbalans.columns.coding import EVENT_ID, EVENT_SOURCE, IS_ALONE, LOAD_NUMBER, MUTATION, RECORDED_AT, CodedSource

ROW = "row"


@dataclass(frozen=True)
class RowSegment:
    """The rows that some loads brought, one after the other.

    Attributes:
        first_load: the number of the first of them.
        last_load: of the last.
        rows: coded rows (``CodedSource.coded``) with ``is_alone``, in the order of the state.
        read_ids: gives ``event_source`` and ``event_id`` of each of ``rows``, in their order: what settles a tie.
    """

    first_load: int
    last_load: int
    rows: pl.DataFrame
    read_ids: Callable[[], pl.DataFrame]


def segment_of(coded: CodedSource, rows: Iterable[pl.DataFrame], *, first_load: int, last_load: int) -> RowSegment:
    """The segment of rows as they were read (``CodedSource.read`` and the event's ids), a part at a time."""
    parts, ids = [], []
    for some in rows:
        parts.append(coded.coded(some))
        ids.append(some.select(pl.col(EVENT_SOURCE).cast(pl.Categorical), EVENT_ID))
    return _sorted(coded, parts, ids, first_load=first_load, last_load=last_load)


def merged(coded: CodedSource, segments: Sequence[RowSegment]) -> RowSegment:
    """Segments that follow on one another as one."""
    rows = [one.rows.drop(IS_ALONE) for one in segments]
    ids = [one.read_ids() for one in segments]
    return _sorted(coded, rows, ids, first_load=segments[0].first_load, last_load=segments[-1].last_load)


def without_loads_after(last_load: int, segment: RowSegment) -> RowSegment:
    """A segment without the rows that later loads than one brought."""
    if segment.last_load <= last_load:
        return segment
    is_kept = segment.rows[LOAD_NUMBER] <= last_load
    return RowSegment(
        segment.first_load, last_load, segment.rows.filter(is_kept), lambda: segment.read_ids().filter(is_kept)
    )


def _sorted(
    coded: CodedSource, parts: list[pl.DataFrame], ids_of_parts: list[pl.DataFrame], *, first_load: int, last_load: int
) -> RowSegment:
    """Parts as one segment. Both lists are empty then: rows are in memory twice no longer than they have to be."""
    in_order = pl.concat(parts).with_row_index(ROW).sort(*coded.order, RECORDED_AT, MUTATION)
    parts.clear()
    if set(coded.record_key) == set(coded.order):  # the rows of a record stand beside each other
        begins = is_other_than_before(*coded.record_key)
        is_alone = begins & begins.shift(-1, fill_value=True)
    else:
        is_alone = pl.struct(coded.record_key).is_unique()
    ids = pl.concat(ids_of_parts)[in_order[ROW]]
    ids_of_parts.clear()
    ready = in_order.drop(ROW).with_columns(is_alone.alias(IS_ALONE)).rechunk()
    return RowSegment(first_load, last_load, ready, lambda: ids)


def is_other_than_before(*columns: str) -> pl.Expr:
    """Whether a row differs in any of some columns, which are never null, from the row before it; the first does."""
    differs = pl.any_horizontal(pl.col(name) != pl.col(name).shift(1) for name in columns)
    return differs.fill_null(value=True)
