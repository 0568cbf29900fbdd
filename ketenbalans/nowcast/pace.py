"""Whether registering kept its pace in a month that is over, against the months before: the alert ``nowcast_missed``.

A nowcast takes it that who is still to come comes as before. What would have been registered in the month follows
from how long each suspect was open in it and from how many of those open so long were registered a day, in the months
before; what was registered lies outside when chance and the difference between months explain it in less than three
standard deviations (ADR 0062). Decembers and Januaries, in which registrations are held over, are held against
Decembers and Januaries. Pure.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray
from scipy.stats import nbinom, norm

from ketenbalans.nowcast.known import NOT_YET, Days, KnownSuspects, Months
from ketenbalans.nowcast.question import ENOUGH_MONTHS, ENOUGH_SUSPECTS

STANDARD_DEVIATIONS, FAR_OFF = 3.0, 40.0
"""Outside of so many; what is too far off for a number to say how far is off by the second."""
MOST_DAYS_OPEN = 400
"""Who is open for longer is not counted: hardly anybody of them comes."""
FIRST_MONTHS = 3
"""The first months are compared with none: nobody was open at their start."""
ENOUGH_COMPARED = 2
SPREAD, SPREAD_AT_THE_TURN, SPREAD_MONTHS = 0.01, 0.05, 4.0
"""The square of how far months differ, as a share, before any is seen, and so many months it weighs: ordinary months
by a tenth, those in which a year turns by a fifth."""
TURN = (12, 1)

Floats = NDArray[np.float64]
PerMonth = tuple[Floats, Floats]
"""Registered and expected per month, in each a column per age of the delivery: this month, the one before, older."""


@dataclass(frozen=True)
class Pace:
    """What was registered in a month of one group of suspects, beside what would be usual.

    Attributes:
        group: who is counted, in words.
        registered: how many were.
        usual: how many would be, in the mean of the months compared.
        months_before: how many months it was compared with.
        deviations: how many standard deviations it lies off; below 0: fewer than usual.
    """

    group: str
    registered: int
    usual: float
    months_before: int
    deviations: float

    @property
    def is_outside(self) -> bool:
        """Whether practice of before does not explain it."""
        return abs(self.deviations) > STANDARD_DEVIATIONS


def paces(known: KnownSuspects) -> list[Pace]:
    """The pace of the month that ended on the as-of date, of four groups of suspects.

    Args:
        known: every delivered suspect as known on the last day of a month; what was recorded later is not there.

    Returns:
        Of the month's deliveries; of those open at its start; of both; of the deliveries of two months since the first
        of them began. A group without two months to be compared with is left out, and where less than 24 months or 100
        suspects are known before the month, all of them.
    """
    end = known.as_of.toordinal()
    if not len(known.delivered) or known.delivered.min() > end:
        return []
    months = Months.between(date.fromordinal(int(known.delivered.min())), known.as_of)
    last = len(months) - 1
    if last < ENOUGH_MONTHS or np.sum(known.delivered < months.starts[last]) < ENOUGH_SUSPECTS:
        return []
    counted = _per_month(known, months)
    found = (_pace(group, counted, months) for group in GROUPS)
    return [one for one in found if one is not None]


def as_it_happened(known: KnownSuspects, *, until: date) -> KnownSuspects:
    """The days of delivery and registration up to a day, whenever they were recorded.

    What was known too late, and what was mended since, is where it belongs: a month in which registering kept its pace
    is ordinary then.

    Args:
        known: every delivered suspect as known on a later day.
        until: the last day of the month.
    """
    last = until.toordinal()
    has_happened = known.delivered <= last
    counts = (known.counted_from < NOT_YET) & (known.registered <= last)
    registered = np.where(counts, np.maximum(known.registered, known.delivered), NOT_YET)[has_happened]
    withdrawn = np.where(known.withdrawn <= last, known.withdrawn, NOT_YET)[has_happened]
    delivered = known.delivered[has_happened]
    return replace(
        known,
        as_of=until,
        unit=known.unit[has_happened],
        delivered=delivered,
        recorded=delivered,
        withdrawn=withdrawn,
        counted_from=registered,
        counted_until=np.full(len(delivered), NOT_YET),
        registered=registered,
    )


@dataclass(frozen=True)
class Group:
    """Suspects who are counted together.

    Attributes:
        words: who they are.
        of: their number per month, of the columns by age of the delivery, and of those a month earlier.
        spans: how many months are counted.
    """

    words: str
    of: Callable[[Floats, Floats], Floats]
    spans: int = 1

    def numbers(self, columns: Floats) -> Floats:
        """One number per month."""
        earlier = np.vstack([np.zeros_like(columns[:1]), columns[:-1]])
        return self.of(columns, earlier)


GROUPS = (
    Group("of the suspects delivered in it", lambda now, _: now[:, 0]),
    Group("of the suspects open at its start", lambda now, _: now[:, 1] + now[:, 2]),
    Group("of all suspects open in it", lambda now, _: now.sum(axis=1)),
    Group(
        "of the suspects delivered in it and in the month before, in both months",
        lambda now, before: now[:, 0] + now[:, 1] + before[:, 0],
        spans=2,
    ),
)


def _pace(group: Group, counted: PerMonth, months: Months) -> Pace | None:
    registered, expected = (group.numbers(columns) for columns in counted)
    last = len(months) - 1
    compared = np.array(list(_compared(group, months)), dtype=np.int64)
    if len(compared) < ENOUGH_COMPARED or not expected[compared].sum() or not expected[last]:
        return None
    level = registered[compared].sum() / expected[compared].sum()
    usual = level * expected
    if not usual[last]:
        return None
    spread = _spread(registered[compared], usual[compared], is_of_the_turn=_is_of_the_turn(group, months, last))
    variance = spread * (1 + 1 / len(compared)) + 1 / (1 + expected[compared].sum())
    deviations = _deviations(int(registered[last]), float(usual[last]), variance)
    return Pace(group.words, int(registered[last]), float(usual[last]), len(compared), deviations)


def _compared(group: Group, months: Months) -> Iterator[int]:
    """The months before that are like the last one: of the same calendar month where a year turns, else all others."""
    last = len(months) - 1
    for place in range(FIRST_MONTHS + group.spans - 1, last):
        if _is_of_the_turn(group, months, last):
            is_alike = months.calendar(place) == months.calendar(last)
        else:
            is_alike = not _is_of_the_turn(group, months, place)
        if is_alike:
            yield place


def _is_of_the_turn(group: Group, months: Months, place: int) -> bool:
    """Whether a December or a January is among the months that are counted."""
    return any(months.calendar(place - back) in TURN for back in range(min(group.spans, place + 1)))


def _spread(registered: Floats, usual: Floats, *, is_of_the_turn: bool) -> float:
    """The square of how far months differ beyond chance, as a share of what is usual."""
    many = len(registered)
    beyond_chance = ((registered - usual) ** 2).sum() * many / (many - 1) - usual.sum()
    found = max(0.0, float(beyond_chance / (usual**2).sum()))
    before = SPREAD_AT_THE_TURN if is_of_the_turn else SPREAD
    return (many * found + SPREAD_MONTHS * before) / (many + SPREAD_MONTHS)


def _deviations(registered: int, usual: float, variance: float) -> float:
    """How far a count lies off: the place of its chance (Poisson, of a mean that varies) in the normal distribution.

    Half of the chance of the very count is on either side, so that counts are off by 0 in the mean.
    """
    size = 1 / variance
    chance = nbinom(size, size / (size + usual))
    half = 0.5 * chance.pmf(registered)
    fewer, more = float(chance.cdf(registered - 1) + half), float(chance.sf(registered) + half)
    side, tail = (-1.0, fewer) if fewer < more else (1.0, more)
    return side * float(norm.isf(tail)) if tail > 0 else side * FAR_OFF


def _per_month(known: KnownSuspects, months: Months) -> PerMonth:
    """Registered and expected of each month, by the age of the delivery in months."""
    day, age, month, registered = _months_open(known, months)
    since, until = age
    ordinary = np.array([months.calendar(place) not in TURN for place in range(len(months))])[month]
    changes = np.bincount(since[ordinary], minlength=MOST_DAYS_OPEN + 2) - np.bincount(
        until[ordinary] + 1, minlength=MOST_DAYS_OPEN + 2
    )
    at_risk = np.cumsum(changes)[: MOST_DAYS_OPEN + 1]
    came = np.bincount(until[ordinary & registered], minlength=MOST_DAYS_OPEN + 1)
    each_day = np.divide(came, at_risk, out=np.zeros(MOST_DAYS_OPEN + 1), where=at_risk > 0)
    by_day = np.concatenate([[0.0], np.cumsum(each_day)])
    older = np.minimum(month - months.of(day), 2)
    cell, shape = month * 3 + older, (len(months), 3)
    cells = len(months) * 3
    expected = np.bincount(cell, weights=by_day[until + 1] - by_day[since], minlength=cells)
    counted = np.bincount(cell, weights=registered, minlength=cells)
    return counted.reshape(shape).astype(np.float64), expected.reshape(shape).astype(np.float64)


def _months_open(known: KnownSuspects, months: Months) -> tuple[Days, tuple[Days, Days], Days, NDArray[np.bool_]]:
    """A row per suspect and month in which the suspect was open: recorded, not registered, not withdrawn.

    Returns:
        The day of delivery; the first and the last day open in that month, counted from it; the month; whether a
        registration counted from that last day.
    """
    end = known.as_of.toordinal()
    begins = np.maximum(known.recorded, known.delivered)
    stops = np.minimum(np.minimum(known.counted_from, known.withdrawn), end)
    comes = (known.counted_from <= known.withdrawn) & (known.counted_from <= end)
    latest = known.delivered + MOST_DAYS_OPEN
    is_open = (begins <= end) & (begins <= latest)
    day, begins, latest = known.delivered[is_open], begins[is_open], latest[is_open]
    stops, comes = np.maximum(stops[is_open], begins), comes[is_open] & (stops[is_open] <= latest)
    stops = np.minimum(stops, latest)
    first, many = months.of(begins), months.of(stops) - months.of(begins) + 1
    suspect = np.repeat(np.arange(len(day)), many)
    month = np.arange(len(suspect)) - np.repeat(np.cumsum(many) - many, many) + np.repeat(first, many)
    since = np.maximum(begins[suspect], months.starts[month]) - day[suspect]
    until = np.minimum(stops[suspect], months.ends[month]) - day[suspect]
    registered = comes[suspect] & (stops[suspect] == until + day[suspect])
    return day[suspect], (since, until), month, registered
