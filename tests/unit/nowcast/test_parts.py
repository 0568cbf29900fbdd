"""The laws of what a nowcast is made of: each finds again what its data were drawn from."""

from datetime import date

import numpy as np
import pytest

from ketenbalans.nowcast.draws import DRAWS
from ketenbalans.nowcast.known import NOT_YET, KnownSuspects
from ketenbalans.nowcast.late import Flow, Lateness, delay_of, lateness, unrecorded, unrecorded_draws
from ketenbalans.nowcast.months import MonthsKnown
from ketenbalans.nowcast.never import never_comes, waiting

FIRST, BY = date(2010, 1, 1).toordinal(), date(2014, 12, 31).toordinal()


def test_the_delay_is_found_though_late_ones_are_not_there_yet() -> None:
    rng = np.random.default_rng(1)
    happened = rng.integers(BY - 120, BY + 1, 60_000)  # most of the time is not long enough to know
    recorded = happened + np.floor(rng.exponential(20, len(happened))).astype(np.int64)
    known = recorded <= BY
    found = delay_of(happened[known], recorded[known], by=BY, longest=400)
    for days in (0, 5, 20, 60):
        assert found.within[days] == pytest.approx(1 - np.exp(-(days + 1) / 20), abs=0.02)
    naive = np.mean((recorded - happened)[known] <= 20)
    assert naive > found.within[20] + 0.02


def test_what_is_not_recorded_yet_is_found_on_the_average() -> None:
    rng = np.random.default_rng(2)
    expected, true = [], []
    for _ in range(60):
        happened = rng.integers(BY - 700, BY + 1, 1400)
        recorded = happened + np.floor(rng.exponential(6, len(happened))).astype(np.int64)
        known = recorded <= BY
        delay = delay_of(happened[known], recorded[known], by=BY, longest=400)
        is_last = happened > BY - 31
        flow = Flow(first=BY - 30, last=BY, by=BY, happened=happened[known & is_last], usual=2.0)
        expected.append(unrecorded(delay, flow)[0])
        true.append(int((is_last & ~known).sum()))
    assert np.mean(expected) == pytest.approx(np.mean(true), rel=0.1)


def test_months_that_differ_more_than_chance_widen_what_is_drawn() -> None:
    rng = np.random.default_rng(3)
    expected = np.full(60, 20.0)
    alike, nobody = rng.poisson(20.0, 60).astype(float), np.zeros(60, dtype=bool)
    apart = rng.poisson(20.0 * rng.gamma(4, 0.25, 60)).astype(float)
    calm, wild = (lateness(rng, found, expected, nobody) for found in (alike, apart))
    assert calm.between < 0.05 < wild.between
    spreads = [np.std(unrecorded_draws(rng, 20.0, 500.0, tells)) for tells in (calm, wild)]
    assert spreads[0] < spreads[1]
    assert not unrecorded_draws(rng, 0.0, 10.0, Lateness(np.ones(DRAWS), 0.1)).any()


def _suspects(never: float, *, by: int, size: int = 20_000) -> KnownSuspects:
    rng = np.random.default_rng(4)
    delivered = rng.integers(FIRST, by + 1, size)
    recorded = delivered + np.floor(rng.exponential(10, size)).astype(np.int64)
    came = np.maximum(delivered + np.floor(rng.exponential(40, size)).astype(np.int64), recorded)
    comes = rng.random(size) >= never
    known = recorded <= by
    counted = np.where(comes & (came <= by), came, NOT_YET)[known]
    return KnownSuspects.of_arrays(
        as_of=date.fromordinal(by),
        codes=rng.choice(["PL0100", "PL0900"], size)[known],
        delivered=delivered[known],
        recorded=recorded[known],
        withdrawn=np.full(int(known.sum()), NOT_YET),
        counted_from=counted,
        counted_until=np.full(int(known.sum()), NOT_YET),
        registered=counted,
    )


@pytest.mark.parametrize("never", [0.03, 0.2])
def test_who_never_comes_is_kept_apart_from_who_is_only_late(never: float) -> None:
    months = MonthsKnown.of(_suspects(never, by=BY))
    wait = waiting(months, 400)
    assert wait.never == pytest.approx(never, rel=0.1)
    assert wait.after(0) == pytest.approx(np.mean([np.exp(-days / 40) for days in range(1, 32)]), abs=0.06)
    drawn = never_comes(np.random.default_rng(5), months, wait)
    share = np.mean(1 / (1 + np.exp(-drawn.level)))
    assert share == pytest.approx(never, abs=0.015)
    is_open_now = np.mean(months.known.counted_from >= NOT_YET)
    assert is_open_now > share + 0.01, "more are open than never come"
    assert np.mean(drawn.spread) < 0.3, "months that do not differ are not said to"
