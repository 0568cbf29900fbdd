"""What the parameters of the DAG `report` ask, on which day it is due, and the note that a task leaves."""

from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ketenbalans.jobs.pages.airflow_notes import LONGEST_NOTE, Note
from ketenbalans.jobs.reporting.calendar import WORKING_DAY_OF_THE_REPORT, working_day_of_month
from ketenbalans.jobs.reporting.refusals import NotCovered
from ketenbalans.jobs.reporting.runs import questions_asked
from schemas.period import InvalidPeriod, Period

COVERED = date(2015, 1, 31)
EMPTY = {"period": "", "as_of": "", "from_month": "", "until_month": ""}
MONTHS = st.dates(date(2012, 1, 1), COVERED)


def asked(**said: str) -> list[tuple[str, str]]:
    return [(str(period), day.isoformat()) for period, day in questions_asked(EMPTY | said, COVERED)]


def test_nothing_said_asks_for_the_newest() -> None:
    assert asked() == [("2015", "2015-01-31")]
    assert questions_asked({}, COVERED) == [(Period.of_year(2015), COVERED)]
    assert questions_asked(dict.fromkeys(EMPTY), COVERED) == [(Period.of_year(2015), COVERED)]


def test_a_day_asks_for_its_own_year() -> None:
    assert asked(as_of="2014-06-30") == [("2014", "2014-06-30")]
    assert asked(as_of=" 2015-01-31 ") == [("2015", "2015-01-31")]


def test_each_period_of_a_list_is_asked_in_its_order() -> None:
    assert asked(period="2014") == [("2014", "2015-01-31")]
    assert asked(period="2014, 2013 ,2014-Q1,") == [
        ("2014", "2015-01-31"),
        ("2013", "2015-01-31"),
        ("2014-01-01/2014-03-31", "2015-01-31"),
    ]
    assert asked(period="2013", as_of="2014-12-31") == [("2013", "2014-12-31")]


def test_months_ask_as_known_at_each_end_the_earliest_first() -> None:
    assert asked(from_month="2014-11", until_month="2015-01") == [
        ("2014", "2014-11-30"),
        ("2014", "2014-12-31"),
        ("2015", "2015-01-31"),
    ]
    assert asked(from_month="2014-12", until_month="2015-01", period="2013,2014") == [
        ("2013", "2014-12-31"),
        ("2014", "2014-12-31"),
        ("2013", "2015-01-31"),
        ("2014", "2015-01-31"),
    ]
    assert asked(from_month="2012-02", until_month="2012-02") == [("2012", "2012-02-29")]


@given(
    months=st.lists(MONTHS, min_size=2, max_size=2).map(sorted), years=st.lists(st.integers(2012, 2015), unique=True)
)
def test_months_and_periods_are_asked_each_with_each(months: list[date], years: list[int]) -> None:
    first, last = months
    said = {"from_month": f"{first:%Y-%m}", "until_month": f"{last:%Y-%m}", "period": ",".join(map(str, years))}
    questions = questions_asked(EMPTY | said, COVERED)
    days = list(dict.fromkeys(day for _, day in questions))
    assert days == sorted(days)
    assert len(days) == (last.year - first.year) * 12 + last.month - first.month + 1
    assert all((day + timedelta(days=1)).day == 1 for day in days)
    assert len(questions) == len(set(questions)) == len(days) * max(1, len(years))


@pytest.mark.parametrize(
    ("said", "error", "how"),
    [
        (
            {"as_of": "2015-02-01"},
            NotCovered,
            "until 2015-01-31; publish their extracts first, or ask as known on 2015-01",
        ),
        ({"from_month": "2014-12", "until_month": "2015-02"}, NotCovered, "2015-02-28 is not covered yet"),
        ({"as_of": "31-01-2015"}, InvalidPeriod, "'31-01-2015' is no day; write 2015-01-31"),
        ({"as_of": "2015-02-30"}, InvalidPeriod, "'2015-02-30' is no day; write 2015-01-31"),
        (
            {"period": "this year"},
            InvalidPeriod,
            "'this year' is no period; write 2014, 2014-Q1, 2014-12 or 2014-01-01/",
        ),
        ({"period": "2014;2013"}, InvalidPeriod, "'2014;2013' is no period; write 2014"),
        ({"from_month": "2014-13", "until_month": "2015-01"}, InvalidPeriod, "'2014-13' is no month; write both"),
        ({"from_month": "2014", "until_month": "2015-01"}, InvalidPeriod, "'2014' is no month; .* as 2014-01"),
        ({"from_month": "2014-01"}, InvalidPeriod, "'' is no month; write both from_month and until_month as 2014-01"),
        ({"until_month": "2014-01"}, InvalidPeriod, "'' is no month; write both from_month and until_month as 2014-01"),
        (
            {"from_month": "2015-01", "until_month": "2014-12"},
            InvalidPeriod,
            "from_month 2015-01 lies after until_month",
        ),
    ],
)
def test_what_cannot_be_asked_says_how_to_write_it(
    said: dict[str, Any], error: type[NotCovered] | type[InvalidPeriod], how: str
) -> None:
    with pytest.raises(error, match=how):
        asked(**said)


@pytest.mark.parametrize("name", ["from_month", "until_month"])
def test_one_month_without_the_other_says_how_to_write_it_also_when_the_other_is_not_given(name: str) -> None:
    with pytest.raises(InvalidPeriod, match="write both"):
        questions_asked({name: "2014-01"}, COVERED)


@pytest.mark.parametrize(
    ("month", "fifth"),
    [
        (date(2015, 1, 1), date(2015, 1, 8)),  # 2, 5, 6, 7, 8: New Year's Day is free
        (date(2015, 4, 1), date(2015, 4, 9)),  # 1, 2, 7, 8, 9: Good Friday is the 3rd, Easter Monday the 6th
        (date(2025, 5, 1), date(2025, 5, 8)),  # 1, 2, 6, 7, 8: Liberation Day in a lustrum
        (date(2026, 5, 1), date(2026, 5, 7)),  # 1, 4, 5, 6, 7: offices work on Liberation Day but in lustrum years
        (date(2026, 8, 1), date(2026, 8, 7)),  # 3 to 7: the month begins on a Saturday
    ],
)
def test_the_fifth_working_day(month: date, fifth: date) -> None:
    for day in (month, month.replace(day=17), month.replace(day=28)):
        assert working_day_of_month(day, WORKING_DAY_OF_THE_REPORT) == fifth


@pytest.fixture(scope="module")
def twelve_years() -> list[date]:
    months = [date(2015 + place // 12, place % 12 + 1, 1) for place in range(144)]
    return [working_day_of_month(month, WORKING_DAY_OF_THE_REPORT) for month in months]


def test_the_fifth_working_day_lies_in_the_days_on_which_the_dag_wakes(twelve_years: list[date]) -> None:
    assert {day.day for day in twelve_years} <= set(range(5, 12))


def test_the_fifth_working_day_is_no_weekend_and_once_a_month(twelve_years: list[date]) -> None:
    assert all(day.weekday() < 5 for day in twelve_years)
    assert all((before.year, before.month) < (after.year, after.month) for before, after in pairwise(twelve_years))


@given(day=MONTHS)
def test_working_days_follow_each_other(day: date) -> None:
    days = [working_day_of_month(day, number) for number in (1, 2, 5)]
    assert days == sorted(set(days))
    assert {(one.year, one.month) for one in days} == {(day.year, day.month)}


def test_a_note_is_its_lines() -> None:
    note = Note()
    assert str(note) == ""
    note.say("**560** delivered")
    note.say("[the page](/ketenbalans/)")
    assert str(note) == "**560** delivered\n[the page](/ketenbalans/)"


@given(st.lists(st.builds(str.__mul__, st.text("ab é", max_size=4), st.integers(0, 250)), max_size=6))
@example(["x" * LONGEST_NOTE])
@example(["x" * LONGEST_NOTE, ""])
def test_a_note_is_never_longer_than_airflow_takes(lines: list[str]) -> None:
    note = Note()
    for line in lines:
        note.say(line)
    whole, answer = "\n".join(lines), str(note)
    assert len(answer) <= LONGEST_NOTE
    if len(whole) <= LONGEST_NOTE:
        assert answer == whole
    elif answer != whole[:LONGEST_NOTE]:
        kept, _, rest = answer.rpartition("\n")
        left_out = len(lines) - len(kept.split("\n"))
        assert whole.startswith(f"{kept}\n")
        assert rest == f"... and {left_out} more"


def test_a_note_that_is_too_long_keeps_the_lines_for_which_there_is_room() -> None:
    note = Note()
    for number in range(1, 41):
        note.say(f"{number:02} " + "x" * 46)
    kept = str(note).split("\n")
    assert kept[:-1] == note.lines[:19]
    assert kept[-1] == "... and 21 more"


def test_a_note_of_one_long_line_is_cut() -> None:
    note = Note()
    note.say("x" * (LONGEST_NOTE + 1))
    assert str(note) == "x" * LONGEST_NOTE


def test_a_day_and_months_are_not_both_asked() -> None:
    with pytest.raises(InvalidPeriod, match="leave one of them empty"):
        questions_asked({"as_of": "2014-01-31", "from_month": "2014-01", "until_month": "2014-02"}, COVERED)
