"""The ordinary scenario is steady: even rates, hardly anything unexplained, and every row in one set."""

from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from ketenbalans.scenarios.moments import day_of, is_working_day, working_days
from ketenbalans.scenarios.ordinary import COVERS, OPENED_ON, ORDINARY, ordinary
from ketenbalans.scenarios.registry import SCENARIOS
from ketenbalans.scenarios.sources import EXTRACTS, HOTLINE, OM, POLICE
from ketenbalans.scenarios.stories_steady import LONGEST_WAIT
from tests.scenarios.counted import count_of
from tests.scenarios.extract_sets import distinct_rows

pytestmark = pytest.mark.laws

SETS = ORDINARY.sets()
OTHER_SEEDS = (1, 2, 3)
SOURCES = (POLICE, OM, HOTLINE)


def test_it_has_thirteen_sets_until_the_month_ends_of_2014() -> None:
    assert SCENARIOS["ordinary"] is ORDINARY
    assert [one.covers for one in SETS] == list(COVERS)
    assert len(COVERS) == 13
    assert all((day + timedelta(days=1)).day == 1 for day in COVERS)
    assert all(set(one.received.values()) == {1} and not one.other_chain_key for one in SETS)


@pytest.mark.parametrize("source", SOURCES)
def test_every_row_is_in_one_set_apart_from_repeats(source: str) -> None:
    repeated = EXTRACTS[source].repeated
    answer: list[Any] = [row for row in ORDINARY.records.rows[source] if day_of(row.recorded_at) <= COVERS[-1]]
    sets_of: Counter[Any] = Counter(row for one in SETS for row in one.rows[source])
    assert set(sets_of) == set(answer)
    assert len(set(answer)) == len(answer)
    news = [[row for row in one.rows[source] if day_of(row.recorded_at) > after]
            for one, after in zip(SETS, (date.min, *COVERS), strict=False)]  # fmt: skip
    assert sum(map(len, news)) == len(answer)
    for place, one in enumerate(SETS):
        before = one.rows[source][: len(one.rows[source]) - len(news[place])]
        assert list(before) == (news[place - 1][-repeated:] if place else [])


def test_equal_seeds_show_the_same_and_others_do_not() -> None:
    assert ordinary().sets() == SETS
    assert ordinary(1).sets() == ordinary(1).sets() != SETS


@pytest.mark.parametrize("scenario", [ORDINARY, *map(ordinary, OTHER_SEEDS)], ids=["the seed", *map(str, OTHER_SEEDS)])
class TestSteady:
    def test_hardly_anything_is_missing(self, scenario: Any) -> None:
        truths = scenario.truths()
        for year in scenario.years:
            for as_of in scenario.covers:
                found = count_of(truths, side="police", period=year, as_of=as_of)
                assert found.get("missing", 0) <= 3
                assert not {"suggested", "duplicate_delivery", "joined"} & set(found)
                om_only = set(count_of(truths, side="om", period=year, as_of=as_of))
                assert om_only <= {"", "other_deliverer", "delivered_earlier_period"}

    def test_what_is_registered_is_registered_soon(self, scenario: Any) -> None:
        waits = [
            (delivery.registration.newest.registered_on - delivery.rows[0].delivered_on).days
            for delivery in scenario.records.chain.deliveries
            if delivery.registration
        ]
        assert (min(waits), max(waits) <= LONGEST_WAIT) == (3, True)
        assert sum(wait <= 33 for wait in waits) > 0.88 * len(waits)

    def test_first_rows_are_recorded_within_two_working_days(self, scenario: Any) -> None:
        chain = scenario.records.chain
        firsts = [(one.rows[0].delivered_on, one.rows[0]) for one in chain.deliveries]
        firsts += [(one.rows[0].registered_on, one.rows[0]) for one in chain.registrations]
        for day, row in firsts:
            recorded_on = day_of(row.recorded_at)
            assert is_working_day(day)
            assert day <= recorded_on
            assert len(working_days(day, recorded_on)) <= 3

    def test_months_are_even(self, scenario: Any) -> None:
        chain = scenario.records.chain
        days = [one.rows[0].delivered_on for one in chain.deliveries]
        assert (min(days) >= OPENED_ON, max(days) <= COVERS[-1]) == (True, True)
        for year in (2013, 2014):
            assert 500 <= sum(day.year == year for day in days) <= 640
        months = Counter((day.year, day.month) for day in days)
        for (year, month), suspects in months.items():
            last = date(year, month, 1) + timedelta(days=31)
            usual = 2.1 * 1.03 * len([day for day in working_days(date(year, month, 1), last) if day.month == month])
            assert abs(suspects - usual) < 4 * usual**0.5
        received = Counter((row.received_on.year, row.received_on.month)
                           for row in scenario.records.rows[HOTLINE] if row.mutation == "received")  # fmt: skip
        assert len(received) == 30
        assert set(received.values()) <= {11, 12}


def test_the_year_has_what_the_brief_of_the_scenario_says() -> None:
    chain = ORDINARY.records.chain
    suspects = len(chain.deliveries)
    without_person = sum(not one.newest.skn for one in chain.deliveries) / suspects
    assert 0.005 < without_person < 0.03
    first_words = Counter(one.rows[0].classification for one in chain.registrations)
    assert 0.02 < (first_words["ZEDEN"] + first_words["OVERIG"]) / suspects < 0.06
    disposed = sum(any(row.disposal for row in one.rows) for one in chain.registrations)
    assert 0.4 < disposed / len(chain.registrations) < 0.5
    assert {row.cells()["hotline"] for row in ORDINARY.records.rows[HOTLINE]} == {"meldpunt"}
    assert any(row.mutation == "overgedragen" for one in chain.deliveries for row in one.rows)
    assert any(row.mutation == "vervallen" for one in chain.registrations for row in one.rows)


def test_the_sets_are_what_the_scenario_writes(tmp_path: Path) -> None:
    ORDINARY.write(tmp_path)
    for one in SETS:
        for source, rows in (("police", one.police), ("om", one.om)):
            lines = (tmp_path / f"{source}-{one.covers}.csv").read_text(encoding="utf-8").splitlines()
            assert len(lines) == len(rows) + 1
    assert len(distinct_rows(one.om for one in SETS)) < sum(len(one.om) for one in SETS)
    assert "Published: nothing" in (tmp_path / "SYNTHETIC.txt").read_text(encoding="utf-8")
