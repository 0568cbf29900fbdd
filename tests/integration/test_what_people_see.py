"""What people see of it, through everything that is real: a mail, notes on tasks, pages in Airflow, the report."""

import json
import re
import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from schemas.catalogue import linked_sources
from schemas.quality import Concern
from tests.integration.airflow_api import Airflow
from tests.integration.airflow_stack import Outlets
from tests.integration.command_line import CommandLine

pytestmark = [pytest.mark.stack, pytest.mark.airflow]

IDENTIFIERS = re.compile(r"PL\d\d[0-9A-Z]{2}-\d{10}|SYN-\d")


def test_an_alert_reaches_a_mailbox_without_anybody_touching_anything(
    ketenbalans: CommandLine, outlets: Outlets
) -> None:
    mail = outlets.mailbox.wait_for("[Ketenbalans] warning: unexplained 2014")
    said = mail.get_content()
    assert "fewer than 5 of the 560 suspects delivered in 2014 are missing" in said, "exact on the page, not in a mail"
    assert "ketenbalans alerts acknowledge unexplained:2014" in said
    assert not IDENTIFIERS.search(said)


def standing_now(ketenbalans: CommandLine) -> dict[str, dict[str, Any]]:
    """The alerts that stand, by id: which they are follows from what the tests before handed over."""
    return {alert["alert_id"]: alert for alert in ketenbalans("alerts", "--json").json}


def test_a_red_task_says_what_is_new_and_the_next_run_is_green_and_says_what_stands(
    ketenbalans: CommandLine, airflow: Airflow
) -> None:
    standing = standing_now(ketenbalans)
    assert standing
    run = airflow.run("watch")  # the run after the one that met what was new, or that one
    run = airflow.run("watch")
    look, green = (airflow.task("watch", run, task) for task in ("look", "standing"))
    assert look["state"] == "success"
    assert "police_deliveries: covers until" in look["note"]
    assert green["state"] == "success"
    standing = {one: alert for one, alert in standing_now(ketenbalans).items() if one in standing}
    assert [alert_id for alert_id in standing if f": {alert_id} (" not in green["note"]] == [], "each is named"
    tasks = airflow.get("dags/watch/dagRuns/~/taskInstances?limit=100")["task_instances"]
    red = [task for task in tasks if task["task_id"] == "standing" and "unexplained:2014**" in (task["note"] or "")]
    assert [(task["state"], task["try_number"]) for task in red] == [("failed", 1)], "red once"
    assert "**New, warning: unexplained:2014**: 3 of the 560" in red[0]["note"]
    assert "**What to do:**" in red[0]["note"]
    for alert_id in standing:
        taken = ketenbalans("alerts", "acknowledge", alert_id, "--note", "looked up", "--json")
        assert taken.code == 0, taken.err
        assert taken.json["acknowledged_by"] == "desk-1"
    again = ketenbalans("alerts", "acknowledge", next(iter(standing)), "--by", "desk-2", "--note", "mine", "--json")
    assert again.code == 1
    assert "desk-1 took alert" in again.err
    run = airflow.run("watch")
    note = airflow.task("watch", run, "standing")["note"]
    for alert_id, alert in standing_now(ketenbalans).items():
        if alert["acknowledged_by"] == "desk-1" and not alert["held_back_by"]:
            assert f": {alert_id} (taken by desk-1" in note
    shown = ketenbalans("alerts", "show", next(iter(standing))).out
    assert "acknowledged by desk-1: looked up" in shown


def test_the_note_on_a_balance_says_its_figures(ketenbalans: CommandLine, airflow: Airflow) -> None:
    tasks = airflow.get("dags/reconcile/dagRuns/~/taskInstances?limit=100")["task_instances"]
    notes = [task["note"] or "" for task in tasks if task["state"] == "success"]
    assert any("2014 as of 2015-01-31: 560 delivered, 516 recognised, 44 in between, 3 unexplained" in n for n in notes)


def test_the_report_dag_fills_in_past_months_and_the_pages_are_in_airflow(
    ketenbalans: CommandLine, airflow: Airflow, airflow_home: Path
) -> None:
    run = airflow.run("report", period="2014", from_month="2014-12", until_month="2015-01")
    task = airflow.task("report", run, "report")
    assert task["state"] == "success", task["note"]
    assert "2014 as of 2015-01-31: 560 delivered, 516 recognised" in task["note"]
    for day in ("2014-12-31", "2015-01-31"):
        folder = airflow_home / "reports" / "2014" / day
        names = {file.name.removeprefix(f"balance-2014-as-of-{day}.") for file in folder.iterdir()}
        assert names == {f"{lang}.{form}" for lang in ("en", "nl") for form in ("html", "pdf", "ods", "csv")} | {"json"}
        assert not IDENTIFIERS.search((folder / f"balance-2014-as-of-{day}.nl.html").read_text(encoding="utf-8"))
    made = json.loads((airflow_home / "reports/2014/2015-01-31/balance-2014-as-of-2015-01-31.json").read_text())
    assert made["since"]["from"] == "2014-12-31"
    status = airflow.client.get("/ketenbalans/")
    assert status.status_code == 200
    assert "Where everything stands" in status.text
    link = re.search(r'href="/ketenbalans/(files/reports/2014/2015-01-31/[^"]*nl\.html)"', status.text)
    assert link
    assert (
        "Verdachten van kinderpornografie en kindersekstoerisme" in airflow.client.get(f"/ketenbalans/{link[1]}").text
    )
    for path in ("files/postgres/data/PG_VERSION", "files/reports/%2e%2e/chain-key", "files/%2e%2e/stack.json"):
        assert airflow.client.get(f"/ketenbalans/{path}").status_code == 404


def test_the_data_docs_are_found_from_the_task_and_hold_no_value(
    ketenbalans: CommandLine, airflow: Airflow, airflow_home: Path
) -> None:
    deadline = time.monotonic() + 300  # a check gives way to whatever else runs
    links: dict[str, str] = {}
    while not links:
        assert time.monotonic() < deadline, "no check has ended with a note"
        tasks = airflow.get("dags/quality/dagRuns/~/taskInstances?limit=100")["task_instances"]
        notes = "\n".join(task["note"] or "" for task in tasks if task["state"] == "success")
        links = dict(
            re.findall(r"\[(\w+)\]\(/plugin/ketenbalans(/ketenbalans/files/quality/\w+/index\.html)\): passed", notes)
        )
        time.sleep(0.3)
    for source, link in links.items():
        index = airflow.client.get(link)
        assert index.status_code == 200
        page = re.search(r'href="(validations/[^"]*\.html)"', index.text)
        assert page
        assert "Expectations" in airflow.client.get(link.replace("index.html", page[1])).text
        kept = ketenbalans("quality", source, "--history", "--json").json
        assert kept[0]["success"]
        assert {one["concern"] for one in kept[0]["measures"]} <= set(map(str, Concern))
    for file in (airflow_home / "quality").rglob("*.html"):
        assert not IDENTIFIERS.search(file.read_text(encoding="utf-8")), file


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"as_of": "2020-01-31"}, "2020-01-31 is not covered yet: both registers are known until 2015-"),
        ({"as_of": "2015-01-31", "from_month": "2014-12", "until_month": "2015-01"}, "leave one of them empty"),
        ({"from_month": "2014-12"}, "write both from_month and until_month as 2014-01"),
        ({"period": "the year"}, "'the year'"),
    ],
    ids=["a day that is not covered", "a day and months", "one month", "no period"],
)
def test_a_report_that_cannot_be_made_says_why_at_once(airflow: Airflow, asked: dict[str, str], said: str) -> None:
    task = airflow.task("report", airflow.run("report", **asked), "report")
    assert (task["state"], task["try_number"]) == ("failed", 1)
    assert said in task["note"]
    assert task["note"].count("\n") == 0


def test_the_events_of_assets_carry_the_figures(airflow: Airflow) -> None:
    events = airflow.get("assets/events?limit=200&order_by=-timestamp")["asset_events"]
    carried: dict[str, list[dict[str, Any]]] = {}
    for event in events:
        carried.setdefault(event["name"], []).append(event["extra"])
    balances = [one for extra in carried["balances"] for one in extra["balances"]]
    of_2014 = next(one for one in balances if (one["period"], one["as_of"]) == ("2014", "2015-01-31"))
    figures = {"delivered": 560, "recognised": 516, "gap": 44, "om_count": 539, "missing": 3}
    assert figures.items() <= of_2014.items()
    assert any(extra["read"] >= extra["inserted"] > 0 for extra in carried["warehouse:police_deliveries"])
    assert {"duplicates", "dead_letters"} <= carried["warehouse:police_deliveries"][0].keys()
    assert {"source", "success", "expectations", "unusual"} <= carried["quality"][0]["checked"][0].keys()
    reports = [one for extra in carried["reports"] for one in extra["reports"]]
    assert any((one["period"], one["delivered"], one["files"]) == ("2014", 560, 9) for one in reports)
    assert not IDENTIFIERS.search(json.dumps(carried))


def test_the_same_report_by_hand_has_the_same_bytes(ketenbalans: CommandLine, tmp_path: Path) -> None:
    asked = ("--period", "2014", "--as-of", "2015-01-31")

    def quality() -> str:
        return str(ketenbalans("quality", "--json").json)

    before = ""
    while before != (before := quality()):  # the DAG `quality` may end between the two, and the second says so
        for turn, command in (("one", ketenbalans), ("two", replace(ketenbalans, is_a_process=True))):
            ended = command("report", *asked, "--lang", "nl", "--out", tmp_path / turn, "--json")
            assert ended.code == 0, ended.err
            assert (ended.json["delivered"], ended.json["recognised"], ended.json["synthetic"]) == (560, 516, True)
    names = [Path(file).name for file in ended.json["files"]]
    assert len(names) == 5
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), name


def test_nothing_but_counts_and_a_few_words_passes_through_xcom(airflow: Airflow) -> None:
    entries = airflow.get("dags/~/dagRuns/~/taskInstances/~/xcomEntries?limit=100")["xcom_entries"]
    assert {entry["key"] for entry in entries} >= {"return_value", "dead_letters"}, (
        "a dictionary is kept by its keys too"
    )
    for entry in entries:
        task = f"dags/{entry['dag_id']}/dagRuns/{quote(entry['run_id'], safe='')}/taskInstances/{entry['task_id']}"
        value = json.dumps(airflow.get(f"{task}/xcomEntries/{entry['key']}")["value"])
        assert len(value) < 1000, entry
        assert not IDENTIFIERS.search(value)
        assert not re.search("[0-9a-f]{64}", value)


def test_lineage_leads_from_the_topic_to_the_report(ketenbalans: CommandLine, outlets: Outlets) -> None:
    events = [json.loads(line) for line in outlets.lineage_file.read_text(encoding="utf-8").splitlines()]
    complete = {event["job"]["name"]: event for event in events if event["eventType"] == "COMPLETE"}
    leads = {
        job: ([one["name"] for one in event["inputs"]], [one["name"] for one in event["outputs"]])
        for job, event in complete.items()
    }
    assert leads["ingest_police_deliveries"] == (["police.deliveries"], ["ketenbalans.public.police_deliveries"])
    assert leads["reconcile"] == (
        [f"ketenbalans.public.{source.name}" for source in linked_sources()],
        ["ketenbalans.public.balance"],
    )
    assert leads["report"][0] == ["ketenbalans.public.balance"]
    assert {event["run"]["runId"] for event in events if event["eventType"] == "START"} >= {
        event["run"]["runId"] for event in complete.values()
    }
    assert not IDENTIFIERS.search(outlets.lineage_file.read_text(encoding="utf-8"))


def test_metrics_say_how_things_stand(ketenbalans: CommandLine, outlets: Outlets) -> None:
    wanted = {"ketenbalans.loaded.police_deliveries", "ketenbalans.lag.police_deliveries", "ketenbalans.gap.2014"}
    observed: dict[str, str] = {}
    while not wanted <= set(observed):
        for line in outlets.statsd.recv(65_536).decode().splitlines():
            name, _, value = line.partition(":")
            observed.setdefault(name, value)
    assert observed["ketenbalans.gap.2014"] == "44|g"
    assert observed["ketenbalans.loaded.police_deliveries"].endswith("|c")


def test_the_graph_of_assets_leads_from_a_topic_to_the_balances(airflow: Airflow) -> None:
    graph = airflow.client.get("/ui/dependencies").raise_for_status().json()
    labels = {node["id"]: node["label"] for node in graph["nodes"]}
    leads = {(labels[edge["source_id"]], labels[edge["target_id"]]) for edge in graph["edges"]}
    way = (
        "topic:police.deliveries",
        "ingest_police_deliveries",
        "warehouse:police_deliveries",
        "reconcile",
        "balances",
        "watch",
    )
    assert set(pairwise(way)) <= leads
    found = airflow.get("assets?name_pattern=balances")["assets"]
    tasks = {(task["dag_id"], task["task_id"]) for asset in found for task in asset["consuming_tasks"]}
    assert tasks == {("report", "report"), ("watch", "look")}
