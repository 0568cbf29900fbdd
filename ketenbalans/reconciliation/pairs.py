"""Pairs of two records that meet: where each stands in its register, and what holds of the two.

A pair is two places and a few flags: a thousand records of one dossier make a million pairs, and what a record says is
written once, not in each of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from schemas.catalogue import POLICE

Numbers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

NOBODY = -1
"""Stands where a record has no partner; it is no place."""


@dataclass(frozen=True)
class Pairs:
    """Pairs of a delivery and a registration.

    Attributes:
        delivery: the place of each pair's delivery in its frame.
        registration: the place of its registration.
        facts: what holds of each pair, by name; what rests on a missing value does not hold.
    """

    delivery: Numbers
    registration: Numbers
    facts: Mapping[str, Flags]

    def __len__(self) -> int:
        """How many pairs there are."""
        return len(self.delivery)

    def __getitem__(self, fact: str) -> Flags:
        """Of which pairs a fact holds."""
        return self.facts[fact]

    def where(self, holds: Flags) -> "Pairs":
        """The pairs of which something holds."""
        if holds.all():
            return self
        facts = {name: flags[holds] for name, flags in self.facts.items()}
        return Pairs(self.delivery[holds], self.registration[holds], facts)


def pairs_with(
    deliveries: pl.DataFrame, registrations: pl.DataFrame, *, equal: tuple[str, str], facts: Mapping[str, pl.Expr]
) -> Pairs:
    """Every pair with the same value in two columns; a missing one equals nothing.

    Args:
        deliveries: one side.
        registrations: the other.
        equal: the column of a delivery and that of a registration.
        facts: what is asked of each pair, over the columns of both but the second of ``equal``.
    """
    asked = {*equal, *(name for fact in facts.values() for name in fact.meta.root_names())}
    police, om = (
        frame.select(pl.int_range(pl.len(), dtype=pl.Int64).alias(place), *(set(frame.columns) & asked))
        for frame, place in ((deliveries, "delivery"), (registrations, "registration"))
    )
    met = police.join(om, left_on=equal[0], right_on=equal[1], how="inner")
    found = met.select(
        "delivery", "registration", **{name: fact.fill_null(value=False) for name, fact in facts.items()}
    )
    return Pairs(
        found["delivery"].to_numpy(),
        found["registration"].to_numpy(),
        {name: found[name].to_numpy() for name in facts},
    )


def only_ones(pairs: Pairs) -> Flags:
    """Which pairs are the only one of their delivery and the only one of their registration."""
    if not len(pairs):
        return np.zeros(0, dtype=bool)
    once = [np.bincount(side)[side] == 1 for side in (pairs.delivery, pairs.registration)]
    return np.asarray(once[0] & once[1])


def beside(frame: pl.DataFrame, places: Numbers) -> pl.DataFrame:
    """A row of a frame per place, and nulls where there is nobody."""
    numbers = pl.Series(places)
    return frame.select(pl.all().gather(numbers.set(numbers == NOBODY, None)))


class BestFirst:
    """Which of two pairs is taken first where a rule offers a record more than one partner.

    The order of docs/counting-rules.md and ADR 0017: deliveries that are not withdrawn; those without a link, which
    only a suggestion may overlook; equal suspect numbers of one dossier; the fewest days between delivery and
    registration; then the earliest delivery, its dossier and suspect number, the earliest registration, its case, and
    the police before another party.
    """

    def __init__(self, deliveries: pl.DataFrame, registrations: pl.DataFrame) -> None:
        """Order pairs of two frames."""
        self._deliveries, self._registrations = deliveries, registrations

    def key(self, pairs: Pairs, rule: Numbers | int, has_a_link: Flags) -> Numbers:
        """A number per pair: of two pairs the one with the lower number is taken first; no two have the same.

        Args:
            pairs: those between which is chosen.
            rule: which rule offers each; lower ones come first.
            has_a_link: which deliveries, by place, have a link.
        """
        (police, to_police), (om, to_om) = once_each(pairs.delivery), once_each(pairs.registration)
        of_police = {name: values[police] for name, values in self._of_deliveries.items()}
        of_om = {name: values[om] for name, values in self._of_registrations.items()}
        delivery = ranks(of_police["delivered_on"], of_police["dossier"], of_police["suspect_number"])
        registration = ranks(of_om["registered_on"], of_om["case"])
        is_same_suspect = (of_police["dossier"][to_police] == of_om["dossier"][to_om]) & (
            of_police["suspect_number"][to_police] == of_om["suspect_number"][to_om]
        )
        return packed(
            np.broadcast_to(np.asarray(rule), len(pairs)),
            of_police["is_withdrawn"][to_police],
            has_a_link[pairs.delivery],
            ~is_same_suspect,
            np.abs(of_om["registered_on"][to_om] - of_police["delivered_on"][to_police]),
            delivery[to_police],
            registration[to_om],
            of_police["party"][to_police],
        )

    @cached_property
    def _of_deliveries(self) -> dict[str, Numbers]:
        word = pl.col("party").cast(pl.String)
        parties = self._deliveries.select(party=word).unique().sort(word != POLICE, word)["party"]
        return _as_numbers(
            self._deliveries.select(
                "is_withdrawn",
                "dossier",
                pl.col("suspect_number").fill_null(-1),
                pl.col("delivered_on").to_physical(),
                party=word.replace_strict(parties, range(len(parties)), return_dtype=pl.Int64),
            )
        )

    @cached_property
    def _of_registrations(self) -> dict[str, Numbers]:
        return _as_numbers(
            self._registrations.select(
                "case",
                pl.col("registered_on").to_physical(),
                dossier=pl.col("reported_dossier").fill_null(-1),
                suspect_number=pl.col("reported_suspect_number").fill_null(-2),  # equal to no other missing one
            )
        )


def _as_numbers(frame: pl.DataFrame) -> dict[str, Numbers]:
    return {column.name: column.cast(pl.Int64).to_numpy() for column in frame}


def once_each(places: Numbers) -> tuple[Numbers, Numbers]:
    """Every place once, in order, and of each row the number of its place among them."""
    occurs = np.zeros(int(places.max(initial=-1)) + 1, dtype=np.bool_)
    occurs[places] = True
    return np.flatnonzero(occurs), (np.cumsum(occurs) - 1)[places]


def ranks(*columns: Numbers) -> Numbers:
    """The rank of each row in the order of some columns, from 0; equal rows have the same."""
    order = np.lexsort(columns[::-1])
    differs = np.zeros(len(order), dtype=bool)
    for column in columns:
        differs[1:] |= column[order][1:] != column[order][:-1]
    found = np.empty(len(order), dtype=np.int64)
    found[order] = np.cumsum(differs)
    return found


def packed(*columns: npt.NDArray[Any]) -> Numbers:
    """One number per row that sorts as the columns do, the first first; they hold whole numbers from 0."""
    key, values = np.zeros(len(columns[0]), dtype=np.int64), 1
    for column in columns:
        wide = int(column.max(initial=0)) + 1
        if values * wide >= 2**63:  # what was packed so far is ranked: there are no more ranks than rows
            key, values = np.unique(key, return_inverse=True)[1].astype(np.int64), len(key)
        key, values = key * wide + column, values * wide
    return key
