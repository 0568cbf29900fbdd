"""Put rows in the place of others without copying a frame of a million of them."""

import numpy as np
import numpy.typing as npt
import polars as pl

from ketenbalans.reconciliation.state import places_with

FEW = 500
"""Up to so many changes the frame is cut at each of them, which copies nothing and keeps its order."""


def spliced(frame: pl.DataFrame, gone: pl.Series, new: pl.DataFrame, *, key: str, order: str | None) -> pl.DataFrame:
    """Give a frame without some rows and with others.

    Args:
        frame: the rows before.
        gone: the keys of the rows that go; what the frame does not have is passed over.
        new: the rows that come, with the columns of the frame.
        key: the column of the keys: whole numbers from 0, each once.
        order: a column by which the outcome is in order if the frame is and the changes are few, and then says so;
            otherwise, as without one, the new rows come last.
    """
    places = places_with(frame[key], gone)
    if len(places) + new.height > FEW:
        stays = np.ones(frame.height, dtype=np.bool_)
        stays[places] = False
        return pl.concat([frame.filter(pl.Series(stays)), new])
    if order is None or not frame[order].flags["SORTED_ASC"]:
        return pl.concat(pieces(frame, places, new, np.full(new.height, frame.height)))
    new = new.sort(order)
    at = np.searchsorted(in_order(frame[order]), in_order(new[order]), side="right")
    return pl.concat(pieces(frame, places, new, at)).with_columns(pl.col(order).set_sorted())


def pieces(
    frame: pl.DataFrame, gone: npt.NDArray[np.int64], new: pl.DataFrame, at: npt.NDArray[np.int64]
) -> list[pl.DataFrame]:
    """The frame cut where rows go and where rows come, with those that come in between."""
    found, done, placed, going = [], 0, 0, set(gone.tolist())
    for cut in sorted(going.union(at.tolist())):
        coming = int(np.searchsorted(at, cut, side="right"))
        found += [frame.slice(done, cut - done), new.slice(placed, coming - placed)]
        done, placed = cut + (cut in going), coming
    return [part for part in (*found, frame.slice(done)) if part.height] or [frame.clear()]


def in_order(column: pl.Series) -> npt.NDArray[np.int64]:
    """A sorted column of numbers from 0 with its missing values, which come first, as a number before all others."""
    return np.asarray(column.fill_null(-1).to_numpy())
