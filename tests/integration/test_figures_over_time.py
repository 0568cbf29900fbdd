"""The scenario 2012 in a real warehouse: its figures on both days, who moved between them, and the triangle."""

import json
from collections import Counter
from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl
import pytest
from sqlalchemy import Engine

from ketenbalans.columns.parquet import write_state
from ketenbalans.columns.registers import registers_of
from ketenbalans.jobs.balancing import chains
from ketenbalans.jobs.balancing.chains import chain_on, chains_on
from ketenbalans.jobs.balancing.nightly_check import steps_equal_the_whole
from ketenbalans.jobs.balancing.reconcile import reconcile
from ketenbalans.jobs.balancing.restate import restate, revisions
from ketenbalans.reconciliation.balance import balance
from ketenbalans.reconciliation.triangle import as_frame
from ketenbalans.scenarios.year_2012 import COVERS, RESTATED_2012, YEAR_2012
from ketenbalans.settings import Settings
from schemas.period import Period, last_day_of_month
from tests.integration.conftest import NewWarehouse
from tests.integration.scenario_events import load_scenario
from warehouse.database import snapshot

pytestmark = pytest.mark.stack

FIRST, SECOND = COVERS
YEAR = Period.of_year(2012)
SETTINGS = Settings()
POLICY, ALLOWANCE = SETTINGS.read_policy(), SETTINGS.read_alert_policy()


@pytest.fixture(scope="module")
def warehouse(new_warehouse: NewWarehouse) -> Engine:
    engine = new_warehouse()
    load_scenario(engine, YEAR_2012)
    return engine


@pytest.mark.parametrize(("as_of", "delivered"), [(FIRST, 507), (SECOND, 522)])
def test_the_published_figures_come_out(warehouse: Engine, as_of: date, delivered: int) -> None:
    answer = reconcile(warehouse, SETTINGS, period=YEAR, as_of=as_of, policy=POLICY, keeps_breaks=False)
    assert (answer.delivered, answer.cases_delivered) == (delivered, 480)
    qualities = {name: cases for name, cases in (answer.qualifications or {}).items() if name != "possession"}
    assert qualities == {"distribution": 54, "production": 38, "abuse": 75}
    assert answer.published["delivered"].value == delivered


def test_asking_again_gives_the_stored_balance_to_the_byte(warehouse: Engine) -> None:
    first, again = (
        reconcile(warehouse, SETTINGS, period=YEAR, as_of=FIRST, policy=POLICY, keeps_breaks=False) for _ in "12"
    )
    assert json.dumps(first.to_json()) == json.dumps(again.to_json())


def test_the_restatement_names_everybody_who_came_or_left(warehouse: Engine) -> None:
    restated = restate(warehouse, period=YEAR, days=(FIRST, SECOND), policy=POLICY, alert_policy=ALLOWANCE).to_json()
    times = {part.story.__name__: part.times for part in RESTATED_2012}
    assert restated["delivered"] == {
        "before": 507,
        "came": {
            "recorded_late": times["suspect_recorded_late"] + times["file_recorded_late"],
            "reinstated": times["reinstated_after_the_count"],
            "corrected_date": times["moved_into_the_year"],
        },
        "left": {
            "skn_merged": times["two_suspects_are_one_person"],
            "withdrawn": times["withdrawn_after_the_count"],
            "corrected_date": times["moved_out_of_the_year"],
        },
        "after": 522,
    }
    moves = Counter(move["movement"] for move in restated["moves"])
    assert moves["came"] - moves["left"] == 15
    assert all(
        move["event_id"] and FIRST.isoformat() < move["recorded_on"] <= SECOND.isoformat() for move in restated["moves"]
    )
    changed = Counter(move["reason"] for move in restated["moves"] if move["movement"] == "changed")
    assert changed["skn_merged"] == times["person_merged"]
    assert changed["re_linked"] == times["case_replaced"]
    assert restated["closes"] is True


def test_one_day_twice_moves_nobody(warehouse: Engine) -> None:
    restated = restate(warehouse, period=YEAR, days=(FIRST, FIRST), policy=POLICY, alert_policy=ALLOWANCE).to_json()
    assert restated["moves"] == []
    assert restated["delivered"] == {"before": 507, "came": {}, "left": {}, "after": 507}


def test_every_step_of_the_triangle_adds_up(warehouse: Engine) -> None:
    days = [last_day_of_month(date(2013, month, 1)) for month in range(1, 13)]
    question: dict[str, Any] = {"periods": [YEAR], "days": days, "policy": POLICY, "on_progress": lambda _: None}
    found = revisions(warehouse, **question, alert_policy=ALLOWANCE)
    assert [replace(one, judgement=None) for one in found] == revisions(warehouse, **question), "judging moves nothing"
    frame = as_frame(found)
    figures = frame.unique(["measure", "as_of"]).sort("measure", "as_of")
    is_incomplete = figures.filter(pl.col("verdict") == "incomplete")["as_of"].unique().to_list()
    assert is_incomplete == [date(2013, 12, 31)], "December is told, and not covered"
    steps = frame.group_by("measure", "as_of").agg(moved=pl.col("more").sum() - pl.col("less").sum())
    both = figures.join(steps, on=["measure", "as_of"]).filter(pl.col("step").is_not_null())
    assert (both["moved"] == both["step"]).all()
    ends = {measure: rows["figure"].to_list() for (measure,), rows in figures.group_by("measure")}
    assert (ends["delivered"][0], ends["delivered"][-1]) == (507, 522)


def test_a_figure_of_the_triangle_is_that_of_the_balance_of_its_day(warehouse: Engine) -> None:
    days = [SECOND, date(2013, 12, 31)]
    found = revisions(
        warehouse, periods=[YEAR], days=days, policy=POLICY, on_progress=lambda _: None, alert_policy=ALLOWANCE
    )
    for one in found:
        answer = reconcile(warehouse, SETTINGS, period=YEAR, as_of=one.as_of, policy=POLICY, keeps_breaks=False)
        assert (one.figure, one.judgement) == (answer.figure(one.measure), answer.judgement)


def test_linking_step_by_step_is_linking_in_full(warehouse: Engine) -> None:
    steps_equal_the_whole(
        warehouse, periods=[Period.of_year(year) for year in (2011, 2012, 2013)], as_of=SECOND, policy=POLICY
    )
    days = [date(2012, 6, 30), date(2012, 12, 31), FIRST, date(2013, 6, 30), SECOND]
    with snapshot(warehouse) as connection:
        for chain in chains_on(connection, days, policy=POLICY):
            one, other = (balance(found, YEAR) for found in (chain, chain_on(connection, chain.as_of, policy=POLICY)))
            assert one.answer() == other.answer()
            assert one.suspects.equals(other.suspects)
            assert one.om_only.equals(other.om_only)


@pytest.mark.parametrize("whole_up_to", [0, chains.WHOLE_UP_TO])
def test_each_day_linked_by_the_quicker_way_is_that_day(
    warehouse: Engine, monkeypatch: pytest.MonkeyPatch, whole_up_to: int
) -> None:
    monkeypatch.setattr(chains, "WHOLE_UP_TO", whole_up_to)
    days = [date(2012, 12, 31), FIRST, SECOND]
    with snapshot(warehouse) as connection:
        found = list(chains.each_chain_on(connection, days, policy=POLICY))
        assert [one.as_of for one in found] == days
        for chain in found:
            answer = balance(chain_on(connection, chain.as_of, policy=POLICY), YEAR).answer()
            assert balance(chain, YEAR).answer() == answer


def test_state_in_parquet_is_the_state(warehouse: Engine, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("state") / "new"
    with snapshot(warehouse) as connection:
        written = write_state(registers_of(connection), folder, as_of=SECOND)
        whole = chain_on(connection, SECOND, policy=POLICY)
    deliveries, registrations = (pl.read_parquet(part) for part in written)
    assert (deliveries.height, registrations.height) == (len(whole.deliveries), len(whole.registrations))
    assert deliveries["dossier"].sort().equals(whole.deliveries["dossier"].to_native().sort())
