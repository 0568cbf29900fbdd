"""Made-up histories of six years of deliveries whose end is known: what a nowcast is measured on.

A history draws its own practice first (how many are delivered, which share never comes, how long it takes, what is held
over in December, how late things are recorded), then every suspect. Practice differs between units, drifts between
months, and in some histories changes for good. All of it is invented; nothing in the method was fitted to it.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

import numpy as np

from ketenbalans.nowcast.known import NOT_YET, Days, KnownSuspects, Months

Change: TypeAlias = Literal["none", "strike", "new_system", "growing_hold_over"]
CHANGES: tuple[Change, ...] = ("none", "strike", "new_system", "growing_hold_over")

FIRST, LAST = date(2010, 1, 1), date(2015, 12, 31)
UNITS = ("PL0100", "PL0600", "PL0900", "PL1100", "PL1300", "PL1500", "PL1700", "PL2000", "PL2100", "PL2300", "PL2600")


@dataclass(frozen=True)
class History:
    """Every suspect of six years with all that ever became of it; arrays as in ``KnownSuspects``."""

    change: Change
    changed_on: int
    unit: Days
    delivered: Days
    recorded: Days
    withdrawn: Days
    counted_from: Days
    lapsed: Days
    registered: Days

    def is_changed_by(self, day: date) -> bool:
        """Whether practice has changed for good, or stopped for a while, by a day."""
        return self.change != "none" and day.toordinal() >= self.changed_on

    def known_on(self, day: date) -> KnownSuspects:
        """What was known of it on a day: nothing that was recorded later."""
        by = day.toordinal()
        known = self.recorded <= by
        has_counted = self.counted_from[known] <= by
        lapsed = self.lapsed[known]
        return KnownSuspects.of_arrays(
            as_of=day,
            codes=np.array(UNITS)[self.unit[known]],
            delivered=self.delivered[known],
            recorded=self.recorded[known],
            withdrawn=np.where(self.withdrawn[known] <= by, self.withdrawn[known], NOT_YET),
            counted_from=np.where(has_counted, self.counted_from[known], NOT_YET),
            counted_until=np.where(has_counted & (lapsed <= by), lapsed - 1, NOT_YET),
            registered=np.where(has_counted, self.registered[known], NOT_YET),
        )


def history(seed: int, change: Change = "none") -> History:
    """Make a history; the same seed and change give the same."""
    rng = np.random.default_rng([seed, CHANGES.index(change)])
    months = Months.between(FIRST, LAST)
    changed_on = int(months.starts[rng.integers(36, 66)])
    delivered = _deliveries(rng, months)
    unit = rng.choice(len(UNITS), size=len(delivered), p=rng.dirichlet(np.full(len(UNITS), 5.0)))
    recorded = delivered + _recorded_after(rng, len(delivered))
    registered, counted_from = _registered(rng, months, delivered, unit, change, changed_on)
    counted_from = np.where(counted_from < NOT_YET, np.maximum(counted_from, recorded), NOT_YET)
    withdrawn = _left(rng, recorded, share=rng.uniform(0.005, 0.03), days=rng.uniform(20, 90))
    open_too_long = (counted_from >= NOT_YET) & (rng.random(len(delivered)) < rng.uniform(0, 0.3))
    withdrawn = np.where(open_too_long, recorded + 1 + _days(rng, rng.uniform(60, 150), len(delivered)), withdrawn)
    lapsed = _left(rng, counted_from, share=rng.uniform(0.005, 0.03), days=rng.uniform(40, 200))
    return History(change, changed_on, unit, delivered, recorded, withdrawn, counted_from, lapsed, registered)


def _deliveries(rng: np.random.Generator, months: Months) -> Days:
    """The days of delivery: working days, more of them at the end of a year, and a level that drifts."""
    level = rng.uniform(25, 65)
    year_end = rng.uniform(1.0, 1.6)
    found = []
    for place, (start, end) in enumerate(zip(months.starts, months.ends, strict=True)):
        level *= np.exp(rng.normal(0.002, 0.03))
        expected = level * rng.gamma(40, 1 / 40) * (year_end if months.calendar(place) == 12 else 1)
        days = np.arange(start, end + 1)
        weights = np.where((days + 6) % 7 < 5, 1.0, 0.08)
        found.append(rng.choice(days, size=rng.poisson(expected), p=weights / weights.sum()))
    return np.concatenate(found).astype(np.int64)


def _recorded_after(rng: np.random.Generator, size: int) -> Days:
    late = rng.random(size) < rng.uniform(0.05, 0.3)
    return np.where(late, 1 + _days(rng, rng.uniform(5, 30), size), rng.integers(0, 3, size)).astype(np.int64)


def _registered(  # noqa: PLR0913, PLR0917 (who, and what becomes of the practice)
    rng: np.random.Generator, months: Months, delivered: Days, unit: Days, change: Change, changed_on: int
) -> tuple[Days, Days]:
    """The day of each registration and the day from which it counts; ``NOT_YET``: never."""
    size, month = len(delivered), months.of(delivered)
    never = _logit(rng.uniform(0.02, 0.09)) + rng.normal(0, 0.5, len(UNITS))[unit]
    never += rng.normal(0, rng.uniform(0, 0.4), len(months))[month]
    pace = rng.uniform(8, 35) * np.exp(rng.normal(0, 0.25, len(UNITS))[unit] + rng.normal(0, 0.15, len(months))[month])
    is_changed = delivered >= changed_on
    if change == "new_system":
        pace = np.where(is_changed, pace * rng.choice([0.5, 2.0]), pace)
        never = np.where(is_changed, never + rng.normal(0, 0.4), never)
    shape = rng.uniform(0.7, 1.4)
    days = rng.gamma(shape, 1, size) / shape * pace
    slow = rng.random(size) < rng.uniform(0.02, 0.1)
    days = np.where(slow, days + rng.exponential(rng.uniform(40, 100), size), days)
    registered = delivered + np.floor(days).astype(np.int64)
    registered = _held_over(rng, registered, change)
    if change == "strike":
        struck = (registered >= changed_on) & (registered < changed_on + 61) & (rng.random(size) < 0.85)
        registered = np.where(struck, changed_on + 61 + _days(rng, 12, size), registered)
    late = rng.random(size) < rng.uniform(0.02, 0.1)
    lag = np.where(late, 3 + _days(rng, rng.uniform(10, 60), size), rng.integers(0, 5, size))
    comes = rng.random(size) >= 1 / (1 + np.exp(-never))
    return np.where(comes, registered, NOT_YET), np.where(comes, registered + lag, NOT_YET)


def _held_over(rng: np.random.Generator, registered: Days, change: Change) -> Days:
    """Move a part of what would be registered in the last weeks of a year into the next January."""
    share, grows = rng.uniform(0.2, 0.7), rng.uniform(0.05, 0.1) if change == "growing_hold_over" else 0.0
    begins = int(rng.integers(10, 22))
    moved = registered.copy()
    for year in range(FIRST.year, LAST.year + 2):
        first, last = date(year, 12, 31).toordinal() - begins, date(year, 12, 31).toordinal()
        this_year = min(0.97, share + rng.normal(0, 0.08) + grows * (year - FIRST.year))
        inside = (registered >= first) & (registered <= last) & (rng.random(len(registered)) < this_year)
        moved = np.where(inside, last + 4 + _days(rng, 8, len(registered)), moved)
    return moved


def _left(rng: np.random.Generator, since: Days, *, share: float, days: float) -> Days:
    leaves = (rng.random(len(since)) < share) & (since < NOT_YET)
    return np.where(leaves, since + 1 + _days(rng, days, len(since)), NOT_YET)


def _days(rng: np.random.Generator, mean: float, size: int) -> Days:
    return np.floor(rng.exponential(mean, size)).astype(np.int64)


def _logit(share: float) -> float:
    return float(np.log(share / (1 - share)))
