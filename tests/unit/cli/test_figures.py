"""The verb series where it refuses: before it looks for a warehouse, on standard error, and with what may be asked."""

import json
import re
import shlex
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from ketenbalans.cli.exit_codes import exit_code_of
from ketenbalans.cli.exits import Exit
from ketenbalans.cli.main import app
from ketenbalans.cli.output import aside
from ketenbalans.cli.series import _days
from ketenbalans.figures.series_asked import NoSuchSeries, lanes
from ketenbalans.figures.steps import Step, periods_of, whole_steps
from ketenbalans.jobs.figures.series import SeriesQuestion, planned
from schemas.period import InvalidPeriod, Period

DAYS = st.dates(date(2012, 1, 1), date(2019, 12, 31))
OVER_THREE_UNITS = ["series", "suspects_delivered_to_om", "--from", "2012", "--to", "2019"]


@pytest.fixture(autouse=True)
def no_warehouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KETENBALANS_WAREHOUSE_URL", raising=False)
    monkeypatch.setenv("KETENBALANS_HOME", str(tmp_path))
    monkeypatch.setattr(aside, "width", 80)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def offered(result: Result) -> list[list[str]]:
    lines = (line.strip() for line in result.stderr.splitlines())
    return [shlex.split(line)[1:] for line in lines if line.startswith("ketenbalans series")]


def test_a_refusal_is_reported_aside_and_names_each_break() -> None:
    result = run(*OVER_THREE_UNITS)
    assert result.exit_code == 1
    assert result.stdout == ""
    for said in ("2015-01-01", "2019-01-01", "kst-31015-112", "interventions", "--segments", "counting moment"):
        assert said in result.stderr
    assert max(map(len, result.stderr.splitlines())) <= 80


def test_with_json_nothing_but_json_goes_to_standard_output() -> None:
    result = run(*OVER_THREE_UNITS, "--json")
    assert result.exit_code == 1
    answer = json.loads(result.stdout)
    assert answer["broken"]
    assert [found["on"] for found in answer["breaks"]] == ["2015-01-01", "2019-01-01"]
    assert {change["aspect"] for found in answer["breaks"] for change in found["changes"]} >= {"unit", "basis"}
    assert [part["measure"] for part in answer["parts"]] == [
        "suspects_delivered_to_om",
        "interventions_realised",
        "investigations_counted",
    ]


@pytest.mark.parametrize(
    "asked",
    [
        OVER_THREE_UNITS,
        ["series", "investigations_counted", "--from", "2018", "--to", "2021", "--category", "A"],
        ["series", "hotline_reports", "--from", "2018-H1", "--by", "half-year"],
        ["series", "victims_identified", "--from", "2012", "--to", "2019"],
        ["series", "share_cases_abuse", "--from", "2014", "--to", "2015"],
        ["series", "reports_received", "--from", "2018", "--to", "2019"],
    ],
)
def test_whatever_is_offered_is_no_longer_refused(asked: list[str]) -> None:
    result = run(*asked)
    assert result.exit_code == 1
    commands = offered(result)
    assert len(commands) > 1
    if "--category" in asked:
        assert [command[1:2] for command in commands if "--category" in command] == [["investigations_counted"]] * 2
    for command in commands:  # it goes on to look for a warehouse, and there is none
        again = run(*command)
        assert type(again.exception).__name__ == "ServiceNotRunning", (command, again.output)


def test_two_populations_are_never_one_series_whatever_the_years() -> None:
    result = run("series", "hotline_reports", "reports_received", "--from", "2014")
    assert result.exit_code == 1
    assert re.search(r"never +Two populations", result.stderr)
    assert "population" in result.stderr


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["suspects"], "no measure"),
        (["suspects_delivered_to_om", "--category", "A"], "no category"),
        (["finished_with_identification"], "say --category A or B or C"),
        (["victims_identified", "--basis", "both"], "combined, image_teams"),
        (["suspects_delivered_to_om", "--by", "half-year"], "only what a hotline counts"),
        (["finished_with_identification", "--category", "A"], "valid from 2019-01-01 on"),
    ],
)
def test_what_there_is_not_is_a_wrong_question(asked: list[str], said: str) -> None:
    result = run("series", *asked, "--from", "2014")
    assert isinstance(result.exception, NoSuchSeries)
    assert said in str(result.exception)


@pytest.mark.parametrize(
    ("asked", "remedy"),
    [
        (["growth_vs_2010", "--from", "2014-01", "--to", "2014-03"], "ask --from 2014 --to 2014"),
        (["suspects_delivered_to_om", "--from", "2012-06", "--to", "2014-03"], "ask --from 2012 --to 2014"),
        (["investigations_running_at_year_end", "--from", "2019-03", "--to", "2019-09"], "ask --from 2019 --to 2019"),
        (["hotline_reports", "--from", "2013-H1"], "ask --from 2013 --to 2013 or --by half-year"),
        (["hotline_reports", "--from", "2013-02", "--to", "2013-H1", "--by", "half-year"], "whole half years"),
    ],
)
def test_a_step_that_the_question_cuts_is_a_wrong_question_with_its_remedy(asked: list[str], remedy: str) -> None:
    result = run("series", *asked)
    assert isinstance(result.exception, NoSuchSeries)
    assert exit_code_of(result.exception) is Exit.USAGE
    assert remedy in str(result.exception)


@given(DAYS, DAYS, st.sampled_from(Step))
def test_a_step_is_cut_by_a_segment_or_by_nothing(one: date, other: date, step: Step) -> None:
    asked = Period(min(one, other), max(one, other))
    question = SeriesQuestion(measures=("hotline_reports",), period=asked, step=step)
    try:
        _, parts = planned(question)
    except NoSuchSeries:
        assert asked != whole_steps(asked, step)
        whole = replace(question, period=whole_steps(asked, step))
        assert planned(whole)[1]
        return
    ends = {day for segment in lanes("hotline_reports")[0].segments for day in (segment.first, segment.last)}
    for part in parts:
        for row in periods_of(part.period, step):
            whole_row = whole_steps(row, step)
            assert row.start in ends or row.start == whole_row.start
            assert row.end in ends or row.end == whole_row.end


def test_days_are_read_in_every_form_and_nothing_else_is() -> None:
    forms = {
        "2018": "2018",
        "2018-H1": "2018-01-01/2018-06-30",
        "2018-H2": "2018-07-01/2018-12-31",
        "2018-Q2": "2018-04-01/2018-06-30",
        "2018-06-01": "2018-06-01/2018-06-01",
    }
    assert {text: str(_days(text)) for text in forms} == forms
    for text in ("2018-H3", "H1", "2018-02-30", "", "next year"):
        with pytest.raises(InvalidPeriod):
            _days(text)
    backwards = run("series", "suspects_delivered_to_om", "--from", "2014", "--to", "2012")
    assert isinstance(backwards.exception, InvalidPeriod)
