"""What was known of each month of delivery at the same age: so many days after its end."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ketenbalans.nowcast.known import NOT_YET, Days, KnownSuspects, Months


@dataclass(frozen=True)
class MonthsKnown:
    """Every suspect known, with its days counted from the end of its month of delivery.

    Attributes:
        known: the suspects.
        months: the months from the first delivery to the as-of date.
        month: the place of each suspect's month.
    """

    known: KnownSuspects
    months: Months
    month: Days

    @classmethod
    def of(cls, known: KnownSuspects) -> "MonthsKnown":
        """Put each suspect into its month of delivery."""
        last = max(known.as_of.toordinal(), int(known.delivered.max()))
        months = Months.between(date.fromordinal(int(known.delivered.min())), date.fromordinal(last))
        return cls(known, months, months.of(known.delivered))

    def age(self, place: int) -> int:
        """How many days after the end of a month the as-of date lies; below 0: before it."""
        return self.known.as_of.toordinal() - int(self.months.ends[place])

    @cached_property
    def ages(self) -> Days:
        """The age of every month."""
        return self.known.as_of.toordinal() - self.months.ends

    @cached_property
    def delivered(self) -> Days:
        """The day of delivery after the month's end: 0 or below."""
        return self._after_the_end(self.known.delivered)

    @cached_property
    def recorded(self) -> Days:
        """The day of the first row."""
        return self._after_the_end(self.known.recorded)

    @cached_property
    def withdrawn(self) -> Days:
        """The day of withdrawal; very late: it stands."""
        return self._after_the_end(self.known.withdrawn)

    @cached_property
    def came(self) -> Days:
        """The day from which a registration counted; very late: none did."""
        return self._after_the_end(self.known.counted_from)

    @cached_property
    def lapsed(self) -> Days:
        """The first day on which its registration did not count any more; very late: it counts, or never did."""
        return self._after_the_end(self.known.counted_until) + 1

    @cached_property
    def registered(self) -> Days:
        """The day that the OM gives the registration."""
        return self._after_the_end(self.known.registered)

    def _after_the_end(self, days: Days) -> Days:
        return days - self.months.ends[self.month]

    def at(self, *, cut: int, age: int) -> "AtAge":
        """What was known at an age of the deliveries up to ``cut`` days after the month's end."""
        return AtAge(self, cut, age)

    def per_month_and_unit(self, which: NDArray[np.bool_]) -> Days:
        """Count suspects: a row per month, a column per unit."""
        units, months = len(self.known.units), len(self.months)
        cells = self.month[which] * units + self.known.unit[which]
        return np.bincount(cells, minlength=months * units).reshape(months, units)


FAR = NOT_YET // 2
"""Days after a month's end beyond which nothing has come."""


@dataclass(frozen=True)
class AtAge:
    """The months at one age, as far as the as-of date lets that be known.

    Attributes:
        of: the suspects in their months.
        cut: the last day of delivery that is looked at, after the month's end.
        age: the day whose knowledge is used, after the month's end.
    """

    of: MonthsKnown
    cut: int
    age: int

    @cached_property
    def is_asked(self) -> NDArray[np.bool_]:
        """Delivered up to the cut, recorded whenever."""
        return self.of.delivered <= self.cut

    @cached_property
    def stands(self) -> NDArray[np.bool_]:
        """Recorded by then and not withdrawn."""
        return self.is_asked & (self.of.recorded <= self.age) & (self.of.withdrawn > self.age)

    @cached_property
    def waits(self) -> NDArray[np.bool_]:
        """Of these no registration had counted yet."""
        return self.stands & (self.of.came > self.age)

    @cached_property
    def counts(self) -> NDArray[np.bool_]:
        """Of these a registration counted."""
        return self.stands & (self.of.came <= self.age) & (self.of.lapsed > self.age)

    @cached_property
    def has_lapsed(self) -> NDArray[np.bool_]:
        """Of these a registration had counted, and no longer did."""
        return self.stands & (self.of.came <= self.age) & (self.of.lapsed <= self.age)

    @cached_property
    def is_unrecorded(self) -> NDArray[np.bool_]:
        """Delivered by then and recorded later."""
        return self.is_asked & (self.of.recorded > self.age)

    @cached_property
    def has_been(self) -> NDArray[np.bool_]:
        """Per month whether the as-of date had reached that age."""
        return self.of.ages >= self.age
