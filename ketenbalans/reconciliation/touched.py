"""Which periods a step from one chain to the next can touch: of every other period the balance stays what it was.

A balance counts records by their days of delivery and of registration, and what is said of a record rests on the
records that it reaches (``reach``). So a period in which no record lies that went, came or was linked anew is balanced
as before, as known on the same day and under the same policy.
"""

from dataclasses import dataclass
from datetime import date

import polars as pl

from ketenbalans.reconciliation.chain import Chain, parties_in
from ketenbalans.reconciliation.relink import RECORDS, in_polars, missing, next_id
from schemas.period import Period

DAY = {"deliveries": "delivered_on", "registrations": "registered_on"}
"""The day by which a period asks about a record."""


@dataclass(frozen=True)
class Touched:
    """The days that a step touched.

    Attributes:
        days: those on which a record was delivered or registered that is not what it was, or was linked anew, before
            the step or after it; None: any day may be touched.
    """

    days: frozenset[date] | None

    def touches(self, period: Period) -> bool:
        """Whether the balance of a period may be another one."""
        return self.days is None or any(period.start <= day <= period.end for day in self.days)


EVERYTHING = Touched(None)


def touched(before: Chain, after: Chain) -> Touched:
    """What a step touched.

    Args:
        before: the chain before it.
        after: the chain after it: the one before, or relinked from it in one step (``relink.relinked``).
    """
    if before is after:
        return Touched(frozenset())
    is_alike = before.as_of == after.as_of and before.policy == after.policy
    if not is_alike or parties_in(before) != parties_in(after):  # a balance has a part for each party that delivers
        return EVERYTHING
    days: set[date | None] = set()
    for name, key in RECORDS.items():
        old, new = in_polars(before, name), in_polars(after, name)
        first = next_id(old[key])
        gone = pl.col(key).is_in(missing(new[key], first).implode())
        for rows in (old.filter(gone), new.filter(pl.col(key) >= first)):
            days.update(rows[DAY[name]].unique())
    return Touched(frozenset(day for day in days if day is not None))
