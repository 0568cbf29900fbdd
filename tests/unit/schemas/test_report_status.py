"""The status of a report: provisional until its day is late enough, then final, or restated when one said otherwise."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.period import Period
from schemas.report_status import EarlierReport, ReportStatus, final_from, status_of

YEAR = Period.of_year(2014)
NOW = {"delivered": 560, "recognised": 516, "gap": 44}
SAME = {"delivered": 560, "recognised": 516}
OTHER = {"delivered": 560, "recognised": 515}
DAYS = st.dates(date(2014, 6, 1), date(2016, 6, 1))
REPORTS = st.lists(st.builds(EarlierReport, as_of=DAYS, figures=st.sampled_from([SAME, OTHER])), max_size=6)


def status(
    as_of: date, *reported: EarlierReport, final_after_days: int = 30
) -> tuple[ReportStatus, EarlierReport | None]:
    return status_of(YEAR, as_of, figures=NOW, reported=reported, final_after_days=final_after_days)


@given(as_of=DAYS, reported=REPORTS, days=st.integers(0, 400))
def test_a_report_is_provisional_just_when_its_day_comes_before_the_final_ones(
    as_of: date, reported: list[EarlierReport], days: int
) -> None:
    found, _ = status(as_of, *reported, final_after_days=days)
    assert (found is ReportStatus.PROVISIONAL) == ((as_of - YEAR.end).days < days)
    assert final_from(YEAR, final_after_days=days) - YEAR.end == timedelta(days=days)


@given(as_of=DAYS, reported=REPORTS)
def test_a_report_is_restated_just_when_an_earlier_final_one_said_otherwise(
    as_of: date, reported: list[EarlierReport]
) -> None:
    first = final_from(YEAR, final_after_days=30)
    said_otherwise = [one for one in reported if first <= one.as_of <= as_of and one.figures == OTHER]
    found, restates = status(as_of, *reported)
    assert (found is ReportStatus.RESTATED) == (restates is not None) == bool(said_otherwise)
    if restates is not None:
        assert restates.as_of == max(one.as_of for one in said_otherwise)


@given(as_of=DAYS, reported=REPORTS)
def test_the_order_of_the_reports_decides_nothing(as_of: date, reported: list[EarlierReport]) -> None:
    assert status(as_of, *reported) == status(as_of, *reversed(reported))


@pytest.mark.parametrize(
    ("as_of", "reported", "expected"),
    [
        (date(2015, 1, 29), [], ReportStatus.PROVISIONAL),
        (date(2015, 1, 30), [], ReportStatus.FINAL),
        (date(2015, 6, 30), [EarlierReport(as_of=date(2015, 1, 31), figures=SAME)], ReportStatus.FINAL),
        (date(2015, 6, 30), [EarlierReport(as_of=date(2015, 1, 31), figures=OTHER)], ReportStatus.RESTATED),
        (date(2015, 6, 30), [EarlierReport(as_of=date(2014, 12, 31), figures=OTHER)], ReportStatus.FINAL),
        (date(2015, 6, 30), [EarlierReport(as_of=date(2015, 7, 31), figures=OTHER)], ReportStatus.FINAL),
    ],
)
def test_the_rule_by_example(as_of: date, reported: list[EarlierReport], expected: ReportStatus) -> None:
    assert status(as_of, *reported)[0] is expected
