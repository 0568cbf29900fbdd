"""The two state frames as the rules read them: one row per record, on whatever engine holds them.

The frames are those of ``schemas.coded_state``: keys as numbers, one name per column over both registers, so that a
pair shows both sides' values side by side. A frame is eager (Polars) or lazy (an engine like Spark, where one machine
is too small); what is big is only selected, filtered, joined and counted, which both can do.
"""

from typing import Any, TypeAlias, cast

import narwhals as nw
import numpy as np
import numpy.typing as npt
import polars as pl

from schemas.coded_state import NO_LONGER_STANDING, OTHER_STANDING, RECOGNISABLE, coded_state
from schemas.linked_columns import DELIVERY_COLUMNS, REGISTRATION_COLUMNS, names

Frame: TypeAlias = nw.DataFrame[Any]
"""A frame in memory: what is left over when the common case is settled, and every answer."""

EngineFrame: TypeAlias = Any
"""A ``nw.DataFrame``, or a ``nw.LazyFrame`` of an engine."""

WORTH_A_LOOK_UP = 100_000
"""From so many rows on an array over all ids is faster than a join."""

GAPS = 8
"""So many times as long as the column such an array may be."""

ROUNDS = (RECOGNISABLE, OTHER_STANDING, NO_LONGER_STANDING)

DELIVERY = ("delivery_id", *names(DELIVERY_COLUMNS))
REGISTRATION = ("registration_id", *names(REGISTRATION_COLUMNS))


def numbered_state(deliveries: Any, registrations: Any) -> tuple[EngineFrame, EngineFrame]:
    """Give both states with an id per record; frames with the registers' own words are coded first.

    On an eager frame an id is the number of the row. An engine that knows no order of rows gets the record's own key.
    """
    police, om = coded(deliveries, registrations)
    if isinstance(police, nw.DataFrame):
        return police.with_row_index("delivery_id"), om.with_row_index("registration_id")
    own_key = nw.concat_str([nw.col("party"), nw.col("dossier"), nw.col("suspect_number")], separator="/")
    return police.with_columns(delivery_id=own_key), om.with_columns(registration_id=nw.col("case"))


def coded(deliveries: Any, registrations: Any) -> tuple[EngineFrame, EngineFrame]:
    """Give both states with their keys as numbers: as they are, or coded when they hold the registers' own words."""
    if "dossier_number" in nw.from_native(deliveries).collect_schema().names():
        deliveries, registrations = coded_state(deliveries, registrations)
    return nw.from_native(deliveries), nw.from_native(registrations)


def in_memory(frame: EngineFrame) -> Frame:
    """The rows of a frame, fetched from its engine where they are elsewhere."""
    return frame if isinstance(frame, nw.DataFrame) else frame.collect(backend="polars")


def rows_with(frame: EngineFrame, key: str, values: nw.Series[Any]) -> Frame:
    """The rows of a frame whose key, a whole number or an engine's own, is among a few values, in memory."""
    few = values.drop_nulls().unique()
    if isinstance(frame, nw.DataFrame):
        return frame[places_with(frame[key].to_polars(), few.to_polars())]
    return in_memory(frame.join(sent_to_the_engine(few.alias(key).to_frame(), of=frame), on=key, how="inner"))


def marked_sorted(frame: pl.DataFrame, column: str) -> pl.DataFrame:
    """The frame, which knows that it is in the order of a column, missing values first, if it is."""
    return frame.with_columns(pl.col(column).set_sorted()) if frame[column].is_sorted() else frame


def places_with(column: pl.Series, few: pl.Series) -> npt.NDArray[np.int64]:
    """Where a column of whole numbers holds one of a few, each of which is given once."""
    if few.is_empty() or column.is_empty():
        return np.zeros(0, dtype=np.int64)
    if column.flags["SORTED_ASC"]:
        missing = column.null_count()  # they come first
        known, wanted = column.slice(missing).to_numpy(), np.sort(few.to_numpy())
        first, end = (np.searchsorted(known, wanted, side=side) for side in ("left", "right"))
        begins = np.repeat(first - np.concatenate([[0], np.cumsum(end - first)[:-1]]), end - first)
        return np.asarray(begins + np.arange(len(begins)) + missing)
    if is_dense(column):
        is_meant = np.zeros(cast("int", column.max()) + 2, dtype=np.bool_)
        numbers = few.to_numpy()
        is_meant[numbers[(numbers >= 0) & (numbers < len(is_meant) - 1)]] = True
        return np.flatnonzero(is_meant[column.fill_null(len(is_meant) - 1).to_numpy()])
    return np.flatnonzero(column.is_in(few.implode()).fill_null(value=False).to_numpy())


def is_dense(column: pl.Series) -> bool:
    """Whether a column holds whole numbers from 0 with few gaps, so that an array over all of them can be looked up."""
    if len(column) < WORTH_A_LOOK_UP or not column.dtype.is_integer() or column.null_count() == len(column):
        return False
    return cast("int", column.min()) >= 0 and cast("int", column.max()) < GAPS * len(column)


def sent_to_the_engine(few: Frame, *, of: EngineFrame) -> EngineFrame:
    """A small frame as a frame of the engine that holds another one."""
    session = of.to_native().sparkSession
    return nw.from_native(session.createDataFrame(few.to_arrow()))


def pinned(frame: EngineFrame) -> EngineFrame:
    """The frame, kept by its engine once it is worked out: several questions are asked of it."""
    return frame if isinstance(frame, nw.DataFrame) else nw.from_native(frame.to_native().cache())


def is_filled(column: str) -> nw.Expr:
    """The column has a value."""
    return ~nw.col(column).is_null()


def is_equal(one: str, other: str) -> nw.Expr:
    """Both columns have a value and the values are equal: a missing value equals nothing."""
    return (nw.col(one) == nw.col(other)).fill_null(value=False)
