"""The DAGs as Airflow reads them: whole, cheap to parse, one ingest per declared source, each with its runbook."""

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from schemas.catalogue import linked_sources, sources

DAGS = Path(__file__).resolve().parents[2] / "dags"
EXPECTED = {*(f"ingest_{name}" for name in sources()), "reconcile", "nightly_check", "quality", "report", "watch"}
LIGHT = {"airflow", "datetime", "typing", "schemas", "ketenbalans"}
HEAVY = {"great_expectations", "kafka", "narwhals", "pandas", "pandera", "polars", "pyarrow", "reconciliation"}

READ_THE_DAGS = """
import json, sys, time
from types import SimpleNamespace
from airflow.dag_processing.dagbag import DagBag
from airflow.serialization.serialized_objects import DagSerialization
from airflow.utils.dag_cycle_tester import check_cycle
started = time.perf_counter()
bag = DagBag({folder!r})
parsed = time.perf_counter() - started
heavy = sorted(set(sys.modules) & set({heavy!r}))
dags = {{}}
for name, dag in bag.dags.items():
    dag.validate()
    check_cycle(dag)
    DagSerialization.from_dict(DagSerialization.to_dict(dag))
    condition = getattr(dag.timetable, "asset_condition", None)
    awaited = [] if condition is None else getattr(condition, "objects", [condition])
    tasks = {{task.task_id: [str(asset.name) for asset in task.outlets] for task in dag.tasks}}
    dags[name] = {{
        "doc": dag.doc_md, "owners": sorted({{task.owner for task in dag.tasks}}), "links": dag.owner_links,
        "params": {{name: [param.value, param.schema["type"]] for name, param in dag.params.items()}},
        "active": dag.max_active_runs, "tasks": tasks, "catchup": dag.catchup,
        "retries": [task.retries for task in dag.tasks],
        "timeouts": [task.execution_timeout is not None for task in dag.tasks],
        "waits_for": sorted(asset.name for asset in awaited if hasattr(asset, "name")),
    }}
import ketenbalans.jobs.quality.runs
def suite_failed(*_, **__):
    raise ketenbalans.jobs.quality.runs.SuiteFailed("unit is filled: 3 rows")
ketenbalans.jobs.quality.runs.check_quality_of = suite_failed
try:
    bag.dags["quality"].get_task("check").python_callable(dag_run=SimpleNamespace(run_type="asset_triggered"))
except Exception as error:
    failed_suite = f"{{type(error).__name__}}: {{error}}"
answer = {{"errors": bag.import_errors, "heavy": heavy, "seconds": parsed, "dags": dags}}
print(json.dumps({{**answer, "failed_suite": failed_suite}}))
"""


@pytest.fixture(scope="module")
def read() -> dict[str, Any]:
    """The DAG folder, read by Airflow in a process of its own, as the DAG processor does."""
    code = READ_THE_DAGS.format(folder=str(DAGS), heavy=sorted(HEAVY))
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("KETENBALANS_")}
    environment = {**inherited, "AIRFLOW__API__BASE_URL": "http://airflow.example/", "KETENBALANS_OWNER": "chain-desk"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def test_airflow_reads_every_dag_without_an_error(read: dict[str, Any]) -> None:
    assert read["errors"] == {}
    assert set(read["dags"]) == EXPECTED


def test_nothing_heavy_is_loaded_when_dags_are_read(read: dict[str, Any]) -> None:
    assert read["heavy"] == []


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_every_dag_has_a_runbook_and_runs_one_at_a_time(read: dict[str, Any], name: str) -> None:
    dag = read["dags"][name]
    for heading in ("**When.**", "**What it does.**", "**What fails, who notices, what to do.**", "**By hand.**"):
        assert heading in dag["doc"], f"the runbook of {name} lacks {heading}"
    assert dag["active"] == 1
    assert not dag["catchup"]
    assert all(retries >= 1 for retries in dag["retries"])
    assert all(dag["timeouts"])


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_every_dag_has_an_owner_who_leads_to_the_runbooks(read: dict[str, Any], name: str) -> None:
    dag = read["dags"][name]
    assert dag["owners"] == ["chain-desk"]
    runbooks = "http://airflow.example/plugin/ketenbalans/ketenbalans/docs/runbooks/README.md"
    assert dag["links"] == {"chain-desk": runbooks}


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_every_text_that_a_runbook_of_a_dag_names_is_linked_to(read: dict[str, Any], name: str) -> None:
    doc = read["dags"][name]["doc"]
    links = dict(re.findall(r"^\[([^\]]+)\]: /plugin/ketenbalans/ketenbalans/(docs/.*\.md)$", doc, flags=re.MULTILINE))
    for text, place in links.items():
        assert f"[{text}]" in doc.replace(f"[{text}]:", "")
        assert (DAGS.parent / place).is_file()
    assert set(re.findall(r"docs/[\w/-]+\.md", doc)) == set(links.values())


def test_the_form_of_the_report_may_be_left_empty(read: dict[str, Any]) -> None:
    """A text that may not be null is a field that has to be filled in."""
    params = read["dags"]["report"]["params"]
    assert params.keys() == {"period", "as_of", "from_month", "until_month"}
    assert all(param == [None, ["null", "string"]] for param in params.values())


def test_the_chain_from_topic_to_balance_is_one_of_assets(read: dict[str, Any]) -> None:
    dags = read["dags"]
    for name, source in sources().items():
        assert dags[f"ingest_{name}"]["waits_for"] == [f"topic:{source.topic}"]
        assert dags[f"ingest_{name}"]["tasks"] == {"load": [f"warehouse:{name}"]}
    linked = {source.name for source in linked_sources()}
    others = {f"warehouse:{name}" for name in sources() if name not in {"extracts", *linked}}
    assert dags["quality"]["waits_for"] == sorted({"balances", *others}), "after the balance, where there is one"
    assert {"om_registrations", "police_deliveries"} <= linked
    assert dags["reconcile"]["waits_for"] == sorted(f"warehouse:{name}" for name in {"extracts", *linked})


def test_a_suite_that_failed_is_red_at_once_and_not_tried_again(read: dict[str, Any]) -> None:
    """Another try would find the same and keep it twice."""
    assert read["failed_suite"] == "AirflowFailException: unit is filled: 3 rows"


@pytest.mark.parametrize("file", sorted(DAGS.glob("*.py")), ids=lambda file: file.name)
def test_a_dag_file_is_wiring_without_helpers(file: Path) -> None:
    tree = ast.parse(file.read_text())
    imported = set()
    for node in tree.body:
        if isinstance(node, ast.Import):
            imported |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add((node.module or "").partition(".")[0])
        assert not isinstance(node, ast.FunctionDef | ast.ClassDef), f"{file.name} defines a helper: {node.name}"
    assert imported <= LIGHT
