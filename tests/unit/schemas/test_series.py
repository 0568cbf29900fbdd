"""Series: every break is named, nothing inside a segment is refused, and what is refused comes apart exactly."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise, product

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ketenbalans.figures.measure import Measure
from ketenbalans.figures.measures import ALL, MEASURES
from ketenbalans.figures.segments import Aspect, InvalidSeries, Segment, Series, differences
from ketenbalans.figures.series import APART, SERIES, UNBROKEN
from ketenbalans.figures.series_asked import NoSuchSeries, Plan, lanes, never_one, plan, stretches
from schemas.period import Period
from schemas.vocabulary import Hotline

DAYS = st.dates(date(2009, 1, 1), date(2022, 12, 31))
PERIODS = st.tuples(DAYS, DAYS).map(lambda days: Period(min(days), max(days)))
CHAINS = [(series, measure) for series in SERIES for measure in sorted(series.measures)]


def test_neighbours_follow_each_other_and_differ_in_something_that_is_explained() -> None:
    for series in SERIES:
        for found in series.breaks():
            assert found.changes, (series.name, found.on)
            assert found.why, (series.name, found.on)
        for before, after in pairwise(series.segments):
            assert after.first is not None
            assert before.last == after.first - timedelta(days=1), series.name
        assert series.segments[0].first is None
        assert series.segments[-1].last is None


def test_a_chain_with_a_hole_or_without_a_difference_is_none() -> None:
    before, after = (Segment(measure="reports_received", screening=name) for name in ("one", "other"))
    closed, following = replace(before, last=date(2018, 12, 31)), replace(after, first=date(2019, 1, 1))
    Series(name="fine", meaning="", segments=(closed, following))
    with pytest.raises(InvalidSeries, match="must end the day before"):
        Series(name="hole", meaning="", segments=(closed, replace(after, first=date(2019, 1, 2))))
    with pytest.raises(InvalidSeries, match="nothing differs"):
        Series(name="same", meaning="", segments=(closed, replace(before, first=date(2019, 1, 1))))


@given(st.sampled_from(CHAINS), PERIODS)
def test_what_lies_inside_one_segment_of_the_measure_is_never_refused(
    chain: tuple[Series, str], period: Period
) -> None:
    series, measure = chain
    for segment in series.segments:
        inside = segment.within(period)
        if inside is not None and measure in segment.measures:
            assert not series.breaks_for(measure, inside)
            assert [part.measure for part in series.parts(measure, inside)] == [measure]


@given(st.sampled_from([measure.name for measure in ALL]), PERIODS)
def test_what_is_refused_comes_apart_into_parts_that_cover_it_without_overlap(measure: str, period: Period) -> None:
    if measure in UNBROKEN:
        period = only_where_valid(measure, period)
    for chain in lanes(measure):
        parts = [part.period for part in chain.parts(measure, period)]
        assert (parts[0].start, parts[-1].end) == (period.start, period.end)
        assert all(one.end + timedelta(days=1) == other.start for one, other in pairwise(parts))
        assert bool(chain.breaks_for(measure, period)) == (
            {part.measure for part in chain.parts(measure, period)} != {measure} or len(parts) > 1
        )
    found = plan(measure, period)
    for part in found.parts:
        asked = plan(part.measure, part.period, basis=part.segment.basis)
        assert asked.breaks == (), "what is offered is not refused"
        assert [one.period for one in asked.parts] == [part.period]


def only_where_valid(measure: str, period: Period) -> Period:
    """The days of a period on which a measure is valid, once the others are seen to be refused."""
    (segment,) = (one for chain in lanes(measure) for one in chain.segments)
    inside = segment.within(period)
    if inside != period:
        with pytest.raises(NoSuchSeries, match=f"{measure} is valid .*{segment.last or segment.first}"):
            plan(measure, period)
    assume(inside is not None)
    assert inside is not None
    assert plan(measure, inside).breaks == ()
    return inside


@given(st.sampled_from(CHAINS))
def test_a_measure_is_always_reported_of_in_its_own_words(chain: tuple[Series, str]) -> None:
    _, measure = chain
    declared = MEASURES[measure]
    for segment in (one for lane in lanes(measure) for one in lane.segments if measure in one.measures):
        said = segment.counted_by()
        assert segment.measure == measure
        assert (said[Aspect.UNIT], said[Aspect.MOMENT]) == (declared.unit.value, declared.counted_at)
        assert said[Aspect.BASIS] == (segment.basis.replace("_", " ") or declared.basis)
        if measure not in {one.measure for series in SERIES for one in series.segments}:
            assert said[Aspect.CARRY_OVER] == declared.carry_over


@given(st.sampled_from([measure for measure in ALL if measure.derived is not None]), PERIODS)
def test_no_row_of_a_measure_leaves_the_days_on_which_it_is_valid(measure: Measure, period: Period) -> None:
    try:
        parts = plan(measure.name, period).parts
    except NoSuchSeries:
        return
    for part in parts:
        valid = MEASURES[part.measure].valid
        assert (valid.first or date.min) <= part.period.start
        assert part.period.end <= (valid.last or date.max)


@given(PERIODS)
def test_every_break_that_is_named_is_between_two_parts_and_none_is_left_out(period: Period) -> None:
    for measure in ("suspects_delivered_to_om", "hotline_reports", "reports_received"):
        found = plan(measure, period)
        if found.parts[0].measure == measure:
            assert days(found) == [part.period.start for part in found.parts[1:]]


def days(found: Plan) -> list[date | None]:
    return [one.on for one in found.breaks]


def aspects(found: Plan) -> list[set[Aspect]]:
    return [{change.aspect for change in one.changes} for one in found.breaks]


def of_years(first: int, last: int) -> Period:
    return Period(date(first, 1, 1), date(last, 12, 31))


def test_the_unit_changes_twice_and_the_carry_over_once_more() -> None:
    found = plan("suspects_delivered_to_om", of_years(2010, 2020))
    assert days(found) == [date(2015, 1, 1), date(2019, 1, 1), date(2020, 1, 1)]
    assert all({Aspect.UNIT, Aspect.MOMENT} <= changed for changed in aspects(found)[:2])
    assert aspects(found)[2] == {Aspect.CARRY_OVER}
    assert [part.measure for part in found.parts] == [
        "suspects_delivered_to_om",
        "interventions_realised",
        "investigations_counted",
        "investigations_counted",
    ]
    assert plan("suspects_delivered_to_om", of_years(2010, 2014)).breaks == ()


def test_a_measure_asked_for_in_years_of_another_is_refused_and_that_one_is_offered() -> None:
    found = plan("suspects_delivered_to_om", of_years(2016, 2017))
    assert days(found) == [date(2015, 1, 1)]
    assert [part.measure for part in found.parts] == ["interventions_realised"]
    assert days(plan("investigations_counted", of_years(2014, 2014))) == [date(2015, 1, 1), date(2019, 1, 1)]


def test_a_half_year_over_two_owners_comes_apart_at_the_day() -> None:
    found = plan("hotline_reports", Period(date(2018, 1, 1), date(2018, 6, 30)))
    assert aspects(found) == [{Aspect.OWNER}]
    assert [(part.segment.owner, str(part.period)) for part in found.parts] == [
        (Hotline.EOKM, "2018-01-01/2018-05-31"),
        (Hotline.DFC_ECPAT, "2018-06-01/2018-06-30"),
    ]
    assert days(plan("hotline_reports", of_years(2016, 2016))) == [date(2016, 4, 1)]
    assert plan("hotline_reports", Period(date(2012, 10, 24), date(2013, 3, 15))).breaks == ()


@pytest.mark.parametrize(
    ("measure", "first", "last", "breaks"),
    [
        ("cases_delivered_to_om", 2012, 2019, [date(2015, 1, 1), date(2019, 1, 1)]),
        ("kst_case_files_to_om", 2012, 2019, [date(2015, 1, 1), date(2019, 1, 1)]),
        ("indigo_trajectories", 2015, 2019, [date(2019, 1, 1)]),
        ("growth_vs_2010", 2014, 2015, [date(2015, 1, 1)]),
    ],
)
def test_what_is_counted_along_breaks_on_the_same_days(measure: str, first: int, last: int, breaks: list[date]) -> None:
    assert days(plan(measure, of_years(first, last))) == breaks


@pytest.mark.parametrize("measure", ["indigo_cases", "finished_with_identification", "foreign_keyplayers_identified"])
def test_what_began_in_2019_is_of_no_earlier_day(measure: str) -> None:
    assert plan(measure, of_years(2019, 2020)).breaks == ()
    with pytest.raises(NoSuchSeries, match=f"{measure} is valid from 2019-01-01 on"):
        plan(measure, of_years(2012, 2019))


def test_victims_have_two_bases_in_one_year_and_neither_goes_on() -> None:
    year = Period.of_year(2014)
    assert aspects(plan("victims_identified", year)) == [{Aspect.BASIS}]
    assert {part.segment.basis for part in plan("victims_identified", year).parts} == {"combined", "image_teams"}
    for basis in ("combined", "image_teams"):
        assert plan("victims_identified", year, basis=basis).breaks == ()
        assert days(plan("victims_identified", of_years(2013, 2014), basis=basis)) == [date(2014, 1, 1)]
        assert days(plan("victims_identified", Period.of_year(2012), basis=basis)) == [date(2012, 1, 1)]
    assert plan("victims_identified", of_years(2012, 2013)).breaks == ()


def test_screening_and_the_union_of_two_categories_break_a_series() -> None:
    assert aspects(plan("reports_received", of_years(2018, 2019))) == [{Aspect.SCREENING}]
    for quality in ("distribution", "production", "abuse"):
        found = plan(f"share_cases_{quality}", of_years(2014, 2015))
        assert [Aspect.POPULATION in changed for changed in aspects(found)] == [True]
        assert found.parts[-1].measure == "share_cases_production_or_abuse"


def test_measures_that_are_apart_differ_and_say_why() -> None:
    for apart in APART:
        for one, other in product(apart.one, apart.other):
            found = never_one(one, other)
            assert (found.on, found.why) == (None, apart.why)
            assert found.changes == differences(found.before, found.after) != ()
            assert never_one(other, one).why == apart.why
    hotline_and_police = never_one("hotline_reports", "reports_received")
    assert Aspect.POPULATION in {change.aspect for change in hotline_and_police.changes}
    start_and_end = never_one("investigations_counted", "finished_with_identification")
    assert {Aspect.UNIT, Aspect.MOMENT} <= {change.aspect for change in start_and_end.changes}


def test_what_there_is_not_is_named() -> None:
    with pytest.raises(NoSuchSeries, match="no measure 'suspects'"):
        lanes("suspects")
    with pytest.raises(NoSuchSeries, match=r"by: combined, image_teams, not_stated, tbkk"):
        lanes("victims_identified", basis="both")
    with pytest.raises(NoSuchSeries, match="by: none"):
        lanes("kst_cases_handled", basis="combined")


@given(st.sets(PERIODS, max_size=6))
def test_periods_of_one_table_are_never_refused_together(periods: set[Period]) -> None:
    groups = stretches("suspects_delivered_to_om", periods)
    assert sorted(period for group in groups for period in group) == sorted(periods)
    for group in groups:
        whole = Period(group[0].start, max(period.end for period in group))
        if len(group) > 1 and whole.start < date(2015, 1, 1):
            assert plan("suspects_delivered_to_om", whole).breaks == ()


def test_years_of_a_table_part_where_the_unit_changes() -> None:
    years = [Period.of_year(year) for year in (2012, 2014, 2015, 2019)]
    assert stretches("suspects_delivered_to_om", years) == [tuple(years[:2]), tuple(years[2:])]
