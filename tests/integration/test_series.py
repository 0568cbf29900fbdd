"""Series, targets and the focus shift from a real warehouse: 2012 as the scenario says it, and some rows beside it."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner

from ketenbalans.cli.main import app
from ketenbalans.figures.steps import Step
from ketenbalans.jobs.figures.cases import delivered_cases
from ketenbalans.jobs.figures.focus import focus
from ketenbalans.jobs.figures.series import SeriesBroken, SeriesQuestion, series
from ketenbalans.jobs.figures.targets import targets
from ketenbalans.scenarios.year_2012 import YEAR_2012
from ketenbalans.settings import Settings
from schemas.period import Period
from tests.integration.conftest import NewWarehouse
from tests.integration.scenario_events import REGISTERS, load_scenario
from tests.integration.warehouse.rows import EXTRACTS, POLICE, control, load_rows, police
from tests.integration.warehouse.rows_beside import (
    AGGREGATES,
    HOTLINE,
    INTERVENTIONS,
    INVESTIGATIONS,
    hotline_report,
    intervention,
    investigation,
    recorded,
    victims,
)
from warehouse.database import snapshot

pytestmark = pytest.mark.stack

POLICY = Settings().read_policy()
COVERED = date(2020, 1, 31)


def load_beside(engine: Engine) -> None:
    """A few rows of every other source; each speaks from 2012 or the start of its unit until ``COVERED``."""
    reports = [
        ("2012-01-09", "meldpunt"),
        ("2016-03-31", "meldpunt"),
        ("2016-04-01", "eokm"),
        ("2018-05-31", "eokm"),
        ("2018-06-01", "dfc_ecpat"),
        ("2018-06-30", "dfc_ecpat"),
    ]
    rows = {
        HOTLINE: [
            hotline_report(f"H{place}", date.fromisoformat(day), hotline=owner)
            for place, (day, owner) in enumerate(reports)
        ],
        INTERVENTIONS: [intervention(f"I{place}", date(2015 + place, 1, 5)) for place in range(3)],
        INVESTIGATIONS: [
            investigation("running", date(2018, 12, 1)),
            investigation("started", date(2019, 1, 2)),
            investigation("other-kind", date(2019, 5, 1), kind="C"),
        ],
        AGGREGATES: [victims("V1", 2014, "combined", 423), victims("V2", 2014, "image_teams", 329)],
    }
    for place, (source, of_source) in enumerate(rows.items()):
        load_rows(engine, source, of_source)
        row = control(f"9{place}", source.name, COVERED, topic_id="none", offsets="{}")
        load_rows(engine, EXTRACTS, [row], topic_id=f"B{place}")


@pytest.fixture(scope="module")
def warehouse(new_warehouse: NewWarehouse) -> Iterator[Engine]:
    engine = new_warehouse()
    load_scenario(engine, YEAR_2012, sources=REGISTERS)
    load_beside(engine)
    yield engine
    engine.dispose()


def parts_of(
    engine: Engine, measure: str, period: Period, *, apart: bool = False, **asked: Any
) -> list[dict[str, Any]]:
    question = SeriesQuestion(measures=(measure,), period=period, **asked)
    parts: list[dict[str, Any]] = series(engine, question, policy=POLICY, apart=apart).to_json()["parts"]
    return parts


def values(part: dict[str, Any]) -> list[str | None]:
    return [figure["value"] for figure in part["figures"]]


def test_suspects_come_as_known_on_the_day_with_what_was_published(warehouse: Engine) -> None:
    for as_of, delivered in ((date(2013, 3, 1), "507"), (date(2013, 11, 30), "522")):
        (part,) = parts_of(warehouse, "suspects_delivered_to_om", Period.of_year(2012), as_of=as_of)
        assert values(part) == [delivered]
        assert part["figures"][0]["published"]["value"] == delivered
    (newest,) = parts_of(warehouse, "suspects_delivered_to_om", Period(date(2012, 1, 1), date(2013, 12, 31)))
    assert newest["as_of"] == "2013-11-30"
    assert values(newest) == ["522", None]
    assert newest["figures"][1]["says"]


def test_a_series_over_three_units_is_refused_and_each_segment_is_given_apart(warehouse: Engine) -> None:
    period = Period(date(2012, 1, 1), date(2019, 12, 31))
    with pytest.raises(SeriesBroken, match=r"2015-01-01: .* 2019-01-01: ") as refused:
        parts_of(warehouse, "suspects_delivered_to_om", period)
    assert [found.on for found in refused.value.breaks] == [date(2015, 1, 1), date(2019, 1, 1)]
    parts = parts_of(warehouse, "suspects_delivered_to_om", period, apart=True)
    assert [part["counted_by"]["unit"] for part in parts] == ["suspects", "interventions", "investigations"]
    assert [values(part) for part in parts] == [["522", None, None], ["1", "1", "1", "0"], ["3"]]
    assert {name for part in parts for name in part} == {
        "measure",
        "period",
        "counted_by",
        "category",
        "as_of",
        "figures",
    }


def test_a_half_year_is_cut_where_the_owner_changes(warehouse: Engine) -> None:
    half = Period(date(2018, 1, 1), date(2018, 6, 30))
    with pytest.raises(SeriesBroken, match="Defence for Children-ECPAT"):
        parts_of(warehouse, "hotline_reports", half, step=Step.HALF_YEAR)
    parts = parts_of(warehouse, "hotline_reports", half, step=Step.HALF_YEAR, apart=True)
    assert [(part["counted_by"]["owner"], values(part)) for part in parts] == [("eokm", ["1"]), ("dfc_ecpat", ["2"])]
    (years,) = parts_of(warehouse, "hotline_reports", Period(date(2012, 1, 1), date(2013, 6, 30)), step=Step.HALF_YEAR)
    assert values(years) == ["1", "0", "0"]


def test_victims_are_reported_on_the_basis_that_is_asked_for(warehouse: Engine) -> None:
    for basis, identified in (("combined", "423"), ("image_teams", "329")):
        (part,) = parts_of(warehouse, "victims_identified", Period.of_year(2014), basis=basis)
        assert values(part) == [identified]
        assert part["figures"][0]["published"]["value"] == identified
    with pytest.raises(SeriesBroken, match="two bases beside each other"):
        parts_of(warehouse, "victims_identified", Period.of_year(2014))


def test_the_target_of_2012_is_missed_on_one_day_and_met_on_the_other(warehouse: Engine) -> None:
    answer = targets(warehouse, year=None, as_of=None, policy=POLICY).to_json()
    assert [(one["year"], one["base"], one["target"]) for one in answer["suspects"]] == [
        (2012, "475", "511"),
        (2013, "475", "546"),
        (2014, "475", "594"),
    ]
    of_2012 = answer["suspects"][0]["achieved"]
    assert [(one["as_of"], one["suspects"], one["growth"], one["verdict"]) for one in of_2012] == [
        ("2013-03-01", "507", "6.7", "missed"),
        ("2013-11-30", "522", "9.9", "met"),
    ]
    assert [[figure["document"] for figure in one["published"]] for one in of_2012] == [
        ["kst-31015-90"],
        ["kst-31015-112"],
    ]
    assert [(one["year"], one["target"], one["counted"]) for one in answer["interventions"]] == [
        (2015, "600", "1"),
        (2017, "650", "1"),
        (2018, "700", "0"),
    ]
    kinds = [(one["category"], one["target"], one["counted"]) for one in answer["investigations"]]
    assert kinds == [("A", "100", "2"), ("B", "15", "0"), ("C", "400", "1"), ("total", "515", "3")]
    (only,) = targets(warehouse, year=2012, as_of=date(2013, 3, 1), policy=POLICY).to_json()["suspects"]
    assert [one["verdict"] for one in only["achieved"]] == ["missed"]


def test_the_shares_of_2012_overlap_and_are_never_summed(warehouse: Engine) -> None:
    answer = focus(warehouse, year=2012, as_of=None, policy=POLICY).to_json()
    (of_2012,) = answer["by_quality"]
    assert of_2012["cases_delivered"] == 480
    assert {one["quality"]: (one["cases"], one["share"]) for one in of_2012["qualities"]} == {
        "distribution": (54, "11.3"),
        "production": (38, "7.9"),
        "abuse": (75, "15.6"),
    }
    assert not {name for name in of_2012 if "total" in name or "sum" in name}
    each, any_of_them, several = 54 + 38 + 75, of_2012["cases_with_any_of_these"], of_2012["cases_with_more_than_one"]
    assert each - 2 * several <= any_of_them <= each - several
    assert max(54, 38, 75) <= any_of_them


def test_a_case_has_what_any_of_its_suspects_has_and_counts_once(new_warehouse: NewWarehouse) -> None:
    engine = new_warehouse()
    cases = [
        (["production"], ["abuse"]),  # two suspects, each with one quality
        (["distribution", "production", "abuse"],),
        (["abuse"],),
        (["possession"],),
        ([],),
    ]
    rows = [
        police(
            f"{place}-{number}",
            recorded(date(2012, 2, 1)),
            dossier_number=f"PL0900-201200000{place}",
            suspect_number=number,
            delivered_on=date(2012, 1, 9),
            qualifications=qualities,
        )
        for place, suspects in enumerate(cases)
        for number, qualities in enumerate(suspects, start=1)
    ]
    load_rows(engine, POLICE, rows)
    for place, source in enumerate(("police_deliveries", "om_registrations")):
        row = control(str(place), source, date(2013, 1, 31), topic_id="none", offsets="{}")
        load_rows(engine, EXTRACTS, [row], topic_id=f"E{place}")
    with snapshot(engine) as connection:
        counted = delivered_cases(connection, Period.of_year(2012), as_of=date(2013, 1, 31)).overlapping()
    assert (counted.cases, counted.with_any, counted.with_several) == (5, 3, 2)
    assert counted.with_quality == {"distribution": 1, "production": 2, "abuse": 3}


def test_the_verbs_print_for_people_and_for_machines(warehouse: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KETENBALANS_WAREHOUSE_URL", warehouse.url.render_as_string(hide_password=False))
    run = CliRunner()
    for verb in (
        ["targets"],
        ["focus"],
        ["series", "suspects_delivered_to_om", "--from", "2012"],
        ["series", "hotline_reports", "--from", "2012", "--to", "2019", "--segments"],
    ):
        shown, machine = run.invoke(app, verb), run.invoke(app, [*verb, "--json"])
        assert (shown.exit_code, machine.exit_code) == (0, 0), shown.output
        assert json.loads(machine.stdout)["synthetic"] is False
    missed = run.invoke(app, ["targets", "--period", "2012"], env={"COLUMNS": "80"}).stdout
    assert "2013-03-01" in missed
    assert "missed" in missed
