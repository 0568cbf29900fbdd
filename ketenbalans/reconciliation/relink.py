"""Link anew only what a late batch can touch; the outcome is that of a full run.

Records meet through a dossier number, a person, two numbers one edit apart, or a decision. What the rules make of a
record depends on the records that it reaches over such meetings and on no other, so it is enough to link the changed
records anew together with all that they reach, in their old state and in the new one. The rest stays as it was.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl
from narwhals.typing import IntoDataFrame

from ketenbalans.reconciliation.chain import Chain, linked
from ketenbalans.reconciliation.decisions import decided_pairs
from ketenbalans.reconciliation.reach import reached
from ketenbalans.reconciliation.splice import spliced
from ketenbalans.reconciliation.state import Frame, coded, places_with

KEY_OF_A_DELIVERY = ("party", "dossier", "suspect_number")


@dataclass(frozen=True)
class Relinking:
    """A chain before and after some records changed, and what of it was linked anew.

    Every record that carries a dossier number of what was linked anew was linked anew itself. All others stand in both
    chains under the same ids with the same values.

    Attributes:
        before: the chain before.
        after: the chain of the new state.
        anew: what was linked anew, as it stands in ``after``.
        old_deliveries: the deliveries of ``before`` in whose place it came.
        old_registrations: its registrations, likewise.
        changed_deliveries: the new state of the deliveries that were given as changed, coded.
        changed_registrations: the same of the registrations.
    """

    before: Chain
    after: Chain
    anew: Chain
    old_deliveries: Frame
    old_registrations: Frame
    changed_deliveries: Frame
    changed_registrations: Frame

    @cached_property
    def gone(self) -> Chain:
        """What ``before`` had in the place of ``anew``, linked as it was."""
        old = {"delivery_id": self.old_deliveries, "registration_id": self.old_registrations}
        frames = {"deliveries": self.old_deliveries.to_polars(), "registrations": self.old_registrations.to_polars()}
        for name in list(FRAMES)[2:]:
            frame, key = in_polars(self.before, name), FRAMES[name]
            frames[name] = frame[places_with(frame[key], old[key][key].to_polars())]
        return with_frames(self.before, frames)


def relinked(
    chain: Chain,
    deliveries: IntoDataFrame,
    registrations: IntoDataFrame,
    *,
    as_of: date,
    decisions: IntoDataFrame | None = None,
) -> Chain:
    """Give the chain as it is after some records changed: ``relinking(...).after``."""
    return relinking(chain, deliveries, registrations, as_of=as_of, decisions=decisions).after


def relinking(
    chain: Chain,
    deliveries: IntoDataFrame,
    registrations: IntoDataFrame,
    *,
    as_of: date,
    decisions: IntoDataFrame | None = None,
) -> Relinking:
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
    anew = with_ids_after(
        chain,
        linked(
            new_police.sort("dossier", "suspect_number").with_row_index("delivery_id"),
            new_om.sort("reported_dossier", "case").with_row_index("registration_id"),
            as_of=as_of,
            policy=chain.policy,
            decided=decided,
        ),
    )
    change = Change(old_police["delivery_id"].to_polars(), old_om["registration_id"].to_polars(), anew)
    return Relinking(chain, changed(chain, change), anew, old_police, old_om, police, om)


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


def with_ids_after(chain: Chain, anew: Chain) -> Chain:
    """What was linked anew with ids that come after those of a chain."""
    first = {
        "delivery_id": next_id(chain.deliveries["delivery_id"]),
        "registration_id": next_id(chain.registrations["registration_id"]),
    }
    renumbered = {
        name: in_polars(anew, name).with_columns(
            pl.col(key) + number for key, number in first.items() if key in in_polars(anew, name).columns
        )
        for name in FRAMES
    }
    return with_frames(anew, renumbered)


def next_id(ids: nw.Series[Any]) -> int:
    """The first number after all ids."""
    return int(ids.max()) + 1 if len(ids) else 0


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
