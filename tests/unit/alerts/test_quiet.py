"""When a step is reported: never too early, never in the night unless it is critical."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ketenbalans.alerts.quiet import end_of_quiet, is_quiet, send_at
from schemas.alert_policy import QuietHours
from schemas.alerts import AlertEvent, AlertRule, AlertStep, Severity
from schemas.period import AMSTERDAM

LAWS = settings(max_examples=150, deadline=None)
NIGHTS = QuietHours(begin=time(19), end=time(7, 30), weekend=False)
NIGHTS_AND_WEEKENDS = QuietHours(begin=time(19), end=time(7, 30), weekend=True)
AROUND_LUNCH = QuietHours(begin=time(12), end=time(13, 30), weekend=False)
FROM_MIDNIGHT = QuietHours(begin=time(0), end=time(6), weekend=True)
UNTIL_MIDNIGHT = QuietHours(begin=time(18), end=time(0), weekend=True)

quiets = st.sampled_from([NIGHTS, NIGHTS_AND_WEEKENDS, AROUND_LUNCH, FROM_MIDNIGHT, UNTIL_MIDNIGHT])
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)) | st.builds(  # noqa: DTZ001
    lambda day, minutes: datetime.combine(day, time(20), UTC) + timedelta(minutes=minutes),
    st.sampled_from([date(2026, 3, 27), date(2026, 3, 28), date(2026, 10, 23), date(2026, 10, 24)]),
    st.integers(0, 36 * 60),
)
"""Any moment of 2026, and often one about the days on which the clock is changed."""


def step(at: datetime, severity: Severity) -> AlertEvent:
    return AlertEvent(
        rule=AlertRule.VOLUME, subject="PL0900", step=AlertStep.RAISED, severity=severity, says="so", mark="m", at=at
    )


def amsterdam(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, AMSTERDAM).astimezone(UTC)


@LAWS
@given(moments, quiets, st.sampled_from(Severity))
def test_nothing_is_reported_before_it_happened(at: datetime, quiet: QuietHours, severity: Severity) -> None:
    assert send_at(step(at, severity), quiet).astimezone(UTC) >= at


@LAWS
@given(moments, quiets)
def test_what_is_critical_is_reported_at_once(at: datetime, quiet: QuietHours) -> None:
    assert send_at(step(at, Severity.CRITICAL), quiet) == at


@LAWS
@given(moments, quiets)
def test_a_warning_is_reported_at_once_or_at_an_end_of_quiet_and_never_inside_it(
    at: datetime, quiet: QuietHours
) -> None:
    answer = send_at(step(at, Severity.WARNING), quiet)
    assert not is_quiet(answer.astimezone(UTC), quiet)
    if not is_quiet(at, quiet):
        assert answer == at


@LAWS
@given(moments, quiets)
def test_a_notice_is_reported_at_the_first_end_of_quiet(at: datetime, quiet: QuietHours) -> None:
    answer = send_at(step(at, Severity.NOTICE), quiet).astimezone(UTC)
    first_day = at.astimezone(AMSTERDAM).date()
    days = [first_day + timedelta(days=place) for place in range(5)]
    ends = [amsterdam(day, quiet.end) for day in days if not (quiet.weekend and day.weekday() >= 5)]
    assert answer == min(end for end in ends if end > at)


@LAWS
@given(moments, quiets, st.sampled_from(Severity))
def test_what_waits_longer_is_not_reported_earlier(at: datetime, quiet: QuietHours, severity: Severity) -> None:
    later = at + timedelta(minutes=17)
    assert send_at(step(at, severity), quiet) <= send_at(step(later, severity), quiet)


@LAWS
@given(moments, quiets)
def test_when_is_a_matter_of_the_moment_and_not_of_how_it_is_written(at: datetime, quiet: QuietHours) -> None:
    local = at.astimezone(AMSTERDAM)
    assert is_quiet(local, quiet) == is_quiet(at, quiet)
    assert end_of_quiet(local, quiet) == end_of_quiet(at, quiet)


@pytest.mark.parametrize(
    ("quiet", "clock", "expected"),
    [
        (NIGHTS, time(19), True),
        (NIGHTS, time(18, 59, 59, 999999), False),
        (NIGHTS, time(23, 59), True),
        (NIGHTS, time(0), True),
        (NIGHTS, time(7, 29, 59), True),
        (NIGHTS, time(7, 30), False),
        (AROUND_LUNCH, time(12), True),
        (AROUND_LUNCH, time(11, 59, 59), False),
        (AROUND_LUNCH, time(13, 29, 59), True),
        (AROUND_LUNCH, time(13, 30), False),
        (AROUND_LUNCH, time(0), False),
        (FROM_MIDNIGHT, time(0), True),
        (FROM_MIDNIGHT, time(23, 59), False),
        (UNTIL_MIDNIGHT, time(23, 59), True),
        (UNTIL_MIDNIGHT, time(0), False),
    ],
)
def test_quiet_begins_with_its_first_moment_and_ends_before_its_last(
    quiet: QuietHours, clock: time, *, expected: bool
) -> None:
    wednesday = date(2026, 6, 10)
    assert is_quiet(amsterdam(wednesday, clock), quiet) is expected


@pytest.mark.parametrize(
    ("quiet", "day", "clock", "told_on", "told_clock"),
    [
        pytest.param(NIGHTS, "2026-06-09", time(23), "2026-06-10", time(7, 30), id="before midnight"),
        pytest.param(NIGHTS, "2026-06-10", time(3), "2026-06-10", time(7, 30), id="after midnight"),
        pytest.param(NIGHTS, "2026-06-12", time(20), "2026-06-13", time(7, 30), id="a Saturday like any other"),
        pytest.param(NIGHTS_AND_WEEKENDS, "2026-06-12", time(20), "2026-06-15", time(7, 30), id="Friday evening"),
        pytest.param(NIGHTS_AND_WEEKENDS, "2026-06-13", time(12), "2026-06-15", time(7, 30), id="Saturday noon"),
        pytest.param(NIGHTS_AND_WEEKENDS, "2026-06-14", time(23), "2026-06-15", time(7, 30), id="Sunday evening"),
        pytest.param(NIGHTS_AND_WEEKENDS, "2026-06-12", time(18), "2026-06-12", time(18), id="Friday in office hours"),
        pytest.param(AROUND_LUNCH, "2026-06-10", time(12, 5), "2026-06-10", time(13, 30), id="within a day"),
    ],
)
def test_a_warning_waits_for_the_morning(
    quiet: QuietHours, day: str, clock: time, told_on: str, told_clock: time
) -> None:
    at = amsterdam(date.fromisoformat(day), clock)
    assert send_at(step(at, Severity.WARNING), quiet) == amsterdam(date.fromisoformat(told_on), told_clock)


def test_an_end_of_quiet_lies_after_its_moment() -> None:
    at = amsterdam(date(2026, 6, 10), NIGHTS.end)
    assert end_of_quiet(at - timedelta(microseconds=1), NIGHTS) == at
    assert end_of_quiet(at, NIGHTS) == amsterdam(date(2026, 6, 11), NIGHTS.end)


@pytest.mark.parametrize(
    ("at", "answer"),
    [
        pytest.param("2026-03-28T22:00", "2026-03-29T05:30", id="the night that lacks an hour"),
        pytest.param("2026-03-29T01:00", "2026-03-29T05:30", id="just after the hour that is not there"),
        pytest.param("2026-10-24T21:00", "2026-10-25T06:30", id="the night that has an hour more"),
        pytest.param("2026-10-25T00:30", "2026-10-25T06:30", id="half past two the first time"),
        pytest.param("2026-10-25T01:30", "2026-10-25T06:30", id="half past two the second time"),
    ],
)
def test_the_digest_comes_by_the_clock_on_the_wall_when_it_is_changed(at: str, answer: str) -> None:
    happened, expected = (datetime.fromisoformat(one).replace(tzinfo=UTC) for one in (at, answer))
    assert send_at(step(happened, Severity.WARNING), NIGHTS).astimezone(UTC) == expected


def test_nothing_is_reported_before_it_happened_in_the_hour_that_comes_twice() -> None:
    at = datetime(2026, 10, 25, 1, 10, tzinfo=UTC)  # ten past two, the second time
    quiet = QuietHours(begin=time(19), end=time(2, 30), weekend=False)
    assert send_at(step(at, Severity.NOTICE), quiet).astimezone(UTC) >= at
