"""The laws of the pace: ordinary months lie inside, a stop lies outside, and only what was known by then counts."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ketenbalans.nowcast.known import NOT_YET, Days, KnownSuspects, Months
from ketenbalans.nowcast.pace import FAR_OFF, Pace, as_it_happened, paces

FIRST, LAST = date(2010, 1, 1), date(2013, 12, 31)
MONTHS = Months.between(FIRST, LAST)
STOPS_ON = date(2013, 4, 1)


def registers(seed: int, *, a_month: float = 60, days: float = 20, stopped_for: int = 0) -> tuple[Days, Days]:
    """Days of delivery and of registration; nothing is registered for so many days from ``STOPS_ON`` on."""
    rng = np.random.default_rng(seed)
    delivered = np.sort(rng.integers(MONTHS.starts[0], MONTHS.ends[-1] + 1, rng.poisson(a_month * len(MONTHS))))
    registered = delivered + np.floor(rng.exponential(days, len(delivered))).astype(np.int64)
    stop = STOPS_ON.toordinal()
    waits = (registered >= stop) & (registered < stop + stopped_for)
    registered = np.where(waits, stop + stopped_for, registered)
    return delivered, np.where(rng.random(len(delivered)) < 0.05, NOT_YET, registered)


def known_on(day: date, delivered: Days, registered: Days, *, order: Days | None = None) -> KnownSuspects:
    by, place = day.toordinal(), np.arange(len(delivered)) if order is None else order
    delivered, registered = delivered[place], registered[place]
    is_known = delivered <= by
    came = np.where(registered <= by, registered, NOT_YET)[is_known]
    nobody = np.full(int(is_known.sum()), NOT_YET)
    return KnownSuspects.of_arrays(
        as_of=day,
        codes=np.full(len(nobody), "PL0900"),
        delivered=delivered[is_known],
        recorded=delivered[is_known],
        withdrawn=nobody,
        counted_from=came,
        counted_until=nobody,
        registered=came,
    )


def ends(first: date = date(2012, 1, 1)) -> list[date]:
    return [date.fromordinal(int(end)) for end in MONTHS.ends if end > first.toordinal()]


def test_ordinary_months_lie_inside_and_are_off_by_little_in_the_mean() -> None:
    found = [one for seed in range(6) for end in ends() for one in paces(known_on(end, *registers(seed)))]
    assert len(found) > 500
    assert np.mean([one.is_outside for one in found]) < 0.01
    assert np.mean([one.deviations for one in found]) == pytest.approx(0, abs=0.2)
    assert 0.5 < np.std([one.deviations for one in found]) < 1.1


@pytest.mark.parametrize("seed", range(5))
def test_a_stop_and_its_end_lie_outside(seed: int) -> None:
    stopped = registers(seed, stopped_for=61)
    first, second, after = (paces(known_on(end, *stopped)) for end in ends(STOPS_ON)[:3])
    for month in (first, second):
        assert min(one.deviations for one in month) < -3
        assert all(one.registered < one.usual for one in month if one.is_outside)
    assert max(one.deviations for one in after) > 3
    assert not any(one.is_outside for one in paces(known_on(ends(STOPS_ON)[0], *registers(seed))))


def test_nothing_registered_at_all_is_as_far_off_as_can_be() -> None:
    delivered, registered = registers(0, a_month=4000, days=5, stopped_for=61)
    found = paces(known_on(ends(STOPS_ON)[0], delivered, registered))
    assert min(one.deviations for one in found) == -FAR_OFF


@given(st.integers(0, 1000))
@settings(max_examples=15, deadline=None)
def test_the_order_of_suspects_is_of_no_account(seed: int) -> None:
    made = registers(seed % 7)
    order = np.random.default_rng(seed).permutation(len(made[0]))
    assert paces(known_on(LAST, *made)) == paces(known_on(LAST, *made, order=order))


def test_what_was_recorded_later_changes_nothing() -> None:
    end = ends()[10]
    delivered, registered = registers(3)
    later = delivered > end.toordinal()
    others = np.where(registered > end.toordinal(), registered + 300, registered)
    assert paces(known_on(end, delivered, registered)) == paces(known_on(end, delivered[~later], others[~later]))


def test_registered_and_expected_come_to_the_same_over_the_months_that_are_compared() -> None:
    """The days of a month are what its expected number is made of: none is lost where one month follows another."""
    delivered, registered = registers(5, a_month=300)
    total = [paces(known_on(end, delivered, registered))[2] for end in ends() if end.month not in (12, 1)]
    assert sum(one.registered for one in total) == pytest.approx(sum(one.usual for one in total), rel=0.03)


@pytest.mark.parametrize(("years", "a_month"), [(1.9, 60), (3, 2)])
def test_of_too_little_before_nothing_is_said(years: float, a_month: float) -> None:
    rng = np.random.default_rng(1)
    first = LAST - timedelta(days=int(365 * years))
    delivered = np.sort(rng.integers(first.toordinal(), LAST.toordinal() + 1, int(a_month * 12 * years)))
    assert paces(known_on(LAST, delivered, delivered + 10)) == []


def test_a_december_is_held_against_decembers() -> None:
    """What would be registered in the last three weeks of a year is held over: ordinary, unless it was never so."""

    def december(first_year_held_over: int) -> list[Pace]:
        delivered, registered = registers(2, a_month=150)
        for year in range(first_year_held_over, 2014):
            last = date(year, 12, 31).toordinal()
            is_held = (registered > last - 21) & (registered <= last)
            registered = np.where(is_held, last + 8, registered)
        return paces(known_on(LAST, delivered, registered))

    assert {one.months_before for one in december(2010)} == {3}
    assert not any(one.is_outside for one in december(2010))
    assert any(one.is_outside for one in december(2013))


def test_a_month_whose_records_came_late_is_ordinary_as_it_happened() -> None:
    end, seen = ends()[15], ends()[16]
    known = known_on(seen, *registers(4))
    is_late = (known.counted_from > end.replace(day=1).toordinal()) & (known.counted_from <= end.toordinal())
    late = replace(known, counted_from=np.where(is_late, end.toordinal() + 5, known.counted_from))
    by_then = replace(
        late,
        as_of=end,
        counted_from=np.where(late.counted_from <= end.toordinal(), late.counted_from, NOT_YET),
    )
    assert any(one.is_outside for one in paces(by_then))
    assert not any(one.is_outside for one in paces(as_it_happened(late, until=end)))
