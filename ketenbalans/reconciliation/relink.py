"""Link anew only what a late batch can touch; the outcome is that of a full run.

Records meet through a dossier number, a person, two numbers one edit apart, or a decision. What the rules make of a
record depends on the records that it reaches over such meetings and on no other, so it is enough to link the changed
records anew together with all that they reach, in their old state and in the new one. The rest stays as it was.
"""

from dataclasses import replace
from datetime import date
from typing import Any

import narwhals as nw
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


def joined(chain: Chain, anew: Chain, old_police: Frame, old_om: Frame) -> Chain:
    """The chain with some records replaced by those that were linked anew, under ids of their own."""
    first = {
        "delivery_id": int(chain.deliveries["delivery_id"].max()) + 1 if len(chain.deliveries) else 0,
        "registration_id": int(chain.registrations["registration_id"].max()) + 1 if len(chain.registrations) else 0,
    }
    parts: dict[str, Any] = {}
    for name, key, gone, order in (
        ("deliveries", "delivery_id", old_police, "dossier"),
        ("registrations", "registration_id", old_om, "reported_dossier"),
        ("settled", "delivery_id", old_police, None),
        ("left_deliveries", "delivery_id", old_police, None),
        ("left_registrations", "registration_id", old_om, None),
    ):
        kept = nw.from_native(getattr(chain, name), eager_only=True).to_polars()
        new = nw.from_native(getattr(anew, name), eager_only=True).to_polars()
        ids = [pl.col(column) + number for column, number in first.items() if column in new.columns]
        new = new.with_columns(ids).select(pl.col(column).cast(kind) for column, kind in kept.schema.items())
        both = spliced(kept, gone[key].to_polars(), new, key=key, order=order)
        parts[name] = both if name.startswith("left") else nw.from_native(both, eager_only=True)
    return replace(anew, **parts)
