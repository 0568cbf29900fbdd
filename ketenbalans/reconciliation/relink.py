"""Link anew only what a late batch can touch; the outcome is that of a full run.

Records meet through a dossier number, a person, two numbers one edit apart, or a decision. What the rules make of a
record depends on the records that it reaches over such meetings and on no other, so it is enough to link the changed
records anew together with all that they reach, in their old state and in the new one. The rest stays as it was.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

import narwhals as nw
import numpy as np
import polars as pl
from narwhals.typing import IntoDataFrame

from ketenbalans.reconciliation.chain import Chain, linked
from ketenbalans.reconciliation.decisions import decided_pairs
from ketenbalans.reconciliation.reach import reached
from ketenbalans.reconciliation.splice import spliced
from ketenbalans.reconciliation.state import Frame, coded

KEY_OF_A_DELIVERY = ("party", "dossier", "suspect_number")


def relinked(
    chain: Chain,
    deliveries: IntoDataFrame,
    registrations: IntoDataFrame,
    *,
    as_of: date,
    decisions: IntoDataFrame | None = None,
) -> Chain:
    """Give the chain as it is after some records changed: what ``chain_of`` gives of the whole new state.

    Args:
        chain: the chain before, in memory.
        deliveries: the new state of every delivery that is new or not what it was; more is harmless.
        registrations: the same of the registrations.
        as_of: the day of the new state; not before that of the chain, since nothing that is known is ever forgotten.
        decisions: all decisions known by then (``decisions.decided_pairs``), not only new ones.
    """
    police, om = (nw.from_native(frame, eager_only=True) for frame in coded(deliveries, registrations))
    decided = decided_pairs(decisions, [(chain.deliveries, chain.registrations), (police, om)], as_of=as_of)
    old_police, old_om = reached(chain, police, om, decided)
    new_police = nw.concat([without_keys(old_police.drop("delivery_id"), police, *KEY_OF_A_DELIVERY), police])
    new_om = nw.concat([without_keys(old_om.drop("registration_id"), om, "case"), om])
    anew = linked(
        new_police.sort("dossier", "suspect_number").with_row_index("delivery_id"),
        new_om.sort("reported_dossier", "case").with_row_index("registration_id"),
        as_of=as_of,
        policy=chain.policy,
        decided=decided,
    )
    return joined(chain, anew, old_police, old_om)


def without_keys(old: Frame, new: Frame, *key: str) -> Frame:
    """The old rows that no new row replaces."""
    return old.join(new.select(key), on=list(key), how="anti")


@dataclass(frozen=True)
class Change:
    """What a chain has in the place of some of the records of another one.

    Attributes:
        deliveries: the ids of the deliveries of the other one that go.
        registrations: the ids of its registrations that go.
        anew: what comes, with ids that the other one does not have.
    """

    deliveries: pl.Series
    registrations: pl.Series
    anew: Chain


def joined(chain: Chain, anew: Chain, old_police: Frame, old_om: Frame) -> Chain:
    """The chain with some records replaced by those that were linked anew, under ids of their own."""
    first = {key: next_id(in_polars(chain, name)[key]) for name, key in RECORDS.items()}
    renumbered = {
        name: in_polars(anew, name).with_columns(
            pl.col(key) + number for key, number in first.items() if key in in_polars(anew, name).columns
        )
        for name in FRAMES
    }
    gone_police, gone_om = old_police["delivery_id"].to_polars(), old_om["registration_id"].to_polars()
    return changed(chain, Change(gone_police, gone_om, with_frames(anew, renumbered)))


def next_id(ids: pl.Series) -> int:
    """The first number after all ids."""
    return int(ids.to_numpy().max()) + 1 if len(ids) else 0


RECORDS = {"deliveries": "delivery_id", "registrations": "registration_id"}
"""The frames of a chain with a row per record, with its id."""


FRAMES: dict[str, str] = {
    "deliveries": "delivery_id",
    "registrations": "registration_id",
    "settled": "delivery_id",
    "left_deliveries": "delivery_id",
    "left_registrations": "registration_id",
}
"""The frames of a chain, with the id by which their rows go."""

ORDERED_BY = {"deliveries": "dossier", "registrations": "reported_dossier", "settled": "dossier"}
"""The columns that their rows are in the order of, until many change at once."""


def in_polars(chain: Chain, name: str) -> pl.DataFrame:
    """A frame of a chain in memory."""
    frame: pl.DataFrame = nw.from_native(getattr(chain, name), eager_only=True).to_polars()
    return frame


def with_frames(chain: Chain, frames: Mapping[str, pl.DataFrame]) -> Chain:
    """The chain with other frames."""
    deliveries, registrations, settled = (nw.from_native(frames[name], eager_only=True) for name in list(FRAMES)[:3])
    return replace(
        chain,
        deliveries=deliveries,
        registrations=registrations,
        settled=settled,
        left_deliveries=frames["left_deliveries"],
        left_registrations=frames["left_registrations"],
    )


def changed(chain: Chain, change: Change) -> Chain:
    """The chain after a change."""
    gone = {"delivery_id": change.deliveries, "registration_id": change.registrations}
    frames = {}
    for name, key in FRAMES.items():
        kept, new = in_polars(chain, name), in_polars(change.anew, name)
        new = new.select(pl.col(column).cast(kind) for column, kind in kept.schema.items())
        frames[name] = spliced(kept, gone[key], new, key=key, order=ORDERED_BY.get(name))
    return with_frames(change.anew, frames)


def change_since(chain: Chain, *, deliveries: int, registrations: int) -> Change:
    """What a chain has in the place of records of the one that it was made from, in one step or several.

    Args:
        chain: relinked (``relinked``).
        deliveries: how many deliveries the first chain had, linked in full: their ids are the numbers below.
        registrations: how many registrations.
    """
    first = {"delivery_id": deliveries, "registration_id": registrations}
    anew = {name: in_polars(chain, name).filter(pl.col(key) >= first[key]) for name, key in FRAMES.items()}
    return Change(
        missing(in_polars(chain, "deliveries")["delivery_id"], deliveries),
        missing(in_polars(chain, "registrations")["registration_id"], registrations),
        with_frames(chain, anew),
    )


def missing(ids: pl.Series, below: int) -> pl.Series:
    """The numbers from 0 below another one that are not among some ids."""
    numbers, is_there = ids.to_numpy(), np.zeros(below, dtype=np.bool_)
    is_there[numbers[numbers < below]] = True
    return pl.Series(np.flatnonzero(~is_there))
