"""Which periods a step from one chain to the next can touch: of every other period the balance stays what it was.

A balance counts records by their days of delivery and of registration, and what is said of a record rests on the
records that it reaches (``reach``). So a period in which no record lies that went, came or was linked anew is balanced
as before, as known on the same day and under the same policy.
"""

from dataclasses import dataclass
from datetime import date

from ketenbalans.reconciliation.chain import parties_in
from ketenbalans.reconciliation.relink import Relinking
from ketenbalans.reconciliation.state import in_memory
from schemas.period import Period


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


def touched(step: Relinking) -> Touched:
    """What a step touched."""
    before, after = step.before, step.after
    if before.as_of != after.as_of or parties_in(before) != parties_in(after):  # a balance has a part for each party
        return EVERYTHING
    days = set()
    for frame, day in (
        (step.old_deliveries, "delivered_on"),
        (step.anew.deliveries, "delivered_on"),
        (step.old_registrations, "registered_on"),
        (step.anew.registrations, "registered_on"),
    ):
        days.update(in_memory(frame.select(day))[day].to_list())
    return Touched(frozenset(days))
