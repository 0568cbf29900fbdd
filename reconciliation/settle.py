"""Settle the common case: the records that rule 1 of round 1 links whatever else there is.

Nine tenths of both registers name the same dossier and the same person, and nobody else does. Such a pair is what the
rules would take first, so taking it ahead changes no link, and what is left for the rules is an order of magnitude
smaller. This is the only step that joins everything with everything; it runs on the engine that holds the state.
"""

from typing import Any

import narwhals as nw
import numpy as np

from reconciliation.state import EngineFrame, Frame, in_memory, is_equal, is_filled, pinned
from schemas.coded_state import RECOGNISABLE

SETTLED = (
    "delivery_id",
    "registration_id",
    "dossier",
    "suspect_number",
    "person",
    "unit",
    "delivered_on",
    "case",
    "registered_on",
)


def settled_pairs(deliveries: EngineFrame, registrations: EngineFrame) -> EngineFrame:
    """The pairs with equal dossier and person in which neither record has another such partner.

    Args:
        deliveries: all deliveries known, sorted by dossier, withdrawn ones too.
        registrations: all registrations known, sorted by dossier.

    Returns:
        One row per pair of a delivery that is not withdrawn and a standing registration classified KP or KST
        (``SETTLED``). A withdrawn delivery settles nothing: its registration may yet be suggested for another.
    """
    recognisable = registrations.filter((nw.col("round") == RECOGNISABLE) & is_filled("reported_dossier")).select(
        "registration_id", "case", "registered_person", "reported_dossier", "registered_on"
    )
    offered = deliveries.select(
        "delivery_id", "dossier", "suspect_number", "person", "unit", "delivered_on", "is_withdrawn"
    )
    pairs = offered.join(recognisable, left_on="dossier", right_on="reported_dossier", how="inner").filter(
        is_equal("person", "registered_person")
    )
    return pinned(without_rivals(pairs).filter(~nw.col("is_withdrawn")).select(SETTLED))


def without_rivals(pairs: EngineFrame) -> EngineFrame:
    """The pairs of which neither record occurs in another pair."""
    if not isinstance(pairs, nw.DataFrame):
        counted = pairs.with_columns(
            of_the_delivery=nw.len().over("delivery_id"), of_the_registration=nw.len().over("registration_id")
        )
        return counted.filter(nw.col("of_the_delivery") == 1, nw.col("of_the_registration") == 1)
    return pairs.filter(occurs_once(pairs["delivery_id"]) & occurs_once(pairs["registration_id"]))


def occurs_once(ids: nw.Series[Any]) -> nw.Series[Any]:
    """Which rows hold a row number that no other row holds: counting them is one pass."""
    numbers = ids.to_numpy()
    return nw.new_series(ids.name, np.bincount(numbers)[numbers] == 1, nw.Boolean, backend="polars")


def left_over(frame: EngineFrame, settled: EngineFrame, key: str) -> Frame:
    """The rows of a register that are in no settled pair, in memory."""
    if not isinstance(frame, nw.DataFrame):
        return in_memory(frame.join(settled.select(key), on=key, how="anti"))
    is_left = np.ones(len(frame), dtype=bool)  # an id is the number of the row
    is_left[settled[key].to_numpy()] = False
    return frame.filter(nw.new_series(key, is_left, nw.Boolean, backend="polars"))
