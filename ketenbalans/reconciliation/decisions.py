"""What persons said about pairs, as it holds on the as-of date (rule 5).

Of the decisions about one pair the newest counts, and one that is taken back leaves the pair as if nobody had decided.
Of two confirmations that share a record the later holds, also when it was taken back since: the earlier one was
overruled then. A rejection concerns its pair alone. A decision is an event: a day before it does not see it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import narwhals as nw
import numpy as np
import polars as pl
from narwhals.typing import IntoDataFrame

from ketenbalans.reconciliation.pairs import Pairs
from ketenbalans.reconciliation.state import EngineFrame, Frame, in_memory, rows_with
from schemas.coded_state import case_key, dossier_key

PAIR = ("dossier", "suspect_number", "case")
SCHEMA_OF_A_PAIR = {"dossier": pl.Int64, "suspect_number": pl.Int32, "case": pl.Int64}


@dataclass(frozen=True)
class DecidedPairs:
    """The pairs about which a decision holds.

    Attributes:
        confirmed: ``dossier``, ``suspect_number``, ``case`` of each pair that is to be linked.
        rejected: likewise, of each pair that is never to be taken or suggested.
    """

    confirmed: Frame
    rejected: Frame

    def is_empty(self) -> bool:
        """Whether nobody has decided anything that holds."""
        return self.confirmed.is_empty() and self.rejected.is_empty()

    def without_decided(self, settled: EngineFrame, deliveries: EngineFrame, registrations: EngineFrame) -> EngineFrame:
        """The settled pairs of which nobody decided anything about either record."""
        if self.is_empty():
            return settled
        decided = nw.concat([self.confirmed, self.rejected])
        of_dossiers = deliveries.filter(nw.col("dossier").is_in(decided["dossier"].unique().to_list()))
        of_cases = registrations.filter(nw.col("case").is_in(decided["case"].unique().to_list()))
        delivery_ids = in_memory(of_dossiers.select("delivery_id"))["delivery_id"].to_list()
        registration_ids = in_memory(of_cases.select("registration_id"))["registration_id"].to_list()
        return settled.filter(
            ~nw.col("delivery_id").is_in(delivery_ids), ~nw.col("registration_id").is_in(registration_ids)
        )


def decided_pairs(
    decisions: IntoDataFrame | None, registers: Sequence[tuple[EngineFrame, EngineFrame]], *, as_of: date
) -> DecidedPairs:
    """Give the pairs that are confirmed and those that are rejected on a day.

    Args:
        decisions: one row per decision about a pair: ``verdict`` (confirmed, rejected or taken_back),
            ``dossier_number``, ``suspect_number``, ``case_number``, ``decided_on`` and ``decision_number`` (the order
            in which they were recorded); None when nobody ever decided anything.
        registers: deliveries and registrations that are known on the day, coded, in one part or more. A decision about
            a record that is in none of them does nothing.
        as_of: decisions after this day are not seen.
    """
    known_by_then = _known_decisions(decisions, as_of)
    if known_by_then.is_empty():
        nothing = nw.from_native(known_by_then.select(PAIR), eager_only=True)
        return DecidedPairs(nothing, nothing)
    known_by_then = _about_what_is_known(known_by_then, registers)
    counts = known_by_then.unique(PAIR, keep="last", maintain_order=True)
    confirmations = known_by_then.filter(pl.col("verdict") == "confirmed")
    last_of_the_delivery = confirmations.unique(["dossier", "suspect_number"], keep="last", maintain_order=True)
    last_of_the_registration = confirmations.unique(["case"], keep="last", maintain_order=True)
    confirmed = counts.filter(pl.col("verdict") == "confirmed")
    for last in (last_of_the_delivery, last_of_the_registration):
        confirmed = confirmed.join(last, on=PAIR, how="semi")
    rejected = counts.filter(pl.col("verdict") == "rejected")
    return DecidedPairs(*(nw.from_native(pairs.select(PAIR), eager_only=True) for pairs in (confirmed, rejected)))


def _known_decisions(decisions: IntoDataFrame | None, as_of: date) -> pl.DataFrame:
    """The decisions known on a day with their keys as numbers, the oldest first."""
    if decisions is None:
        return pl.DataFrame(schema={**SCHEMA_OF_A_PAIR, "verdict": pl.String})
    return (
        nw.from_native(decisions, eager_only=True)
        .to_polars()
        .filter(pl.col("decided_on") <= as_of)
        .sort("decided_on", "decision_number")
        .select(
            dossier_key(pl.col("dossier_number")).alias("dossier"),
            pl.col("suspect_number").cast(pl.Int32),
            case_key(pl.col("case_number")).alias("case"),
            "verdict",
        )
    )


def _about_what_is_known(
    known_by_then: pl.DataFrame, registers: Sequence[tuple[EngineFrame, EngineFrame]]
) -> pl.DataFrame:
    known = nw.from_native(known_by_then, eager_only=True)
    police = [rows_with(part.select("dossier", "suspect_number"), "dossier", known["dossier"]) for part, _ in registers]
    om = [rows_with(part.select("case"), "case", known["case"]) for _, part in registers]
    suspects, cases = (nw.concat(parts).to_polars() for parts in (police, om))
    return known_by_then.join(suspects, on=["dossier", "suspect_number"], how="semi", maintain_order="left").join(
        cases, on="case", how="semi", maintain_order="left"
    )


def decided_among(pairs: Frame, deliveries: pl.DataFrame, registrations: pl.DataFrame) -> Pairs:
    """The places of the decided pairs of which both records are there."""
    if pairs.is_empty():
        nowhere = np.zeros(0, dtype=np.int64)
        return Pairs(nowhere, nowhere, {})
    police = deliveries.select("dossier", "suspect_number", delivery=pl.int_range(pl.len(), dtype=pl.Int64))
    om = registrations.select("case", registration=pl.int_range(pl.len(), dtype=pl.Int64))
    both = pairs.to_polars().join(police, on=["dossier", "suspect_number"]).join(om, on="case")
    return Pairs(both["delivery"].to_numpy(), both["registration"].to_numpy(), {})
