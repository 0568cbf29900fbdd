"""Settle the common case: the records that rule 1 of round 1 links whatever else there is.

Nine tenths of both registers name the same dossier and the same person, and nobody else does. Such a pair is what the
rules would take first, so taking it ahead changes no link, and what is left for the rules is an order of magnitude
smaller. This is the only step that joins everything with everything; it runs on the engine that holds the state.
"""

from collections.abc import Sequence
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl

from ketenbalans.reconciliation.state import EngineFrame, Frame, in_memory, is_equal, is_filled, pinned, marked_sorted
from schemas.coded_state import RECOGNISABLE
from schemas.linked_columns import DELIVERY_COLUMNS, REGISTRATION_COLUMNS, Use, names

DELIVERY_OF_A_SETTLED = names(DELIVERY_COLUMNS, Use.WHEN_SETTLED)
REGISTRATION_OF_A_SETTLED = names(REGISTRATION_COLUMNS, Use.WHEN_SETTLED)
SETTLED = ("delivery_id", "registration_id", *DELIVERY_OF_A_SETTLED, *REGISTRATION_OF_A_SETTLED)


def settled_pairs(deliveries: EngineFrame, registrations: EngineFrame) -> EngineFrame:
    """The pairs with equal dossier and person in which neither record has another such partner.

    Args:
        deliveries: all deliveries known, sorted by dossier, withdrawn ones too.
        registrations: all registrations known, sorted by dossier.

    Returns:
        One row per pair of a delivery that is not withdrawn and a standing registration classified KP or KST
        (``SETTLED``). A withdrawn delivery settles nothing: its registration may yet be suggested for another.
    """
    if not isinstance(deliveries, nw.DataFrame):
        pairs = pairs_of_one_dossier(deliveries, registrations, DELIVERY_OF_A_SETTLED, REGISTRATION_OF_A_SETTLED)
        return pinned(only_partners(pairs).select(SETTLED))
    # an id is the number of the row: two of them go through the join, the columns are fetched for what it leaves
    pairs = pairs_of_one_dossier(deliveries, registrations, ("dossier", "person"), ())
    ids = only_partners_in_memory(pairs.to_native())
    return settled_of(ids, deliveries, registrations)


def settled_of(ids: pl.DataFrame, deliveries: Frame, registrations: Frame) -> Frame:
    """The settled pairs of their ids, which are the numbers of the rows of both registers."""
    found = nw.concat(
        [
            deliveries.select("delivery_id", *DELIVERY_OF_A_SETTLED)[ids["delivery_id"].to_numpy()],
            registrations.select("registration_id", *REGISTRATION_OF_A_SETTLED)[ids["registration_id"].to_numpy()],
        ],
        how="horizontal",
    )
    return nw.from_native(marked_sorted(found.select(SETTLED).to_native(), "dossier"), eager_only=True)


def pairs_of_one_dossier(
    deliveries: EngineFrame, registrations: EngineFrame, of_police: Sequence[str], of_om: Sequence[str]
) -> EngineFrame:
    """Every pair with one dossier number, of the registrations that make a suspect recognisable, with some columns."""
    compared = registrations.select("registration_id", *of_om, "registered_person", "reported_dossier", "round")
    recognisable = compared.filter((nw.col("round") == RECOGNISABLE) & is_filled("reported_dossier")).drop("round")
    offered = deliveries.select("delivery_id", *of_police, "is_withdrawn")
    return offered.join(recognisable, left_on="dossier", right_on="reported_dossier", how="inner")


def only_partners(pairs: EngineFrame) -> EngineFrame:
    """Of the pairs with one dossier those with one person in which neither record has another such partner."""
    counted = pairs.filter(is_equal("person", "registered_person")).with_columns(
        of_the_delivery=nw.len().over("delivery_id"), of_the_registration=nw.len().over("registration_id")
    )
    return counted.filter(nw.col("of_the_delivery") == 1, nw.col("of_the_registration") == 1, ~nw.col("is_withdrawn"))


def only_partners_in_memory(pairs: pl.DataFrame) -> pl.DataFrame:
    """The same of a frame whose ids are numbers: each pass over a column counts or marks."""
    of_one_person = pairs.filter(pl.col("person") == pl.col("registered_person")).select(
        "delivery_id", "registration_id", "is_withdrawn"
    )
    once = [occurs_once(of_one_person[key].to_numpy()) for key in ("delivery_id", "registration_id")]
    return of_one_person.filter(pl.Series(once[0] & once[1]) & ~of_one_person["is_withdrawn"])


def occurs_once(ids: Any) -> Any:
    """Which rows hold an id that one row alone holds."""
    if (ids[1:] >= ids[:-1]).all():  # in order: equal ones are neighbours
        differs = np.concatenate([[True], ids[1:] != ids[:-1], [True]])
        return differs[1:] & differs[:-1]
    return np.bincount(ids)[ids] == 1


def left_over(frame: EngineFrame, settled: EngineFrame, key: str) -> Frame:
    """The rows of a register that are in no settled pair, in memory."""
    if not isinstance(frame, nw.DataFrame):
        return in_memory(frame.join(settled.select(key), on=key, how="anti"))
    is_left = np.ones(len(frame), dtype=bool)  # an id is the number of the row
    is_left[settled[key].to_numpy()] = False
    return frame[np.flatnonzero(is_left)]
