"""What a report and the page of a year say of what may still come, of the scenario ``all``."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from ketenbalans.jobs.nowcast.backtest import backtest
from ketenbalans.jobs.pages.year import read_year
from ketenbalans.jobs.reporting.report import make_report
from ketenbalans.settings import Settings
from schemas.period import Period, month_ends
from tests.integration.command_line import in_this_process
from tests.integration.conftest import CopyOf
from tests.integration.handing_over import HandedOver

pytestmark = pytest.mark.stack

MARCH = date(2013, 3, 1)


@pytest.fixture(scope="module")
def registers(all_years: HandedOver, copy_of: CopyOf) -> Engine:
    """Both registers; what was reported of them is kept here alone."""
    return copy_of(all_years.engine)


def reported(engine: Engine, period: Period, as_of: date, out: Path) -> dict[str, Any]:
    make_report(engine, Settings(), period=period, as_of=as_of, out=out, languages=["nl"])
    (written,) = out.glob("*.json")
    report: dict[str, Any] = json.loads(written.read_text())
    return report


def test_a_report_says_what_the_nowcast_answers_and_the_same_bytes_each_time(registers: Engine, tmp_path: Path) -> None:
    once, again = (reported(registers, Period.of_year(2012), MARCH, tmp_path / name) for name in ("once", "again"))
    answer = in_this_process("nowcast", "--period", "2012", "--as-of", MARCH, "--json", engine=registers).json
    assert once["may_come"]["counts"] == answer["targets"]
    assert once["may_come"]["known_on"] == answer["known_on"]
    assert once["may_come"]["target"]["suspects"] == 511
    assert again == once
    for one in (tmp_path / "once").iterdir():
        assert one.read_bytes() == (tmp_path / "again" / one.name).read_bytes(), one.name


@pytest.mark.parametrize(
    ("year", "as_of"),
    [(2010, date(2011, 1, 31)), (2012, date(2014, 2, 4))],
    ids=["too few months before it", "all has come"],
)
def test_where_nothing_can_be_said_or_all_has_come_nothing_is(
    registers: Engine, tmp_path: Path, year: int, as_of: date
) -> None:
    assert "may_come" not in reported(registers, Period.of_year(year), as_of, tmp_path)


def test_inside_the_year_no_chance_is_given(registers: Engine, tmp_path: Path) -> None:
    found = reported(registers, Period.of_year(2014), date(2014, 6, 30), tmp_path)["may_come"]
    assert (found["delivered_until"], found["target"]) == ("2014-06-30", None)


def test_the_page_of_a_year_says_what_its_report_says(registers: Engine, tmp_path: Path) -> None:
    report = reported(registers, Period.of_year(2014), date(2015, 1, 31), tmp_path)
    page = read_year(registers, 2014, settings=Settings())
    assert page is not None
    assert page.newest.as_of == date(2015, 1, 31)
    expected, past = page.may_come
    rows = {row[0]: list(row[1:]) for row in expected.tables[0].rows}
    counts = report["may_come"]["counts"]
    assert rows == {name: [one["known"], one["median"], *one["intervals"]["95"]] for name, one in counts.items()}
    turned_out = report["may_come"]["past"]
    assert [list(row[1:]) for row in past.tables[0].rows] == [
        [one["known"], one["expected"], *one["ends"], one["came"]] for one in turned_out
    ]
    assert [turned_out[0]["month_end"], turned_out[-1]["month_end"]] == ["2012-12-31", "2013-11-30"]


def test_how_forecasts_turned_out_is_as_the_backtest_has_it_but_for_later_links(
    registers: Engine, tmp_path: Path
) -> None:
    """What came is the same; a forecast knows the links of now, so its numbers lie close to those of then."""
    past = reported(registers, Period.of_year(2014), date(2015, 1, 31), tmp_path)["may_come"]["past"]
    tested = backtest(
        registers,
        month_ends(date(2012, 12, 1), date(2013, 11, 30)),
        policy=Settings().read_policy(),
        horizon_days=400,
        on_progress=lambda _done, _of: None,
    )
    for one, then in zip(past, tested.questions, strict=True):
        assert then.came is not None
        assert then.answer.targets is not None
        forecast = then.answer.targets["registered"]
        assert abs(one["came"] - then.came["registered"]) <= 1
        assert abs(one["expected"] - forecast.median) <= 3
