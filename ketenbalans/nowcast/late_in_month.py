"""What of one month has happened and is recorded later: deliveries, and registrations with a day in the period."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ketenbalans.nowcast.asked import MonthAsked
from ketenbalans.nowcast.draws import Draws, Floats
from ketenbalans.nowcast.known import Days
from ketenbalans.nowcast.late import Delay, Flow, delay_of, lateness, unrecorded, unrecorded_draws
from ketenbalans.nowcast.months import AtAge, MonthsKnown

USUAL_MONTHS = 12
"""The months that say how much there usually is of a day."""
LONG_ENOUGH = 60
"""Days after which most of what is recorded late has been recorded."""
ALIKE_UNITS = 5.0
"""For so many late ones the units' shares of all deliveries count, beside their shares of the late ones."""
REGISTERED_OVER_MONTHS = 2.0
"""What is registered on a day is of so many months of delivery."""


@dataclass(frozen=True)
class Delays:
    """How late things are recorded.

    Attributes:
        recording: between a delivery and its first row.
        counting: between the day that the OM gives a registration and the day from which it counts.
    """

    recording: Delay
    counting: Delay

    @classmethod
    def of(cls, months: MonthsKnown, horizon: int) -> "Delays":
        """Both delays from all that is known."""
        known, by = months.known, months.known.as_of.toordinal()
        counted = known.counted_from <= by
        return cls(
            recording=delay_of(known.delivered, known.recorded, by=by, longest=horizon),
            counting=delay_of(known.registered[counted], known.counted_from[counted], by=by, longest=horizon),
        )


@dataclass(frozen=True)
class _Late:
    """One kind of thing that is recorded late, of each month of delivery.

    Attributes:
        delay: how late.
        happened: the day of each.
        is_recorded: those recorded at the age of the question.
        is_late: those recorded after it.
        until: the last day that is asked about, after the month's end.
        usual: how many there usually are of a day.
    """

    delay: Delay
    happened: Days
    is_recorded: NDArray[np.bool_]
    is_late: NDArray[np.bool_]
    until: int
    usual: float


def unrecorded_deliveries(rng: np.random.Generator, delays: Delays, state: AtAge, asked: MonthAsked) -> Draws:
    """Draw how many deliveries of the month the police record later: a row per draw, a column per unit."""
    months = state.of
    past = _past(months, asked)
    late = _Late(
        delay=delays.recording,
        happened=months.known.delivered,
        is_recorded=state.is_asked & (months.recorded <= asked.age),
        is_late=state.is_unrecorded,
        until=asked.cut,
        usual=_usual_per_day(months, past, months.known.delivered),
    )
    drawn = _drawn(rng, late, months, asked, past)
    of_units = months.per_month_and_unit(state.is_unrecorded)[past].sum(axis=0) + ALIKE_UNITS * _mix(months, past)
    return np.asarray(rng.multinomial(drawn, of_units / of_units.sum()))


def back_dated(rng: np.random.Generator, delays: Delays, state: AtAge, asked: MonthAsked) -> Draws:
    """Draw how many registrations the OM gives a day in the period and records after the as-of date."""
    months = state.of
    past = _past(months, asked)
    in_period = state.is_asked & (months.registered <= asked.in_period)
    late = _Late(
        delay=delays.counting,
        happened=months.known.registered,
        is_recorded=in_period & (months.came <= asked.age),
        is_late=in_period & (months.came > asked.age),
        until=asked.in_period,
        usual=_usual_per_day(months, past, months.known.registered) / REGISTERED_OVER_MONTHS,
    )
    return _drawn(rng, late, months, asked, past)


def _drawn(rng: np.random.Generator, late: _Late, months: MonthsKnown, asked: MonthAsked, past: Days) -> Draws:
    """Draw how many are late, from what the delay expects and how that turned out in past months."""

    def expected(place: int) -> tuple[float, float]:
        end = int(months.months.ends[place])
        flow = Flow(
            first=int(months.months.starts[place]),
            last=end + late.until,
            by=end + asked.age,
            happened=late.happened[late.is_recorded & (months.month == place)],
            usual=late.usual,
        )
        return unrecorded(late.delay, flow)

    found = np.bincount(months.month[late.is_late], minlength=len(months.months))[past].astype(float)
    calendar = months.months.calendar(asked.place)
    is_alike = np.array([months.months.calendar(place) == calendar for place in past], dtype=bool)
    before = np.array([expected(place)[0] for place in past])
    return unrecorded_draws(rng, *expected(asked.place), lateness(rng, found, before, is_alike))


def _past(months: MonthsKnown, asked: MonthAsked) -> Days:
    """The months that have been at this age long enough to know what came later."""
    past = np.flatnonzero(months.ages >= asked.age + LONG_ENOUGH)
    return np.asarray(past[past != asked.place])


def _usual_per_day(months: MonthsKnown, past: Days, happened: Days) -> float:
    """How often something happened on a day of the last months."""
    last = past[-USUAL_MONTHS:]
    if not len(last):
        return 0.0
    first, until = int(months.months.starts[last[0]]), int(months.months.ends[last[-1]])
    return float(np.sum((happened >= first) & (happened <= until))) / (until - first + 1)


def _mix(months: MonthsKnown, past: Days) -> Floats:
    """Which share of the deliveries of the last months each unit has; no unit has none."""
    counted = months.per_month_and_unit(months.delivered <= 0)[past[-2 * USUAL_MONTHS :]].sum(axis=0) + 0.5
    return np.asarray(counted / counted.sum())
