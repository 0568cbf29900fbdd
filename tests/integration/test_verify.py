"""Every published figure beside what the warehouse gives for it."""

from collections import Counter
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import Engine

from ketenbalans.jobs.figures.verify import PublishedFigureDiffers, Verdict, Verified, verify, verify_every_figure
from ketenbalans.jobs.watching.alerts import list_alerts
from ketenbalans.jobs.watching.request import watch_now
from ketenbalans.scenarios.year_2012 import YEAR_2012
from ketenbalans.scenarios.year_2014 import YEAR_2014
from ketenbalans.settings import Settings
from tests.integration.conftest import NewWarehouse
from tests.integration.scenario_events import load_scenario
from tests.integration.warehouse.rows import AGGREGATES, POLICE, aggregate, load_covered, load_rows, police

pytestmark = pytest.mark.stack

POLICY = Settings().read_policy()


def verified(engine: Engine) -> dict[str, Verified]:
    return {one.figure.figure_id: one for one in verify(engine, policy=POLICY)}


def with_verdict(found: dict[str, Verified], verdict: Verdict) -> set[tuple[int, str, str]]:
    return {
        (one.figure.period.start.year, one.figure.measure, str(one.figure.value))
        for one in found.values()
        if one.verdict is verdict
    }


TARGETS = {(2012, "target_suspects_delivered", "511"), (2013, "target_suspects_delivered", "546")} | {
    (2014, "target_suspects_delivered", "594"),
    (2019, "target_investigations", "515"),
}


def test_an_empty_warehouse_has_no_data_and_nothing_differs(engine: Engine) -> None:
    found = verified(engine)
    assert len(found) == 85
    assert with_verdict(found, Verdict.DIFFERS) == set()
    assert with_verdict(found, Verdict.AGREES) == TARGETS, "targets follow from the base year alone"
    assert all(one.says for one in found.values() if one.verdict in (Verdict.NO_DATA, Verdict.CANNOT))


def test_all_that_the_letters_say_of_2012_comes_out_on_both_days(new_warehouse: NewWarehouse) -> None:
    engine = new_warehouse()
    load_scenario(engine, YEAR_2012)
    found = verified(engine)
    assert with_verdict(found, Verdict.DIFFERS) == set()
    assert with_verdict(found, Verdict.AGREES) == TARGETS | {
        (2012, "suspects_delivered_to_om", "507"),
        (2012, "suspects_delivered_to_om", "522"),
        (2012, "growth_vs_2010", "6.7"),
        (2012, "growth_vs_2010", "9.9"),
        (2012, "cases_delivered_to_om", "480"),
        (2012, "share_cases_distribution", "11.3"),
        (2012, "share_cases_production", "7.9"),
        (2012, "share_cases_abuse", "15.6"),
        (2012, "hotline_reports", "27"),
        (2012, "hotline_reports_leading_to_investigation", "1"),
        (2012, "hotline_reports_on_running_investigation", "1"),
        (2012, "hotline_reports_still_examined", "1"),
        (2012, "hotline_reports_forwarded_abroad", "2"),
        (2012, "hotline_reports_insufficient_indication", "22"),
    }
    of_2013 = [one for one in found.values() if one.figure.measure == "suspects_delivered_to_om"]
    assert {one.says for one in of_2013 if one.figure.period.start.year == 2013} == {
        "both registers are known until 2013-11-30"
    }


def test_one_record_more_in_2014_differs_and_names_figure_and_document(new_warehouse: NewWarehouse) -> None:
    engine = new_warehouse()
    load_scenario(engine, YEAR_2014)
    before = verified(engine)
    assert with_verdict(before, Verdict.DIFFERS) == set()
    said = with_verdict(before, Verdict.AGREES)
    assert {(2014, "suspects_delivered_to_om", "560"), (2014, "suspects_recognisable_at_om", "516")} <= said
    assert {(2014, "growth_vs_2010", "17.9"), (2014, "cases_delivered_to_om", "542")} <= said
    of_2013 = {one.says for one in before.values() if one.figure.figure_id == "L15-014"}
    assert len(of_2013) == 1
    assert "speak of deliveries from 2013-07" in of_2013.pop()

    more = police(
        "one-more",
        datetime(2015, 1, 30, 9, tzinfo=UTC),
        dossier_number="PL0900-2014999999",
        delivered_on=date(2014, 6, 2),
    )
    load_rows(engine, POLICE, [more], topic_id="P")
    after = verified(engine)
    differing = {one.figure.figure_id: one.to_json() for one in after.values() if one.verdict is Verdict.DIFFERS}
    assert Counter(one["measure"] for one in differing.values())["suspects_delivered_to_om"] == 1
    said_of_it = next(one for one in differing.values() if one["measure"] == "suspects_delivered_to_om")
    assert (said_of_it["document"], said_of_it["value"], said_of_it["ours"]) == ("kst-31015-112", "560", "561")
    assert "cases_delivered_to_om" in {one["measure"] for one in differing.values()}


def test_delivered_counts_agree_on_their_own_basis_and_as_the_letter_qualifies_them(
    new_warehouse: NewWarehouse,
) -> None:
    engine = new_warehouse()

    def count(place: str, measure: str, year: int, value: int, basis: str = "only") -> dict[str, Any]:
        day = date(year + 1, 1, 31)
        days = {"period_start": date(year, 1, 1), "period_end": date(year, 12, 31), "as_of": day}
        moment = datetime(day.year, 1, 31, 9, tzinfo=UTC)
        return aggregate(place, moment, measure=measure, basis=basis, value=value, **days)

    rows = [
        count("1", "victims_identified", 2014, 423, "combined"),
        count("2", "victims_identified", 2014, 423, "image_teams"),
        count("3", "reports_received", 2014, 2999),
        count("4", "reports_received", 2018, 30000),
        count("5", "reports_received", 2019, 25628),
    ]
    load_covered(engine, AGGREGATES, rows, until=date(2020, 4, 30))
    found = verified(engine)
    answer = {name: found[name] for name in ("L15-001", "L15-004", "R19-031", "R19-032", "R19-033", "R19-027")}
    assert {name: one.verdict.value for name, one in answer.items()} == {
        "L15-001": "agrees",
        "L15-004": "differs",
        "R19-031": "agrees",
        "R19-032": "differs",
        "R19-033": "agrees",
        "R19-027": "no data",
    }
    assert answer["L15-001"].as_of == date(2015, 6, 1), "the day of the letter: its dated figures are of another source"
    assert answer["R19-033"].as_of == date(2020, 4, 30)
    assert answer["L15-001"].to_json()["counted_from"] == "a delivered count"
    assert answer["R19-027"].to_json()["counted_from"] is None
    assert found["R19-012"].to_json()["counted_from"] == "other published figures"
    assert found["L15-022"].says == "no extracts of both registers are loaded"
    cannot = {one.figure.measure for one in found.values() if one.verdict is Verdict.CANNOT}
    assert cannot == {"target_growth_vs_2010", "target_interventions", "target_investigations"}


def test_a_figure_that_differs_is_an_alert_until_it_comes_out_again(
    new_warehouse: NewWarehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = new_warehouse()
    monkeypatch.setenv("KETENBALANS_WAREHOUSE_URL", engine.url.render_as_string(hide_password=False))
    load_scenario(engine, YEAR_2014)
    assert verify_every_figure(Settings())[1] == "0 differs"
    more = {"dossier_number": "PL0900-2014999999", "delivered_on": date(2014, 6, 2)}
    load_rows(engine, POLICE, [police("one-more", datetime(2015, 1, 30, 9, tzinfo=UTC), **more)], topic_id="P")
    with pytest.raises(
        PublishedFigureDiffers, match=r"kst-31015-112\): suspects_delivered_to_om of 2014 was .* 560 and"
    ):
        verify_every_figure(Settings())
    standing = {alert.alert_id: alert for alert in list_alerts(engine, also_resolved=False)}
    alert = standing["published_figure_differs:published"]
    assert "comes out as 561, as known on 2015-01-31" in alert.says
    taken_back = police("taken-back", datetime(2015, 1, 30, 10, tzinfo=UTC), mutation="withdrawn", **more)
    load_rows(engine, POLICE, [taken_back], topic_id="P")
    verify_every_figure(Settings())
    watch_now(Settings())
    assert alert.alert_id not in {one.alert_id for one in list_alerts(engine, also_resolved=False)}
